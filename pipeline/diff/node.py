"""One schema of one document, seen through `$ref`, `allOf`, `nullable` and `anyOf` with null.

A node is a conjunction of parts, each with the JSON pointer at which it stands: `allOf` and a
reference with siblings need no merged schema that would stand nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from attrs import evolve, field, frozen

from pipeline.load import Json
from pipeline.vendor import PROSE

ANNOTATIONS = (
    frozenset({"$comment", "$id", "$schema", "deprecated", "readOnly", "writeOnly", "xml"}) | PROSE
)
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_FACETS = frozenset(
    {
        *LOWER,
        *UPPER,
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "const",
        "default",
        "enum",
        "format",
        "items",
        "multipleOf",
        "nullable",
        "oneOf",
        "pattern",
        "properties",
        "required",
        "type",
        "uniqueItems",
    }
)
_COUNTS = frozenset({"minLength", "minItems", "minProperties"})
_SHAPES = {
    "object": ("properties", "required", "additionalProperties"),
    "array": ("items",),
}


def escape(name: str) -> str:
    """A name as one token of a JSON pointer."""
    return str(name).replace("~", "~0").replace("/", "~1")


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def lookup(document: Json, reference: str) -> Any:
    """What a local reference points at; None when it dangles or leads out of the document."""
    found: Any = document
    if not reference.startswith("#"):
        return None
    for token in reference[1:].split("/")[1:]:
        name = unquote(token).replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        elif isinstance(found, dict) and name in found:
            found = found[name]
        else:
            return None
    return found


def follow(document: Json, value: Any, pointer: str) -> tuple[Json, str]:
    """An object behind its references, and where it stands; {} for what is no object."""
    seen: set[str] = set()
    while isinstance(value, dict) and isinstance(value.get("$ref"), str):
        pointer = value["$ref"]
        if pointer in seen:
            return {}, pointer
        seen.add(pointer)
        value = lookup(document, pointer)
    return (value if isinstance(value, dict) else {}), pointer


@frozen
class Part:
    """A schema without references and `allOf`; `nullable`: what stands around it allows null."""

    schema: Json = field(repr=False)
    pointer: str
    nullable: bool = False

    @property
    def types(self) -> frozenset[str] | None:
        """The JSON types it allows; None for all. Fields make an object."""
        said = self.schema.get("type")
        values = self.values
        if said is not None:
            types = frozenset([said] if isinstance(said, str) else said)
        elif values is not None:
            types = frozenset(_type(json.loads(value)) for value in values)
        else:
            types = frozenset(
                kind for kind, keys in _SHAPES.items() if any(key in self.schema for key in keys)
            )
            if not types:
                return None
        return types | {"null"} if self.nullable else types

    @property
    def values(self) -> frozenset[str] | None:
        """The members of enum or const in canonical JSON; None when there is neither."""
        if "const" in self.schema:
            members = [self.schema["const"]]
        elif isinstance(self.schema.get("enum"), list):
            members = self.schema["enum"]
        else:
            return None
        return frozenset(map(canonical, [*members, None] if self.nullable else members))

    @property
    def variants(self) -> tuple[str, list[Any]] | None:
        for key in ("anyOf", "oneOf"):
            if isinstance(self.schema.get(key), list):
                return key, self.schema[key]
        return None

    def rest(self) -> Json:
        """Keywords that no comparison understands."""
        known = ANNOTATIONS | _FACETS
        left = {k: v for k, v in self.schema.items() if k not in known and not k.startswith("x-")}
        if "anyOf" in self.schema and "oneOf" in self.schema:
            left["oneOf"] = self.schema["oneOf"]
        return left


@frozen
class Node:
    document: Json = field(repr=False)
    parts: tuple[Part, ...]
    site: str = field(eq=False)

    @classmethod
    def at(cls, document: Json, schema: Any, pointer: str) -> Node:
        parts = _expand(document, schema, pointer, False, frozenset())
        return cls(document, tuple(parts), pointer)

    @property
    def pointer(self) -> str:
        """Where its facts stand, behind references; `site` is where it is used."""
        return self.parts[0].pointer

    @property
    def key(self) -> tuple[tuple[str, bool], ...]:
        return tuple((part.pointer, part.nullable) for part in self.parts)

    @property
    def blank(self) -> bool:
        """Whether it allows everything."""
        return not any(_facts(part.schema) for part in self.parts)

    def types(self) -> frozenset[str] | None:
        result: frozenset[str] | None = None
        for part in self.parts:
            types = part.types
            if types is not None:
                result = types if result is None else _intersection(result, types)
        return result

    def values(self) -> frozenset[str] | None:
        sets = [values for part in self.parts if (values := part.values) is not None]
        return frozenset.intersection(*sets) if sets else None

    def said(self, key: str) -> list[Any]:
        """What each part says under `key`, where it says anything."""
        return [part.schema[key] for part in self.parts if key in part.schema]

    def marked(self, key: str) -> bool:
        return any(value is True for value in self.said(key))

    def limit(self, key: str) -> Any:
        """The tightest bound under `key`; None for none."""
        found = [value for value in self.said(key) if not (key in _COUNTS and value == 0)]
        if any(isinstance(value, bool) for value in found):
            return any(found)
        return (max(found) if key in LOWER else min(found)) if found else None

    def required(self) -> frozenset[str]:
        names = (
            name for value in self.said("required") if isinstance(value, list) for name in value
        )
        return frozenset(name for name in names if isinstance(name, str))

    def fields(self, hidden: str) -> dict[str, Node]:
        """Declared or required fields by name, without those marked `hidden` (readOnly ...)."""
        found: dict[str, Node] = {}
        for part in self.parts:
            declared = part.schema.get("properties")
            for name, schema in (declared if isinstance(declared, dict) else {}).items():
                node = self._below(part, schema, "properties", escape(name))
                known = found.get(name)
                found[name] = evolve(node, parts=known.parts + node.parts) if known else node
        for part in self.parts:
            for name in part.schema.get("required") or ():
                if isinstance(name, str) and name not in found:
                    found[name] = self._below(part, {}, "required")
        return {name: node for name, node in found.items() if not node.marked(hidden)}

    def items(self) -> Node | None:
        found = [self._below(part, part.schema["items"], "items") for part in self._with("items")]
        return self._joined(found)

    def extra(self) -> Node | bool | None:
        """Fields without a declaration: False refused, None nothing said, else what they hold."""
        found = []
        for part in self._with("additionalProperties"):
            schema = part.schema["additionalProperties"]
            if schema is False:
                return False
            found.append(self._below(part, schema, "additionalProperties"))
        node = self._joined(found)
        return None if node is None or node.blank else node

    def variants(self) -> list[Node]:
        """The members of the first anyOf or oneOf; null is one of them where it is allowed."""
        for part in self.parts:
            if part.variants:
                key, members = part.variants
                found = [self._below(part, m, key, str(i)) for i, m in enumerate(members)]
                null = Part({"type": "null"}, part.pointer)
                return found + [evolve(self, parts=(null,))] * part.nullable
        return []

    def base(self) -> Node:
        """The node without its anyOf and oneOf."""
        kept = (
            evolve(part, schema=_without(part.schema, "anyOf", "oneOf")) if part.variants else part
            for part in self.parts
        )
        return evolve(self, parts=tuple(kept))

    def rest(self) -> list[str]:
        # Parts of a second anyOf stand here too: `variants` gives the first one only.
        with_variants = [part for part in self.parts if part.variants]
        spare = [canonical(part.variants) for part in with_variants[1:]]
        return sorted([canonical(left) for part in self.parts if (left := part.rest())] + spare)

    def _with(self, key: str) -> Iterator[Part]:
        return (part for part in self.parts if key in part.schema)

    def _below(self, part: Part, schema: Any, *tokens: str) -> Node:
        return Node.at(self.document, schema, "/".join([part.pointer, *tokens]))

    def _joined(self, nodes: list[Node]) -> Node | None:
        parts = tuple(part for node in nodes for part in node.parts)
        return Node(self.document, parts, nodes[0].site) if parts else None


def _expand(
    document: Json, schema: Any, pointer: str, nullable: bool, above: frozenset[str]
) -> Iterator[Part]:
    if not isinstance(schema, dict):
        schema = {"not": {}} if schema is False else {}
    nullable = nullable or schema.get("nullable") is True
    parts: list[Part] = []
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in above:
        target = lookup(document, reference)
        parts += _expand(document, target, reference, nullable, above | {reference})
    for number, member in enumerate(schema.get("allOf") or ()):
        parts += _expand(document, member, f"{pointer}/allOf/{number}", nullable, above)
    rest = _without(schema, "$ref", "allOf", "nullable")
    for key in ("anyOf", "oneOf"):
        members = rest.get(key)
        others = [(i, m) for i, m in enumerate(members or ()) if not _is_null(m)]
        if members and len(others) == 1:
            number, member = others[0]
            null = nullable or len(members) > 1
            parts += _expand(document, member, f"{pointer}/{key}/{number}", null, above)
            rest = _without(rest, key)
    if _facts(rest) or not parts:
        parts.append(Part(rest, pointer, nullable))
    elif len(rest):
        # Deprecation and the like stand beside the reference, not behind it.
        parts[0] = evolve(parts[0], schema=parts[0].schema | _marks(rest))
    yield from parts


def _is_null(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "null"


def _marks(schema: Json) -> Json:
    return {k: v for k, v in schema.items() if k in ("deprecated", "readOnly", "writeOnly")}


def _facts(schema: Json) -> bool:
    return any(key not in ANNOTATIONS and not key.startswith("x-") for key in schema)


def _without(schema: Json, *keys: str) -> Json:
    return {key: value for key, value in schema.items() if key not in keys}


def _intersection(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    shared = left & right
    if "integer" in left | right and "number" in left | right:
        shared |= {"integer"}
    return shared


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    names = {int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")
