"""Property 2: what the truth does not say of a response is reported."""

from __future__ import annotations

import pytest

from tests.suite.conftest import Benches
from tests.suite.faults import Altered, Change, instead, with_json
from tests.suite.server import Server

FAULTS: dict[str, tuple[str, Change, str]] = {
    "required field dropped": (
        "create_thing",
        with_json(lambda value: value["thing"].pop("name")),
        '"name" is a required property',
    ),
    "field of another type": (
        "update_thing",
        with_json(lambda value: value["thing"].update(active=1)),
        '1 is not of type "boolean"',
    ),
    "field invented": (
        "add_note",
        with_json(lambda value: value.update(colour="red")),
        "Additional properties are not allowed",
    ),
    "null where none may be": (
        "list_things",
        with_json(lambda value: value.update(items=None)),
        'null is not of type "array"',
    ),
    "undocumented success": ("create_thing", instead(201), "201"),
    "undocumented refusal": ("create_thing", instead(418), "418"),
    "undocumented server error": ("create_thing", instead(502), "502"),
    "documented server error": ("get_status", instead(500), "Server error"),
    "another content type": (
        "create_thing",
        instead(200, content_type="text/html"),
        "text/html",
    ),
    "no content type": ("create_thing", instead(200, content_type=""), "Content-Type"),
    "text that is no JSON": ("create_thing", instead(200, b"{"), "JSON"),
    "nothing where JSON is due": ("create_thing", instead(200, b""), "JSON"),
    "required header dropped": ("list_things", instead(200, x_total_count=""), "x-total-count"),
    "header of another type": (
        "list_things",
        instead(200, x_total_count="many"),
        '"many" is not of type "integer"',
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_response_fault_is_reported(bench: Benches, fault: str) -> None:
    operation, change, expected = FAULTS[fault]
    server = Altered(operation=operation, change=change)
    details = bench(server).details("valid", operation, "ResponseInvalid")
    assert any(expected.lower() in detail.lower() for detail in details), details


def test_a_refusal_of_invalid_input_has_to_be_as_documented(bench: Benches) -> None:
    server = Altered(operation="update_thing", status=400, change=instead(400, b'{"error":""}'))
    assert "ResponseInvalid" in bench(server).breaches("invalid", "update_thing")


def test_a_refusal_of_a_key_has_to_be_as_documented(bench: Benches) -> None:
    server = Altered(operation="get_note", status=401, change=instead(401, content_type="text/csv"))
    assert bench(server).breaches("auth", "get_note") == {"ResponseInvalid"}


def test_a_refusal_of_an_unknown_name_has_to_be_as_documented(bench: Benches) -> None:
    server = Altered(operation="get_note", status=404, change=instead(404, b'{"error":""}'))
    assert bench(server).breaches("valid", "get_note") == {"ResponseInvalid", "NotLossless"}


def test_each_breach_says_how_to_repeat_the_call(bench: Benches) -> None:
    server = Altered(operation="update_thing", change=instead(418))
    rows = bench(server).run("valid", "update_thing").broken
    assert rows
    assert all(
        row["curl"].startswith("curl -i -X PUT http://things.example.test/v3/") for row in rows
    )
    assert all('-u "api:$MAILGUN_API_KEY"' in row["curl"] for row in rows)


def test_the_same_breach_is_reported_once(bench: Benches) -> None:
    server = Altered(operation="get_status", change=instead(418))
    details = [row["detail"] for row in bench(server).run("valid", "get_status").broken]
    assert len(details) == len(set(details))


def test_a_server_that_keeps_the_truth_is_not_reported(bench: Benches) -> None:
    assert bench(Server()).breaches("valid", "list_things") == set()
