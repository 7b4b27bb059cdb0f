"""What a schema demands of a value, in words for a docstring.

Types, enums and defaults are seen in the code; what an annotation can't say is said here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.load import Json

_PREFIX = "#/components/schemas/"
_LONGEST_PATTERN = 40
_UNITS = (("Length", "character"), ("Items", "item"), ("Properties", "entry"))
# Formats that the type does not show and a caller has to keep to.
_FORMATS = {
    "date": "a date, as in 2024-01-31",
    "email": "an email address",
    "hostname": "a host name",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "uri": "a URL",
    "uuid": "a UUID",
}


def resolved(schema: Json, schemas: Json) -> Json:
    """The schema that `schema` refers to, with what stands beside the reference."""
    seen: set[str] = set()
    while (reference := schema.get("$ref", "")).startswith(_PREFIX) and reference not in seen:
        seen.add(reference)
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**schemas.get(reference.removeprefix(_PREFIX), {}), **beside}
    return schema


def properties(document: Json) -> dict[str, Json]:
    """Class name -> wire name -> schema, of every object that has a name of its own."""
    schemas = document.get("components", {}).get("schemas", {})
    named = {**dict(_titled(document)), **schemas}
    return {name: dict(_properties(schema, schemas)) for name, schema in named.items()}


def _titled(value: Any) -> Iterator[tuple[str, Json]]:
    if isinstance(value, dict):
        if isinstance(value.get("title"), str) and "properties" in value:
            yield value["title"], value
        for inner in value.values():
            yield from _titled(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _titled(inner)


def _properties(schema: Json, schemas: Json) -> Iterator[tuple[str, Json]]:
    for part in schema.get("allOf", []):
        yield from _properties(resolved(part, schemas), schemas)
    yield from schema.get("properties", {}).items()


def limits(schema: Json, schemas: Json) -> list[str]:
    """Each limit of a value as a phrase: `1 to 100`, `at most 20 items`, `a URL`."""
    return list(dict.fromkeys(_limits(resolved(schema, schemas), schemas)))


def _limits(schema: Json, schemas: Json) -> Iterator[str]:
    if "enum" in schema:
        return
    if schema.get("format") in _FORMATS:
        yield _FORMATS[schema["format"]]
    yield from _amounts(schema)
    pattern = schema.get("pattern", "")
    if 0 < len(pattern) <= _LONGEST_PATTERN and "`" not in pattern:
        yield f"matches `{pattern}`"
    if isinstance(schema.get("items"), dict):
        inner = limits(schema["items"], schemas)
        if inner:
            yield f"each {', '.join(inner)}"


def _amounts(schema: Json) -> Iterator[str]:
    for keyword, words in (("exclusiveMinimum", "above"), ("exclusiveMaximum", "below")):
        if keyword in schema:
            yield f"{words} {_number(schema[keyword])}"
    yield from _between(schema.get("minimum"), schema.get("maximum"))
    for keyword, unit in _UNITS:
        least, most = schema.get(f"min{keyword}"), schema.get(f"max{keyword}")
        if least == 1 and most is None:
            yield "not empty"
        else:
            yield from _between(least or None, most, unit)
    if "multipleOf" in schema and schema["multipleOf"] != 1:
        yield f"a multiple of {_number(schema['multipleOf'])}"


def _between(least: Any, most: Any, unit: str = "") -> Iterator[str]:
    if least is None and most is None:
        return
    if unit:
        plural = f"{unit[:-1]}ies" if unit.endswith("y") else f"{unit}s"
        unit = f" {unit if (most if most is not None else least) == 1 else plural}"
    if most is None:
        yield f"at least {_number(least)}{unit}"
    elif least is None:
        yield f"at most {_number(most)}{unit}"
    elif least == most:
        yield f"exactly {_number(least)}{unit}"
    else:
        yield f"{_number(least)} to {_number(most)}{unit}"


def _number(value: float) -> str:
    """A bound as people write it; `1.0` of some parser is 1."""
    return str(int(value)) if float(value).is_integer() else str(value)
