"""Views with other options, subaccounts, proxies, own requests, and closing."""

from __future__ import annotations

import asyncio
import warnings
from typing import Any

import httpx
import pytest
from mailgun_client import ApiError, Client, InsecureWarning
from mailgun_client.api.bounces import list_bounces
from mailgun_client.api.domains import get_domain
from mailgun_client.api.subaccounts import delete_subaccount
from mailgun_client.operations import OPERATIONS

from tests.client.wire import Wire

HEADER = "x-mailgun-on-behalf-of"


def test_acting_for_a_subaccount(wire: Wire) -> None:
    client = wire.client(on_behalf_of="sub-1")
    for user in (client, client.on_behalf_of("sub-2"), client.on_behalf_of(None)):
        get_domain.sync("a", client=user)
        asyncio.run(get_domain.asyncio("a", client=user))
    user.request("GET", "/v4/domains")
    client.on_behalf_of("sub-3").request("GET", "/v4/domains")
    found = [request.headers.get(HEADER) for request in wire.requests]
    assert found == ["sub-1", "sub-1", "sub-2", "sub-2", None, None, None, "sub-3"]
    for wrong in ("", "a b", "a\n"):
        with pytest.raises(ValueError, match="X-Mailgun-On-Behalf-Of"):
            client.on_behalf_of(wrong)


def test_the_header_of_a_call_wins(wire: Wire) -> None:
    """DELETE /v5/accounts/subaccounts takes the id as an argument."""
    names = OPERATIONS["delete_subaccount"].arguments
    argument = next(name for (place, _), name in names.items() if place == "header")
    client = wire.client(on_behalf_of="parent")
    arguments: dict[str, Any] = {argument: "child"}
    delete_subaccount.sync(client=client, **arguments)
    assert wire.sent.headers.get_list(HEADER) == ["child"]


def test_views_change_what_is_given_and_nothing_else(wire: Wire) -> None:
    client = wire.client(headers={"X-A": "1", "X-B": "1"}, timeout=7)
    view = client.with_options(timeout=httpx.Timeout(3, read=60), headers={"x-b": "2", "X-C": "2"})
    for user in (client, view, view.with_options(raise_errors=True)):
        try:
            get_domain.sync("a", client=user)
        except ApiError:
            assert user is not client
            assert user is not view
    first, second, third = wire.requests
    assert [first.headers.get(name) for name in ("x-a", "x-b", "x-c")] == ["1", "1", None]
    assert [second.headers.get(name) for name in ("x-a", "x-b", "x-c")] == ["1", "2", "2"]
    assert second.headers.raw == third.headers.raw
    assert first.extensions["timeout"] == httpx.Timeout(7).as_dict()
    assert second.extensions["timeout"] == httpx.Timeout(3, read=60).as_dict()
    view.request("GET", "/v4/domains", headers={"X-C": "3"})
    assert wire.requests[-1].headers.get_list("x-c") == ["3"]
    assert wire.requests[-1].extensions["timeout"]["read"] == 60


def test_views_share_connections_and_leave_them_open(wire: Wire) -> None:
    client = wire.client()
    with client.on_behalf_of("sub") as view:
        assert view.httpx_client is client.httpx_client
        assert view.async_httpx_client is client.async_httpx_client
    assert not client.httpx_client.is_closed
    client.close()
    for user in (client, view):
        with pytest.raises(RuntimeError, match="the client is closed"):
            get_domain.sync("a", client=user)
    client.close()


def test_closing_asynchronously_closes_everything(wire: Wire) -> None:
    async def use() -> tuple[httpx.Client, httpx.AsyncClient]:
        async with wire.client() as client:
            async with client.on_behalf_of("sub") as view:
                await get_domain.asyncio("a", client=view)
            await get_domain.asyncio("a", client=client)
            both = client.httpx_client, client.async_httpx_client
        with pytest.raises(RuntimeError, match="closed"):
            await get_domain.asyncio("a", client=client)
        return both

    sync, asynchronous = asyncio.run(use())
    assert sync.is_closed
    assert asynchronous.is_closed


def test_connections_are_kept_between_calls_and_closed() -> None:
    """Over a socket: one connection for two calls, and none left open."""

    async def serve() -> tuple[int, bool]:
        opened: list[asyncio.StreamWriter] = []
        ended = asyncio.Event()

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            opened.append(writer)
            while await reader.readline():
                while (await reader.readline()).strip():
                    pass
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
            writer.close()
            ended.set()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with Client("key", base_url=f"http://127.0.0.1:{port}") as client:
            for user in (client, client.on_behalf_of("sub")):
                await get_domain.asyncio("a", client=user)
        await asyncio.wait_for(ended.wait(), 5)
        server.close()
        await server.wait_closed()
        return len(opened), ended.is_set()

    assert asyncio.run(serve()) == (1, True)


def test_proxies_and_limits_reach_httpx() -> None:
    client = Client(
        "key",
        region="us",
        proxy="http://user:pass-word@127.0.0.1:1",
        limits=httpx.Limits(max_connections=3),
        retries=None,
    )
    for thing in (client, vars(client), vars(client._pool)):
        assert "pass-word" not in repr(thing)
    transport = client.httpx_client._transport_for_url(httpx.URL("https://api.mailgun.net"))
    assert "Proxy" in type(transport._pool).__name__  # type: ignore[attr-defined]
    direct = Client("key", region="us", limits=httpx.Limits(max_connections=3))
    pool = direct.httpx_client._transport._pool  # type: ignore[attr-defined]
    assert pool._max_connections == 3


def test_what_is_set_on_the_httpx_client_counts(wire: Wire) -> None:
    client = wire.client()
    client.httpx_client.headers["X-Own"] = "1"
    client.httpx_client.params = httpx.QueryParams({"debug": "1"})
    client.httpx_client.cookies.set("c", "d")
    list_bounces.sync("a", client=client, limit=1)
    assert wire.sent.headers["x-own"] == "1"
    assert wire.sent.headers["cookie"] == "c=d"
    assert sorted(wire.query) == [("debug", "1"), ("limit", "1")]


@pytest.mark.parametrize(
    ("base_url", "url", "expected"),
    [
        (None, "/v3/a?b=c%2Fd", "https://api.mailgun.net/v3/a?b=c%2Fd"),
        (None, "https://api.mailgun.net/v3/a", "https://api.mailgun.net/v3/a"),
        (None, "https://storage-x.api.mailgun.net/v3/a", "https://storage-x.api.mailgun.net/v3/a"),
        ("http://127.0.0.1:8025", "https://api.mailgun.net/v3/a", "http://127.0.0.1:8025/v3/a"),
        (
            "http://127.0.0.1/p/",
            "https://api.eu.mailgun.net/v3?p=%2F",
            "http://127.0.0.1/p/v3?p=%2F",
        ),
        ("http://127.0.0.1:8025", "http://127.0.0.1:8025/v3/a", "http://127.0.0.1:8025/v3/a"),
        (None, "http://api.mailgun.net/v3/a", None),
        (None, "https://api.eu.mailgun.net/v3/a", None),
        (None, "https://xapi.mailgun.net/v3/a", None),
        (None, "//evil.example/v3/a", "https://api.mailgun.net/v3/a"),
        ("http://127.0.0.1:8025", "http://127.0.0.1:8026/v3/a", None),
        ("http://127.0.0.1:8025", "https://evil.example/v3/a", None),
    ],
)
def test_the_key_goes_to_servers_that_may_see_it(
    wire: Wire, base_url: str | None, url: str, expected: str | None
) -> None:
    client = wire.client(base_url=base_url)
    if expected is not None:
        client.request("GET", url)
        assert str(wire.sent.url) == expected
        return
    for call in (client.request, lambda *given: asyncio.run(client.arequest(*given))):
        with pytest.raises(ValueError, match="is not the server of this client"):
            call("GET", url)
    assert wire.requests == []


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("http://example.com", True),
        ("http://10.0.0.1:8025", True),
        ("http://localhost.example.com", True),
        ("https://example.com", False),
        ("http://localhost:8025", False),
        ("http://api.localhost", False),
        ("http://127.8.8.8", False),
        ("http://[::1]:8025", False),
    ],
)
def test_cleartext_is_warned_of(url: str, warned: bool) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Client("key", base_url=url)
        Client("key", base_url=url, transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    assert [each.category for each in caught] == [InsecureWarning] * warned
    assert all(each.filename == __file__ for each in caught)
