"""Turning pages when the server misbehaves, cursors, errors."""

from __future__ import annotations

import asyncio
import json
import pickle
from collections.abc import Callable
from typing import Any, assert_type

import httpx
import pytest
from mailgun_client import ApiError, Client, InvalidResponse, MailgunError
from mailgun_client.api.analytics_tags import query_analytics_tags
from mailgun_client.api.bounces import list_bounces
from mailgun_client.api.domain_webhooks import list_domain_webhooks
from mailgun_client.api.events import list_events
from mailgun_client.api.image_validations import list_image_validations
from mailgun_client.api.logs import query_logs
from mailgun_client.api.routes import list_routes
from mailgun_client.models import Bounce, QueryAnalyticsTagsBody, QueryLogsBody
from mailgun_client.paging import Page, Pages, PagingError, paginate

from tests.client.wire import Wire

DOMAIN = "mg.example.com"
PATH = f"/v3/{DOMAIN}/bounces"
Answer = Callable[[httpx.Request], httpx.Response]


def client(answer: Answer) -> Client:
    transport = httpx.MockTransport(answer)
    return Client("key", base_url="http://api.test", transport=transport, async_transport=transport)


def bounce(number: int) -> dict[str, Any]:
    return {
        "address": f"{number}@example.com",
        "code": "550",
        "error": "",
        "created_at": "Fri, 21 Oct 2011 11:02:55 UTC",
    }


class Chain:
    """Pages of bounces, each with the link that the test wants."""

    def __init__(self, links: dict[str, str], per_page: int = 1) -> None:
        self.links, self.per_page = links, per_page
        self.urls: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        key = str(request.url).removeprefix("http://api.test")
        self.urls.append(key)
        number = sorted(self.links).index(key)
        paging = dict.fromkeys(("previous", "first", "last"), "http://api.test/")
        body = {"items": [bounce(number)], "paging": {**paging, "next": self.links[key]}}
        return httpx.Response(200, json=body)

    def addresses(self, **more: Any) -> list[str]:
        return [b.address for b in paginate(list_bounces, DOMAIN, client=client(self), **more)]


A, B = f"{PATH}?page=next&address=a", f"{PATH}?page=next&address=b"


@pytest.mark.parametrize(
    "links",
    [
        {PATH: A, A: B, B: ""},
        {PATH: A, A: B, B: B},
        {PATH: A, A: B, B: A},
        {PATH: A, A: B, B: f"https://api.mailgun.net{A}"},
    ],
)
def test_links_are_followed_once(links: dict[str, str]) -> None:
    chain = Chain(links)
    assert chain.addresses() == ["0@example.com", "1@example.com", "2@example.com"]
    assert chain.urls == [PATH, A, B]


def test_link_back_to_the_first_page() -> None:
    """It is fetched again, as nothing but its content tells, and then left aside."""
    first = f"{PATH}?limit=100"

    def answer(request: httpx.Request) -> httpx.Response:
        at_start = "address" not in str(request.url)
        body = {
            "items": [bounce(0 if at_start else 1)],
            "paging": {
                **dict.fromkeys(("previous", "first", "last"), ""),
                "next": A if at_start else first,
            },
        }
        return httpx.Response(200, json=body)

    found = [b.address for b in paginate(list_bounces, DOMAIN, client=client(answer))]
    assert found == ["0@example.com", "1@example.com"]


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v3/mg.example.com/bounces?page=next",
        "//evil.example/v3/mg.example.com/bounces?page=next",
        "http://api.test@evil.example/v3/mg.example.com/bounces?page=next",
        "https://api.mailgun.net/mailgun/v3/mg%2Eexample.com/bounces?page=next",
    ],
)
def test_no_request_goes_to_another_host(link: str) -> None:
    """The way stays that of the operation, at the host of the client."""
    chain = Chain({PATH: link, f"{PATH}?page=next": ""})
    assert len(chain.addresses()) == 2
    assert chain.urls == [PATH, f"{PATH}?page=next"]


@pytest.mark.parametrize(
    "link",
    [
        "https://api.mailgun.net/v5/accounts/http_signing_key",
        f"https://api.mailgun.net{PATH}/../../../v1/keys",
        f"https://api.mailgun.net{PATH}/..",
        f"https://api.mailgun.net{PATH}/a/b",
        "https://api.mailgun.net",
        "https://[::1/v3",
        "nonsense",
    ],
)
def test_no_request_goes_to_another_operation(link: str) -> None:
    chain = Chain({PATH: link})
    found: list[str] = []
    pages = paginate(list_bounces, DOMAIN, client=client(chain))
    with pytest.raises(PagingError, match="another operation") as caught:
        found.extend(b.address for b in pages)
    assert isinstance(caught.value, MailgunError)
    assert pickle.loads(pickle.dumps(caught.value)).cursor == caught.value.cursor == ""
    assert found == ["0@example.com"]
    assert pages.cursor == ""
    assert chain.urls == [PATH]


def routes(count: int, *, total: bool = True, knows_skip: bool = True) -> tuple[Answer, list[str]]:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.query.decode())
        query = request.url.params
        start = int(query.get("skip", 0)) if knows_skip else 0
        end = start + int(query.get("limit", 100))
        items = [{**ROUTE, "id": str(n)} for n in range(start, min(end, count))]
        return httpx.Response(200, json={"items": items, "total_count": count if total else -1})

    return answer, asked


ROUTE = {
    "id": "",
    "priority": 0,
    "description": "",
    "expression": "catch_all()",
    "actions": ["stop()"],
    "created_at": "Fri, 21 Oct 2011 11:02:55 GMT",
}


def test_skip_counts_on() -> None:
    answer, asked = routes(5)
    found = [r.id for r in paginate(list_routes, client=client(answer), limit=2, skip=1)]
    assert found == ["1", "2", "3", "4"]
    assert asked == ["skip=1&limit=2", "skip=3&limit=2", "skip=5&limit=2"]


def test_total_counts_only_with_a_short_page() -> None:
    """A server that gives fewer items than asked for may have more of them."""
    answer, asked = routes(3)
    assert len(list(paginate(list_routes, client=client(answer)))) == 3
    assert asked == [""]


def test_server_that_does_not_know_skip() -> None:
    answer, asked = routes(3, knows_skip=False)
    assert len(list(paginate(list_routes, client=client(answer), limit=3))) == 3
    assert len(asked) == 2


def test_list_that_grows_can_be_gone_on_with() -> None:
    """platform:EVT-008: the cursor after the end finds what has come since."""
    for count, limit in ((4, 2), (3, 2)):
        answer, _ = routes(count)
        pages = paginate(list_routes, client=client(answer), limit=limit)
        assert len(list(pages)) == count
        saved = json.loads(json.dumps(pages.cursor))
        longer, _ = routes(count + 2)
        more = paginate(list_routes, client=client(longer), limit=limit).resume(saved)
        assert [r.id for r in more] == [str(count), str(count + 1)]


def test_cursor_in_the_middle_of_a_page() -> None:
    """That page comes again from its first item: nothing is lost."""
    answer, _ = routes(5)
    pages = paginate(list_routes, client=client(answer), limit=2)
    found = [r.id for _, r in zip(range(4), pages, strict=False)]
    assert found == ["0", "1", "2", "3"]
    assert [r.id for r in pages.resume(pages.cursor)] == ["2", "3", "4"]
    assert repr(pages) == "Pages(list_routes, cursor='at:2')"


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "at:2",
        "token:x",
        "url:",
        "url:/../keys",
        "url:/..?a=b",
        "url:/a/b",
        "url:/%2e\\x",
        "url:https://evil.example",
        "url:?a=b#c",
        "url:?a=b c",
        "nonsense",
    ],
)
def test_saved_cursors_are_not_trusted(cursor: str) -> None:
    chain = Chain({})
    pages = paginate(list_bounces, DOMAIN, client=client(chain))
    if not cursor:
        assert pages.resume(cursor).cursor == ""
        return
    with pytest.raises(ValueError, match="cursor"):
        pages.resume(cursor)


@pytest.mark.parametrize("cursor", ["at:", "at:-1", "at:1.5", "at:٣", "url:?a=b", "at:" + "9" * 30])
def test_saved_numbers_are_not_trusted(cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        paginate(list_routes, client=client(routes(1)[0])).resume(cursor)


def test_token_of_events_stands_in_the_path() -> None:
    """platform:EVT-014."""
    paths: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(str(request.url))
        links = dict.fromkeys(
            ("previous", "next"), f"https://api.eu.mailgun.net/v3/{DOMAIN}/events/Wy="
        )
        event = {"event": "opened", "timestamp": 1.5, "id": "e"}
        items = [event] if len(paths) == 1 else []
        return httpx.Response(200, json={"items": items, "paging": links})

    pages = paginate(list_events, DOMAIN, client=client(answer), limit=5)
    assert [event.id for event in pages] == ["e"]
    assert paths == [
        f"http://api.test/v3/{DOMAIN}/events?limit=5",
        f"http://api.test/v3/{DOMAIN}/events/Wy=",
    ]
    assert pages.cursor == "url:/Wy="


def test_body_keeps_what_it_asks_for() -> None:
    """And the caller's is left as it is."""
    asked: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        done = len(asked) == 2
        event = {"id": "e", "event": "opened", "@timestamp": "x", "domain": None}
        body = {"start": "", "end": "", "items": [event], "aggregates": {}}
        return httpx.Response(200, json={**body, "pagination": {} if done else {"next": "abc"}})

    source = {"start": "Wed, 24 Sep 2025 00:00:00 +0000", "pagination": {"limit": 7}}
    body = QueryLogsBody.from_dict(source)
    assert len(list(paginate(query_logs, client=client(answer), body=body))) == 2
    assert asked == [source, {**source, "pagination": {"limit": 7, "token": "abc"}}]
    assert body.to_dict() == source


def test_body_without_page() -> None:
    asked: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        return httpx.Response(200, json={"items": [], "pagination": {"sort": "", "limit": 10}})

    pages = paginate(query_analytics_tags, client=client(answer), body=QueryAnalyticsTagsBody())
    assert list(pages) == []
    assert list(pages.resume("at:20")) == []
    assert asked == [{}, {"pagination": {"skip": 20}}]


def test_list_without_links_is_counted() -> None:
    """The answer may have links; where it has null in their place, `skip` still works."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.query.decode())
        return httpx.Response(200, json={"meta": None, "paging": None, "items": []})

    pages = paginate(list_image_validations, client=client(answer), limit=2)
    assert list(pages.resume("at:2")) == []
    assert sorted(asked[0].split("&")) == ["limit=2", "skip=2"]


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_error_in_the_middle(status: int) -> None:
    """It says where to go on."""
    links = {PATH: A, A: B, B: ""}

    def answer(request: httpx.Request) -> httpx.Response:
        if str(request.url).endswith("=b"):
            return httpx.Response(status, text="no", headers={"x-a": "1"})
        return Chain(links)(request)

    found: list[str] = []
    pages = paginate(list_bounces, DOMAIN, client=client(answer))
    with pytest.raises(ApiError) as caught:
        found.extend(b.address for b in pages)
    error = caught.value
    assert (error.operation, error.status_code) == ("list_bounces", status)
    assert error.headers["x-a"] == "1"
    assert len(found) == 2
    assert pages.cursor == "url:?page=next&address=b"
    whole = paginate(list_bounces, DOMAIN, client=client(Chain(links)))
    assert [b.address for b in whole.resume(pages.cursor)] == ["2@example.com"]

    async def asynchronous() -> None:
        async for _ in paginate(list_bounces, DOMAIN, client=client(answer)):
            pass

    with pytest.raises(ApiError):
        asyncio.run(asynchronous())


def test_success_of_another_shape() -> None:
    pages = paginate(
        list_bounces, DOMAIN, client=client(lambda _: httpx.Response(200, json={"items": 1}))
    )
    with pytest.raises(InvalidResponse):
        list(pages)


def test_pages() -> None:
    answer, _ = routes(3)
    pages = paginate(list_routes, client=client(answer), limit=2)
    first, second = pages.pages()
    assert isinstance(first, Page)
    assert [r.id for r in (*first.items, *second.items)] == ["0", "1", "2"]
    assert (first.cursor, first.next_cursor) == ("", "at:2")
    assert (second.cursor, second.next_cursor) == ("at:2", None)
    assert first.response.status_code == 200


def test_types() -> None:
    """Checked by mypy: items are of the type of the operation, and so are the arguments."""
    pages = paginate(list_bounces, DOMAIN, client=client(Chain({f"{PATH}?limit=1": ""})), limit=1)
    for found in pages:
        assert_type(found, Bounce)
    assert_type(pages, Pages[Bounce])
    with pytest.raises(TypeError):
        list(paginate(list_bounces, DOMAIN, client=client(Chain({})), size=1))  # type: ignore[call-arg]


def test_operation_without_list() -> None:
    with pytest.raises(TypeError, match="list_domain_webhooks"):
        paginate(list_domain_webhooks, DOMAIN, client=client(Chain({})))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("a",), {"limt": 3}, r"list_events\(\) got an unexpected keyword argument 'limt'"),
        ((), {}, r"list_events\(\) missing 1 required positional argument: 'domain_name'"),
        (("a", "b"), {"begin": "c"}, r"list_events\(\) got multiple values for argument 'begin'"),
    ],
)
def test_wrong_arguments_are_those_of_the_operation(
    arguments: tuple[str, ...], options: dict[str, Any], message: str
) -> None:
    wire = Wire()
    paged: Any = paginate
    with pytest.raises(TypeError, match=message):
        list(paged(list_events, *arguments, client=wire.client(), **options))
    assert not wire.requests
