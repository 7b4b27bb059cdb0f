"""The client: where the API is and who calls it."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from types import TracebackType
from typing import Any, NoReturn, Self

import httpx

from ._servers import SERVERS, Region

_USER = "api"


class Client:
    """Calls one account of the API.

    Open connections are kept between calls; close them with `close` or `aclose`, or use the client
    as a (synchronous or asynchronous) context manager. One client serves any number of threads,
    and one event loop.

    Args:
        api_key: the account or domain sending key; sent by Basic auth as the password of `api`.
        region: where the account lives; it gives the base URL.
        base_url: another base URL, for a proxy or an emulator; it wins over `region`.
        timeout: seconds (or an `httpx.Timeout`) for each of connect, read, write and pool.
        headers: sent with every request.
        transport: replaces the network in synchronous calls.
        async_transport: replaces the network in asynchronous calls.
        httpx_args: further arguments for `httpx.Client` and `httpx.AsyncClient`.

    Raises:
        ValueError: neither region nor base URL, an unknown region, a base URL that is not
            absolute, or an empty key.
    """

    def __init__(
        self,
        api_key: str,
        *,
        region: Region | None = None,
        base_url: str | None = None,
        timeout: float | httpx.Timeout | None = 30.0,
        headers: Mapping[str, str] | None = None,
        transport: httpx.BaseTransport | None = None,
        async_transport: httpx.AsyncBaseTransport | None = None,
        httpx_args: Mapping[str, Any] | None = None,
    ) -> None:
        if not isinstance(api_key, str) or not api_key:
            raise ValueError("api_key: expected the key as text, found nothing")
        if region is not None and region not in SERVERS:
            raise ValueError(f"region: expected one of {', '.join(SERVERS)}, found {region!r}")
        if base_url is None:
            if region is None:
                raise ValueError(f"give a region ({', '.join(SERVERS)}) or a base_url")
            base_url = SERVERS[region]
        self._base_url = httpx.URL(base_url)
        if self._base_url.scheme not in ("http", "https") or not self._base_url.host:
            raise ValueError("base_url: expected an absolute http or https URL")
        self._transport = transport
        self._async_transport = async_transport
        self._arguments: dict[str, Any] = {
            **(httpx_args or {}),
            "auth": httpx.BasicAuth(_USER, api_key),
            "base_url": self._base_url,
            "headers": {**(headers or {})},
            "timeout": timeout,
        }
        self._lock = Lock()
        self._sync: httpx.Client | None = None
        self._async: httpx.AsyncClient | None = None

    @property
    def base_url(self) -> str:
        """The URL that paths are appended to."""
        return str(self._base_url)

    @property
    def httpx_client(self) -> httpx.Client:
        """What sends synchronous calls; made at the first one."""
        with self._lock:
            if self._sync is None:
                self._sync = httpx.Client(**self._with_transport(self._transport))
            return self._sync

    @property
    def async_httpx_client(self) -> httpx.AsyncClient:
        """What sends asynchronous calls; made at the first one."""
        with self._lock:
            if self._async is None:
                self._async = httpx.AsyncClient(**self._with_transport(self._async_transport))
            return self._async

    def request(self, **arguments: Any) -> httpx.Response:
        """Send one request; `arguments` are those of `httpx.Client.request`."""
        return self.httpx_client.request(**arguments)

    async def arequest(self, **arguments: Any) -> httpx.Response:
        """Send one request; `arguments` are those of `httpx.AsyncClient.request`."""
        return await self.async_httpx_client.request(**arguments)

    def close(self) -> None:
        """Close the connections of synchronous calls."""
        with self._lock:
            client, self._sync = self._sync, None
        if client is not None:
            client.close()

    async def aclose(self) -> None:
        """Close the connections of asynchronous calls."""
        with self._lock:
            client, self._async = self._async, None
        if client is not None:
            await client.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        # The key is not shown, nor are credentials in the URL (httpx masks those).
        return f"Client({self._base_url!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Client holds a key and open connections; it can't be pickled or copied")

    def _with_transport(self, transport: object) -> dict[str, Any]:
        return self._arguments | ({"transport": transport} if transport is not None else {})
