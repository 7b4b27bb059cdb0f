"""Serving over TCP with uvicorn."""

from __future__ import annotations

import contextlib
import errno
import gc
import socket
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mailgun_emulator.app import ABORT
from mailgun_emulator.errors import ServeError

BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises ServeError when it cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        held = socket.socket(family, kind, protocol)
        try:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind(address)
            # Two servers can bind to one port as long as none listens.
            held.listen(BACKLOG)
        except BaseException:
            held.close()
            raise
    except OSError as error:
        hint = " (port 0 takes a free one)" if error.errno == errno.EADDRINUSE else ""
        reason = f"{error.strerror}{hint}"
        raise ServeError(f"cannot listen on {host} port {port}: {reason}") from None
    return held


def url(held: socket.socket, scheme: str = "http") -> str:
    """Where a bound socket can be reached."""
    host, port = held.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def run(
    app: Any,
    held: socket.socket,
    *,
    ready: Callable[[str], None],
    beside: Iterable[AbstractAsyncContextManager[object]] = (),
) -> None:
    """Serve until interrupted; `ready` is told the URL once connections are accepted.

    What is `beside` the app runs on its loop, and ends before the app does.
    """
    config = uvicorn.Config(
        app,
        http=Protocol,
        backlog=BACKLOG,
        access_log=False,
        log_level="warning",
        server_header=False,
        lifespan="on",
    )
    _spare_the_collector()
    # uvicorn raises the interrupt again after it has shut down; stopping that way is no error.
    with contextlib.suppress(KeyboardInterrupt):
        _Server(config, lambda: ready(url(held)), tuple(beside)).run(sockets=[held])


def _spare_the_collector() -> None:
    """Keep the garbage collector from what stays anyway.

    The parsed description and kept mail are a million objects without cycles; looking through them
    again and again costs a tenth of the throughput and stops the server for as much as 0.1 s.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


class Protocol(HttpToolsProtocol):
    """Lets the app close a connection without an answer."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {ABORT: {"call": self.transport.abort}}


class _Server(uvicorn.Server):
    """Tells when it has started, and runs other servers meanwhile."""

    def __init__(
        self,
        config: uvicorn.Config,
        started: Callable[[], None],
        beside: tuple[AbstractAsyncContextManager[object], ...],
    ) -> None:
        super().__init__(config)
        self._tell, self._beside = started, beside
        self._running = contextlib.AsyncExitStack()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            for server in self._beside:
                await self._running.enter_async_context(server)
            self._tell()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._running.aclose()
        await super().shutdown(sockets=sockets)
