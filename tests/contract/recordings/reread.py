"""The plain values that a recorded request carries, as a user of the client would give them."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from tests.contract.recordings.exchange import Part, Request, content_of, fields
from tests.contract.truth import Json, Operation, Truth
from tests.contract.values import NO_BODY, Values
from tests.contract.wire import value_valid

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


class UndeclaredError(Exception):
    """The request has something that the truth does not know."""


def values(truth: Truth, operation: Operation, request: Request) -> Values:
    """What the client has to be told for the same request. Raises UndeclaredError."""
    template = operation.path.split("/")
    path = {
        name[1:-1]: _one(truth, operation.parameters("path")[name[1:-1]].get("schema", {}), text)
        for name, text in zip(template, request.segments, strict=True)
        if name.startswith("{")
    }
    headers = {
        name: _one(truth, declared.get("schema", {}), request.headers[name.lower()])
        for name, declared in operation.parameters("header").items()
        if name.lower() in request.headers
    }
    query, body = _query(truth, operation, request), _body(truth, operation, request)
    return Values(path, query, headers, body, media_of(operation, request))


def media_of(operation: Operation, request: Request) -> str | None:
    """The declared media type that stands for the body; both kinds of form are one to the API."""
    if request.body is None:
        return None
    declared = operation.raw.get("requestBody", {}).get("content", {})
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    sent = "application/json" if request.body.kind == "json" and sent not in declared else sent
    if sent in declared:
        return sent
    if request.body.kind in ("form", "parts"):
        return next((form for form in _FORMS if form in declared), None)
    return None


def _query(truth: Truth, operation: Operation, request: Request) -> dict[str, Any]:
    declared = operation.parameters("query")
    texts: dict[str, list[str]] = {}
    for name, text in request.query:
        texts.setdefault(name, []).append(text)
    if unknown := sorted(texts.keys() - declared.keys()):
        raise UndeclaredError(f"{operation.id} has no query {unknown[0]!r:.80}")
    schemas = {name: declared[name].get("schema", {}) for name in texts}
    return {name: _many(truth, schemas[name], found) for name, found in texts.items()}


def _body(truth: Truth, operation: Operation, request: Request) -> Any:
    body, media_type = request.body, media_of(operation, request)
    if body is None:
        return NO_BODY
    if media_type is None:
        raise UndeclaredError(f"{operation.id} takes no body of this type ({body.kind})")
    entry = operation.raw["requestBody"]["content"][media_type]
    schema = truth.resolve(entry.get("schema", {}))
    if body.kind not in ("form", "parts"):
        return body.value
    grouped: dict[str, list[Part]] = {}
    for part in fields(body):
        grouped.setdefault(part.name, []).append(part)
    properties = schema.get("properties", {})
    return {
        name: _field(truth, properties.get(name, _extra(schema)), parts)
        for name, parts in grouped.items()
    }


def _extra(schema: Json) -> Json:
    more = schema.get("additionalProperties", {})
    return more if isinstance(more, dict) else {}


def _field(truth: Truth, schema: Json, parts: list[Part]) -> Any:
    if any(part.filename is not None or isinstance(part.content, int) for part in parts):
        files = [content_of(part) for part in parts]
        return files if _is_list(truth, schema) or len(files) > 1 else files[0]
    return _many(truth, schema, [str(part.content) for part in parts])


def _many(truth: Truth, schema: Json, texts: list[str]) -> Any:
    schema = truth.resolve(schema)
    options = [truth.resolve(each) for each in _options(schema)]
    as_json = _spelled(truth, schema, texts[0]) if len(texts) == 1 else None
    if as_json is not None:
        return as_json
    for option in options:
        if _is_list(truth, option):
            found = [_one(truth, option.get("items", {}), text) for text in texts]
            if len(texts) > 1 or value_valid(truth, schema, found):
                return found
    return _one(truth, schema, texts[0]) if len(texts) == 1 else texts


def _spelled(truth: Truth, schema: Json, text: str) -> Any:
    """The object or array that `text` spells in JSON, if the schema wants one there."""
    if text[:1] in ("{", "["):
        with contextlib.suppress(ValueError):
            value = json.loads(text)
            if value_valid(truth, schema, value) and not value_valid(truth, schema, text):
                return value
    return None


def _one(truth: Truth, schema: Json, text: str) -> Any:
    """The value that the client writes as exactly this text; the text itself if none fits."""
    if value_valid(truth, schema, text):
        return text
    with contextlib.suppress(ValueError):
        value = json.loads(text)
        if json.dumps(value) == text and value_valid(truth, schema, value):
            return value
    return text


def _is_list(truth: Truth, schema: Json) -> bool:
    return any(
        "array" in (kind if isinstance(kind := option.get("type", ""), list) else [kind])
        for option in map(truth.resolve, _options(truth.resolve(schema)))
    )


def _options(schema: Json) -> list[Json]:
    return [*schema.get("anyOf", ()), *schema.get("oneOf", ())] or [schema]
