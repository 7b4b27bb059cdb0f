"""What an invalid case looks like on the wire, where text has no type.

A number for a text field, one value for a list, or no body for a form without required fields
can't be told from valid input once sent. `valid_on_the_wire` finds those: it reads the request back
by the truth as a lenient server would, and validates what it read.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx
import jsonschema_rs
from multipart import MultipartError, MultipartParser, MultipartPart, parse_options_header
from schemathesis import Case
from schemathesis.core import NOT_SET

from tests.contract.truth import Json, Operation, Truth

_MOST_PARTS = 10_000


def valid_on_the_wire(truth: Truth, operation: Operation, request: httpx.Request) -> bool:
    """Whether a server that sees only `request` may take it for valid."""
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    if not _parameters_valid(truth, operation, "query", pairs):
        return False
    names = [part[1:-1] if part.startswith("{") else "" for part in operation.path.split("/")]
    segments = zip(names, map(unquote, path.split("/")), strict=False)
    if not _parameters_valid(truth, operation, "path", [pair for pair in segments if pair[0]]):
        return False
    headers = [(name, request.headers[name]) for name in request.headers]
    return _parameters_valid(truth, operation, "header", headers) and _body_valid(
        truth, operation, request
    )


def body_valid(truth: Truth, operation: Operation, case: Case) -> bool:
    """Whether the body of `case`, as drawn, meets the truth."""
    if case.body is NOT_SET:
        return not operation.raw.get("requestBody", {}).get("required")
    schema = operation.raw["requestBody"]["content"][case.media_type].get("schema", {})
    return value_valid(truth, schema, _textual(case.body))


def _textual(value: Any) -> Any:
    """`value` with text in place of files."""
    if isinstance(value, dict):
        return {name: _textual(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_textual(item) for item in value]
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _parameters_valid(
    truth: Truth, operation: Operation, location: str, pairs: list[tuple[str, str]]
) -> bool:
    for name, parameter in operation.parameters(location).items():
        texts = [value for key, value in pairs if key.lower() == name.lower()]
        if not texts:
            if parameter.get("required"):
                return False
            continue
        schema = parameter.get("schema", {})
        if not value_valid(truth, schema, _read(truth, schema, texts)):
            return False
    return True


def _body_valid(truth: Truth, operation: Operation, request: httpx.Request) -> bool:
    declared = operation.raw.get("requestBody")
    if declared is None:
        return True
    media, options = parse_options_header(request.headers.get("content-type", ""))
    if not request.content and not declared.get("required"):
        return True
    media = media if request.content else next(iter(declared["content"]))
    if media not in declared["content"]:
        return False
    schema = declared["content"][media].get("schema", {})
    if media == "application/json":
        try:
            return value_valid(truth, schema, json.loads(request.content))
        except ValueError:
            return False
    try:
        fields = _fields(media, options, request.content)
    except (MultipartError, ValueError, KeyError):
        return False
    properties = truth.resolve(schema).get("properties", {})
    value = {
        name: _read(truth, properties.get(name, {}), [item for key, item in fields if key == name])
        for name, _ in fields
    }
    return value_valid(truth, schema, value)


def _fields(media: str, options: dict[str, str], content: bytes) -> list[tuple[str, str]]:
    if not content:
        return []
    if media == "multipart/form-data":
        parts = form_parts(content, options["boundary"])
        return [(part.name, part.raw.decode("latin-1")) for part in parts]
    return parse_qsl(content.decode(), keep_blank_values=True)


def form_parts(content: bytes, boundary: str) -> Iterator[MultipartPart]:
    """The parts of a multipart body; MultipartError for a broken one."""
    # A message may go to 1000 recipients at once, each a part.
    yield from MultipartParser(BytesIO(content), boundary, strict=True, part_limit=_MOST_PARTS)


def _read(truth: Truth, schema: Json, texts: list[str]) -> Any:
    """The most favourable value that the repeated field `texts` can stand for."""
    schema = truth.resolve(schema)
    alternatives = schema.get("anyOf") or schema.get("oneOf") or [schema]
    candidates: list[Any] = []
    for alternative in map(truth.resolve, alternatives):
        if alternative.get("type") == "array" or "array" in alternative.get("type", ()):
            items = alternative.get("items", {})
            candidates.append([_read(truth, items, [text]) for text in texts])
    if len(texts) == 1 or not candidates:
        candidates += [*_scalars(texts[-1]), texts[-1]]
    return next((value for value in candidates if value_valid(truth, schema, value)), texts[-1])


def _scalars(text: str) -> list[Any]:
    found: list[Any] = []
    if text.lower() in {"true", "yes", "1", "on", "t", "y"}:
        found.append(True)
    if text.lower() in {"false", "no", "0", "off", "f", "n"}:
        found.append(False)
    with contextlib.suppress(ValueError):
        found.append(json.loads(text))
    return found


def value_valid(truth: Truth, schema: Json, value: Any) -> bool:
    """Whether `schema` allows `value`, a JSON value."""
    return bool(_validator(truth, json.dumps(schema, sort_keys=True)).is_valid(value))


def _validator(truth: Truth, schema: str) -> Any:
    validator = truth.validators.get(schema)
    if validator is None:
        document = json.loads(schema) | {"components": truth.document["components"]}
        validator = jsonschema_rs.Draft202012Validator(document, validate_formats=True)
        truth.validators[schema] = validator
    return validator
