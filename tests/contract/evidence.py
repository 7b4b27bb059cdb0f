"""What shows a breach: the request, its response, and a command that repeats it."""

from __future__ import annotations

import re
import shlex
from base64 import b64encode
from collections.abc import Sequence
from typing import Final

import httpx
from attrs import frozen

ANSWER: Final = "contract.answer"
"""Key of a request's extensions under which the observer leaves the response."""
BEFORE: Final = "contract.before"
"""Key under which it leaves the writes that succeeded before, on the state that the call found."""
_LONGEST = 4000
_LONGEST_BODY = 16_000
# Hosts that no name server knows stand for servers in process; `make serve` listens here.
_IN_PROCESS, _SERVED = ".example.test", "127.0.0.1:8025"
_OWN = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-length", "host"}
    | {"transfer-encoding", "user-agent"}
)
_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:[/?]|$)", re.IGNORECASE)


@frozen
class Evidence:
    """All as text with keys in it: to be scrubbed before it is kept."""

    curl: str = ""
    request: str = ""
    response: str = ""


def evidence(*requests: httpx.Request) -> Evidence:
    """The evidence of one or several calls in turn, with the responses that an observer saw.

    The commands begin with those that make what the calls were about.
    """
    answers = [request.extensions.get(ANSWER) for request in requests]
    before: Sequence[httpx.Request] = requests[0].extensions.get(BEFORE, ()) if requests else ()
    return Evidence(
        "\n".join(map(curl, [*before, *requests])),
        "\n\n".join(map(_request, requests)),
        "\n\n".join(_response(answer) for answer in answers if answer is not None),
    )


def curl(request: httpx.Request) -> str:
    """A command for bash that repeats the request."""
    url = str(request.url)
    parts = ["curl", "-i", "-X", request.method, shlex.quote(url)]
    if request.url.host.endswith(_IN_PROCESS):
        parts += ["--connect-to", f"::{_SERVED}"]
    if _DOTS.search(url):
        parts.append("--path-as-is")
    if any(sign in url for sign in "[]{}"):
        parts.append("-g")
    return " ".join(_with_body(parts + _headers(request), request.content))


def _headers(request: httpx.Request) -> list[str]:
    parts = []
    authorization = request.headers.get("authorization", "")
    if authorization.startswith("Basic "):
        parts += ["-u", f'"{authorization}"']  # Scrubbing puts the key's name there.
    elif authorization:
        parts += ["-H", shlex.quote(f"authorization: {authorization}")]
    for name, value in request.headers.multi_items():
        if name.lower() not in _OWN:
            # A header without a value is written with a semicolon.
            parts += ["-H", shlex.quote(f"{name}: {value}" if value else f"{name};")]
    return parts


def _with_body(parts: list[str], content: bytes) -> list[str]:
    if not content:
        return parts
    if len(content) > _LONGEST_BODY:
        return [*parts, "--data-binary", f"@body-of-{len(content)}-bytes"]
    quoted = _quoted(content)
    if quoted is None:
        encoded = b64encode(content).decode()
        return [f"base64 -d <<< {encoded} |", *parts, "--data-binary", "@-"]
    return [*parts, "--data-raw", quoted]


def _quoted(content: bytes) -> str | None:
    """`content` as one word of bash; None where no word can hold it."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    if text.isprintable():
        return shlex.quote(text)
    return "$'" + "".join(map(_escaped, text)) + "'"


def _escaped(letter: str) -> str:
    plain = {"\r": r"\r", "\n": r"\n", "\t": r"\t", "\\": r"\\", "'": r"\'"}
    if letter in plain:
        return plain[letter]
    if letter.isprintable():
        return letter
    return "".join(f"\\x{byte:02x}" for byte in letter.encode())


def _request(request: httpx.Request) -> str:
    path = request.url.raw_path.decode("ascii")
    headers = [
        (name, value)
        for name, value in request.headers.multi_items()
        if name == "authorization" or name not in _OWN
    ]
    return _message(f"{request.method} {path}", headers, request.content)


def _response(response: httpx.Response) -> str:
    line = f"{response.status_code} {response.reason_phrase}".rstrip()
    return _message(line, response.headers.multi_items(), response.content)


def _message(line: str, headers: list[tuple[str, str]], content: bytes) -> str:
    lines = [line, *(f"{name}: {value}" for name, value in headers)]
    text = content.decode("utf-8", "backslashreplace")
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}\n... and {len(text) - _LONGEST} more characters"
    return "\n".join(lines) + (f"\n\n{text}" if text else "")
