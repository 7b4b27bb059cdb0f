"""What the truth lets an operation carry, point by point, and which of it an exchange carried.

A point is a parameter or field that was sent, a field that came back, or one side of a keyword of
the request: `kept` when a value met it, `broken` when one did not. Composed schemas count as one:
all of their fields and keywords belong to the place where the composition stands.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from attrs import define, field

from tests.contract.truth import Json, Truth

KEPT, BROKEN = "kept", "broken"
_TEXTUAL = frozenset({"string", "array"})
_DEEPEST = 6
_LONGEST = 40
# The keywords whose sides count, and what they speak of; the others of JSON Schema hold schemas.
_SUBJECTS: dict[str, type | tuple[type, ...]] = {
    "type": object,
    "enum": object,
    "const": object,
    "minLength": str,
    "maxLength": str,
    "pattern": str,
    "format": str,
    "minimum": (int, float),
    "maximum": (int, float),
    "exclusiveMinimum": (int, float),
    "exclusiveMaximum": (int, float),
    "multipleOf": (int, float),
    "minItems": list,
    "maxItems": list,
    "uniqueItems": list,
}
# Formats that a value can break; any text meets the others.
_FORMATS = frozenset(
    {"date", "date-time", "email", "ipv4", "ipv6", "regex", "time", "uri", "uuid", "hostname"}
)


@define
class Keyword:
    """`sides` are those still to be reached."""

    name: str
    label: str
    subject: type | tuple[type, ...]
    test: Any = field(repr=False)
    sides: set[str] = field(factory=lambda: {KEPT, BROKEN})

    def side(self, value: Any) -> str | None:
        """The side that `value` is on; None where the keyword says nothing about it."""
        if not isinstance(value, self.subject) or (
            isinstance(value, bool) and self.subject is not object
        ):
            return None
        return KEPT if self.test.is_valid(value) else BROKEN


@define
class Node:
    """One place of a request or response."""

    name: str
    kinds: frozenset[str] = frozenset()
    keywords: list[Keyword] = field(factory=list)
    fields: dict[str, Node] = field(factory=dict)
    items: Node | None = None
    required: bool = False
    closed: bool = False

    def walk(self) -> Iterator[Node]:
        yield self
        for node in self.fields.values():
            yield from node.walk()
        if self.items is not None:
            yield from self.items.walk()


@define
class Compiler:
    """Makes nodes out of schemas of one truth."""

    truth: Truth
    _tests: dict[str, Any] = field(factory=dict, repr=False)

    def node(
        self, name: str, schemas: list[Json], *, keywords: bool = True, textual: bool = False
    ) -> Node:
        """The place of any of `schemas`.

        `keywords` off makes nodes that only count fields, as for responses; `textual` says that
        values travel as text, where no value can be of the wrong type for text.
        """
        node = self._node(name, schemas, keywords, ())
        for each in node.walk() if textual else ():
            if each.kinds & _TEXTUAL:
                each.keywords = [word for word in each.keywords if word.name != "type"]
        return node

    def _node(
        self, name: str, schemas: list[Json], keywords: bool, inside: tuple[int, ...]
    ) -> Node:
        node = Node(name)
        flat = [each for schema in schemas for each in self._flat(schema)]
        node.kinds = frozenset(kind for each in flat for kind in _kinds(each))
        inside = (*inside, *map(id, flat))
        deep = len(name.split(".")) > _DEEPEST
        fields: dict[str, list[Json]] = {}
        items: list[Json] = []
        required = {name for schema in schemas for name in self._required(schema)}
        for each in flat:
            if keywords:
                node.keywords += [
                    keyword for keyword in self._keywords(each) if keyword not in node.keywords
                ]
            node.closed |= keywords and each.get("additionalProperties") is False
            if deep:
                continue
            for key, schema in each.get("properties", {}).items():
                fields.setdefault(key, []).append(schema)
            items += [each["items"]] if "items" in each else []
        for key, found in fields.items():
            if not self._inside(found, inside):
                node.fields[key] = self._node(f"{name}.{key}", found, keywords, inside)
                node.fields[key].required = key in required
        if items and not self._inside(items, inside):
            node.items = self._node(f"{name}[]", items, keywords, inside)
        return node

    def _flat(self, schema: Json) -> Iterator[Json]:
        schema = self.truth.resolve(schema)
        yield schema
        for composition in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(composition, ()):
                yield from self._flat(part)

    def _required(self, schema: Json) -> Iterator[str]:
        """Names that no alternative can do without."""
        schema = self.truth.resolve(schema)
        yield from schema.get("required", ())
        for part in schema.get("allOf", ()):
            yield from self._required(part)

    def _inside(self, schemas: list[Json], inside: tuple[int, ...]) -> bool:
        """Whether a schema would be entered from within itself."""
        return any(id(self.truth.resolve(schema)) in inside for schema in schemas)

    def _keywords(self, schema: Json) -> Iterator[Keyword]:
        for name, subject in _SUBJECTS.items():
            value = schema.get(name)
            if value is None or (name == "format" and value not in _FORMATS):
                continue
            label = f"{name} {value}" if isinstance(value, int | float | str) else name
            yield Keyword(
                name,
                label if len(label) <= _LONGEST else f"{label[:_LONGEST]}…",
                subject,
                self._test({name: value}),
            )

    def _test(self, schema: Json) -> Any:
        key = json.dumps(schema, sort_keys=True)
        if key not in self._tests:
            self._tests[key] = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        return self._tests[key]


def _kinds(schema: Json) -> tuple[str, ...]:
    kinds = schema.get("type", ())
    return (kinds,) if isinstance(kinds, str) else tuple(kinds)
