"""The connections of a client and of all its views."""

from __future__ import annotations

import sys
from collections.abc import Generator, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    import asyncio


class Authorization(httpx.Auth):
    """The header that says who calls, kept where nothing shows it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = self._value
        yield request


class Pool:
    """Makes the httpx clients when they are first needed, and closes them once.

    Args:
        auth: signs every request.
        arguments: for both httpx clients.
        transport: replaces the network in synchronous calls.
        async_transport: replaces the network in asynchronous calls.
    """

    def __init__(
        self,
        auth: httpx.Auth,
        arguments: Mapping[str, Any],
        transport: httpx.BaseTransport | None,
        async_transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        self.auth = auth
        self._arguments = dict(arguments)
        self._transport = transport
        self._async_transport = async_transport
        self._lock = Lock()
        self._closed = False
        self._sync: httpx.Client | None = None
        self._async: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def sync(self) -> httpx.Client:
        """What sends synchronous calls. Raises RuntimeError once it is closed."""
        found = self._sync
        if found is None:
            with self._lock:
                self._check()
                if self._sync is None:
                    self._sync = httpx.Client(**self._with(self._transport))
                found = self._sync
        return found

    @property
    def asynchronous(self) -> httpx.AsyncClient:
        """What sends asynchronous calls. Raises RuntimeError once it is closed, and in an event
        loop while another one has the connections."""
        found = self._async
        loop = _running_loop()
        if found is None or (loop is not self._loop and loop is not None):
            with self._lock:
                self._check()
                self._enter(loop)
                if self._async is None:
                    self._async = httpx.AsyncClient(**self._with(self._async_transport))
                found = self._async
        return found

    def _enter(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Note whose the connections are: those of a loop that has ended are of no use any more.

        A transport of the caller's has its own ways.
        """
        if self._async_transport is not None or self._loop in (None, loop):
            self._loop = loop or self._loop
        elif self._loop is not None and not self._loop.is_closed():
            raise RuntimeError("the client is used in another event loop: make one for each loop")
        elif loop is not None:
            self._async, self._loop = None, loop

    def close(self) -> None:
        """Close the connections of synchronous calls; there can be no new ones of any kind."""
        with self._lock:
            self._closed = True
            client, self._sync = self._sync, None
        if client is not None:
            client.close()

    async def aclose(self) -> None:
        """Close all connections."""
        self.close()
        with self._lock:
            client, self._async = self._async, None
        ended = self._async_transport is None and self._loop is not None and self._loop.is_closed()
        if client is not None and not ended:
            await client.aclose()

    def _check(self) -> None:
        if self._closed:
            raise RuntimeError("the client is closed")

    def _with(self, transport: object) -> dict[str, Any]:
        more = {"transport": transport} if transport is not None else {}
        return {**self._arguments, **more, "auth": self.auth}


def _running_loop() -> asyncio.AbstractEventLoop | None:
    # Synchronous programs need not load it.
    module = sys.modules.get("asyncio")
    try:
        return module.get_running_loop() if module is not None else None
    except RuntimeError:
        # None at all, or not one of asyncio.
        return None
