"""Links: where the parameters of a call come from, and when there is nothing to take."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.links import OFFERED, Link
from tests.contract.values import Values

ANSWER = {
    "id": 7,
    "a/b": {"~c": "odd"},
    "items": [{"name": "first"}, {"name": "second"}],
    "none": None,
    "on": False,
    "url": "http://things.example.test/v3/pages/one%2Ftwo?limit=3",
}
VALUES = Values(
    path={"domain": "own.example.test"},
    query={"limit": 3, "nothing": None},
    headers={"X-Batch": 2},
    body={"name": "one", "tags": ["red"]},
)


def link(body: Any = None, last: tuple[str, ...] = (), **parameters: Any) -> Link:
    named = {f"path.{name}": expression for name, expression in parameters.items()}
    raw = {"parameters": named, "requestBody": body, "x-last-segment": last}
    return Link("producer", "consumer", raw)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$response.body#/id", 7),
        ("$response.body#/a~1b/~0c", "odd"),
        ("$response.body#/items/1/name", "second"),
        ("$response.body#/on", False),
        ("$request.path.domain", "own.example.test"),
        ("$request.query.limit", 3),
        ("$request.header.X-Batch", 2),
        ("$request.body#/name", "one"),
        ("$request.body#/tags/0", "red"),
        ("plain text", "plain text"),
        (5, 5),
        (None, None),
        ("{$response.body#/id}", "7"),
        ("{$request.body#/name}@{$request.path.domain}", "one@own.example.test"),
        ({"a": "$response.body#/id", "b": ["$request.query.limit"]}, {"a": 7, "b": [3]}),
    ],
)
def test_an_expression_gives_its_value(expression: Any, expected: Any) -> None:
    found, _ = link(it=expression).take(VALUES, ANSWER)
    assert found == {("path", "it"): expected}


@pytest.mark.parametrize(
    "expression",
    [
        "$response.body#/nothing",
        "$response.body#/id/deeper",
        "$response.body#/items/2/name",
        "$response.body#/items/first",
        "$response.body#/items",
        "$response.body#/none",
        "$response.body",
        "$request.path.thing",
        "$request.query.nothing",
        "$request.header.x-other",
        "$request.body#/size",
        "a {$response.body#/nothing}",
        ["$response.body#/nothing"],
    ],
)
def test_nothing_to_take_is_an_error(expression: Any) -> None:
    with pytest.raises(LookupError):
        link(it=expression).take(VALUES, ANSWER)


def test_a_source_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(LookupError):
        link(it="$request.cookie.id").take(VALUES, ANSWER)


def test_a_body_is_taken_like_a_parameter() -> None:
    _, body = link({"thing": "$response.body#/id", "text": "fixed"}).take(VALUES, ANSWER)
    assert body == {"thing": 7, "text": "fixed"}


def test_a_request_without_body_has_nothing_to_take() -> None:
    with pytest.raises(LookupError):
        link(it="$request.body#/name").take(Values(), ANSWER)


def test_parameters_keep_their_place() -> None:
    raw = {"parameters": {"query.page": "$response.body#/id", "header.X-A": "1"}}
    found, body = Link("producer", "consumer", raw).take(VALUES, ANSWER)
    assert found == {("query", "page"): 7, ("header", "X-A"): "1"}
    assert body is None


def test_the_last_segment_of_a_url_is_taken_unquoted() -> None:
    found, _ = link(last=("path.page",), page="$response.body#/url").take(VALUES, ANSWER)
    assert found == {("path", "page"): "one/two"}


def test_a_producer_is_asked_for_what_its_request_has_to_carry() -> None:
    asking = link(it="$request.body#/tags/0")
    assert asking.asks(VALUES)
    assert not asking.asks(Values(body={"tags": []}))
    assert not asking.asks(Values())


def test_what_is_embedded_or_in_the_body_is_asked_for_too() -> None:
    assert not link(it="x {$request.query.page}").asks(VALUES)
    assert not link({"a": ["$request.query.page"]}).asks(VALUES)


def test_nothing_of_a_response_is_asked_for_before_it_comes() -> None:
    assert link(it="$response.body#/nothing").asks(Values())


def test_what_replaces_and_never_adds_has_a_location_of_its_own() -> None:
    raw = {
        "parameters": {"query.tag": "$request.body#/tags/0", "query.size": 3},
        "x-where-given": ["query.tag"],
    }
    found, _ = Link("producer", "consumer", raw).take(VALUES, ANSWER)
    assert found == {(OFFERED, "tag"): "red", ("query", "size"): 3}


def test_requests_that_give_a_link_the_same_are_told_apart_from_others() -> None:
    one = link(it="$request.body#/name")
    texts = [
        one.asked(Values(body={"name": name, "tags": tags}))
        for name, tags in (("one", ["red"]), ("ONE", ["blue"]), ("two", ["red"]))
    ]
    assert texts[0] == texts[1] != texts[2]
