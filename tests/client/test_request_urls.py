"""Paths, query and headers (defects R2, R8, R9, R12)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from enum import Enum
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mailgun_client.api.domains import get_domain
from mailgun_client.api.routes import get_route

from tests.client.conftest import Package
from tests.client.wire import Wire


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        (".", "%2E"),
        ("..", "%2E%2E"),
        ("../keys", "..%2Fkeys"),
        ("a/b", "a%2Fb"),
        ("%2e%2e", "%252e%252e"),
        ("a?b#c", "a%3Fb%23c"),
        ("é x", "%C3%A9%20x"),
        ("...", "..."),
    ],
)
def test_a_path_value_stays_one_segment(wire: Wire, value: str, segment: str) -> None:
    """R2: /v4/domains/.. used to be collapsed into /v4."""
    get_domain.sync(value, client=wire.client())
    assert wire.path == f"/v4/domains/{segment}"


@given(value=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_survives_as_a_path_value(value: str) -> None:
    wire = Wire()
    get_route.sync(value, client=wire.client(base_url="https://example.test/prefix"))
    *start, last = wire.path.split("/")
    assert (start, unquote(last)) == (["", "prefix", "v3", "routes"], value)
    assert last not in (".", "..")


def test_numbers_are_path_values(wire: Wire, small: Package) -> None:
    small.operation("get_part").sync("a", 7, client=wire.client(base_url="http://127.0.0.1:1/"))
    assert wire.path == "/things/a/parts/7"


def test_an_empty_path_value_would_name_the_collection(wire: Wire) -> None:
    with pytest.raises(ValueError, match="expected a value for the path"):
        get_domain.sync("", client=wire.client())
    assert not wire.requests


@pytest.mark.parametrize("value", [None, True, ["a"]], ids=repr)
def test_path_values_of_other_types_are_refused(wire: Wire, value: object) -> None:
    with pytest.raises(TypeError, match="expected text or a number"):
        get_domain.sync(value, client=wire.client())  # type: ignore[arg-type]


def test_query_values_have_their_wire_form(wire: Wire, small: Package) -> None:
    since = small.module("types").Timestamp.parse("2024-01-02T03:04:05.000000006Z")
    small.operation("list_things").sync(
        client=wire.client(), limit=5, event=["a&b", "é"], deep=False, since=since, x_account="acme"
    )
    assert wire.query == [
        ("limit", "5"),
        ("event", "a&b"),
        ("event", "é"),
        ("deep", "false"),
        ("since", "2024-01-02T03:04:05.000000006Z"),
    ]
    assert wire.sent.headers["x-account"] == "acme"


def test_a_plain_datetime_keeps_its_zone_in_the_query(wire: Wire, small: Package) -> None:
    small.operation("list_things").sync(
        client=wire.client(), since=datetime(2024, 1, 2, tzinfo=UTC)
    )
    assert wire.query == [("since", "2024-01-02T00:00:00+00:00")]


def test_members_of_text_enums_are_their_text(wire: Wire, small: Package) -> None:
    class Sort(str, Enum):  # noqa: UP042 (a StrEnum would show its text anyway)
        UP = "asc"

    client = wire.client()
    small.operation("list_things").sync(client=client, sort=Sort.UP, event=[Sort.UP])
    assert wire.query == [("event", "asc"), ("sort", "asc")]
    small.operation("get_thing").sync(Sort.UP, client=client)
    assert wire.requests[1].url.path == "/things/asc"


def test_arguments_that_are_not_given_are_not_sent(wire: Wire, small: Package) -> None:
    """R8: limit=100 and sort=asc went out, since the description has them as defaults."""
    small.operation("list_things").sync(client=wire.client())
    assert wire.query == []
    assert "x-account" not in wire.sent.headers


def test_none_is_not_sent(wire: Wire, small: Package) -> None:
    small.operation("list_things").sync(client=wire.client(), limit=None, x_account=None)
    assert wire.query == []
    assert "x-account" not in wire.sent.headers


@pytest.mark.parametrize("value", ["accepted", None], ids=["str", "None"])
def test_one_value_for_a_list_is_refused(small: Package, wire: Wire, value: object) -> None:
    """R12."""
    with pytest.raises(TypeError, match="event: expected a list, found"):
        small.operation("list_things").sync(client=wire.client(), event=value)


def test_an_object_is_no_query_value(small: Package, wire: Wire) -> None:
    with pytest.raises(TypeError, match="limit: expected text, a number or a boolean, found dict"):
        small.operation("list_things").sync(client=wire.client(), limit={"a": 1})


def test_asynchronous_calls_send_the_same(small: Package) -> None:
    one, two = Wire(200, b"[]"), Wire(200, b"[]")
    arguments = {"limit": 5, "event": ["a"], "x_account": "acme"}
    module = small.operation("list_things")
    first = module.sync_detailed(client=one.client(), **arguments)
    second = asyncio.run(module.asyncio_detailed(client=two.client(), **arguments))
    assert first == second
    assert one.sent.url == two.sent.url
    assert one.sent.headers == two.sent.headers
    assert asyncio.run(module.asyncio(client=two.client(), **arguments)) == []
