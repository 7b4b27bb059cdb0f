"""Bytes to forms and JSON; a body that is broken is an ApiError with the API's own text.

Sources: sending MSG-005, MSG-006, ERR-015, ERR-020, ERR-043 to ERR-045, platform GEN-020, GEN-021.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from typing import Any
from urllib.parse import unquote_to_bytes

from multipart import (
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from mailgun_emulator.forms import Form, Upload
from mailgun_emulator.reply import ApiError

# sending ERR-015, in bytes of the unzipped body.
MAX_BODY = int(52.4 * 1024 * 1024)
TOO_LARGE = "request size exceeds 52.4MiB limit"
MALFORMED = "malformed multipart/form-data request"
BAD_ESCAPE = "unable to parse request: invalid URL escape"
TRUNCATED = "unable to parse request: unexpected EOF"
BAD_GZIP = "unable to parse request: gzip: invalid header"
BAD_JSON = "unable to parse request: invalid JSON"

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_MAX_FIELDS = 20_000


def unzip(data: bytes) -> bytes:
    """A gzip body unpacked; ApiError 400 when it is broken, 413 when too large."""
    plain = b""
    while data:
        unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            plain += unpacker.decompress(data, MAX_BODY + 1 - len(plain))
        except zlib.error:
            raise ApiError(400, BAD_GZIP) from None
        if len(plain) > MAX_BODY:
            raise ApiError(413, TOO_LARGE)
        if not unpacker.eof:
            raise ApiError(400, TRUNCATED)
        data = unpacker.unused_data  # RFC 1952 allows several members in a row
    return plain


def parse_json(data: bytes) -> Any:
    """A JSON value; ApiError 400 when it isn't one."""
    try:
        value = json.loads(data, parse_constant=_refuse, parse_float=_finite)
        if b"\\u" in data:
            # An escape may be half a surrogate pair, which no UTF-8 text can hold.
            value = json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
        return value
    except (ValueError, RecursionError):
        raise ApiError(400, BAD_JSON) from None


def parse_pairs(data: bytes, *, strict: bool) -> dict[str, list[str]]:
    """Urlencoded names and values, `to[]` as `to` (sending ERR-020).

    With `strict` a broken escape is an ApiError 400.
    """
    if strict and _BROKEN_ESCAPE.search(data):
        raise ApiError(400, BAD_ESCAPE)
    fields: dict[str, list[str]] = {}
    for pair in data.split(b"&"):
        if pair:
            name, _, value = pair.replace(b"+", b" ").partition(b"=")
            plain = _plain_name(_text(unquote_to_bytes(name)))
            fields.setdefault(plain, []).append(_text(unquote_to_bytes(value)))
    return fields


def parse_form(data: bytes, content_type: str) -> Form:
    """A form body in either wire format; another content type holds no fields.

    Raises ApiError 400 for a broken body.
    """
    kind, options = parse_options_header(content_type)
    if kind == "multipart/form-data":
        return _multipart(data, options.get("boundary", ""))
    if kind == "application/x-www-form-urlencoded":
        return Form(parse_pairs(data, strict=True))
    return Form()


def _multipart(data: bytes, boundary: str) -> Form:
    form = Form()
    if not data:
        return form
    segment: MultipartSegment | None = None
    chunks: list[bytes] = []
    try:
        parser = PushMultipartParser(
            boundary,
            max_segment_count=_MAX_FIELDS,
            max_segment_size=MAX_BODY + 1,
            max_header_size=16 * 1024,
        )
        for event in parser.parse(data):
            if isinstance(event, MultipartSegment):
                segment, chunks = event, []
            elif event:
                chunks.append(bytes(event))
            elif segment is not None:
                _keep(form, segment, b"".join(chunks))
                segment = None
    except (MultipartError, UnicodeError):
        raise ApiError(400, MALFORMED) from None
    try:
        parser.close()
    except MultipartError:
        begun = b"--" + boundary.encode() in data
        raise ApiError(400, TRUNCATED if begun else MALFORMED) from None
    return form


def _keep(form: Form, segment: MultipartSegment, data: bytes) -> None:
    name = _plain_name(segment.name)
    if segment.filename is None:
        form.fields.setdefault(name, []).append(_text(data))
        return
    kind = segment.content_type or "application/octet-stream"
    form.files.setdefault(name, []).append(Upload(name, segment.filename, kind, data))


def _plain_name(name: str) -> str:
    return name[:-2] if name.endswith("[]") and len(name) > 2 else name


def _text(data: bytes) -> str:
    return data.decode(errors="replace")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
