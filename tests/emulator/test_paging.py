"""Pages partition a list, and their links are absolute."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from mailgun_emulator.call import Call
from mailgun_emulator.paging import clamp, pivot_page, query_links, skip_page, token_links

from .conftest import Connect
from .small import bound, emulator, operation, parameter

NAMES = ["a@x.test", "b c@x.test", "c+d@x.test", "é@x.test"]


def client_for(connect: Connect, names: list[str], **settings: Any) -> httpx.Client:
    def handler(call: Call) -> dict[str, Any]:
        limit = clamp(call.query.get("limit"), default=100, highest=100)
        page = pivot_page(call, names, str, limit=limit, **settings)
        return {"items": page.items, "paging": page.paging}

    op = operation("do_it", parameters=[parameter("limit", {"type": "integer"})])
    return connect(emulator({"/v3/things": {"get": op}}, bindings=bound("do_it", handler)))


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("pivot", ["address", "p"])
def test_next_walks_through_everything_once(connect: Connect, limit: int, pivot: str) -> None:
    client = client_for(connect, NAMES, pivot=pivot)
    seen, url = [], f"/v3/things?limit={limit}"
    while items := (page := client.get(url).json())["items"]:
        assert len(items) <= limit
        seen += items
        url = page["paging"]["next"]
    assert seen == NAMES


@pytest.mark.parametrize("word", ["previous", "prev"])
def test_previous_walks_back(connect: Connect, word: str) -> None:
    client = client_for(connect, NAMES, previous=word)
    page = client.get("/v3/things?limit=3&page=last").json()
    assert page["items"] == NAMES[-3:]
    assert parse_qs(urlsplit(page["paging"]["previous"]).query)["page"] == [word]
    page = client.get(page["paging"]["previous"]).json()
    assert page["items"] == NAMES[:1]
    assert client.get(page["paging"]["previous"]).json()["items"] == []
    assert client.get(page["paging"]["first"]).json()["items"] == NAMES[:3]
    assert client.get(page["paging"]["last"]).json()["items"] == NAMES[-3:]


def test_links_are_absolute_on_empty_pages_too(connect: Connect) -> None:
    """EVT-010 and what clients need: every link names the host that the client used."""
    client = client_for(connect, [], extra={"term": "x y"})
    paging = client.get("/v3/things", headers={"host": "mg.local:8025"}).json()["paging"]
    assert set(paging) == {"first", "last", "next", "previous"}
    for link in paging.values():
        assert link.startswith("http://mg.local:8025/v3/things?")
        assert parse_qs(urlsplit(link).query)["term"] == ["x y"]


def test_a_pivot_that_is_gone_still_marks_the_place(connect: Connect) -> None:
    client = client_for(connect, NAMES)
    assert client.get("/v3/things?page=next&address=b&limit=1").json()["items"] == [NAMES[1]]


def test_skip() -> None:
    assert skip_page(NAMES, skip=1, limit=2) == NAMES[1:3]
    assert skip_page(NAMES, skip=9, limit=2) == []
    assert skip_page(NAMES, skip=-1, limit=1) == NAMES[:1]


@pytest.mark.parametrize(
    ("value", "expected"), [(None, 10), (5, 5), (0, 1), (1000, 100), ("x", 10), (True, 10)]
)
def test_clamp(value: Any, expected: int) -> None:
    assert clamp(value, default=10, highest=100) == expected


def test_tokens(connect: Connect) -> None:
    def handler(call: Call) -> dict[str, Any]:
        return {
            "path": token_links(call, "/v3/d/events", {"next": "abc", "previous": "x-y"}),
            "query": query_links(call, {"next": "abc"}, limit=10),
        }

    app = emulator({"/do": {"get": operation("do_it")}}, bindings=bound("do_it", handler))
    assert connect(app).get("/do").json() == {
        "path": {
            "next": "http://mg.test/v3/d/events/abc",
            "previous": "http://mg.test/v3/d/events/x-y",
        },
        "query": {"next": "http://mg.test/do?page=abc&limit=10"},
    }
