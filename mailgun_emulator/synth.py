"""Answers for operations without a handler: a valid success response out of the truth.

The same request gives the same answer. Values of the request come back under properties of the
same name where they fit; everything declared is filled, one item per list, so that a client has
something to show.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from random import Random
from typing import Any

from attrs import define, field

from mailgun_emulator.call import Call
from mailgun_emulator.contract import Contract, Json, Media, Operation
from mailgun_emulator.reply import JSON, Reply
from mailgun_emulator.sample import Names, Texts
from mailgun_emulator.validate import Validators

HEADER = ("x-emulator-synthesised", "true")
# Past this depth only what is required is filled, so that recursive schemas end.
_DEEP = 5
_BOTTOM = 12


@define
class Synthesiser:
    """Makes responses for any operation of a contract."""

    contract: Contract = field(repr=False)
    validators: Validators = field(repr=False)

    def reply(self, call: Call) -> Reply:
        """The synthesised success of the called operation."""
        operation = call.operation
        names = _request_values(call)
        status = operation.success
        media = _media(operation, status)
        if media is None:
            return Reply(status, headers=(HEADER,))
        body = self.body(media, call, names)
        if media.type != "application/json":
            return Reply(status, body, media.type, (HEADER,))
        if isinstance(body, dict | list):
            return Reply(status, body, headers=(HEADER,))
        return Reply(status, json.dumps(body) + "\n", JSON, (HEADER,))

    def body(self, media: Media, call: Call, names: Names) -> Any:
        """A body of one media type: JSON after its schema, anything else as text."""
        seed = f"{call.operation.id} {call.request.path} {sorted(names.items(), key=str)}"
        if media.type != "application/json":
            return f"{call.operation.id}\n"
        made = self._maker(seed, names, call).value(media.schema, "", 0)
        if self.validators.fits(media, made):
            return made
        # An echoed value can break a rule across properties; without echoes it holds.
        return self._maker(seed, {}, call).value(media.schema, "", 0)

    def _maker(self, seed: str, names: Names, call: Call) -> _Maker:
        random = Random(zlib.crc32(seed.encode()))  # noqa: S311 (must repeat, not be secret)
        return _Maker(self.contract, names, random, Texts(names, random, call))


@define
class _Maker:
    contract: Contract = field(repr=False)
    names: Names
    random: Random
    texts: Texts = field(repr=False)

    def value(self, schema: Any, name: str, depth: int) -> Any:
        schema = self._flat(schema)
        if not isinstance(schema, dict) or depth > _BOTTOM:
            return None
        if "const" in schema:
            return schema["const"]
        kinds = _kinds(schema)
        echoed = self.names.get(name)
        if echoed is not None and _fits(echoed, kinds, schema):
            return echoed
        if "enum" in schema:
            real = [option for option in schema["enum"] if option is not None]
            return real[self.random.randrange(len(real))] if real else None
        return self._typed(kinds, schema, name, depth)

    def _typed(self, kinds: set[str], schema: Json, name: str, depth: int) -> Any:
        if "object" in kinds:
            return self._object(schema, name, depth)
        if "array" in kinds:
            return self._array(schema, name, depth)
        if "string" in kinds:
            return self.texts.text(schema, name)
        if "integer" in kinds:
            return self._integer(schema)
        if "number" in kinds:
            return float(self._integer(schema))
        if "boolean" in kinds:
            return self.random.random() < 0.5
        return None if "null" in kinds else {}

    def _flat(self, schema: Any) -> Any:
        """The schema with references followed, alternatives chosen and `allOf` merged."""
        schema = self.contract.resolve(schema)
        if not isinstance(schema, dict):
            return schema
        for key in ("anyOf", "oneOf"):
            if key in schema:
                options = [self._flat(option) for option in schema[key]]
                real = [option for option in options if option.get("type") != "null"] or options
                rest = {k: v for k, v in schema.items() if k != key}
                schema = _merge([rest, real[0]])
        if "allOf" in schema:
            parts = [self._flat(part) for part in schema["allOf"]]
            schema = _merge([{k: v for k, v in schema.items() if k != "allOf"}, *parts])
        return schema

    def _object(self, schema: Json, name: str, depth: int) -> Json:
        properties: Mapping[str, Any] = schema.get("properties", {})
        required = schema.get("required", [])
        made = {
            key: self.value(properties.get(key, {}), key, depth + 1)
            for key in [*properties, *(k for k in required if k not in properties)]
            if depth < _DEEP or key in required
        }
        extra = schema.get("additionalProperties")
        if not properties and isinstance(extra, dict) and depth < _DEEP:
            made[self.texts.text({}, name)] = self.value(extra, name, depth + 1)
        return made

    def _array(self, schema: Json, name: str, depth: int) -> list[Any]:
        fewest = schema.get("minItems", 0)
        count = max(fewest, 1 if depth < _DEEP and schema.get("maxItems", 1) else 0)
        return [self.value(schema.get("items", {}), name, depth + 1) for _ in range(count)]

    def _integer(self, schema: Json) -> int:
        low = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
        high = schema.get("maximum", low + 100)
        step = int(schema.get("multipleOf", 1))
        chosen = self.random.randint(int(low), max(int(low), min(int(high), int(low) + 100)))
        return chosen - chosen % step if chosen - chosen % step >= low else chosen


def _media(operation: Operation, status: int) -> Media | None:
    response = operation.response(status)
    if response is None or not response.content:
        return None
    return response.content.get("application/json") or next(iter(response.content.values()))


def _request_values(call: Call) -> Names:
    """What the request names, path first, as scalars and lists of scalars."""
    return {**_scalars(call.values), **_scalars(call.query), **_scalars(call.path)}


def _scalars(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in values.items() if isinstance(v, str | int | float | bool | list)}


def _kinds(schema: Json) -> set[str]:
    declared = schema.get("type")
    if isinstance(declared, str):
        return {declared}
    if declared:
        return set(declared)
    if "properties" in schema or "additionalProperties" in schema:
        return {"object"}
    return {"array"} if "items" in schema else set()


def _fits(value: Any, kinds: set[str], schema: Json) -> bool:
    if isinstance(value, bool):
        return "boolean" in kinds
    if isinstance(value, int):
        return bool(kinds & {"integer", "number"})
    if isinstance(value, float):
        return "number" in kinds
    return isinstance(value, str) and "string" in kinds and value in schema.get("enum", [value])


def _merge(parts: list[Json]) -> Json:
    merged: Json = {}
    for part in parts:
        for key, value in part.items():
            if key == "properties":
                merged["properties"] = {**merged.get("properties", {}), **value}
            elif key == "required":
                merged["required"] = [*merged.get("required", []), *value]
            else:
                merged[key] = value
    return merged
