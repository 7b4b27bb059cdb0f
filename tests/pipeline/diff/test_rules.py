"""Each kind of change by its rule, in both directions, and what is no change at all."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.diff import compare
from pipeline.diff.node import lookup
from pipeline.diff.rules import RULES
from tests.pipeline.diff.conftest import Json, base, changed, mirrored, post, rules, schema

Change = Callable[[Json], object]


def _rename_variable(document: Json) -> None:
    item = document["paths"].pop("/things/{id}")
    item["parameters"][0]["name"] = "name"
    document["paths"]["/things/{name}"] = item


def _move(document: Json) -> None:
    document["paths"]["/v2/things/{id}"] = document["paths"].pop("/things/{id}")


def _media(document: Json) -> None:
    content = post(document)["requestBody"]["content"]
    content["application/json"] = content.pop("multipart/form-data")


def _schema(of: str, /, *path: str, **values: Any) -> Change:
    def change(document: Json) -> None:
        found = schema(document, of)
        for key in path:
            found = found[key]
        found.update(values)

    return change


def _parameter(number: int, **values: Any) -> Change:
    return lambda document: post(document)["parameters"][number].update(values)


def _without(name: str, *path: str) -> Change:
    def change(document: Json) -> None:
        found = schema(document, name)
        for key in path[:-1]:
            found = found[key]
        del found[path[-1]]

    return change


FORWARD: dict[str, tuple[Change, set[str]]] = {
    "server": (lambda d: d["servers"].clear(), {"server-removed"}),
    "security scheme": (
        lambda d: d["components"]["securitySchemes"]["key"].update(scheme="bearer"),
        {"security-scheme-changed"},
    ),
    "security asks for more": (
        lambda d: d.update(security=[{"key": [], "token": []}]),
        {"security-narrowed"},
    ),
    "security offers more": (
        lambda d: d.update(security=[{"key": []}, {"token": []}]),
        {"security-widened"},
    ),
    "security is dropped": (lambda d: d.pop("security"), {"security-widened"}),
    "other security": (lambda d: d.update(security=[{"token": []}]), {"security-changed"}),
    "operation": (lambda d: d["paths"]["/things/{id}"].pop("get"), {"operation-removed"}),
    "path": (_move, {"operation-moved"}),
    "path variable": (_rename_variable, {"path-variable-renamed"}),
    "operationId": (lambda d: post(d).update(operationId="x"), {"operation-id-changed"}),
    "deprecated": (lambda d: post(d).update(deprecated=True), {"operation-deprecated"}),
    "callbacks": (lambda d: post(d).update(callbacks={"c": {}}), {"callbacks-changed"}),
    "parameter": (lambda d: post(d)["parameters"].pop(0), {"parameter-removed"}),
    "required parameter": (
        lambda d: post(d)["parameters"].pop(1),
        {"required-parameter-removed"},
    ),
    "parameter's place": (_parameter(0, **{"in": "header"}), {"parameter-moved"}),
    "parameter's need": (_parameter(0, required=True), {"parameter-became-required"}),
    "parameter deprecated": (_parameter(0, deprecated=True), {"parameter-deprecated"}),
    "parameter's style": (_parameter(0, style="pipeDelimited"), {"parameter-style-changed"}),
    "path parameter's type": (
        lambda d: d["paths"]["/things/{id}"]["parameters"][0]["schema"].update(type="integer"),
        {"request-type-narrowed"},
    ),
    "parameter's enum": (
        _parameter(0, schema={"type": "string", "enum": ["a"]}),
        {"request-enum-narrowed"},
    ),
    "parameter's default": (
        _parameter(1, schema={"type": "integer", "default": 4, "maximum": 9}),
        {"request-default-changed"},
    ),
    "parameter's limit": (
        _parameter(1, schema={"type": "integer", "default": 3, "maximum": 8}),
        {"request-limit-narrowed"},
    ),
    "body": (lambda d: post(d).pop("requestBody"), {"required-request-body-removed"}),
    "body's need": (
        lambda d: post(d)["requestBody"].update(required=False),
        {"request-body-became-optional"},
    ),
    "media type": (_media, {"request-media-type-removed", "request-media-type-added"}),
    "request field": (_without("In", "properties", "y"), {"request-field-removed"}),
    "required request field": (
        lambda d: (schema(d, "In")["properties"].pop("x"), schema(d, "In").pop("required")),
        {"required-request-field-removed"},
    ),
    "request field's need": (
        _schema("In", required=["x", "y"]),
        {"request-field-became-required"},
    ),
    "a list of one field": (
        _schema("In", "properties", x={"type": "array", "items": {"type": "string"}}),
        {"request-type-widened"},
    ),
    "request format": (
        _schema("In", "properties", "when", format="date-time"),
        {"request-format-changed"},
    ),
    "request fields closed": (
        _schema("In", additionalProperties=False),
        {"request-extra-fields-refused"},
    ),
    "request fields open to text": (
        _schema("In", additionalProperties={"type": "string"}),
        {"request-extra-fields-added"},
    ),
    "success status": (
        lambda d: post(d)["responses"].pop("200"),
        {"success-status-removed"},
    ),
    "error status": (lambda d: post(d)["responses"].pop("404"), {"error-status-removed"}),
    "response media type": (
        lambda d: post(d)["responses"]["404"].pop("content"),
        {"response-media-type-removed"},
    ),
    "header": (
        lambda d: post(d)["responses"]["200"].pop("headers"),
        {"response-header-removed"},
    ),
    "header's need": (
        lambda d: post(d)["responses"]["200"]["headers"]["X-Left"].pop("required"),
        {"response-header-became-optional"},
    ),
    "response enum": (
        _schema("Node", "properties", "name", enum=["k", "l", "m"]),
        {"response-enum-widened"},
    ),
    "deep response field": (
        _without("Inner", "properties", "at"),
        {"response-field-removed"},
    ),
    "response null": (
        _schema("Inner", "properties", "v", type="integer"),
        {"response-nullability-narrowed"},
    ),
    "response null beside a reference": (
        _schema(
            "Node",
            "properties",
            inner={"anyOf": [{"$ref": "#/components/schemas/Inner"}, {"type": "null"}]},
        ),
        {"response-nullability-widened"},
    ),
    "response type": (
        _schema("Inner", "properties", "at", type="number"),
        {"response-type-changed"},
    ),
    "response variant": (
        _schema(
            "Node",
            "properties",
            either={"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]},
        ),
        {"response-variants-widened"},
    ),
    "response field's need": (_without("Node", "required"), {"response-field-became-optional"}),
    "response field deprecated": (
        _schema("Inner", "properties", "at", deprecated=True),
        {"response-field-deprecated"},
    ),
    "items": (
        _schema("Node", "properties", kids={"type": "array", "items": {"type": "string"}}),
        {"response-type-changed"},
    ),
    "what can't be judged": (
        _schema("Inner", "properties", "at", **{"not": {"const": "x"}}),
        {"response-schema-changed"},
    ),
}
NOTHING: dict[str, Change] = {
    "prose": lambda d: post(d).update(summary="S", description="D", tags=["t"]),
    "example": _schema("Inner", "properties", "at", example="x", title="T", description="D"),
    "order of types": _schema("Inner", "properties", "v", type=["null", "integer"]),
    "order of variants": _schema(
        "Node", "properties", either={"oneOf": [{"type": "integer"}, {"type": "string"}]}
    ),
    "order of parameters": lambda d: post(d)["parameters"].reverse(),
    "inlined reference": lambda d: post(d)["requestBody"]["content"].update(
        {"multipart/form-data": {"schema": copy.deepcopy(schema(d, "In"))}}
    ),
    "allOf of one": _schema("Node", "properties", inner={"$ref": "#/components/schemas/Inner"}),
    "split by allOf": lambda d: d["components"]["schemas"].update(
        In={
            "allOf": [
                {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"]},
                {"properties": {"y": {"type": "integer"}}},
                {"properties": {"when": {"type": "string", "format": "date"}}},
            ]
        }
    ),
    "3.0 null": _schema(
        "Inner", properties={"v": {"type": "integer", "nullable": True}, "at": {"type": "string"}}
    ),
    "enum of one": _schema("Inner", additionalProperties=True),
    "default style": _parameter(0, style="form", explode=True),
    "path parameter of the operation": lambda d: post(d)["parameters"].append(
        d["paths"]["/things/{id}"]["parameters"][0]
    ),
    "security of the operation": lambda d: post(d).update(security=[{"key": []}]),
    "media type in capitals": lambda d: post(d)["responses"]["200"].update(
        content={"Application/JSON": post(d)["responses"]["200"]["content"]["application/json"]}
    ),
    "unused schema": lambda d: d["components"]["schemas"].update(Unused={"type": "string"}),
}


@pytest.mark.parametrize("name", FORWARD)
def test_a_change_has_its_rule_and_backwards_the_mirror(name: str) -> None:
    change, expected = FORWARD[name]
    old, new = changed(change)
    forward, backward = compare(old, new), compare(new, old)
    assert {one.rule for one in forward.changes} == expected
    assert {one.rule for one in backward.changes} == {RULES[rule].mirror for rule in expected}
    assert sorted(map(mirrored, forward.changes), key=str) == sorted(
        ((one.rule, one.old, one.new) for one in backward.changes), key=str
    )


@pytest.mark.parametrize("name", FORWARD)
def test_pointers_lead_to_something_in_their_document(name: str) -> None:
    old, new = changed(FORWARD[name][0])
    for change in compare(old, new).changes:
        assert change.old or change.new
        for pointer, document in ((change.old, old), (change.new, new)):
            if pointer and not pointer.endswith("/servers"):
                assert pointer == "#" or lookup(document, pointer) is not None


@pytest.mark.parametrize("name", NOTHING)
def test_no_change(name: str) -> None:
    old, new = changed(NOTHING[name])
    assert old != new
    assert compare(old, new).changes == ()


def test_the_same_schema_change_breaks_in_one_direction_only() -> None:
    def report(there: str, value: Json) -> dict[str, bool]:
        old, new = changed(_schema("Node", "properties", name=value))
        if there == "request":
            for document in (old, new):
                body = {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}
                operation = post(document)
                operation["requestBody"]["content"] = body
                operation["responses"] = document["paths"]["/things/{id}"]["get"]["responses"] = {}
        return {change.rule: change.breaking for change in compare(old, new).changes}

    narrow, wide = {"type": "string", "enum": ["k"]}, {"type": "string"}
    assert report("request", narrow) == {"request-enum-narrowed": True}
    assert report("response", narrow) == {"response-enum-narrowed": False}
    assert report("request", wide) == {"request-enum-widened": False}
    assert report("response", wide) == {"response-enum-widened": True}


def test_rules_are_symmetric_and_judged_once() -> None:
    for rule in RULES.values():
        assert RULES[rule.mirror].mirror == rule.id
    for rule in RULES.values():
        # What is changed in no direction can't be told from breaking.
        if rule.id.endswith("-changed") and rule.id != "operation-id-changed":
            assert rule.breaking, rule.id


def test_a_schema_used_everywhere_is_reported_for_each_operation_once() -> None:
    old, new = changed(_without("Inner", "properties", "at"))
    found = compare(old, new).changes
    assert [change.operation for change in found] == ["POST /things/{id}", "GET /things/{id}"]
    assert {change.old for change in found} == {"#/components/schemas/Inner/properties/at"}
    assert {change.places for change in found} == {("200 (application/json) › inner.at",)}


def test_a_field_that_is_only_read_is_no_part_of_a_request() -> None:
    old, new = base(), base()
    schema(new, "In")["properties"]["made"] = {"type": "string", "readOnly": True}
    schema(new, "Inner")["properties"]["secret"] = {"type": "string", "writeOnly": True}
    assert compare(old, new).changes == ()


def test_a_status_covered_by_a_range_is_not_gone() -> None:
    old, new = base(), base()
    responses = post(new)["responses"]
    responses["4XX"] = responses.pop("404")
    assert rules(old, new) == {"error-status-added"}


def test_dangling_references_and_cycles_end() -> None:
    old, new = base(), base()
    for document in (old, new):
        schema(document, "Inner")["properties"]["lost"] = {"$ref": "#/components/schemas/Lost"}
        document["components"]["schemas"]["Error"] = {"$ref": "#/components/schemas/Error"}
        schema(document, "Inner")["properties"]["all"] = {
            "allOf": [{"$ref": "#/components/schemas/Inner"}, {"type": "object"}]
        }
    assert compare(old, new).changes == ()
    schema(new, "Inner")["properties"]["lost"] = {"type": "string"}
    assert rules(old, new) == {"response-type-narrowed"}
