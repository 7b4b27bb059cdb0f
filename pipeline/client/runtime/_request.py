"""From arguments to a request."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from attrs import define

from ._model import domain, is_file, plain
from .types import UNSET, File

if TYPE_CHECKING:
    from ._upload import Source, Upload

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


def domain_segment(name: str, value: str) -> str:
    """As `segment`, for a domain: the API knows international ones by their ASCII names."""
    return segment(name, domain(value))


def address_segment(name: str, value: str) -> str:
    """As `segment`, for an address or domain: the part before the @ stays as it is."""
    if not isinstance(value, str) or value.isascii():
        return segment(name, value)
    local, at, host = value.rpartition("@")
    return segment(name, local + at + domain(host))


@define(eq=False, repr=False)
class Outgoing:
    """A request before it is httpx's.

    Attributes:
        method: the HTTP method.
        url: path and query, both quoted.
        content: the body; an Upload if it has files.
        headers: its own headers.
    """

    method: str
    url: str
    content: bytes | Upload | None
    headers: Sequence[tuple[str, str]]


@define(eq=False, repr=False)
class Body:
    """The part of a request that is its body."""

    content: bytes | Upload
    content_type: str


def outgoing(
    method: str, url: str, body: Body | None = None, params: Pairs = (), headers: Pairs = ()
) -> Outgoing:
    """The request: parameters that are UNSET or None are left out, lists are repeated."""
    if params:
        pairs = [(name, _text(name, value)) for name, value in _flat(params)]
        if pairs:
            url = f"{url}?{urlencode(pairs)}"
    own = [(name, _text(name, value)) for name, value in _flat(headers)] if headers else []
    if body is None:
        return Outgoing(method, url, None, own)
    own.append(("Content-Type", body.content_type))
    return Outgoing(method, url, body.content, own)


def json_body(value: Any) -> Body:
    """A JSON body."""
    if value is None:
        raise TypeError("body: expected one, found None")
    return Body(_json(plain(value)).encode(), _JSON)


def urlencoded_body(value: Any, encoding: Encoding = _NONE) -> Body:
    """An `application/x-www-form-urlencoded` body."""
    pairs = [(name, _field_text(name, item)) for name, item in _fields(value, encoding)]
    return Body(urlencode(pairs).encode(), "application/x-www-form-urlencoded")


def multipart_body(value: Any, encoding: Encoding = _NONE) -> Body:
    """A `multipart/form-data` body.

    The boundary has to be unpredictable, or text containing it would become fields of its own.
    """
    boundary = os.urandom(16).hex()
    media_type = f"multipart/form-data; boundary={boundary}"
    sections: list[bytes | memoryview | Source] = []
    lines: list[str] = []
    for name, item in _fields(value, encoding):
        content_type = encoding.get(name)
        if not content_type and not is_file(item) and _is_plain_name(name):
            text = item if item.__class__ is str else _field_text(name, item)
            lines.append(
                f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
            )
            continue
        from ._upload import head

        file_name, content, mime_type = _part(name, item, content_type)
        lines.append(f"--{boundary}\r\n{head(name, file_name, mime_type)}")
        sections += ["".join(lines).encode(), content]
        lines = ["\r\n"]
    lines.append(f"--{boundary}--\r\n")
    end = "".join(lines).encode()
    if not sections:
        return Body(end, media_type)
    from ._upload import Upload

    return Body(Upload([*sections, end]), media_type)


def binary_body(value: Any) -> Body:
    """A body that is one file."""
    from ._upload import Upload

    _, content, mime_type = File.of(value).part("body")
    return Body(Upload([content]), mime_type)


def _flat(pairs: Pairs) -> Iterator[tuple[str, Any]]:
    for name, value in pairs:
        if isinstance(value, list | tuple):
            yield from ((name, item) for item in value if item is not None)
        elif value is not None and value is not UNSET:
            yield name, value


def _fields(value: Any, encoding: Encoding) -> Iterator[tuple[str, Any]]:
    """The fields of a form; those that are encoded as JSON are JSON text, lists included.

    So are variables, which can have one value only.
    """
    fields = plain(value)
    if not isinstance(fields, Mapping):
        raise TypeError(f"body: expected the fields of a form, found {type(value).__name__}")
    for name, item in fields.items():
        if (encoding.get(name) == _JSON and item is not None) or _is_variable(name, item):
            yield name, _json(item)
        else:
            yield from _flat([(name, item)])


def _is_variable(name: str, value: Any) -> bool:
    """Whether a field is a variable that has several values in one."""
    listed = name.startswith("v:") and isinstance(value, list)
    return listed and not any(map(is_file, value))


def _is_plain_name(name: str) -> bool:
    """Whether a name needs no escape in the head of a part."""
    return name.isascii() and name.isprintable() and '"' not in name and "\\" not in name


def _part(
    name: str, value: Any, content_type: str | None
) -> tuple[str | None, bytes | memoryview | Source, str | None]:
    """File name, content and content type; only the content for text of no special type."""
    if is_file(value):
        return File.of(value).part(name, content_type)
    return None, _field_text(name, value).encode(), content_type


def _field_text(name: str, value: Any) -> str:
    """Text of a form field: objects and nested lists are JSON."""
    if isinstance(value, dict | list):
        return _json(value)
    return _text(name, value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _text(name: str, value: Any) -> str:
    if value.__class__ is str:
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    value = plain(value)
    if isinstance(value, str):
        # Not `str(value)`: the members of some enums are text, but not shown as it.
        return str.__str__(value)
    if isinstance(value, int | float):
        return str(value)
    raise TypeError(f"{name}: expected text, a number or a boolean, found {type(value).__name__}")
