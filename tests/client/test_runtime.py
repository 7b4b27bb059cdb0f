"""Over sockets: time-outs, proxies and closing; and options that could not work."""

from __future__ import annotations

import asyncio
import gc
import socket
import warnings
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from attrs import define
from mailgun_client import Client
from mailgun_client.api.domains import get_domain

from tests.client.uploads.sink import send, sinking

WAYS = pytest.mark.parametrize("way", ["sync", "async"])


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a server that accepts connections and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def call(way: str, client: Client) -> None:
    if way == "sync":
        with client:
            get_domain.sync("a", client=client)
        return

    async def use() -> None:
        async with client:
            await get_domain.asyncio("a", client=client)

    asyncio.run(use())


@WAYS
@pytest.mark.parametrize("timeout", [0.05, httpx.Timeout(5, read=0.05)], ids=["all", "read"])
def test_time_outs_end_calls(way: str, silent: str, timeout: Any) -> None:
    with pytest.raises(httpx.ReadTimeout) as caught:
        call(way, Client("key-secret", base_url=silent, timeout=timeout, retries=0))
    assert caught.value.request.url.path == "/v4/domains/a"
    patient = Client("key-secret", base_url=silent, timeout=60, retries=0)
    view = patient.with_options(timeout=timeout)
    with pytest.raises(httpx.ReadTimeout):
        get_domain.sync("a", client=view)
    patient.close()


@WAYS
def test_calls_go_through_the_proxy(way: str) -> None:
    with sinking() as sink:
        proxy = sink.url.replace("http://", "http://user:pass-word@")
        client = Client("key", base_url="http://api.localhost:1", proxy=proxy)
        send(way, client, b"content")
    [seen] = sink.seen
    assert seen.head.startswith("post http://api.localhost:1/v3/example.com/messages http/1.1")
    assert "proxy-authorization: basic dxnlcjpwyxnzlxdvcmq=" in seen.head
    assert "host: api.localhost:1\r\n" in seen.head


@pytest.mark.parametrize(("way", "closed"), [("sync", True), ("async", True), ("sync", False)])
def test_nothing_is_left_open_after_closing(way: str, closed: bool) -> None:
    """And Python warns of sockets that are, as of those of any other program."""
    with sinking() as sink, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        client = Client("key", base_url=sink.url)
        # A view closes nothing.
        send(way, client if closed else client.with_options(), b"x")
        del client
        gc.collect()
    assert any(each.category is ResourceWarning for each in caught) is not closed


@define(eq=False)
class Noting(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Knows whether it was closed."""

    closed: int = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(404, request=request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(404, request=request)

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1


@WAYS
def test_own_transports_are_closed_with_the_client(way: str) -> None:
    sync, asynchronous = Noting(), Noting()
    call(way, Client("key", region="us", transport=sync, async_transport=asynchronous))
    assert (sync.closed, asynchronous.closed) == ((1, 0) if way == "sync" else (0, 1))


@pytest.mark.parametrize(
    ("option", "error", "message"),
    [
        ({"region": ["us"]}, ValueError, "region: expected one of us, eu"),
        ({"base_url": 1}, TypeError, "base_url: expected text, found int"),
        ({"base_url": "https://example.com/?a=b"}, ValueError, "neither query nor fragment"),
        ({"base_url": "https://example.com/#a"}, ValueError, "neither query nor fragment"),
        ({"base_url": "https://example.com:99999"}, ValueError, "base_url: expected a port"),
        ({"timeout": 0}, ValueError, "timeout: expected more than 0 seconds or None"),
        ({"timeout": -1}, ValueError, "timeout: expected more than 0"),
        ({"timeout": float("nan")}, ValueError, "timeout: expected more than 0"),
        ({"timeout": float("inf")}, ValueError, "timeout: expected more than 0"),
        ({"api_key": None}, TypeError, "api_key: expected text, found NoneType"),
        ({"api_key": b"secret-value"}, TypeError, "api_key: expected text, found bytes"),
        ({"timeout": "30"}, TypeError, "timeout: expected seconds, None or"),
        ({"timeout": True}, TypeError, "timeout: .* found bool"),
        ({"headers": ["a"]}, TypeError, "headers: expected a dict, found list"),
        ({"headers": {"A": 1}}, TypeError, "headers: expected text"),
        ({"headers": {"A": "secret-value\r\nB: c"}}, ValueError, "headers: A has a line break"),
        ({"headers": {"A b": "c"}}, ValueError, "headers: 'A b' is no name"),
        ({"retries": "2"}, TypeError, "retries: expected a number, None or Retries, found str"),
        ({"retries": True}, TypeError, "retries: .* found bool"),
        ({"retries": 1.5}, TypeError, "retries: .* found float"),
        ({"retries": -1}, ValueError, "must be >= 0"),
        ({"raise_errors": "no"}, TypeError, "raise_errors: expected True or False, found str"),
        ({"hooks": print}, TypeError, "hooks: expected a list of hooks"),
        ({"hooks": [1]}, TypeError, "hooks: expected functions, found int"),
        ({"proxy": b"http://user:secret-value@x"}, TypeError, "proxy: expected str or URL"),
        ({"limits": 5}, TypeError, "limits: expected Limits, found int"),
        ({"transport": httpx.AsyncHTTPTransport}, TypeError, "transport: expected BaseTransport"),
        ({"async_transport": 1}, TypeError, "async_transport: expected AsyncBaseTransport"),
        ({"httpx_args": [1]}, TypeError, "httpx_args: expected a dict"),
        ({"httpx_args": {"auth": ("a", "b")}}, ValueError, "httpx_args: auth is told to"),
        ({"on_behalf_of": 1}, TypeError, "X-Mailgun-On-Behalf-Of: expected text, found int"),
    ],
    ids=str,
)
def test_options_that_could_not_work_are_refused(
    option: dict[str, Any], error: type[Exception], message: str
) -> None:
    usual = {} if "base_url" in option else {"region": "us"}
    with pytest.raises(error, match=message) as caught:
        Client(**({"api_key": "key-secret"} | usual | option))
    assert "secret" not in str(caught.value)
    views = {"timeout", "headers", "retries", "raise_errors", "hooks", "on_behalf_of"}
    if views & {*option}:
        with pytest.raises(error, match=message):
            Client("key-secret", region="us").with_options(**option)


@pytest.mark.parametrize("timeout", [None, 1, 0.5, httpx.Timeout(None)])
def test_time_outs_that_work(timeout: Any) -> None:
    with Client("key", region="us", timeout=timeout) as client:
        assert client.httpx_client.timeout == httpx.Timeout(timeout)
