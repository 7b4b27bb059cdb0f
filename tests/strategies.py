"""Hypothesis strategies for the subset of JSON Schema that the contract uses.

`Schemas(document).values(schema)` draws values that `schema` allows. Conditions that can't be
followed while drawing (`not`, `if`, property names, `oneOf`) are met by filtering with a validator.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from hypothesis import strategies as st

Json = dict[str, Any]
Values = st.SearchStrategy[Any]

_PREFIX = "#/components/schemas/"
_FILTERED = ("not", "if", "propertyNames", "patternProperties", "oneOf", "uniqueItems")
# Objects nested deeper carry only what they have to, so that recursive schemas end.
_DEPTH = 3

# Drawing from such patterns takes a second each; texts that are known to match do as well.
_LONG_PATTERN = 200
_TEXTS = (
    "user@example.com",
    "User Name <user@example.com>",
    "one@example.com, Two <two@example.org>",
    "Fri, 25 Oct 2019 08:15:00 +0000",
    "1571991300",
    "12h",
    "example.com",
    "192.0.2.1",
    "https://example.com/path",
)

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_scalar = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | _text
_anything = _scalar | st.lists(_scalar, max_size=2) | st.dictionaries(_text, _scalar, max_size=2)
_zone = st.sampled_from(["Z", "+00:00", "-07:00", "+05:30"])
_fraction = st.sampled_from(["", ".5", ".123456", ".123456789"])
_moment = st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds"))
_FORMATS: dict[str, Values] = {
    "binary": st.binary(max_size=4),
    "date": st.dates().map(str),
    "date-time": st.tuples(_moment, _fraction, _zone).map("".join),
    "email": st.integers(0, 99).map("user{}@example.com".format),
    "ipv4": st.ip_addresses(v=4).map(str),
    "uuid": st.uuids().map(str),
}


class Schemas:
    """Strategies for the schemas of one OpenAPI document."""

    def __init__(self, document: Json) -> None:
        self.components: Json = document["components"]["schemas"]
        self._component = functools.cache(self._uncached)

    def component(self, name: str) -> Values:
        """Values of the component schema `name`."""
        return self.values({"$ref": f"{_PREFIX}{name}"})

    def values(self, schema: Json) -> Values:
        """Values that `schema` allows; binary ones are bytes."""
        drawn = self._values(schema, 0)
        if not any(key in _FILTERED for key in self._keywords(schema, set())):
            return drawn
        root = schema | {"components": {"schemas": self.components}}
        validator = jsonschema_rs.validator_for(root)
        return drawn.filter(lambda value: validator.is_valid(_as_json(value)))

    def _keywords(self, schema: Any, seen: set[str]) -> Iterator[str]:
        """The keywords in use in `schema` and all that it refers to."""
        if isinstance(schema, list):
            for item in schema:
                yield from self._keywords(item, seen)
        if not isinstance(schema, dict):
            return
        yield from schema
        name = _referred(schema)
        if name and name not in seen:
            yield from self._keywords(self.components[name], seen | {name})
        for key, value in schema.items():
            inner = list(value.values()) if key == "properties" else value
            yield from self._keywords(inner, seen)

    def _uncached(self, name: str, depth: int) -> Values:
        return self._values(self.components[name], depth)

    def _values(self, schema: Json, depth: int) -> Values:
        name = _referred(schema)
        if name:
            if set(schema) <= {"$ref", "title", "description"}:
                return st.deferred(lambda: self._component(name, depth))
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            return self._values(_merged(self.components[name], rest), depth)
        if "const" in schema:
            return st.just(schema["const"])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        if "allOf" in schema:
            return self._values(self._with_all(schema), depth)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                rest = {name: value for name, value in schema.items() if name != key}
                branches = [_merged(rest, branch) for branch in schema[key]]
                return st.one_of([self._values(branch, depth) for branch in branches])
        return self._typed(schema, depth)

    def _with_all(self, schema: Json) -> Json:
        rest = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema["allOf"]:
            name = _referred(part)
            rest = _merged(rest, self.components[name] if name else part)
        return rest

    def _typed(self, schema: Json, depth: int) -> Values:
        kinds = schema.get("type") or _implied(schema)
        if isinstance(kinds, list):
            return st.one_of([self._typed(schema | {"type": kind}, depth) for kind in kinds])
        match kinds:
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, depth)
            case "string":
                return _string(schema)
            case "integer":
                return st.integers(schema.get("minimum", -(2**40)), schema.get("maximum", 2**40))
            case "number":
                low, high = schema.get("minimum", -1e9), schema.get("maximum", 1e9)
                return st.integers(int(low), int(high)) | st.floats(low, high)
            case "boolean":
                return st.booleans()
            case "null":
                return st.none()
        return _anything

    def _object(self, schema: Json, depth: int) -> Values:
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        fixed = {name: self._values(properties.get(name, {}), depth + 1) for name in required}
        optional = {}
        if depth < _DEPTH:
            optional = {
                name: self._values(value, depth + 1)
                for name, value in properties.items()
                if name not in fixed
            }
        base = st.fixed_dictionaries(fixed, optional=optional)
        extra = schema.get("additionalProperties", True)
        if extra is False or depth >= _DEPTH:
            return base
        names = _text.map("x-{}".format).filter(lambda name: name not in properties)
        values = self._values(extra if isinstance(extra, dict) else {}, depth + 1)
        extras = st.dictionaries(names, values, max_size=2)
        return st.tuples(base, extras).map(lambda pair: pair[1] | pair[0])

    def _array(self, schema: Json, depth: int) -> Values:
        least = schema.get("minItems", 0)
        most = min(schema.get("maxItems", least + 2), least + 2) if depth < _DEPTH else least
        return st.lists(
            self._values(schema.get("items", {}), depth + 1), min_size=least, max_size=most
        )


def _referred(schema: Json) -> str:
    reference = schema.get("$ref")
    return reference[len(_PREFIX) :] if isinstance(reference, str) else ""


def _implied(schema: Json) -> str | None:
    if "properties" in schema or "required" in schema or "additionalProperties" in schema:
        return "object"
    return "array" if "items" in schema else None


def _merged(left: Json, right: Json) -> Json:
    """One schema for what both allow; conditions that can't be merged are left to the filter."""
    both = left | right
    if "properties" in left and "properties" in right:
        both["properties"] = left["properties"] | {
            name: _merged(left["properties"].get(name, {}), value)
            for name, value in right["properties"].items()
        }
    if "required" in left and "required" in right:
        both["required"] = list(dict.fromkeys([*left["required"], *right["required"]]))
    if "allOf" in left and "allOf" in right:
        both["allOf"] = [*left["allOf"], *right["allOf"]]
    return both


def _string(schema: Json) -> Values:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if len(schema.get("pattern", "")) > _LONG_PATTERN:
        return st.sampled_from([text for text in _TEXTS if re.search(schema["pattern"], text)])
    if "pattern" in schema:
        found = st.from_regex(schema["pattern"], alphabet=st.characters(max_codepoint=126))
        return found.filter(lambda text: len(text) >= least and (most is None or len(text) <= most))
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    top = least + 8 if most is None else min(most, least + 8)
    return st.text(st.characters(exclude_categories=["Cs"]), min_size=least, max_size=top)


def _as_json(value: Any) -> Any:
    return json.loads(json.dumps(value, default=lambda data: data.hex()))
