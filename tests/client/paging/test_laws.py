"""Of every list operation of the truth: its pages are its list, whichever way it pages."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from mailgun_client import Client
from mailgun_client.operations import OPERATIONS
from mailgun_client.paging import Page, Pages, paginate

from tests.client.paging.script import LISTS, SIZE, Script, described, numbers, truth

BASE = "https://gateway.test/mailgun"
COUNTS = (0, 1, SIZE, 2 * SIZE + 1)


def listing(script: Script, **more: Any) -> Pages[Any]:
    transport = httpx.MockTransport(script)
    client = Client("key", base_url=BASE, transport=transport, async_transport=transport)
    args, kwargs = script.arguments()
    return paginate(script.operation.load(), *args, client=client, **kwargs, **more)


async def collected(pages: Pages[Any]) -> list[Any]:
    return [item async for item in pages]


@pytest.mark.parametrize("name", LISTS)
def test_pages_partition_the_list(name: str) -> None:
    for count in COUNTS:
        script = Script(name, count)
        everything = list(range(count))
        assert list(numbers(list(listing(script)))) == everything
        assert list(numbers(asyncio.run(collected(listing(script))))) == everything
        assert {request.url.host for request in script.sent} == {"gateway.test"}
        assert all(request.url.path.startswith("/mailgun/v") for request in script.sent)
        assert all(request.headers["authorization"] for request in script.sent)


@pytest.mark.parametrize("name", LISTS)
def test_pages_can_be_gone_on_with_from_any_of_them(name: str) -> None:
    script = Script(name, COUNTS[-1])
    pages: list[Page[Any]] = list(listing(script).pages())
    assert sum(len(page.items) for page in pages) == script.count
    for number, page in enumerate(pages):
        rest = [item for later in pages[number:] for item in later.items]
        assert list(numbers(list(listing(script).resume(page.cursor)))) == list(numbers(rest))
        if page.next_cursor is not None:
            assert page.next_cursor == pages[number + 1].cursor


@pytest.mark.parametrize("name", LISTS)
def test_nothing_is_fetched_before_it_is_asked_for(name: str) -> None:
    script = Script(name, COUNTS[-1])
    items = iter(listing(script))
    assert script.sent == []
    next(items)
    assert len(script.sent) == 1


def test_every_list_has_pages() -> None:
    """All but those whose answer has no list in it: maps, and what is switched off."""
    without = {
        name
        for name in OPERATIONS
        if name.split("_")[0] in ("list", "query", "search") and name not in LISTS
    }
    for name in without:
        source = described(name)
        assert source.get("x-gone") or source.get("x-paging") == "none"
    assert len(LISTS) >= 90
    kinds = {OPERATIONS[name].paging for name in LISTS}
    assert kinds == {"links", "skip", "number", "body_skip", "body_token", "single"}


def test_every_array_of_a_page_operation_is_known() -> None:
    """What takes `skip` or `page` and answers an array is iterable, whatever it is called."""
    for path, methods in truth()["paths"].items():
        for method, source in methods.items():
            names = {p["name"] for p in source.get("parameters", ()) if p.get("in") == "query"}
            if method == "get" and names & {"skip", "offset"}:
                assert source["operationId"] in LISTS, path
