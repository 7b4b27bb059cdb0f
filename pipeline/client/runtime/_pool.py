"""The connections of a client and of all its views."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from threading import Lock
from typing import Any

import httpx


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
        """What sends asynchronous calls. Raises RuntimeError once it is closed."""
        found = self._async
        if found is None:
            with self._lock:
                self._check()
                if self._async is None:
                    self._async = httpx.AsyncClient(**self._with(self._async_transport))
                found = self._async
        return found

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
        if client is not None:
            await client.aclose()

    def _check(self) -> None:
        if self._closed:
            raise RuntimeError("the client is closed")

    def _with(self, transport: object) -> dict[str, Any]:
        more = {"transport": transport} if transport is not None else {}
        return {**self._arguments, **more, "auth": self.auth}
