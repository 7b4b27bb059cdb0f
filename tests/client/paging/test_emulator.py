"""Lists of the emulator, from page to page."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import httpx
import pytest
from mailgun_client import Client
from mailgun_client.operations import OPERATIONS
from mailgun_client.paging import Pages, PagingError, paginate

from mailgun_emulator import create_app
from mailgun_emulator.state import DEFAULT_DOMAIN, DEFAULT_KEY
from tests.client.paging.script import LISTS, Script
from tests.emulator.conftest import BASE_URL, START, Inside

COUNT = 5
NAMES = [f"n{number}" for number in range(COUNT)]
# What there are at least as many of as were made, after `filled`.
FILLED = [
    "list_account_template_versions",
    "list_account_templates",
    "list_allowlist_entries",
    "list_api_keys",
    "list_bounces",
    "list_complaints",
    "list_credentials",
    "list_dkim_keys",
    "list_domains",
    "list_events",
    "list_legacy_domains",
    "list_mailing_list_member_pages",
    "list_mailing_list_members",
    "list_mailing_list_pages",
    "list_mailing_lists",
    "list_routes",
    "list_tags",
    "list_template_versions",
    "list_templates",
    "list_unsubscribes",
    "query_analytics_tags",
    "query_logs",
]


def fill(api: httpx.Client, advance: Callable[[float], object]) -> None:
    """Some of everything."""
    domain = f"/v3/{DEFAULT_DOMAIN}"

    def made(path: str, **fields: Any) -> None:
        answer = api.post(path, data=fields)
        assert answer.status_code in (200, 201), (path, answer.text)

    for prefix in (domain, "/v4"):
        made(f"{prefix}/templates", name="t", description="", template="a", tag="v")
    made("/v3/lists", address=f"all@{DEFAULT_DOMAIN}")
    for name in NAMES:
        address = f"{name}@example.com"
        for kind in ("bounces", "complaints", "unsubscribes"):
            made(f"{domain}/{kind}", address=address)
        made(f"{domain}/whitelists", address=address)
        made("/v4/domains", name=f"{name}.example.com")
        made("/v3/routes", expression="catch_all()", action="stop()", description=name)
        made("/v3/lists", address=f"{name}@{DEFAULT_DOMAIN}")
        made(f"/v3/lists/all@{DEFAULT_DOMAIN}/members", address=address)
        made(f"/v3/domains/{DEFAULT_DOMAIN}/credentials", login=name, password="secret-1")
        made("/v1/dkim/keys", signing_domain=DEFAULT_DOMAIN, selector=name)
        made("/v1/keys", role="basic", description=name)
        for prefix in (domain, "/v4"):
            made(f"{prefix}/templates", name=name, description="")
            made(f"{prefix}/templates/t/versions", template="a", tag=name)
        mail = {"from": "a@example.com", "to": f"{name}@example.org", "text": "a", "o:tag": name}
        made(f"{domain}/messages", subject=name, **mail)
        advance(1)


@pytest.fixture(scope="module")
def filled() -> Iterator[Client]:
    """A client of an emulator that has something in every list that it keeps."""
    app = create_app(seed=1)
    app.state.clock.freeze(START)
    transport = Inside(app)
    with httpx.Client(transport=transport, base_url=BASE_URL, auth=("api", DEFAULT_KEY)) as api:
        fill(api, app.state.clock.advance)
        yield Client(
            DEFAULT_KEY,
            base_url=BASE_URL,
            transport=transport,
            async_transport=httpx.ASGITransport(app),
        )


def listing(client: Client, name: str, **more: Any) -> Pages[Any]:
    """The list of the default domain, or of what `fill` has made."""
    own = {"list_address": f"all@{DEFAULT_DOMAIN}", "template_name": "t", "ip": "127.0.0.1"}
    module = OPERATIONS[name].load()
    args, kwargs = Script(name, 0).arguments()
    names = list(inspect.signature(module.sync).parameters)
    args = [own.get(name, DEFAULT_DOMAIN) for name in names[: len(args)]]
    return paginate(module, *args, client=client, **{**kwargs, **more})


def sized(name: str, size: int) -> dict[str, Any]:
    """Arguments for pages of that size."""
    paging = OPERATIONS[name].load().PAGING
    if paging.kind.startswith("body"):
        _, kwargs = Script(name, 0).arguments()
        body = kwargs["body"].to_dict()
        pagination = {**body.get("pagination", {}), paging.limit: size}
        return {"body": type(kwargs["body"]).from_dict({**body, "pagination": pagination})}
    return {paging.limit: size} if paging.limit else {}


async def collected(pages: Pages[Any]) -> list[Any]:
    return [item async for item in pages]


@pytest.mark.parametrize("name", FILLED)
def test_pages_partition_the_list(filled: Client, name: str) -> None:
    """sending:EVT-008, EVT-009, SUPP-012, SUPP-013, TPL-013; platform:LOG-005: small pages, one
    after the other, are the one large page, every item once."""
    whole = list(listing(filled, name, **sized(name, 100)))
    assert len(whole) >= COUNT
    assert all(whole.count(item) == 1 for item in whole)
    for size in (1, 2, len(whole)):
        pages = listing(filled, name, **sized(name, size))
        found = list(pages)
        assert found == whole
    assert asyncio.run(collected(listing(filled, name, **sized(name, 2)))) == whole
    if OPERATIONS[name].paging != "single":
        halves = list(listing(filled, name, **sized(name, 2)).pages())
        assert len(halves) > 2
        rest = listing(filled, name, **sized(name, 2)).resume(halves[1].cursor)
        assert [*halves[0].items, *rest] == whole


@pytest.mark.parametrize("name", sorted(set(LISTS) - set(FILLED)))
def test_every_other_list(filled: Client, name: str) -> None:
    """Empty, short or made up: what comes is read. A link that is made up leads to nowhere, which
    is told after the items of its page."""
    pages = listing(filled, name)
    items: list[Any] = []
    error: PagingError | None = None
    try:
        items.extend(islice(pages, 20))
    except PagingError as caught:
        error = caught
    assert len({type(item) for item in items}) <= 1
    if error is not None:
        assert "x-emulator-synthesised" in error.response.headers, error.response.content
        assert "another operation" in error.reason
        assert items
        assert pages.cursor == error.cursor == ""
