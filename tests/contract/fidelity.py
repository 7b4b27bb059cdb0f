"""Property 1: the client puts on the wire what the case says.

The expectation is derived from the case and the truth alone, by the rules of the API: arrays are
repeated fields, booleans are `true` and `false`, an object inside a form is JSON text, null is left
out, path values are one quoted segment each, and international domains in them ASCII names.
"""

from __future__ import annotations

import contextlib
import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from operator import itemgetter
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx
import idna
from multipart import MultipartError, parse_options_header

from tests.contract.truth import Operation
from tests.contract.values import NO_BODY, Values, same
from tests.contract.wire import form_parts

Pair = tuple[str, Any]


def differences(
    operation: Operation, values: Values, request: httpx.Request, key: str
) -> Iterator[str]:
    """One line for each part of `request` that is not what `values` say."""
    if request.method != operation.method:
        yield f"method: expected {operation.method}, sent {request.method}"
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    yield from _path(operation, values, path)
    sent = parse_qsl(query, keep_blank_values=True)
    yield from _compare("query", list(_pairs(values.query)), sent)
    for name, value in values.headers.items():
        if request.headers.get(name) != _text(value):
            yield f"header {name}: expected {_text(value)!r}, sent {request.headers.get(name)!r}"
    basic = "Basic " + b64encode(f"api:{key}".encode()).decode()
    if request.headers.get("authorization") != basic:
        yield "authorization: expected Basic api:KEY"
    try:
        yield from list(_body(operation, values, request))
    except (LookupError, ValueError, MultipartError) as error:
        yield f"body: can't be read back: {error!r:.200}"


def _path(operation: Operation, values: Values, sent: str) -> Iterator[str]:
    template, parts = operation.path.split("/"), sent.split("/")
    if len(parts) != len(template):
        yield f"path: expected {len(template)} segments of {operation.path}, sent {sent}"
        return
    for expected, part in zip(template, parts, strict=True):
        if expected.startswith("{"):
            wanted = _text(values.path[expected[1:-1]])
            named = unquote(part)
            right = named == wanted or _is_ascii_name(named, wanted)
            if not right or part in {".", ".."}:
                yield f"path {expected}: expected {wanted!r} in one quoted segment, sent {part!r}"
        elif expected != unquote(part):
            yield f"path: expected {expected!r}, sent {part!r}"


def _is_ascii_name(sent: str, wanted: str) -> bool:
    """Whether an international domain, or the one of an address, went out by its ASCII name."""
    local, _, domain = sent.rpartition("@")
    own, _, international = wanted.rpartition("@")
    try:
        return local == own and idna.decode(domain) == idna.uts46_remap(international, False)
    except idna.IDNAError:
        return False


def _body(operation: Operation, values: Values, request: httpx.Request) -> Iterator[str]:
    content = request.content
    media, options = parse_options_header(request.headers.get("content-type", ""))
    if values.body is NO_BODY:
        if content:
            yield f"body: expected none, sent {len(content)} bytes of {media}"
        return
    if values.media_type == "application/json":
        if media != "application/json" or not same(values.body, json.loads(content)):
            yield f"body: expected JSON {values.body!r:.200}, sent {media} {content[:200]!r}"
        return
    encoding = operation.raw["requestBody"]["content"][values.media_type].get("encoding", {})
    expected = list(_pairs(values.body, encoding))
    if not expected and not content:
        return
    if media not in _equivalent(operation, values.media_type):
        yield f"content type: expected {values.media_type}, sent {media}"
    elif media == "multipart/form-data":
        named = [(_unescaped(name), value) for name, value in expected]
        yield from _compare("form", named, list(_parts(content, options)))
    else:
        sent = parse_qsl(content.decode("ascii"), keep_blank_values=True)
        yield from _compare("form", expected, sent)


def _parts(content: bytes, options: dict[str, str]) -> Iterator[Pair]:
    for part in form_parts(content, options["boundary"]):
        yield _unescaped(part.name), part.raw if part.filename else part.value


def _unescaped(name: str) -> str:
    """A field's name with single backslashes: some senders and servers escape them, some don't."""
    return name.replace("\\\\", "\\")


def _equivalent(operation: Operation, media_type: str | None) -> set[str | None]:
    """The media types that the truth gives the same form; which of them goes out is all one."""
    content = operation.raw["requestBody"]["content"]
    schema = content[media_type]["schema"]
    return {media for media, entry in content.items() if entry["schema"] == schema}


def _pairs(fields: dict[str, Any], encoding: dict[str, Any] | None = None) -> Iterator[Pair]:
    for name, value in fields.items():
        if (encoding or {}).get(name, {}).get("contentType") == "application/json":
            yield name, _text(value)  # The whole value is one JSON text, arrays too.
            continue
        for item in value if isinstance(value, list) else [value]:
            if item is not None:
                yield name, item if isinstance(item, bytes) else _text(item)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)


def _canonical(pair: Pair) -> Pair:
    """The pair with JSON text in one spelling: white space and escapes are the client's choice."""
    name, value = pair
    if isinstance(value, str) and value[:1] in ("{", "["):
        with contextlib.suppress(ValueError):
            return name, json.dumps(json.loads(value), sort_keys=True)
    return pair


def _compare(where: str, expected: list[Pair], sent: list[Pair]) -> Iterator[str]:
    # Names may come in any order, the values of one name may not: routes run their actions in turn.
    wanted = sorted(map(_canonical, expected), key=itemgetter(0))
    found = sorted(map(_canonical, sent), key=itemgetter(0))
    for name, value in (Counter(wanted) - Counter(found)).elements():
        yield f"{where} {name}: expected {value!r:.200}, not sent"
    for name, value in (Counter(found) - Counter(wanted)).elements():
        yield f"{where} {name}: sent {value!r:.200}, not in the case"
    if wanted != found and Counter(wanted) == Counter(found):
        yield f"{where}: repeated fields in another order"
