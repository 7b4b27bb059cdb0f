"""What goes back: replies, errors, and the headers of every service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson
from attrs import frozen

from mailgun_emulator.errors import EmulatorError

Body = dict[str, Any] | list[Any] | str | bytes | None

JSON = "application/json; charset=utf-8"
PLAIN_JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"

# sending ERR-005, platform GEN-005: on nearly every answer, whatever its status.
COMMON_HEADERS = (
    (b"access-control-allow-credentials", b"true"),
    (b"access-control-allow-origin", b"*"),
    (b"cache-control", b"no-store"),
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    (b"x-xss-protection", b"1; mode=block"),
)
# sending ERR-006, EVT-017: services that name no charset and ask to be shown inline.
_PYTHON_SERVICES = frozenset({"mailing_lists", "routes", "subaccounts", "events"})
# platform GEN-007.
_INDENTED = frozenset({"mailing_lists", "events"})
_SORTED = json.JSONEncoder(sort_keys=True)
_SPREAD = json.JSONEncoder(sort_keys=True, indent=2)
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@frozen
class Reply:
    """An answer.

    `body`: dict or list goes out as JSON, str as text, bytes as they are, None as no body.
    `content_type` overrides what follows from the body.
    """

    status: int = 200
    body: Body = None
    content_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def media_type(self) -> str:
        """The media type of the body, without parameters; empty when there is no body."""
        if self.content_type is not None:
            return self.content_type.split(";", 1)[0].strip().lower()
        if self.body is None:
            return ""
        if isinstance(self.body, str):
            return "text/plain"
        return "application/octet-stream" if isinstance(self.body, bytes) else "application/json"

    def encode(self, tag: str = "") -> tuple[bytes, list[tuple[bytes, bytes]]]:
        """The body's bytes and all headers, in the manner of the service behind `tag`."""
        data, kind = _encode(self.body, self.content_type, tag)
        headers = [*COMMON_HEADERS, (b"content-length", b"%d" % len(data))]
        if kind:
            headers.append((b"content-type", kind.encode()))
            if kind == PLAIN_JSON:
                headers.append((b"content-disposition", b"inline"))
        # Header values can quote the request; what latin-1 lacks must not stop the answer.
        headers += [(n.encode(), v.encode("latin-1", "replace")) for n, v in self.headers]
        return data, headers


class ApiError(EmulatorError):
    """Raise it in a handler to answer with an error.

    `message` is the text, `field` the name of the input it is about; the operation's documented
    schema for the status says under which keys they go. A `body` is sent as it is instead.
    """

    def __init__(
        self,
        status: int,
        message: str = "",
        *,
        field: str = "",
        body: Body = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message
        self.field = field
        self.body = body
        self.headers = tuple((headers or {}).items())


def _encode(body: Body, kind: str | None, tag: str) -> tuple[bytes, str]:
    if body is None:
        return b"", kind or ""
    if isinstance(body, bytes):
        return body, kind or "application/octet-stream"
    if isinstance(body, str):
        return body.encode(errors="replace"), kind or TEXT
    if tag in _PYTHON_SERVICES:
        # sending ERR-006: these services sort their keys, and two of them indent.
        coder = _SPREAD if tag in _INDENTED else _SORTED
        return coder.encode(body).encode(), kind or PLAIN_JSON
    return _compact(body), kind or JSON


def _compact(body: Body) -> bytes:
    try:
        return orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        # What orjson does not take: integers of more than 64 bits, and half a surrogate pair, which
        # can come in through a JSON escape and has no UTF-8 form.
        return f"{_COMPACT.encode(body)}\n".encode(errors="replace")
