"""A small HTTP/1.1 load client: a few connections, one request at a time on each of them."""

from __future__ import annotations

import asyncio
import re
import time
from typing import cast

from attrs import define, field

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_OK = b"HTTP/1.1 200 "


@define
class Load:
    """So many times the same request; `done` is set at the last answer or the first failure.

    `waits` are the seconds from each request to its whole answer.
    """

    request: bytes = field(repr=False)
    count: int
    done: asyncio.Future[None]
    started: int = 0
    waits: list[float] = field(factory=list, repr=False)

    def next(self) -> bool:
        """Whether there is a request left to send."""
        if self.started == self.count:
            return False
        self.started += 1
        return True

    def answer(self, wait: float) -> None:
        """Note one answer."""
        self.waits.append(wait)
        if len(self.waits) == self.count and not self.done.done():
            self.done.set_result(None)

    def fail(self, reason: str) -> None:
        """End with an error."""
        if not self.done.done():
            self.done.set_exception(RuntimeError(reason))


@define(eq=False)
class _Connection(asyncio.Protocol):
    load: Load
    transport: asyncio.WriteTransport | None = None
    held: bytes = b""
    sent: float = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods but not the class.
        self.transport = cast(asyncio.WriteTransport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self.held += data
        head, blank, body = self.held.partition(b"\r\n\r\n")
        if not blank:
            return
        length = _LENGTH.search(head)
        if length is None or not head.startswith(_OK):
            self.load.fail(f"expected a 200 with its length, found {head[:200]!r}")
        elif len(body) >= int(length[1]):
            self.held = b""
            self.load.answer(time.perf_counter() - self.sent)
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self.load.fail(f"the server closed a connection: {exc}")

    def _send(self) -> None:
        assert self.transport is not None
        if self.load.next():
            self.sent = time.perf_counter()
            self.transport.write(self.load.request)


async def fire(
    host: str, port: int, request: bytes, count: int, *, connections: int = 10, limit: float = 60
) -> list[float]:
    """Get `count` answers of status 200; the seconds that each took.

    Raises RuntimeError at another status or a lost connection, TimeoutError after `limit` seconds.
    """
    loop = asyncio.get_running_loop()
    load = Load(request, count, loop.create_future())
    opened: list[asyncio.BaseTransport] = []
    try:
        async with asyncio.timeout(limit):
            for _ in range(min(connections, count)):
                pair = await loop.create_connection(lambda: _Connection(load), host, port)
                opened.append(pair[0])
            await load.done
    finally:
        for transport in opened:
            transport.close()
    return load.waits
