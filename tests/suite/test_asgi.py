"""The transport into an ASGI app: what the app sees is what httpx' own transport shows it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.contract.asgi import AsgiTransport

PARTS = (b"a", b"", b"b")


class Mirror:
    """Answers in parts and keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.told.append({**scope, "body": body})
        headers = [(b"x-one", b"1"), (b"x-one", b"2")]
        await send({"type": "http.response.start", "status": 207, "headers": headers})
        for number, part in enumerate(PARTS, start=1):
            more = number < len(PARTS)
            await send({"type": "http.response.body", "body": part, "more_body": more})


@pytest.mark.parametrize(
    "request_",
    [
        httpx.Request("GET", "http://a.test/x%2Fy/?q=%20&q"),
        httpx.Request("HEAD", "http://a.test:8080"),
        httpx.Request("POST", "https://a.test/z", json={"a": 1}, headers={"X-A": "b"}),
        httpx.Request("PUT", "http://a.test/m", data={"a": "b"}, files={"f": b"\x00\xff"}),
    ],
    ids=lambda request: request.method,
)
def test_shows_the_app_what_the_transport_of_httpx_shows(request_: httpx.Request) -> None:
    request_.read()
    own, other = Mirror(), Mirror()
    transport = AsgiTransport(own)
    mine = transport.handle_request(request_)
    transport.close()
    theirs = asyncio.run(_through_httpx(other, request_))
    assert own.told == other.told
    assert (mine.status_code, mine.headers.raw) == (207, theirs.headers.raw)
    assert mine.content == theirs.content == (b"" if request_.method == "HEAD" else b"ab")


async def _through_httpx(app: Any, request: httpx.Request) -> httpx.Response:
    response = await httpx.ASGITransport(app).handle_async_request(request)
    content = await response.aread()
    return httpx.Response(response.status_code, headers=response.headers.raw, content=content)


def test_an_exception_of_the_app_is_raised() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError(json.dumps(scope["path"]))

    transport = AsgiTransport(app)
    with pytest.raises(RuntimeError, match="/broken"):
        transport.handle_request(httpx.Request("GET", "http://a.test/broken"))
    transport.close()
