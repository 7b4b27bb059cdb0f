"""Call an ASGI app from synchronous httpx, in process."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx


class AsgiTransport(httpx.BaseTransport):
    """httpx.ASGITransport on an event loop of its own; an exception of the app is raised."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx.ASGITransport(app)
        self._loop = asyncio.new_event_loop()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._loop.run_until_complete(self._handle(request))

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        content = await response.aread()
        return httpx.Response(response.status_code, headers=response.headers.raw, content=content)

    def close(self) -> None:
        self._loop.close()
