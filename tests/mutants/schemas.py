"""Places in schemas and in the values that they describe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import field, frozen

from tests.contract.truth import Json, Operation, Truth
from tests.contract.wire import value_valid

JSON = "application/json"
_COMPOSED = ("allOf", "anyOf", "oneOf")
Path = tuple[str | int, ...]


@frozen
class Place:
    """A value inside a JSON value, and one of the schemas that it has to meet."""

    path: Path
    value: Any = field(repr=False)
    schema: Json = field(repr=False)

    @property
    def name(self) -> str:
        """The path with all items of an array alike."""
        return "/".join("[]" if isinstance(part, int) else part for part in self.path)


def success_schemas(truth: Truth, operation: Operation) -> dict[int, Json]:
    """The schema of the JSON body, by success status that has one."""
    found = {}
    for status in sorted(operation.successes):
        content = response(truth, operation, status).get("content", {})
        if JSON in content:
            found[status] = content[JSON].get("schema", {})
    return found


def success_media(truth: Truth, operation: Operation) -> list[str]:
    """The media types that successes have."""
    return [
        media
        for status in sorted(operation.successes)
        for media in response(truth, operation, status).get("content", {})
    ]


def response(truth: Truth, operation: Operation, status: int) -> Json:
    return truth.resolve(operation.raw["responses"].get(str(status), {}))


def parts(truth: Truth, schema: Json) -> Iterator[Json]:
    """`schema` and every schema inside of it, each once."""
    seen: set[int] = set()
    waiting = [schema]
    while waiting:
        current = truth.resolve(waiting.pop())
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += _inner(current)


def _inner(schema: Json) -> Iterator[Json]:
    for word in _COMPOSED:
        yield from schema.get(word, ())
    yield from schema.get("properties", {}).values()
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            yield schema[word]


def places(truth: Truth, schema: Json, value: Any, path: Path = ()) -> Iterator[Place]:
    """Every place of `value`, once for each schema that holds there; of an array its first item."""
    schema = truth.resolve(schema)
    yield Place(path, value, schema)
    for part in schema.get("allOf", ()):
        yield from places(truth, part, value, path)
    for word in ("anyOf", "oneOf"):
        for part in schema.get(word, ()):
            if value_valid(truth, part, value):
                yield from places(truth, part, value, path)
    if isinstance(value, dict):
        yield from _members(truth, schema, value, path)
    if isinstance(value, list) and value and "items" in schema:
        yield from places(truth, schema["items"], value[0], (*path, 0))


def _members(truth: Truth, schema: Json, value: Json, path: Path) -> Iterator[Place]:
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties")
    for name, item in value.items():
        if name in properties:
            yield from places(truth, properties[name], item, (*path, name))
        elif isinstance(others, dict):
            yield from places(truth, others, item, (*path, name))


def types(schema: Json) -> set[str]:
    """The types that `schema` itself names."""
    kinds = schema.get("type", ())
    return {kinds} if isinstance(kinds, str) else set(kinds)


def edited(value: Any, path: Path, new: Any) -> Any:
    """A copy of `value` with `new` at `path`; ABSENT takes a member away."""
    if not path:
        return new
    head, rest = path[0], path[1:]
    changed: Any = dict(value) if isinstance(value, dict) else list(value)
    if not rest and new is ABSENT:
        del changed[head]
    else:
        changed[head] = edited(value[head], rest, new)
    return changed


ABSENT: Any = object()
