"""Several specs become one document, or their clashes are named."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pipeline.errors import MergeError
from pipeline.merge import merge


def spec(paths: dict[str, Any] | None = None, **keys: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "7"},
        "servers": [{"url": "https://a.test"}],
        "paths": paths or {},
    } | keys


def get(**keys: Any) -> dict[str, Any]:
    return {"get": {"tags": ["mail"], "responses": {}} | keys}


def test_paths_and_components_are_united() -> None:
    one = spec({"/a": get()}, components={"schemas": {"B": {}, "Same": {"type": "null"}}})
    two = spec(
        {"/a": {"post": {"responses": {}}}, "/b": get()},
        components={"schemas": {"A": {}, "Same": {"type": "null"}}, "securitySchemes": {"key": {}}},
    )
    before = copy.deepcopy((one, two))
    merged = merge({"send": one, "inspect": two})
    assert merged["paths"] == {"/a": get() | {"post": {"responses": {}}}, "/b": get()}
    assert list(merged["components"]["schemas"]) == ["A", "B", "Same"]
    assert merged["components"]["securitySchemes"] == {"key": {}}
    assert (merged["openapi"], merged["info"]["version"]) == ("3.1.0", "7")
    assert merged["servers"] == [{"url": "https://a.test"}]
    assert (one, two) == before


def test_an_operation_that_both_have_is_one() -> None:
    assert merge({"a": spec({"/a": get()}), "b": spec({"/a": get()})})["paths"] == {"/a": get()}


def test_every_clash_names_both_specs() -> None:
    one = spec({"/a": get(), "/b": get()}, components={"schemas": {"A": {}, "B": {}}})
    two = spec(
        {"/a": get(deprecated=True), "/b": get()},
        components={"schemas": {"A": {"type": "null"}, "B": {}}},
        servers=[],
    )
    three = spec({"/b": get(x=1)}, openapi="3.0.3")
    with pytest.raises(MergeError) as caught:
        merge({"send": one, "optimize": two, "inspect": three})
    assert caught.value.problems == (
        "paths /a get: send and optimize differ",
        "components schemas A: send and optimize differ",
        "servers: send and optimize differ",
        "paths /b get: send and inspect differ",
        "openapi: send and inspect differ",
    )


def test_tags_are_those_in_use_in_declared_order() -> None:
    one = spec({"/a": get(tags=["b"])}, tags=[{"name": "unused"}, {"name": "b"}])
    two = spec({"/c": get(tags=["a"])}, tags=[{"name": "b", "x": 1}, {"name": "a"}])
    assert merge({"one": one, "two": two})["tags"] == [{"name": "b"}, {"name": "a"}]


def test_security_of_a_document_goes_to_its_operations() -> None:
    one = spec({"/a": get(), "/b": get(security=[])}, security=[{"key": []}])
    merged = merge({"one": one, "two": spec({"/c": get()})})
    found = {path: item["get"].get("security") for path, item in merged["paths"].items()}
    assert found == {"/a": [{"key": []}], "/b": [], "/c": None}
    assert "security" not in merged


def test_path_items_may_have_parameters() -> None:
    item = get() | {"parameters": [{"name": "a", "in": "path"}]}
    merged = merge({"one": spec({"/{a}": item}, tags=[{"name": "mail"}], security=[{}])})
    assert merged["paths"]["/{a}"]["parameters"] == item["parameters"]
    assert merged["tags"] == [{"name": "mail"}]


def test_nothing_to_merge() -> None:
    with pytest.raises(MergeError, match="no specs"):
        merge({})
