"""Text values of parameters and form fields to the types their schemas declare.

A value that does not convert stays text; validation then says what is wrong with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mailgun_emulator.contract import Contract, Json
from mailgun_emulator.forms import Form, Upload

Coercer = Callable[[Sequence[str]], Any]

_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
# platform GEN-022; samples also write them with a capital.
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}


def types(contract: Contract, schema: Json) -> set[str]:
    """The JSON types that a schema admits, as far as `type` and alternatives say."""
    schema = contract.resolve(schema)
    declared = schema.get("type")
    found = {declared} if isinstance(declared, str) else set(declared or ())
    if not found and "properties" in schema:
        found = {"object"}
    for key in ("anyOf", "oneOf", "allOf"):
        for option in schema.get(key, ()):
            found |= types(contract, option)
    return found


def items(contract: Contract, schema: Json) -> Json:
    """The item schema of the array that `schema` is or admits."""
    schema = contract.resolve(schema)
    if "items" in schema:
        return dict(contract.resolve(schema["items"]))
    for key in ("anyOf", "oneOf", "allOf"):
        for option in schema.get(key, ()):
            if found := items(contract, option):
                return found
    return {}


def coercer(contract: Contract, schema: Json) -> Coercer:
    """What turns the values sent under one name into the declared type."""
    admitted = types(contract, schema)
    scalar = _scalar(admitted)
    if "array" not in admitted:
        return lambda values: scalar(values[0])
    element = _scalar(types(contract, items(contract, schema)))
    mixed = bool(admitted & {"string", "integer", "number", "boolean"})

    def many(values: Sequence[str]) -> Any:
        if len(values) == 1:
            if mixed:
                return scalar(values[0])
            # A list may come as one JSON text, as list members do (sending LIST-023).
            if values[0][:1] == "[" and isinstance(parsed := _parsed(values[0]), list):
                return parsed
        return [element(value) for value in values]

    return many


def fields(contract: Contract, schema: Json) -> dict[str, Json]:
    """The properties that an object schema declares, also through its alternatives."""
    schema = contract.resolve(schema)
    found: dict[str, Json] = {}
    for key in ("allOf", "anyOf", "oneOf"):
        for option in schema.get(key, ()):
            found.update(fields(contract, option))
    return {**found, **schema.get("properties", {})}


def is_file(contract: Contract, schema: Json) -> bool:
    """Whether a field is declared to be a file, or a list of them."""
    schema = contract.resolve(schema)
    inner = contract.resolve(schema.get("items", {}))
    return "binary" in (schema.get("format"), inner.get("format"))


def custom_is_single(contract: Contract, schema: Json) -> bool:
    """Whether undeclared fields are declared to be texts, so that a repeated one is its first."""
    extra = contract.resolve(contract.resolve(schema).get("additionalProperties", True))
    return isinstance(extra, dict) and types(contract, extra) == {"string"}


def form_values(
    form: Form, coercers: Mapping[str, Coercer], lists: set[str], single: bool
) -> dict[str, Any]:
    """The fields of a form as one typed dict.

    `lists` names the declared arrays, `single` says that undeclared fields are never lists. Files
    are `Upload`, or a list of them where an array is declared.
    """
    values: dict[str, Any] = {}
    for name, texts in form.fields.items():
        convert = coercers.get(name)
        if convert is not None:
            values[name] = convert(texts)
        else:
            values[name] = texts[0] if single or len(texts) == 1 else list(texts)
    for name, files in form.files.items():
        held: list[Any] = values[name] if isinstance(values.get(name), list) else []
        values[name] = [*held, *files] if name in lists else files[0]
    return values


def without_files(values: dict[str, Any]) -> dict[str, Any]:
    """The same values with each file replaced by a short text, for validation."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Upload):
        return "<file>"
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _scalar(admitted: set[str]) -> Callable[[str], Any]:
    if "boolean" in admitted:
        inner = _scalar(admitted - {"boolean"})
        return lambda text: _BOOLEANS[text.lower()] if text.lower() in _BOOLEANS else inner(text)
    if "integer" in admitted and "number" not in admitted:
        return lambda text: int(text) if _INTEGER.fullmatch(text) else text
    if "number" in admitted:
        return _number
    if "object" in admitted and "string" not in admitted:
        return _object
    return str


def _number(text: str) -> Any:
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _object(text: str) -> Any:
    parsed = _parsed(text)
    return parsed if isinstance(parsed, dict) else text


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
