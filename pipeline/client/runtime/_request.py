"""From arguments to the keywords of `httpx.Client.request`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from ._model import plain
from .types import UNSET, File

Pairs = Iterable[tuple[str, Any]]
Encoding = Mapping[str, str]
"""Field of a form -> content type that it is written as, where that is not the usual one."""

_JSON = "application/json"
_NONE: Encoding = {}
_DOTS = {".": "%2E", "..": "%2E%2E"}


def segment(name: str, value: str | int) -> str:
    """`value` as one segment of a path, whatever characters it has.

    Raises TypeError unless it is text or a number, ValueError if it is empty: an empty segment
    would name the collection instead of one member.
    """
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise TypeError(f"{name}: expected text or a number, found {type(value).__name__}")
    text = _text(name, value)
    if not text:
        raise ValueError(f"{name}: expected a value for the path, found an empty one")
    # A dot segment would be resolved on the way and name another resource.
    return _DOTS.get(text) or quote(text, safe="")


def arguments(
    method: str, url: str, body: dict[str, Any], params: Pairs = (), headers: Pairs = ()
) -> dict[str, Any]:
    """Keywords for httpx: parameters that are UNSET or None are left out, lists are repeated."""
    pairs = [(name, _text(name, value)) for name, value in _flat(params)]
    own_headers = {name: _text(name, value) for name, value in _flat(headers)}
    return {
        "method": method,
        "url": url,
        "params": pairs or None,
        **body,
        "headers": own_headers | body.get("headers", {}),
    }


def json_body(value: Any) -> dict[str, Any]:
    """A JSON body."""
    return {"content": _json(plain(value)).encode(), "headers": {"Content-Type": _JSON}}


def urlencoded_body(value: Any, encoding: Encoding = _NONE) -> dict[str, Any]:
    """An `application/x-www-form-urlencoded` body."""
    pairs = [(name, _field_text(name, item)) for name, item in _fields(value, encoding)]
    return {
        "content": urlencode(pairs).encode(),
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
    }


def multipart_body(value: Any, encoding: Encoding = _NONE) -> dict[str, Any]:
    """A `multipart/form-data` body.

    The boundary has to be unpredictable, or text containing it would become fields of its own; so
    httpx draws one and sets the content type. A form without any field is sent as just its end,
    which httpx would leave out.
    """
    files = [
        (name, _part(name, item, encoding.get(name))) for name, item in _fields(value, encoding)
    ]
    if files:
        return {"files": files}
    boundary = os.urandom(16).hex()
    return {
        "content": f"--{boundary}--\r\n".encode(),
        "headers": {"Content-Type": f"multipart/form-data; boundary={boundary}"},
    }


def binary_body(value: Any) -> dict[str, Any]:
    """A body that is one file."""
    _, content, mime_type = File.of(value).part("body")
    return {"content": content, "headers": {"Content-Type": mime_type}}


def _flat(pairs: Pairs) -> Iterator[tuple[str, Any]]:
    for name, value in pairs:
        if isinstance(value, list | tuple):
            yield from ((name, item) for item in value if item is not None)
        elif value is not None and value is not UNSET:
            yield name, value


def _fields(value: Any, encoding: Encoding) -> Iterator[tuple[str, Any]]:
    """The fields of a form; those that are encoded as JSON are JSON text, lists included."""
    for name, item in plain(value).items():
        if encoding.get(name) == _JSON and item is not None:
            yield name, _json(item)
        else:
            yield from _flat([(name, item)])


def _part(name: str, value: Any, content_type: str | None) -> tuple[Any, ...]:
    if isinstance(value, File | bytes | bytearray | memoryview | os.PathLike) or hasattr(
        value, "read"
    ):
        return File.of(value).part(name, content_type)
    text = _field_text(name, value).encode()
    return (None, text, content_type) if content_type else (None, text)


def _field_text(name: str, value: Any) -> str:
    """Text of a form field: objects and nested lists are JSON."""
    if isinstance(value, dict | list):
        return _json(value)
    return _text(name, value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    value = plain(value)
    if isinstance(value, str):
        # Not `str(value)`: the members of some enums are text, but not shown as it.
        return str.__str__(value)
    if isinstance(value, int | float):
        return str(value)
    raise TypeError(f"{name}: expected text, a number or a boolean, found {type(value).__name__}")
