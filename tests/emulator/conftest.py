"""An app in process and a plain HTTP client for it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
import uvicorn

from mailgun_emulator import Emulator, create_app, server
from mailgun_emulator.state import DEFAULT_DOMAIN, DEFAULT_KEY

from . import notes
from .small import emulator

START = datetime(2025, 1, 24, 12, 44, 39, tzinfo=UTC)
BASE_URL = "http://mg.test"

Connect = Callable[..., httpx.Client]


class Inside(httpx.BaseTransport):
    """Runs an ASGI app inside a synchronous client."""

    def __init__(self, app: Emulator, address: str = "127.0.0.1") -> None:
        self._inner = httpx.ASGITransport(app, client=(address, 1))
        self._runner = asyncio.Runner()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._runner.run(self._exchange(request))

    def close(self) -> None:
        self._runner.close()

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        request.read()
        response = await self._inner.handle_async_request(request)
        body = await response.aread()
        return httpx.Response(
            response.status_code, headers=response.headers, content=body, request=request
        )


@pytest.fixture
def app() -> Emulator:
    """A strict app with the default key and domain, ids that repeat, and time that stands still."""
    made = create_app(seed=1)
    made.state.clock.freeze(START)
    return made


@pytest.fixture
def served() -> Iterator[str]:
    """The URL of an app behind the server of `serve`."""
    held = server.listen("127.0.0.1", 0)
    config = uvicorn.Config(create_app(seed=1), http=server.Protocol, log_level="error")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(running.serve([held])))
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield server.url(held)
    running.should_exit = True
    thread.join()


@pytest.fixture
def noted() -> Emulator:
    """An app that has the area of notes.py and no other."""
    return emulator(notes.paths(), areas=[notes])


@pytest.fixture
def connect(app: Emulator) -> Iterator[Connect]:
    """Opens clients: of the app or another one, with the default key, another or none, from
    this host or another `address`.
    """
    opened: list[httpx.Client] = []

    def make(
        target: Emulator | None = None,
        *,
        key: str | None = DEFAULT_KEY,
        address: str = "127.0.0.1",
    ) -> httpx.Client:
        client = httpx.Client(
            transport=Inside(target or app, address),
            base_url=BASE_URL,
            auth=None if key is None else ("api", key),
        )
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def api(connect: Connect) -> httpx.Client:
    """A client with the default key."""
    return connect()


@pytest.fixture
def domain() -> str:
    """The domain that is active at start."""
    return DEFAULT_DOMAIN
