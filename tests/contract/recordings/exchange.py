"""One recorded exchange as data, taken from the wire and put back onto it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

import httpx
from attrs import field, frozen
from multipart import MultipartError, parse_options_header

from tests.contract.wire import form_parts

Pairs = tuple[tuple[str, str], ...]
BASE = "http://recorded.example.test"
KINDS = ("json", "text", "form", "parts", "bytes")
_BOUNDARY = "recorded-boundary"
_READABLE = "@:+,<>"


@frozen
class Part:
    """A field of a multipart body; of content that is no text only the length is kept."""

    name: str
    content: str | int
    filename: str | None = None
    media_type: str | None = None


@frozen
class Body:
    """`value` is JSON, text, pairs of a form, parts, or the number of opaque bytes, by `kind`."""

    kind: str
    value: Any


@frozen
class Request:
    method: str
    path: str
    query: Pairs = ()
    headers: dict[str, str] = field(factory=dict)
    body: Body | None = None

    @property
    def segments(self) -> list[str]:
        return [unquote(segment) for segment in self.path.split("/")]


@frozen
class Response:
    status: int
    headers: dict[str, str] = field(factory=dict)
    body: Body | None = None


@frozen
class Recorded:
    """`target` is the kind of server: emulator, url, live or cassette. `date` is the evidence's."""

    operation: str
    target: str
    date: str
    request: Request
    response: Response


def joined(segments: list[str]) -> str:
    """A path of plain segments, quoted as far as needed."""
    return "/".join(
        segment.replace(".", "%2E") if segment in {".", ".."} else quote(segment, safe=_READABLE)
        for segment in segments
    )


def query_of(query: str) -> Pairs:
    return tuple(parse_qsl(query, keep_blank_values=True))


def body_of(content: bytes, content_type: str) -> Body | None:
    """The body as data, as far as it can be read as what its type says."""
    if not content:
        return None
    media, options = parse_options_header(content_type)
    if media == "multipart/form-data":
        try:
            return Body("parts", _parts(content, options["boundary"]))
        except (MultipartError, LookupError, ValueError):
            return _opaque(content)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return _opaque(content)
    if media == "application/x-www-form-urlencoded":
        return Body("form", query_of(text))
    # JSON under the name of text is still better scrubbed as JSON.
    if "json" in media or text.lstrip()[:1] in ("{", "["):
        try:
            return Body("json", json.loads(text))
        except ValueError:
            pass
    return Body("text", text)


def to_httpx(request: Request, media_type: str | None = None) -> httpx.Request:
    """The request as sent; a form is written as `media_type` if that is one."""
    query = f"?{urlencode(request.query)}" if request.query else ""
    content, kind = written(request.body, media_type or request.headers.get("content-type", ""))
    headers = {name: text for name, text in request.headers.items() if name != "content-type"}
    if kind:
        headers["content-type"] = kind
    return httpx.Request(
        request.method, f"{BASE}{request.path}{query}", headers=headers, content=content
    )


def response_to_httpx(response: Response) -> httpx.Response:
    content, _ = written(response.body, response.headers.get("content-type", ""))
    return httpx.Response(response.status, headers=response.headers, content=content)


def written(body: Body | None, content_type: str) -> tuple[bytes, str]:
    """The bytes of a body, and its content type."""
    if body is None:
        return b"", content_type
    if body.kind == "json":
        return json.dumps(body.value).encode(), content_type
    if body.kind == "text":
        return str(body.value).encode(), content_type
    if body.kind == "bytes":
        return bytes(body.value), content_type
    parts = fields(body)
    if content_type.startswith("multipart/"):
        return _multipart(parts), f"multipart/form-data; boundary={_BOUNDARY}"
    pairs = [(part.name, part.content) for part in parts]
    return urlencode(pairs).encode(), "application/x-www-form-urlencoded"


def fields(body: Body) -> list[Part]:
    """The fields of either kind of form."""
    if body.kind == "parts":
        return list(body.value)
    return [Part(name, text) for name, text in body.value]


def content_of(part: Part) -> bytes:
    return bytes(part.content) if isinstance(part.content, int) else part.content.encode()


def _opaque(content: bytes) -> Body:
    return Body("bytes", len(content))


def _parts(content: bytes, boundary: str) -> tuple[Part, ...]:
    found = []
    for part in form_parts(content, boundary):
        try:
            kept: str | int = part.raw.decode()
        except UnicodeDecodeError:
            kept = len(part.raw)
        media = part.headers.get("content-type") if part.filename else None
        found.append(Part(part.name, kept, part.filename or None, media))
    return tuple(found)


def _multipart(parts: list[Part]) -> bytes:
    lines = []
    for part in parts:
        name = f'form-data; name="{_escaped(part.name)}"'
        if part.filename is not None:
            name += f'; filename="{_escaped(part.filename)}"'
        head = f"--{_BOUNDARY}\r\nContent-Disposition: {name}\r\n"
        if part.media_type:
            head += f"Content-Type: {part.media_type}\r\n"
        lines.append(head.encode() + b"\r\n" + content_of(part) + b"\r\n")
    return b"".join(lines) + f"--{_BOUNDARY}--\r\n".encode()


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
