"""Titles of component schemas become their keys."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pipeline.errors import MergeError
from pipeline.names import rename_schemas


def document(schemas: dict[str, Any], **keys: Any) -> dict[str, Any]:
    return {"components": {"schemas": schemas}, **keys}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def test_key_and_references_follow_the_title() -> None:
    before = document(
        {"api.test-A": {"title": "A", "items": ref("b")}, "b": {"title": "Bee", "type": "string"}},
        paths={"/a": {"get": {"responses": {"200": {"schema": ref("api.test-A")}}}}},
        mapping=[{"kind": "#/components/schemas/b"}],
    )
    untouched = copy.deepcopy(before)
    assert rename_schemas(before, "send.yaml") == document(
        {"A": {"items": ref("Bee")}, "Bee": {"type": "string"}},
        paths={"/a": {"get": {"responses": {"200": {"schema": ref("A")}}}}},
        mapping=[{"kind": "#/components/schemas/Bee"}],
    )
    assert before == untouched


def test_a_schema_without_title_keeps_its_key() -> None:
    schemas = {"Kept": {"type": "string"}, "user": {"items": ref("Kept")}}
    assert rename_schemas(document(schemas), "x") == document(schemas)


def test_references_into_a_schema_and_escaped_keys() -> None:
    schemas = {"a/b~c": {"title": "Abc", "properties": {"p": {}}}, "d/e": {"type": "null"}}
    uses = [ref("a~1b~0c"), ref("a~1b~0c/properties/p"), ref("d~1e"), ref("gone~1too/x")]
    renamed = rename_schemas(document(schemas, uses=uses), "x")
    assert list(renamed["components"]["schemas"]) == ["Abc", "d/e"]
    assert renamed["uses"] == [ref("Abc"), ref("Abc/properties/p"), ref("d~1e"), ref("gone~1too/x")]


def test_other_references_and_texts_stay() -> None:
    uses = [{"$ref": "#/components/responses/a"}, {"$ref": "#/components/schemasX/a"}, "a"]
    renamed = rename_schemas(document({"a": {"title": "A"}}, uses=uses), "x")
    assert renamed["uses"] == uses


def test_equal_schemas_of_one_title_become_one() -> None:
    schemas = {
        "a": {"title": "Answer", "items": ref("inner-a")},
        "inner-a": {"title": "Inner"},
        "b": {"title": "Answer", "items": ref("inner-b")},
        "inner-b": {"title": "Inner"},
    }
    assert rename_schemas(document(schemas), "x")["components"]["schemas"] == {
        "Answer": {"items": ref("Inner")},
        "Inner": {},
    }


def test_clashes_name_both_sides_and_all_come_at_once() -> None:
    schemas = {
        "a": {"title": "One", "type": "string"},
        "b": {"title": "One", "type": "object"},
        "Two": {"type": "string"},
        "c": {"title": "Two", "type": "null"},
        "d": {"title": "Free"},
    }
    with pytest.raises(MergeError) as caught:
        rename_schemas(document(schemas), "send.yaml")
    assert caught.value.problems == (
        "send.yaml: 'a' and 'b' are both named 'One'",
        "send.yaml: 'Two' and 'c' are both named 'Two'",
    )


@pytest.mark.parametrize("empty", [{"paths": {}}, {"components": {}}, document({})])
def test_a_document_without_schemas(empty: dict[str, Any]) -> None:
    assert rename_schemas(empty, "x") == empty
