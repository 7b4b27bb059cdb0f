"""Call an ASGI app from synchronous httpx, in process."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx


class AsgiTransport(httpx.BaseTransport):
    """Calls an ASGI app on an event loop of its own; an exception of the app is raised.

    Not httpx.ASGITransport, which looks for trio at every request: a run has thousands.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._loop.run_until_complete(self._handle(request, request.read()))

    async def _handle(self, request: httpx.Request, body: bytes) -> httpx.Response:
        coming = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return coming.pop() if coming else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self._app(_scope(request), receive, send)
        start, *parts = sent
        content = b"".join(part.get("body", b"") for part in parts)
        return httpx.Response(
            start["status"],
            headers=start.get("headers", []),
            content=b"" if request.method == "HEAD" else content,
        )

    def close(self) -> None:
        self._loop.close()


def _scope(request: httpx.Request) -> dict[str, Any]:
    path, _, query = request.url.raw_path.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": path,
        "query_string": query,
        "server": (request.url.host, request.url.port),
        "client": ("127.0.0.1", 123),
        "root_path": "",
    }
