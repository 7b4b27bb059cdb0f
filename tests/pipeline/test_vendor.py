"""Reduction to facts: folders of raw.yaml, raw.json and the spec that both give."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.errors import SourceError
from pipeline.load import parse
from pipeline.vendor import dangling, dump, operations, vendor

CASES = sorted((Path(__file__).parent / "vendor_cases").iterdir())
NEWER = Path(__file__).parent / "vendor_cases" / "newer"
ROOT = Path(__file__).parents[2]


def reduced(**keys: Any) -> Any:
    """The facts of a description with `keys` beside the mandatory ones."""
    raw = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}} | keys
    return vendor(json.dumps(raw).encode(), "raw.json").document


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path) -> None:
    expected = (case / "spec.yaml").read_text()
    assert vendor((case / "raw.yaml").read_bytes(), "raw.yaml").text() == expected
    assert vendor((case / "raw.json").read_bytes(), "elsewhere.json").text() == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_vendoring_a_spec_again_changes_nothing(case: Path) -> None:
    spec = (case / "spec.yaml").read_bytes()
    assert vendor(spec, "spec.yaml").text().encode() == spec


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_reading_back_gives_the_same_values(case: Path) -> None:
    document = vendor((case / "raw.yaml").read_bytes(), "raw.yaml").document
    assert json.dumps(parse(dump(document), "x")) == json.dumps(document)


def test_does_not_depend_on_hash_order() -> None:
    program = (
        "import sys; from pathlib import Path; from pipeline.vendor import vendor;"
        "v = vendor(Path(sys.argv[1]).read_bytes(), 'x'); print(v.text(), v.dangling)"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(NEWER / "raw.yaml")],
            env=os.environ | {"PYTHONHASHSEED": seed},
            cwd=ROOT,
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_source_and_counts() -> None:
    raw = (NEWER / "raw.yaml").read_bytes()
    vendored = vendor(raw, "raw.yaml")
    assert vendored.sha256 == hashlib.sha256(raw).hexdigest()
    assert (vendored.version, vendored.operations) == ("3.0.0", 2)
    assert vendored.dangling == ("#/$defs/Gone", "#/components/schemas/No~1Such")


@pytest.mark.parametrize(
    "text",
    [
        *("yes", "on", "null", "~", "=", "", "<<", "a: b", "- a", " a ", "#a", "*a", "&a", "%"),
        *("12", "012", "0o14", "0x1f", "1e3", "1.", "-.5", "1_0", "1:30", "2024-01-01"),
        *("a\nb", "é\u2028", "\t"),
    ],
)
def test_text_stays_text_for_readers_of_yaml_1_1_and_1_2(text: str) -> None:
    spec = dump({"a": text, text: [text]})
    assert parse(spec, "x") == {"a": text, text: [text]}
    assert yaml.safe_load(spec) == {"a": text, text: [text]}


def test_no_aliases_no_folding_and_no_escapes() -> None:
    shared = {"type": "string"}
    long = "wörd " * 200
    assert dump({"a": shared, "b": shared, "c": long}).splitlines() == [
        "a:",
        "  type: string",
        "b:",
        "  type: string",
        f"c: '{long}'",
    ]


@pytest.mark.parametrize(
    "name", ["description", "example", "title", "summary", "x-foo", "examples"]
)
def test_names_of_the_author_survive(name: str) -> None:
    schema = {"type": "object", "properties": {name: {"type": "string", name: "prose"}}}
    response = {"description": "OK", "headers": {name: {"schema": {}}}}
    paths = {"/a": {"get": {"responses": {"200": response}}}}
    spec = reduced(paths=paths, components={"schemas": {name: schema}})
    kept = {"type": "object", "properties": {name: {"type": "string"}}}
    assert spec["components"]["schemas"] == {name: kept}
    assert spec["paths"] == paths


@pytest.mark.parametrize("key", ["default", "enum", "const", "required", "security"])
def test_values_are_kept_verbatim(key: str) -> None:
    value = [{"description": "d", "x-note": [1, {"title": "t"}], "example": None}]
    spec = reduced(components={"schemas": {"A": {key: value}}})
    assert spec["components"]["schemas"]["A"] == {key: value}


@pytest.mark.parametrize(
    "key", ["summary", "description", "title", "externalDocs", "x-displayName"]
)
@pytest.mark.parametrize("value", ["prose", {"type": "object"}, ["prose"]])
def test_prose_is_dropped_everywhere(key: str, value: Any) -> None:
    operation = {"tags": ["A"], "parameters": [{"name": "p", "in": "query", key: value}]}
    spec = reduced(
        **{key: value},
        info={"title": "T", "version": "1", key: value} | {"title": "T"},
        tags=[{"name": "A", key: value}],
        servers=[{"url": "https://a.test", key: value}],
        paths={"/a": {key: value, "get": operation | {key: value, "responses": {}}}},
        components={"schemas": {"A": {"type": "string", key: value}}},
    )
    assert spec == reduced(
        tags=[{"name": "A"}],
        servers=[{"url": "https://a.test"}],
        paths={
            "/a": {
                "get": {
                    "tags": ["A"],
                    "parameters": [{"name": "p", "in": "query"}],
                    "responses": {},
                }
            }
        },
        components={"schemas": {"A": {"type": "string"}}},
    )


@pytest.mark.parametrize(
    ("status", "phrase"),
    [
        ("200", "OK"),
        ("404", "Not Found"),
        ("413", "Request Entity Too Large"),
        ("422", "Unprocessable Entity"),
        ("420", "420"),
        ("5XX", "5XX"),
        ("default", "Any other status"),
    ],
)
def test_response_descriptions_become_phrases(status: str, phrase: str) -> None:
    responses = {status: {"content": {}, "description": "Prose"}}
    spec = reduced(paths={"/a": {"get": {"responses": responses}}})
    kept = spec["paths"]["/a"]["get"]["responses"]
    assert list(kept[status].items()) == [("description", phrase), ("content", {})]


def test_operations_are_those_of_http_methods() -> None:
    item: Any = {
        "get": {"responses": {}},
        "post": {},
        "parameters": [],
        "servers": [],
        "x-note": {},
    }
    document = {"paths": {"/b": item, "/a": {"trace": {}}}}
    found = [(path, method) for path, method, _ in operations(document)]
    assert found == [("/b", "get"), ("/b", "post"), ("/a", "trace")]


@pytest.mark.parametrize(
    "reference",
    ["#", "#/a", "#/a/b~1c/d~0e", "#/a/list/1", "#/a/%7Bid%7D"],
)
def test_references_that_resolve(reference: str) -> None:
    document = {"a": {"b/c": {"d~e": 1}, "list": [1, 2], "{id}": 1}, "x": {"$ref": reference}}
    assert dangling(document) == []


@pytest.mark.parametrize(
    "reference",
    ["#/b", "#/a/b", "#/a/list/2", "#/a/list/x", "#/a/list/-1", "other.yaml", "other.yaml#/a"],
)
def test_references_to_nothing(reference: str) -> None:
    document = {"a": {"list": [1, 2]}, "x": [{"$ref": reference}, {"y": {"$ref": reference}}]}
    assert dangling(document) == [reference]


def test_a_property_called_ref_is_no_reference() -> None:
    assert dangling({"properties": {"$ref": {"type": "string"}}}) == []


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("swagger: '2.0'", "expected OpenAPI 3.x (key openapi), found Swagger 2.0"),
        ("info: {}", "expected OpenAPI 3.x (key openapi), found None"),
        ("openapi: 2.9.0", "expected OpenAPI 3.x (key openapi), found '2.9.0'"),
        ("openapi: [3]", "expected OpenAPI 3.x (key openapi), found [3]"),
        ("openapi: 3.1.0\npaths: {}", "expected a mapping under 'info', found NoneType"),
        ("openapi: 3.1.0\ninfo: {}", "expected a mapping under 'paths', found NoneType"),
        ("openapi: 3.1.0\ninfo: {}\npaths: []", "expected a mapping under 'paths', found list"),
        ("openapi: 3.1.0\ninfo: {}\npaths: {/a: }", "expected a mapping at /a, found NoneType"),
        (
            "openapi: 3.1.0\ninfo: {}\npaths: {/a: {get: [1]}}",
            "expected a mapping at /a get, found list",
        ),
    ],
)
def test_refused(raw: str, problem: str) -> None:
    with pytest.raises(SourceError) as caught:
        vendor(raw.encode(), "raw.yaml")
    assert str(caught.value) == f"raw.yaml: {problem}"


def test_odd_shapes_are_vendored_as_they_are() -> None:
    paths = {"/a": {"get": {"responses": {"200": None, "201": {"$ref": "#/b"}}}}}
    assert reduced(paths=paths)["paths"] == paths


def test_missing_title_and_version_do_not_depend_on_the_file() -> None:
    assert reduced(info={})["info"] == {"title": "", "version": ""}
