"""The Client: where it calls, who calls, and that nobody sees the key."""

from __future__ import annotations

import asyncio
import base64
import copy
import pickle
from typing import Any

import httpx
import pytest
from mailgun_client import Client
from mailgun_client.api.domains import get_domain

from tests.client.contract import TRUTH
from tests.client.wire import Wire

KEY = "key-3ax6xnjp29jd6fds4gc373sgvjxteol0"


@pytest.mark.parametrize(
    ("region", "host"), [("us", "api.mailgun.net"), ("eu", "api.eu.mailgun.net")]
)
def test_the_region_gives_the_server(wire: Wire, region: str, host: str) -> None:
    get_domain.sync("a", client=wire.client(region=region))
    assert wire.sent.url.host == host
    assert f"https://{host}" in [server["url"] for server in TRUTH["servers"]]


def test_a_base_url_wins_and_keeps_its_path(wire: Wire) -> None:
    client = wire.client(base_url="http://127.0.0.1:8025/mailgun/")
    get_domain.sync("a", client=client)
    assert str(wire.sent.url) == "http://127.0.0.1:8025/mailgun/v4/domains/a"
    assert client.base_url == "http://127.0.0.1:8025/mailgun/"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"api_key": KEY}, r"give a region \(us, eu\) or a base_url"),
        ({"api_key": KEY, "region": "de"}, "region: expected one of us, eu, found 'de'"),
        ({"api_key": "", "region": "us"}, "api_key: expected text"),
        ({"api_key": f"api:{KEY}", "region": "us"}, "api_key: expected the key alone"),
        ({"api_key": KEY, "base_url": "https://example.com/v3"}, "base_url: expected no version"),
        ({"api_key": KEY, "base_url": "https://example.com/a/v10/"}, "expected no version"),
        ({"api_key": KEY, "base_url": "localhost:8025"}, "base_url: expected an absolute"),
        ({"api_key": KEY, "base_url": "/v3"}, "base_url: expected an absolute"),
        ({"api_key": KEY, "base_url": "ftp://example.com"}, "base_url: expected an absolute"),
        ({"api_key": KEY, "base_url": f"https://api:{KEY}@example.com"}, "no user and password"),
        ({"api_key": f"{KEY}\n", "region": "us"}, "api_key: expected ASCII"),
        ({"api_key": f"{KEY} x", "region": "us"}, "api_key: expected ASCII"),
        ({"api_key": "schlüssel", "region": "us"}, "api_key: expected ASCII"),
        ({"api_key": KEY, "region": "us", "on_behalf_of": "a\r\nX: y"}, "X-Mailgun-On-Behalf-Of"),
    ],
)
def test_clients_that_could_not_call_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        Client(**arguments)
    assert KEY not in str(caught.value)


def test_basic_auth_as_user_api(wire: Wire) -> None:
    get_domain.sync("a", client=wire.client(headers={"Authorization": "none", "X-A": "1"}))
    scheme, value = wire.sent.headers["authorization"].split()
    assert (scheme, base64.b64decode(value)) == ("Basic", b"api:key-secret")
    assert wire.sent.headers["x-a"] == "1"


def test_nothing_shows_the_key(wire: Wire) -> None:
    client = Client(KEY, region="us", transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    shown = [client, client._pool, client._sender, client.httpx_client, client.async_httpx_client]
    shown += [
        client.httpx_client.auth,
        client.httpx_client.headers,
        vars(client),
        vars(client._pool),
    ]
    for thing in shown:
        for text in (repr(thing), str(thing)):
            assert KEY not in text
            assert base64.b64encode(f"api:{KEY}".encode()).decode() not in text


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_client_cannot_be_duplicated(wire: Wire, duplicate: Any) -> None:
    with pytest.raises(TypeError, match="holds a key"):
        duplicate(wire.client())


def test_further_arguments_reach_httpx() -> None:
    seen: list[httpx.Request] = []
    client = Client(
        KEY,
        region="us",
        timeout=1.5,
        httpx_args={"event_hooks": {"request": [seen.append]}, "follow_redirects": True},
        transport=httpx.MockTransport(lambda _: httpx.Response(404)),
    )
    get_domain.sync("a", client=client)
    assert len(seen) == 1
    assert client.httpx_client.timeout == httpx.Timeout(1.5)
    assert client.async_httpx_client.timeout == httpx.Timeout(1.5)
    assert client.httpx_client.follow_redirects


def test_connections_are_closed_at_the_end(wire: Wire) -> None:
    with wire.client() as client:
        inner = client.httpx_client
        assert client.httpx_client is inner
    assert inner.is_closed

    async def use() -> bool:
        async with wire.client() as client:
            inner = client.async_httpx_client
            await get_domain.asyncio("a", client=client)
        return inner.is_closed

    assert asyncio.run(use())
    assert len(wire.requests) == 1
