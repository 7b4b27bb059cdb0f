"""On the wire text has no type: what may still be taken for valid, and what may not."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.contract.truth import Operation, Truth
from tests.contract.wire import body_valid, valid_on_the_wire, value_valid
from tests.suite.server import BASE

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


@pytest.fixture
def asked(truth: Truth) -> Any:
    """Whether a request, given by its parts, may be taken for valid input of an operation."""

    def ask(operation: Operation | str, path: str, **request: Any) -> bool:
        found = truth.operations[operation] if isinstance(operation, str) else operation
        sent = httpx.Request(found.method, BASE + path, **request)
        sent.read()
        return valid_on_the_wire(truth, found, sent)

    return ask


def parameter(place: str, schema: dict[str, Any], *, required: bool = True) -> Operation:
    """An operation whose only parameter has the schema."""
    raw = {"parameters": [{"name": "x", "in": place, "required": required, "schema": schema}]}
    return Operation("one", "GET", "/v1/{x}" if place == "path" else "/v1", raw)


def with_body(
    media: str, schema: dict[str, Any], *, required: bool = True, **more: Any
) -> Operation:
    content = {media: {"schema": schema}}
    raw = {"requestBody": {"required": required, "content": content}} | more
    return Operation("one", "POST", "/v1", raw)


TEXT = {"type": "string", "maxLength": 2}
COUNT = {"type": "integer", "minimum": 1, "maximum": 9}
NUMBER = {"type": "number", "minimum": 0}
YES = {"type": "boolean"}
LIST = {"type": "array", "items": COUNT, "maxItems": 2}
WORDS = {"enum": ["a", "b"]}
EITHER = {"anyOf": [COUNT, {"type": "array", "items": TEXT}]}
OBJECT = {"type": "object", "properties": {"n": COUNT}, "required": ["n"]}


@pytest.mark.parametrize(
    ("schema", "texts", "valid"),
    [
        (TEXT, ["ab"], True),
        (TEXT, ["7"], True),
        (TEXT, ["abc"], False),
        (COUNT, ["7"], True),
        (COUNT, ["0"], False),
        (COUNT, ["10"], False),
        (COUNT, ["a"], False),
        (COUNT, [""], False),
        (COUNT, ["1.5"], False),
        (COUNT, ["0", "7"], True),
        (NUMBER, ["1.5"], True),
        (NUMBER, ["-1"], False),
        (NUMBER, ["x"], False),
        (YES, ["true"], True),
        (YES, ["False"], True),
        (YES, ["yes"], True),
        (YES, ["0"], True),
        (YES, ["2"], False),
        (YES, ["null"], False),
        (LIST, ["7"], True),
        (LIST, ["7", "8"], True),
        (LIST, ["7", "8", "9"], False),
        (LIST, ["7", "a"], False),
        (LIST, ["0"], False),
        (WORDS, ["a"], True),
        (WORDS, ["c"], False),
        (EITHER, ["7"], True),
        (EITHER, ["ab", "c"], True),
        (EITHER, ["abc"], False),
        (EITHER, ["abc", "7"], False),
        (OBJECT, ['{"n": 7}'], True),
        (OBJECT, ['{"n": 0}'], False),
        (OBJECT, ["n"], False),
    ],
)
def test_a_parameter_is_valid_if_its_text_can_stand_for_a_valid_value(
    asked: Any, schema: dict[str, Any], texts: list[str], valid: bool
) -> None:
    query = urlencode([("x", text) for text in texts])
    assert asked(parameter("query", schema), f"/v1?{query}") is valid


def test_a_form_field_is_read_like_a_parameter(asked: Any) -> None:
    operation = with_body(FORM, {"type": "object", "properties": {"x": LIST}})
    assert asked(operation, "/v1", content=b"x=7&x=8", headers={"content-type": FORM})
    assert not asked(operation, "/v1", content=b"x=7&x=a", headers={"content-type": FORM})


def test_a_missing_parameter_is_invalid_if_it_is_required(asked: Any) -> None:
    assert not asked(parameter("query", TEXT), "/v1")
    assert asked(parameter("query", TEXT, required=False), "/v1")


def test_a_parameter_that_the_truth_does_not_know_is_no_matter(asked: Any) -> None:
    assert asked(parameter("query", TEXT, required=False), "/v1?y=abcdef")


def test_a_path_value_is_read_unquoted(asked: Any) -> None:
    assert asked(parameter("path", TEXT), "/v1/%2Fa")
    assert not asked(parameter("path", TEXT), "/v1/abc")
    assert not asked(parameter("path", COUNT), "/v1/ab")


def test_a_missing_path_segment_is_invalid(asked: Any) -> None:
    assert not asked(parameter("path", TEXT), "/v1")


def test_a_header_is_found_in_any_case_and_checked(asked: Any) -> None:
    assert asked(parameter("header", COUNT), "/v1", headers={"X": "7"})
    assert not asked(parameter("header", COUNT), "/v1", headers={"x": "0"})
    assert not asked(parameter("header", COUNT), "/v1")


def test_json_has_types(asked: Any) -> None:
    operation = with_body(JSON, {"type": "object", "properties": {"x": COUNT, "y": YES}})
    assert asked(operation, "/v1", json={"x": 7, "y": True})
    assert not asked(operation, "/v1", json={"x": "7"})
    assert not asked(operation, "/v1", json={"y": 1})


def test_text_that_is_no_json_is_invalid(asked: Any) -> None:
    operation = with_body(JSON, {})
    assert not asked(operation, "/v1", content=b"{", headers={"content-type": JSON})


def test_no_body_is_valid_unless_one_is_required(asked: Any) -> None:
    assert asked(with_body(JSON, OBJECT, required=False), "/v1")
    assert not asked(with_body(JSON, OBJECT), "/v1")


def test_an_empty_form_is_valid_unless_a_field_is_required(asked: Any) -> None:
    assert asked(with_body(MULTIPART, {"type": "object"}), "/v1")
    assert not asked(with_body(MULTIPART, OBJECT), "/v1")
    assert not asked(with_body(FORM, OBJECT), "/v1")


def test_a_body_where_none_is_declared_is_no_matter(asked: Any) -> None:
    assert asked(parameter("query", TEXT, required=False), "/v1", content=b"whatever")


def test_another_media_type_is_invalid(asked: Any) -> None:
    operation = with_body(FORM, {"type": "object"})
    assert not asked(operation, "/v1", content=b"x", headers={"content-type": "text/plain"})
    assert not asked(operation, "/v1", content=b"x")


def test_a_multipart_body_without_boundary_is_invalid(asked: Any) -> None:
    operation = with_body(MULTIPART, {"type": "object"})
    assert not asked(operation, "/v1", content=b"x", headers={"content-type": MULTIPART})


def test_a_broken_multipart_body_is_invalid(asked: Any) -> None:
    operation = with_body(MULTIPART, {"type": "object"})
    headers = {"content-type": f"{MULTIPART}; boundary=b"}
    assert not asked(operation, "/v1", content=b"--b\r\nbroken", headers=headers)


def test_a_file_is_a_valid_binary_field(asked: Any) -> None:
    files: list[Any] = [("attachment", ("a", b"\xff\x00"))]
    assert asked("create_thing", "/v3/d/things", files=[*files, ("name", (None, "one"))])
    assert not asked("create_thing", "/v3/d/things", files=files)


def test_a_form_may_have_more_fields_than_parsers_expect(asked: Any) -> None:
    operation = with_body(MULTIPART, {"type": "object"})
    assert asked(operation, "/v1", files=[("x", (None, "1"))] * 1000)


def test_references_are_followed(asked: Any) -> None:
    body = {"active": True, "tags": ["a"]}
    assert asked("update_thing", "/v3/d/things/1", json=body)
    assert not asked("update_thing", "/v3/d/things/1", json=body | {"size": 101})


def test_a_drawn_body_is_judged_with_its_types(truth: Truth) -> None:
    drawn: Any = SimpleNamespace(body={"active": True}, media_type=JSON)
    operation = truth.operations["update_thing"]
    assert body_valid(truth, operation, drawn)
    drawn.body = {"active": 1}
    assert not body_valid(truth, operation, drawn)


def test_a_schema_is_judged_by_json_rules(truth: Truth) -> None:
    assert value_valid(truth, COUNT, 7)
    assert not value_valid(truth, COUNT, True)
    assert not value_valid(truth, COUNT, json.dumps(7))
