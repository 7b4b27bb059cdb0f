"""The command: serving, coverage, and what goes wrong."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from mailgun_emulator import Emulator, server
from mailgun_emulator.cli import main
from mailgun_emulator.errors import ServeError

Start = Callable[..., tuple["subprocess.Popen[str]", str, list[str]]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a server on a free port: the process, its URL and what it printed until ready."""
    running: list[subprocess.Popen[str]] = []

    def run(*arguments: str, **environment: str) -> tuple[subprocess.Popen[str], str, list[str]]:
        process = subprocess.Popen(
            [sys.executable, "-m", "mailgun_emulator", "serve", *arguments],
            env={**os.environ, "MAILGUN_EMULATOR_PORT": "0", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        lines: list[str] = []
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.strip())
            if line.startswith("ready: "):
                return process, line.removeprefix("ready: ").strip(), lines
        raise AssertionError(process.stderr.read() if process.stderr else "")

    yield run
    for process in running:
        process.kill()
        process.communicate()


def test_links_in_mail_work(start: Start) -> None:
    """They lead to the server itself, unless the tracking host of the domain is wanted."""
    form = {"from": "b@x.example", "to": "a@x.example", "subject": "s", "o:tracking": "yes"}
    form["html"] = '<a href="https://shop.example/">x</a>'
    for options in ((), ("--tracking-hosts",)):
        _, url, _ = start(*options)
        with httpx.Client(base_url=url, auth=("api", "key-test")) as api:
            api.post("/v3/sandbox.example.test/messages", data=form).raise_for_status()
            key = api.get("/_emulator/messages").json()["messages"][0]["key"]
            html = api.get(f"/_emulator/messages/{key}/html").text
            host, path = re.findall(r'href="(http://[^/]+)(/c/[^"]+)"', html)[0]
            assert host == ("http://email.sandbox.example.test" if options else url)
            for method in ("HEAD", "GET"):
                answer = api.request(method, path)
                assert (answer.status_code, answer.headers["location"]) == (
                    302,
                    "https://shop.example/",
                )
            events = api.get("/v3/sandbox.example.test/events", params={"event": "clicked"})
            assert len(events.json()["items"]) == 1


def test_defaults_and_ready_line(start: Start) -> None:
    process, url, lines = start()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
    assert lines[:-1] == ["api key: key-test", "domain: sandbox.example.test"]
    # Ready means ready: no retries.
    path = f"{url}/v3/domains/sandbox.example.test/sending_queues"
    answer = httpx.get(path, auth=("api", "key-test"))
    assert answer.status_code == 200
    assert "server" not in answer.headers
    traversal = httpx.get(f"{url}/v3/domains/%2E%2E/sending_queues", auth=("api", "key-test"))
    assert traversal.json() == {"message": "Domain not found"}
    mail = {"from": "a@b.test", "to": ["b@c.test", "d@e.test"], "subject": "s", "text": "t"}
    files = {"attachment": ("a.txt", b"1" * 200_000)}
    url += "/v3/sandbox.example.test/messages"
    assert httpx.post(url, auth=("api", "key-test"), data=mail, files=files).status_code == 200
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=10)
    assert (process.returncode, output, errors) == (0, "stopped\n", "")


def test_keys_and_domains(start: Start) -> None:
    _, url, lines = start(
        "--api-key", "one", "--api-key", "two", "--domain", "a.test", "--domain", "b.test"
    )
    assert lines[:-1] == ["api key: one", "api key: two", "domain: a.test", "domain: b.test"]
    for key in ("one", "two"):
        for name in ("a.test", "b.test"):
            assert httpx.delete(f"{url}/v3/{name}/envelopes", auth=("api", key)).status_code == 200


def test_environment(start: Start) -> None:
    _, _, lines = start(MAILGUN_EMULATOR_API_KEY="k1 k2", MAILGUN_EMULATOR_DOMAIN="env.test")
    assert lines[:-1] == ["api key: k1", "api key: k2", "domain: env.test"]


def test_smtp(start: Start) -> None:
    """Off unless asked for; it prints where it is and a login for every key and domain."""
    process, url, lines = start(
        *("--api-key=one", "--api-key=two", "--domain=a.test", "--domain=b.test"),
        *("--smtp-port=0", "--smtps-port=0"),
    )
    logins = [line.split() for line in lines if line.startswith("smtp login: ")]
    assert {(login[2], login[4]) for login in logins} == {
        (f"postmaster@{domain}", key) for domain in ("a.test", "b.test") for key in ("one", "two")
    }
    ports = {name: line.rpartition(":") for line in lines for name in [line.split(":")[0]]}
    assert ports["smtp"][0] == "smtp: smtp://127.0.0.1"
    assert ports["smtps"][0] == "smtps: smtps://127.0.0.1"
    unchecked = ssl.create_default_context()
    unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
    idle = smtplib.SMTP("127.0.0.1", int(ports["smtp"][2]))
    secured = smtplib.SMTP_SSL("127.0.0.1", int(ports["smtps"][2]), context=unchecked)
    for login in logins:
        with smtplib.SMTP("127.0.0.1", int(ports["smtp"][2])) as client:
            client.starttls(context=unchecked)
            client.login(login[2], login[4])
            client.sendmail("bob@a.test", "alice@example.com", "Subject: Hello\r\n\r\nHi")
    for key in ("one", "two"):
        for domain in ("a.test", "b.test"):
            events = httpx.get(f"{url}/v3/{domain}/events?event=accepted", auth=("api", key))
            assert [event["method"] for event in events.json()["items"]] == ["SMTP"]
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=10)
    assert (process.returncode, output, errors) == (0, "stopped\n", "")
    for client in (idle, secured):
        with pytest.raises((smtplib.SMTPServerDisconnected, smtplib.SMTPResponseException)):
            client.login("postmaster@a.test", "one")
        client.close()


@pytest.mark.parametrize("option", ["--port", "--smtp-port", "--smtps-port"])
def test_port_in_use(option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        result = CliRunner().invoke(main, ["serve", "--port", "0", option, str(port)])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"Error: cannot listen on 127.0.0.1 port {port}: ")
    assert result.stderr.endswith(" (port 0 takes a free one)\n")
    assert result.stderr.count("\n") == 1


def test_host_that_cannot_be_had() -> None:
    with pytest.raises(ServeError, match=r"192\.0\.2\.1 port 0"):
        server.listen("192.0.2.1", 0)


@pytest.mark.parametrize("option", ["--api-key", "--domain"])
@pytest.mark.parametrize("value", ["", "a b", "a/b", "a:b"])
def test_names_that_no_request_could_use(option: str, value: str) -> None:
    result = CliRunner().invoke(main, ["serve", option, value])
    assert result.exit_code == 2
    assert "is empty or holds a blank" in result.stderr


@pytest.mark.parametrize(
    ("port", "text"),
    [
        ("65536", "65536 is not in the range 0<=x<=65535."),
        ("-1", "-1 is not in the range 0<=x<=65535."),
        ("http", "'http' is not a valid port."),
    ],
)
def test_bad_port(port: str, text: str) -> None:
    by_option = CliRunner().invoke(main, ["serve", f"--port={port}"])
    by_variable = CliRunner(env={"MAILGUN_EMULATOR_PORT": port}).invoke(main, ["serve"])
    for result in (by_option, by_variable):
        assert result.exit_code == 2
        assert result.stderr.endswith(f"{text}\n")
    assert "env var: 'MAILGUN_EMULATOR_PORT'" in by_variable.stderr


def test_the_second_server_on_a_port_is_refused() -> None:
    with (
        server.listen("127.0.0.1", 0) as held,
        pytest.raises(ServeError, match=r"in use \(port 0 takes a free one\)"),
    ):
        server.listen("127.0.0.1", held.getsockname()[1])


def test_every_name_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Domains have no case, keys have one."""
    monkeypatch.setattr("mailgun_emulator.cli.listen", lambda host, port: (host, port))
    monkeypatch.setattr("mailgun_emulator.cli.run", lambda *_, **__: None)
    given = ["--domain=A.test", "--domain=a.TEST", "--api-key=k", "--api-key=K", "--api-key=k"]
    result = CliRunner().invoke(main, ["serve", *given])
    assert result.stdout.splitlines() == ["api key: k", "api key: K", "domain: a.test", "stopped"]


def test_help_shows_what_runs_as_it_stands(start: Start) -> None:
    shown = CliRunner().invoke(main, ["serve", "--help"]).stdout
    command = shown[shown.index("curl ") :].replace("\\\n", " ")
    arguments = shlex.split(command)
    assert arguments[1:3] == ["--user", "api:key-test"]
    _, url, _ = start()
    target = arguments[3].replace("http://127.0.0.1:8025", url)
    form = dict(argument.split("=", 1) for argument in arguments[5::2])
    assert set(arguments[4::2]) == {"-F"}
    files = [(name, (None, value)) for name, value in form.items()]
    answer = httpx.post(target, auth=("api", "key-test"), files=files)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("host", "warned"),
    [("0.0.0.0", True), ("127.0.0.1", False), ("localhost", False), ("::", True)],
)
def test_warning_beyond_loopback(monkeypatch: pytest.MonkeyPatch, host: str, warned: bool) -> None:
    def listen(where: str, port: int) -> str:
        assert (where, port) == (host, 1)
        return "socket"

    def run(
        app: Emulator, held: object, *, ready: Callable[[str], None], beside: list[object]
    ) -> None:
        assert (held, beside) == ("socket", [])
        ready("http://there:1")

    monkeypatch.setattr("mailgun_emulator.cli.listen", listen)
    monkeypatch.setattr("mailgun_emulator.cli.run", run)
    result = CliRunner().invoke(main, ["serve", "--host", host, "--port", "1"])
    assert result.exit_code == 0
    assert result.stdout.endswith("ready: http://there:1\nstopped\n")
    assert bool(result.stderr) == warned


def test_ipv6_urls_have_brackets() -> None:
    class Six:
        def getsockname(self) -> tuple[str, int, int, int]:
            return ("::1", 8025, 0, 0)

    assert server.url(Six()) == "http://[::1]:8025"  # type: ignore[arg-type]


def test_coverage_counts_every_operation(app: Emulator) -> None:
    result = CliRunner().invoke(main, ["coverage", "--json"])
    rows = json.loads(result.output)["operations"]
    total = rows.pop("total")
    assert total["stateful"] == len(app.stateful)
    assert total["stateful"] + total["synthesised"] == len(app.contract.operations)
    for kind in total:
        assert sum(row[kind] for row in rows.values()) == total[kind]
    assert rows["messages"]["stateful"] >= 2


def test_coverage_as_a_table(app: Emulator) -> None:
    lines = CliRunner().invoke(main, ["coverage"]).output.splitlines()
    assert lines[0].split() == ["area", "stateful", "synthesised"]
    synthesised = len(app.contract.operations) - len(app.stateful)
    end = lines.index("")
    assert lines[end - 1].split() == ["total", str(len(app.stateful)), str(synthesised)]
    assert lines[end + 1].split() == ["behaviours", "shown", "catalogue", "%"]


def test_coverage_counts_what_the_tests_in_a_folder_show(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text('def test_it():\n    """DELIV-001: so it is."""\n')
    command = ["coverage", "--tests", str(tmp_path)]
    rows = json.loads(CliRunner().invoke(main, [*command, "--json"]).output)["behaviours"]
    section = rows["sending:DELIV"]
    assert section["shown"] == 1
    assert section["catalogue"] == len(section["unshown"]) + 1
    lines = CliRunner().invoke(main, [*command, "--unshown"]).output.splitlines()
    listed = [line.split()[0] for line in lines if line.startswith("sending:DELIV-")]
    assert listed == list(section["unshown"])


def test_coverage_without_tests_says_what_to_name(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["coverage", "--tests", str(tmp_path / "none")])
    assert result.exit_code == 0
    assert "--tests" in result.stderr
