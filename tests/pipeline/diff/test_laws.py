"""Laws of the comparison on drawn documents, against a JSON Schema validator as the judge."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from pipeline.diff import compare
from pipeline.diff.rules import RULES
from tests.pipeline.diff.conftest import Json, mirrored

NAMES = st.sampled_from(["a", "b", "c"])
COMPONENTS = ("One", "Two")


def _object(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    def make(fields: dict[str, Json], needed: set[str], extra: bool) -> Json:
        made: Json = {"type": "object", "properties": fields}
        if needed:
            made["required"] = sorted(needed)
        return made | ({"additionalProperties": True} if extra else {})

    return st.builds(
        make, st.dictionaries(NAMES, inner, max_size=3), st.sets(NAMES, max_size=2), st.booleans()
    )


def _leaf() -> st.SearchStrategy[Json]:
    bound = st.integers(0, 3)
    texts = st.lists(st.sampled_from(["x", "yy", "zzz"]), min_size=1, max_size=3, unique=True)
    return st.one_of(
        st.sampled_from(["string", "integer", "number", "boolean", "null"]).map(
            lambda name: {"type": name}
        ),
        st.sampled_from([["string", "null"], ["integer", "string"], ["null", "number"]]).map(
            lambda names: {"type": list(names)}
        ),
        st.builds(lambda values: {"type": "string", "enum": values}, texts),
        st.builds(lambda low: {"type": "string", "minLength": low}, bound),
        st.builds(lambda high: {"type": "integer", "maximum": high}, bound),
        st.just({}),
    )


def _schemas() -> st.SearchStrategy[Json]:
    reference = st.sampled_from(COMPONENTS).map(lambda n: {"$ref": f"#/components/schemas/{n}"})
    return st.recursive(
        _leaf() | reference,
        lambda inner: st.one_of(
            _object(inner),
            st.builds(lambda item: {"type": "array", "items": item}, inner),
            st.builds(lambda item: {"anyOf": [item, {"type": "null"}]}, inner),
            st.builds(lambda items: {"anyOf": items}, st.lists(inner, min_size=2, max_size=3)),
            st.builds(
                lambda items: {"allOf": items}, st.lists(_object(inner), min_size=1, max_size=2)
            ),
        ),
        max_leaves=6,
    )


def _document(sent: Json, read: Json, components: list[Json]) -> Json:
    def content(schema: Json) -> Json:
        return {"content": {"application/json": {"schema": schema}}}

    operation = {"requestBody": content(sent), "responses": {"200": content(read)}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"post": operation}},
        "components": {"schemas": dict(zip(COMPONENTS, components, strict=True))},
    }


# A component is an object: one that is only a reference to itself allows what no one can say.
_components = st.lists(_object(_schemas()), min_size=2, max_size=2)
documents = st.builds(_document, _schemas(), _schemas(), _components)
relaxed = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@given(documents)
@relaxed
def test_a_document_does_not_differ_from_itself(document: Json) -> None:
    assert compare(document, document).changes == ()
    assert compare(document, copy.deepcopy(document)).changes == ()


@given(documents, documents)
@relaxed
def test_backwards_each_change_is_its_mirror(old: Json, new: Json) -> None:
    forward = sorted(map(mirrored, compare(old, new).changes), key=str)
    backward = sorted(((c.rule, c.old, c.new) for c in compare(new, old).changes), key=str)
    assert forward == backward


@given(documents, st.randoms(use_true_random=False))
@relaxed
def test_the_order_in_which_things_are_written_is_no_difference(
    document: Json, random: Any
) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            entries = list(value.items())
            random.shuffle(entries)
            return {key: shuffled(item) for key, item in entries}
        return value

    assert compare(document, shuffled(document)).changes == ()


@given(_schemas(), _schemas(), _components)
@relaxed
def test_breaking_is_judged_by_direction(old: Json, new: Json, components: list[Json]) -> None:
    """One schema sent and read: what breaks the one side only is harmless on the other, unless it
    is a change of both kinds or a field that comes or goes."""
    sent = compare(_document(old, {}, components), _document(new, {}, components))
    read = compare(_document({}, old, components), _document({}, new, components))
    facets = ("type", "enum", "limit", "nullability", "variants")
    for report, direction in ((sent, "request"), (read, "response")):
        for change in report.changes:
            facet, _, verdict = change.rule.removeprefix(f"{direction}-").rpartition("-")
            if facet in facets and verdict in ("narrowed", "widened"):
                bad = "narrowed" if direction == "request" else "widened"
                assert change.breaking is (verdict == bad)

    def judged(changes: Any, direction: str) -> list[tuple[str, str, str]]:
        return sorted(
            (c.rule.removeprefix(f"{direction}-"), str(c.old), str(c.new))
            for c in changes
            if c.rule.removeprefix(f"{direction}-").rpartition("-")[0] in facets
        )

    where = ("/requestBody/", "/responses/200/")
    found = [judged(sent.changes, "request"), judged(read.changes, "response")]
    assert [tuple(part.replace(where[0], where[1]) for part in c) for c in found[0]] == found[1]


def _value(schema: Json, components: Json, random: Random, depth: int = 4) -> Any:
    """A value with declared fields only: what nobody describes is nobody's promise."""
    if "$ref" in schema:
        return _value(components[schema["$ref"].rsplit("/", 1)[1]], components, random, depth)
    if "anyOf" in schema:
        return _value(random.choice(schema["anyOf"]), components, random, depth)
    if "allOf" in schema:
        parts = [_value(one, components, random, depth) for one in schema["allOf"]]
        return {name: value for part in parts for name, value in part.items()}
    if "enum" in schema:
        return random.choice(schema["enum"])
    types = schema.get("type", ["string", "null", "integer"])
    kind = types if isinstance(types, str) else random.choice(types)
    if kind == "array":
        items = schema.get("items", {})
        count = random.randint(0, 2) if depth else 0
        return [_value(items, components, random, depth - 1) for _ in range(count)]
    if kind == "object":
        needed = schema.get("required", [])
        fields: Json = {name: {} for name in needed} | schema.get("properties", {})
        return {
            name: _value(field, components, random, depth - 1)
            for name, field in fields.items()
            if name in needed or (depth > 0 and random.random() < 0.7)
        }
    plain: dict[str, list[Any]] = {
        "string": ["", "x", "yy", "zzz", "other"],
        "integer": [-1, 0, 1, 2, 3, 5],
        "number": [0, 1.5, -2],
        "boolean": [True, False],
        "null": [None],
    }
    return random.choice(plain[kind])


def _validator(schema: Json, components: Json) -> Any:
    return jsonschema_rs.Draft202012Validator({**schema, "components": {"schemas": components}})


def _recursive(schema: Json, components: Json, above: frozenset[str] = frozenset()) -> bool:
    """Whether a schema leads back to itself; values of such ones may never end."""
    text = json.dumps(schema)
    return any(
        name in above or _recursive(components[name], components, above | {name})
        for name in COMPONENTS
        if f'/{name}"' in text
    )


def _mutated(value: Any, random: Random, leaves: list[Json]) -> Any:
    """The schema with about one of its parts replaced or dropped."""
    if isinstance(value, list):
        return [_mutated(item, random, leaves) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value or not value.keys() & {"properties", "items", "anyOf", "allOf"}:
        return random.choice(leaves) if random.random() < 0.4 else value
    kept = {k: v for k, v in value.items() if k != "required" or random.random() < 0.7}
    nested = ("properties", "items", "anyOf", "allOf")
    for key in nested:
        if key == "properties" and key in kept:
            kept[key] = {n: _mutated(v, random, leaves) for n, v in kept[key].items()}
        elif key in kept:
            kept[key] = _mutated(kept[key], random, leaves)
    return kept


@given(st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_called_harmless_refuses_no_value(data: st.DataObject) -> None:
    """Sound: a value that the old request schema takes and the new one refuses means a breaking
    change; so does a value that only the new response schema allows."""
    before = data.draw(_schemas())
    random = data.draw(st.randoms(use_true_random=False))
    after = _mutated(before, random, data.draw(st.lists(_leaf(), min_size=1, max_size=3)))
    components = data.draw(_components)
    named = dict(zip(COMPONENTS, components, strict=True))
    assume(not _recursive(before, named))
    old, new = _validator(before, named), _validator(after, named)
    values = [_value(before, named, random) for _ in range(20)]
    value = next((one for one in values if old.is_valid(one) and not new.is_valid(one)), ...)
    event("a value tells them apart" if value is not ... else "no value tells them apart")
    if value is ...:
        return
    sent = compare(_document(before, {}, components), _document(after, {}, components))
    assert sent.breaking, value
    # Read the other way round, the value is one that no reader of `after` expects.
    read = compare(_document({}, after, components), _document({}, before, components))
    harmless = {c.rule for c in read.changes if not c.breaking}
    allowed = {"response-field-added", "response-field-became-required"}
    assert read.breaking or harmless & allowed, value


def test_the_laws_cover_the_rules_of_schemas() -> None:
    """The drawn documents are not too poor: together they reach nearly all rules of schemas."""
    seen: set[str] = set()

    @given(documents, st.data())
    @settings(max_examples=150, deadline=None, database=None, derandomize=True)
    def draw(old: Json, data: st.DataObject) -> None:
        random = data.draw(st.randoms(use_true_random=False))
        new = copy.deepcopy(old)
        schemas = new["components"]["schemas"]
        leaves = data.draw(st.lists(_leaf(), min_size=2, max_size=4))
        schemas.update({name: _mutated(schemas[name], random, leaves) for name in COMPONENTS})
        operation = new["paths"]["/a"]["post"]
        for place in (operation["requestBody"], operation["responses"]["200"]):
            media = place["content"]["application/json"]
            media["schema"] = _mutated(media["schema"], random, leaves)
        seen.update(change.rule for change in compare(old, new).changes)
        seen.update(change.rule for change in compare(new, old).changes)

    draw()
    kinds = ("type", "enum", "limit", "nullability", "variants")
    wanted = {
        f"{side}-{kind}-{verdict}"
        for side in ("request", "response")
        for kind in kinds
        for verdict in ("narrowed", "widened")
    }
    wanted |= {rule for rule in RULES if "-field-" in rule and "deprecated" not in rule}
    wanted -= {rule for rule in wanted if "header" in rule}
    assert not {rule for rule in wanted - seen if "-field-" not in rule}
    assert len(wanted & seen) >= 0.8 * len(wanted), sorted(wanted - seen)
