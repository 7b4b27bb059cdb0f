"""What the build works out of a description of a list, and what it refuses."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pipeline.client import generate
from pipeline.errors import GeneratorError

Json = dict[str, Any]
STRINGS = {"type": "array", "items": {"type": "string"}}
NUMBER = {"type": "integer"}
LINKS = {"type": "object", "properties": {"next": {"type": "string"}}, "title": "Links"}


def with_list(document: Json, answer: Json, *parameters: str, **marks: Any) -> Json:
    """The small description with one more list."""
    changed = copy.deepcopy(document)
    if "properties" in answer:
        answer = {"type": "object", "title": "RowList", **answer}
    changed["paths"]["/rows"] = {
        "get": {
            "operationId": "list_rows",
            "tags": ["things"],
            "security": [],
            "parameters": [{"name": n, "in": "query", "schema": NUMBER} for n in parameters],
            "responses": {
                "200": {"description": "OK", "content": {"application/json": {"schema": answer}}}
            },
            **marks,
        }
    }
    return changed


def paging(document: Json) -> str:
    """The generated metadata of the list."""
    text = generate(document)["api/things/list_rows.py"].decode()
    return " ".join(text.partition("PAGING: Final =")[2].partition('"""')[0].split())


@pytest.mark.parametrize(
    ("answer", "parameters", "marks", "found"),
    [
        ({"properties": {"rows": STRINGS}}, ["skip", "limit"], {}, ["skip", "items=('rows',)"]),
        ({"properties": {"rows": STRINGS}}, ["offset"], {}, ["skip", "argument='offset'"]),
        ({"properties": {"rows": STRINGS, "paging": LINKS}}, [], {}, ["links", "'next_'"]),
        (STRINGS, ["page"], {}, ["number", "argument='page'"]),
        (STRINGS, ["limit"], {"x-paging": "none"}, ["single"]),
        (
            {"properties": {"a": STRINGS, "b": STRINGS}},
            ["skip"],
            {"x-items": "b"},
            ["items=('b',)"],
        ),
        ({"properties": {"a": STRINGS, "items": STRINGS}}, ["skip"], {}, ["items=('items',)"]),
    ],
)
def test_metadata(
    document: Json, answer: Json, parameters: list[str], marks: Json, found: list[str]
) -> None:
    text = paging(with_list(document, answer, *parameters, **marks)).replace('"', "'")
    for part in found:
        assert part in text


@pytest.mark.parametrize(
    ("answer", "parameters", "what"),
    [
        ({"properties": {"rows": STRINGS}}, [], "what leads to the next page"),
        ({"properties": {"rows": STRINGS}}, ["limit"], "what leads to the next page"),
        ({"properties": {"a": STRINGS, "b": STRINGS}}, ["skip"], "which array is the list"),
        ({"properties": {"a": {"type": "string"}}}, ["skip"], "which array is the list"),
    ],
)
def test_list_without_paging_fails_the_build(
    document: Json, answer: Json, parameters: list[str], what: str
) -> None:
    with pytest.raises(GeneratorError) as caught:
        generate(with_list(document, answer, *parameters))
    assert list(caught.value.problems) == [f"list_rows: {what}"]


def test_map_that_comes_on_one_page_has_no_items(document: Json) -> None:
    answer = {"properties": {"rows": {"type": "string"}}}
    assert paging(with_list(document, answer, **{"x-paging": "none"})) == ""
