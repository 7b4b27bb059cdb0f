"""Limits in words, uses of classes, and the names that `x-name` gives."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.client import generate
from pipeline.client.docs import sentence
from pipeline.client.limits import limits, properties

Json = dict[str, Any]

SMALL = Path(__file__).parents[1] / "client" / "small.json"


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 100}, ["1 to 100"]),
        ({"type": "number", "minimum": 0.5}, ["at least 0.5"]),
        ({"type": "integer", "exclusiveMinimum": 0}, ["above 0"]),
        ({"type": "integer", "maximum": 7.0, "multipleOf": 2}, ["at most 7", "a multiple of 2"]),
        ({"type": "string", "minLength": 1}, ["not empty"]),
        ({"type": "string", "minLength": 1, "maxLength": 1}, ["exactly 1 character"]),
        (
            {"type": "string", "maxLength": 128, "format": "uri"},
            ["a URL", "at most 128 characters"],
        ),
        ({"type": "string", "pattern": "^a+$"}, ["matches `^a+$`"]),
        ({"type": "string", "pattern": "a" * 41}, []),
        ({"type": "string", "pattern": "`"}, []),
        ({"type": "object", "maxProperties": 2}, ["at most 2 entries"]),
        ({"enum": ["a"], "minLength": 1}, []),
        (
            {"type": "array", "maxItems": 3, "items": {"$ref": "#/components/schemas/Short"}},
            ["at most 3 items", "each at most 5 characters"],
        ),
        ({"$ref": "#/components/schemas/Loop"}, []),
    ],
)
def test_limits_are_told_as_a_person_would(schema: Json, words: list[str]) -> None:
    schemas = {
        "Short": {"type": "string", "maxLength": 5},
        "Loop": {"$ref": "#/components/schemas/Loop"},
    }
    assert limits(schema, schemas) == words


def test_a_sentence_has_its_facts_in_brackets_or_is_them() -> None:
    assert sentence("The size.", ["1 to 5", "field `a`"]) == "The size (1 to 5, field `a`)."
    assert sentence("", ["at most 5"]) == "At most 5."
    assert sentence("The size", []) == "The size."
    assert sentence("", []) == ""


def test_properties_are_those_of_all_parts_and_of_titled_schemas() -> None:
    inner = {"title": "Inner", "properties": {"b": {"type": "string"}}}
    document = {
        "components": {
            "schemas": {
                "Base": {"properties": {"a": {"type": "integer"}}},
                "Whole": {
                    "allOf": [{"$ref": "#/components/schemas/Base"}],
                    "properties": {"inner": inner},
                },
            }
        }
    }
    found = properties(document)
    assert set(found["Whole"]) == {"a", "inner"}
    assert found["Inner"] == {"b": {"type": "string"}}


def _source(document: Json, end: str) -> str:
    (text,) = (data for name, data in generate(document).items() if name.endswith(end))
    return text.decode()


def test_x_name_names_arguments_in_python_and_leaves_the_wire_alone() -> None:
    document: Json = json.loads(SMALL.read_text(encoding="utf-8"))
    path, item = next((p, i) for p, i in document["paths"].items() if "{id}" in p)
    method, operation = next((m, o) for m, o in item.items() if m == "get")
    marked = copy.deepcopy(document)
    parameters = marked["paths"][path][method]["parameters"]
    next(p for p in parameters if p["in"] == "path" and p["name"] == "id")["x-name"] = "thing_id"
    end = f"/{operation['operationId']}.py"
    before, after = _source(document, end), _source(marked, end)
    assert "    id: " in before
    assert "    id: " not in after
    assert "    thing_id: " in after
    assert "{_request.segment('thing_id', thing_id)}" in after
    assert "path parameter `id`" in " ".join(after.split()).lower()
    index = _source(marked, "operations.py")
    assert '("path", "id"): "thing_id"' in index
    assert path in after
