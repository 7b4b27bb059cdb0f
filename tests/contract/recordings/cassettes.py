"""Cassettes of others: VCR YAML as vcrpy, Ruby's VCR, betamax and go-vcr write it.

All have a list of interactions, each with a request and a response; they differ in how they write
bodies, headers and statuses. Only the wire is read; filters and options are not.
"""

from __future__ import annotations

import binascii
import gzip
import zlib
from base64 import b64decode
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml
from attrs import define, field, frozen

from tests.contract.recordings.errors import FormatError
from tests.contract.recordings.exchange import Recorded
from tests.contract.recordings.files import load
from tests.contract.recordings.wire import Reader, UnmatchedError, without_host
from tests.contract.truth import Truth

_HOSTS: Final = ("mailgun.net", "mailgun.org", "mailgun.com")
Pairs = list[tuple[str, str]]


class _Loader(yaml.CSafeLoader):
    """A safe loader that also knows how Python 2 and Ruby mark text and bytes."""


def _text(loader: Any, node: Any) -> Any:
    return loader.construct_scalar(node)


def _bytes(loader: Any, node: Any) -> Any:
    return b64decode(loader.construct_scalar(node))


for _tag in ("tag:yaml.org,2002:python/unicode", "tag:yaml.org,2002:python/str", "!str"):
    _Loader.add_constructor(_tag, _text)
for _tag in ("!binary", "tag:yaml.org,2002:python/bytes"):
    _Loader.add_constructor(_tag, _bytes)


@frozen
class Unmatched:
    """An interaction that could not be taken over, by number, and why."""

    file: str
    number: int
    method: str
    path: str = field(repr=False)
    reason: str


@define
class Imported:
    exchanges: list[Recorded] = field(factory=list)
    unmatched: list[Unmatched] = field(factory=list)


def take(
    truth: Truth, paths: Iterable[Path], *, hosts: Iterable[str] = (), date: str = ""
) -> Imported:
    """All interactions of the cassettes, not scrubbed yet. FormatError for a broken file."""
    reader = Reader(truth, "cassette", date)
    imported = Imported()
    for path in paths:
        for number, row in enumerate(_interactions(path), 1):
            wire = _wire(row, f"{path.name}: interaction {number}")
            try:
                _served(wire.url, hosts)
                found = _recorded(reader, wire, date)
            except UnmatchedError as error:
                shown = without_host(wire.url).partition("?")[0]
                imported.unmatched.append(
                    Unmatched(path.name, number, wire.method, shown, str(error))
                )
                continue
            imported.exchanges.append(found)
    return imported


@frozen
class _Wire:
    method: str
    url: str
    headers: Pairs
    content: bytes
    status: int
    response_headers: Pairs
    response_content: bytes
    recorded: str


def _interactions(path: Path) -> list[Any]:
    document = load(path, _Loader)
    for name in ("interactions", "http_interactions"):
        if isinstance(document, dict) and isinstance(document.get(name), list):
            return list(document[name])
    raise FormatError(
        f"{path.name}: expected a VCR cassette with `interactions` or `http_interactions`, "
        f"found {_shown(document)}"
    )


def _wire(row: Any, where: str) -> _Wire:
    request, response = _part(row, "request", where), _part(row, "response", where)
    method, url = request.get("method"), request.get("uri", request.get("url"))
    if not isinstance(method, str) or not isinstance(url, str):
        raise FormatError(f"{where}: expected method and uri (or url), found {_shown(request)}")
    sent = list(_headers(request.get("headers"), f"{where}: request"))
    came = list(_headers(response.get("headers"), f"{where}: response"))
    return _Wire(
        method.upper(),
        url,
        sent,
        _decoded(_content(request, f"{where}: request"), sent, where),
        _status(response, where),
        came,
        _decoded(_content(response, f"{where}: response"), came, where),
        str(row.get("recorded_at") or ""),
    )


def _recorded(reader: Reader, wire: _Wire, otherwise: str) -> Recorded:
    day = _date(wire.recorded) or _date(_header(wire.response_headers, "date")) or otherwise
    if not day:
        raise UnmatchedError("it has no date: say when it was recorded with --date YYYY-MM-DD")
    return reader.read(
        wire.method,
        wire.url,
        (wire.headers, wire.content),
        (wire.status, wire.response_headers, wire.response_content),
        day,
    )


def _served(url: str, hosts: Iterable[str]) -> None:
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        host = ""
    known = (*_HOSTS, *(each.lower() for each in hosts))
    if not any(host == each or host.endswith(f".{each}") for each in known):
        raise UnmatchedError("another host: if it serves this API, name it with --host")


def _part(row: Any, name: str, where: str) -> dict[str, Any]:
    part = row.get(name) if isinstance(row, dict) else None
    if not isinstance(part, dict):
        raise FormatError(f"{where}: expected a {name}, found {_shown(row)}")
    return part


def _status(response: dict[str, Any], where: str) -> int:
    status = response.get("status")
    inner = status.get("code") if isinstance(status, dict) else response.get("code", status)
    found: Any = response.get("status_code", inner)
    try:
        number = int(found)
    except (TypeError, ValueError):
        raise FormatError(f"{where}: expected a status code, found {_shown(response)}") from None
    if not 100 <= number <= 599:
        raise FormatError(f"{where}: expected a status code, found {number}")
    return number


def _headers(headers: Any, where: str) -> Iterator[tuple[str, str]]:
    if headers is not None and not isinstance(headers, dict):
        raise FormatError(f"{where}: expected headers by name, found {_shown(headers)}")
    for name, values in (headers or {}).items():
        for value in values if isinstance(values, list) else [values]:
            shown = value.decode("latin-1") if isinstance(value, bytes) else str(value)
            yield str(name), shown


def _content(message: dict[str, Any], where: str) -> bytes:
    body = message.get("body", message.get("content"))
    encoding = "utf-8"
    if isinstance(body, dict):
        encoding = body.get("encoding") or encoding
        if "base64_string" in body:
            try:
                # Written in lines; nothing else is passed over, or a part would get lost silently.
                return b64decode("".join(body["base64_string"].split()), validate=True)
            except (AttributeError, ValueError, binascii.Error):
                raise FormatError(f"{where}: body: expected base64") from None
        body = body.get("string")
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    if not isinstance(body, str):
        raise FormatError(f"{where}: body: expected text or bytes, found {_shown(body)}")
    try:
        return body.encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return body.encode(errors="surrogateescape")


def _decoded(content: bytes, headers: Pairs, where: str) -> bytes:
    """The content without its coding; tools that decode it often leave the header in place."""
    coding = _header(headers, "content-encoding").lower().strip()
    try:
        if coding.endswith("gzip") and content[:2] == b"\x1f\x8b":
            return gzip.decompress(content)
        if coding == "deflate" and content[:1] == b"\x78":
            return zlib.decompress(content)
        if coding:
            content.decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        raise FormatError(f"{where}: expected gzip or deflate content, found other") from None
    return content


def _header(headers: Pairs, wanted: str) -> str:
    return next((text for name, text in headers if name.lower() == wanted), "")


def _date(text: str) -> str:
    for read in (parsedate_to_datetime, datetime.fromisoformat, date.fromisoformat):
        try:
            return read(text).strftime("%Y-%m-%d")
        except (TypeError, ValueError, IndexError):
            continue
    return ""


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(sorted(str(name)[:40] for name in value)) or "nothing"
    return "nothing" if value is None else type(value).__name__
