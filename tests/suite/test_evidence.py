"""A breach is shown by what was sent, and by a command that sends it again, without secrets."""

from __future__ import annotations

import subprocess
from base64 import b64encode

import httpx
import pytest

from tests.contract.breaches import AuthIgnored
from tests.contract.evidence import ANSWER, curl, evidence
from tests.contract.ledger import Entry
from tests.contract.scrub import Scrub
from tests.suite.server import FOREIGN, KEY, Server, target

# Stands in for curl: its arguments, each ended by a zero byte, then what it reads.
_FAKE = r"""curl() { printf '%s\0' "$@"; case "$*" in *"--data-binary @-"*) cat;; esac; }; """
URL = "https://api.example.com/v3/x"


def played(command: str, **environment: str) -> tuple[list[str], bytes]:
    """The arguments that bash gives to curl, and what it pipes into it."""
    done = subprocess.run(
        ["bash", "-c", _FAKE + command], capture_output=True, check=True, env=environment
    )
    *arguments, rest = done.stdout.split(b"\0") if b"@-" not in done.stdout else _split(done.stdout)
    return [each.decode() for each in arguments], rest


def _split(output: bytes) -> list[bytes]:
    arguments, _, rest = output.partition(b"@-\0")
    return [*arguments.split(b"\0")[:-1], b"@-", rest]


def basic(key: str) -> dict[str, str]:
    return {"authorization": "Basic " + b64encode(f"api:{key}".encode()).decode()}


@pytest.mark.parametrize(
    "body",
    [
        b"a=1&b='x'",
        b'{"a": "$HOME `id` \\"!\\""}',
        b"--b\r\nname: \xc3\xa9\t\x07\r\n--b--\\'\n",
        "d\u00e9j\u00e0 \U0001f600".encode(),
    ],
)
def test_a_body_of_text_is_one_argument(body: bytes) -> None:
    arguments, _ = played(curl(httpx.Request("POST", URL, content=body)))
    assert arguments[-2:] == ["--data-raw", body.decode()]


@pytest.mark.parametrize("body", [b"\x00\x01", b"\xff\xfe", b"a\x00b"])
def test_a_body_that_no_argument_can_hold_is_piped(body: bytes) -> None:
    arguments, piped = played(curl(httpx.Request("POST", URL, content=body)), PATH="/usr/bin:/bin")
    assert arguments[-2:] == ["--data-binary", "@-"]
    assert piped == body


def test_a_body_that_starts_with_at_is_no_file() -> None:
    arguments, _ = played(curl(httpx.Request("POST", URL, content=b"@/etc/passwd")))
    assert arguments[-2:] == ["--data-raw", "@/etc/passwd"]


def test_the_command_sends_the_declared_headers_and_none_of_the_transport() -> None:
    headers = {"x-batch": "it's 3", "content-type": "text/csv", "x-empty": ""}
    arguments, _ = played(curl(httpx.Request("POST", URL, headers=headers, content=b"a")))
    sent = {arguments[n + 1] for n, each in enumerate(arguments) if each == "-H"}
    assert sent == {"x-batch: it's 3", "content-type: text/csv", "x-empty;"}


def test_the_command_keeps_dots_and_brackets_of_the_url() -> None:
    arguments, _ = played(curl(httpx.Request("GET", f"{URL}/%2E%2E?a=[1]")))
    assert {"--path-as-is", "-g"} <= set(arguments)
    assert f"{URL}/%2E%2E?a=[1]" in arguments
    plain, _ = played(curl(httpx.Request("GET", URL)))
    assert plain == ["-i", "-X", "GET", URL]


def test_the_command_finds_a_server_that_was_in_process() -> None:
    request = httpx.Request("GET", "http://emulator.example.test/v3/routes")
    arguments, _ = played(curl(request))
    assert arguments[-2:] == ["--connect-to", "::127.0.0.1:8025"]


def test_the_command_takes_each_key_from_the_environment() -> None:
    scrub = Scrub.of(target(Server()))
    for key, name in ((KEY, "MAILGUN_API_KEY"), (FOREIGN, "MAILGUN_FOREIGN_KEY")):
        command = scrub.text(curl(httpx.Request("GET", URL, headers=basic(key))))
        arguments, _ = played(command, **{name: "from-outside"})
        assert arguments[-2:] == ["-u", "api:from-outside"]
        assert key not in command


def test_evidence_has_the_request_and_the_response() -> None:
    request = httpx.Request("POST", f"{URL}?a=1", headers={"x-batch": "3"}, content=b"{}")
    assert evidence(request).response == ""
    request.extensions[ANSWER] = httpx.Response(404, json={"message": "no"})
    shown = evidence(request)
    assert shown.request == "POST /v3/x?a=1\nx-batch: 3\n\n{}"
    assert shown.response.startswith("404 Not Found\n")
    assert shown.response.endswith('\n\n{"message":"no"}')


def test_evidence_of_several_calls_keeps_their_turn() -> None:
    requests = [httpx.Request(method, URL) for method in ("POST", "GET")]
    for status, request in zip((201, 404), requests, strict=True):
        request.extensions[ANSWER] = httpx.Response(status)
    shown = evidence(*requests)
    assert shown.curl == "\n".join(map(curl, requests))
    assert shown.request == "POST /v3/x\n\nGET /v3/x"
    assert shown.response == "201 Created\n\n404 Not Found"


def test_long_bodies_are_cut() -> None:
    request = httpx.Request("POST", URL, content=b"x" * 20_000)
    assert len(evidence(request).request) < 5000
    assert "and 16000 more characters" in evidence(request).request


@pytest.mark.parametrize(
    "secret",
    [
        "key-0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef-01234567-89abcdef",
        '"secret": "hush-hush"',
        '{"smtp_password":"hush-hush"}',
        r'"{\"http_signing_key\": \"hush-hush\"}"',
        "Basic " + b64encode(b"api:hush-hush").decode(),
    ],
)
def test_what_looks_like_a_secret_is_hidden(secret: str) -> None:
    shown = Scrub().text(f"before {secret} after")
    for part in ("hush-hush", "89abcdef", b64encode(b"api:hush-hush").decode()):
        assert part not in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")


def test_no_key_of_the_target_gets_into_an_entry() -> None:
    entry = Entry("a", scrub=Scrub.of(target(Server())))
    request = httpx.Request("POST", f"{URL}/{KEY}", headers=basic(FOREIGN), content=KEY.encode())
    request.extensions[ANSWER] = httpx.Response(200, text=f"your key is {KEY}")
    entry.judge(AuthIgnored(f"{FOREIGN} works", evidence(request)), [])
    written = repr(entry.plain())
    assert "$MAILGUN_FOREIGN_KEY works" in written
    assert KEY not in written
    assert FOREIGN not in written
