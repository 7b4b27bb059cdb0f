"""What the pages talk to: an emulator on a port of its own, and a gateway in front of it."""

from __future__ import annotations

import base64
import contextlib
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

import uvicorn
from attrs import define

from mailgun_emulator import create_app
from mailgun_emulator.server import listen
from tests.client.test_gateway import Gateway

KEYS = ("key-test", "YOUR_API_KEY")
DOMAIN = "mg.example.com"
Message = MutableMapping[str, Any]


def app() -> Any:
    """Ids repeat, so that pages print the same each time."""
    return create_app(api_keys=KEYS, domains=(DOMAIN,), seed=1)


@define
class Front:
    """Connections as the gateway has them, one of them active; calls go on to the emulator."""

    inner: Any
    gateway: Gateway

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/mailgun/"):
            await self.gateway(scope, receive, send)
            return
        if scope["type"] == "http":
            path = scope["path"].removeprefix("/mailgun")
            key = base64.b64encode(f"api:{KEYS[0]}".encode())
            headers = [pair for pair in scope["headers"] if pair[0] != b"authorization"]
            headers.append((b"authorization", b"Basic " + key))
            scope = {**scope, "path": path, "raw_path": path.encode(), "headers": headers}
        await self.inner(scope, receive, send)


def gateway() -> Front:
    """One with an active connection."""
    found = Gateway()
    found.connect("ACTIVE")
    return Front(app(), found)


@contextlib.contextmanager
def served(application: Any, port: int) -> Iterator[None]:
    """The application on a port of this machine; 0 is none."""
    held = listen("127.0.0.1", port)
    server = uvicorn.Server(
        uvicorn.Config(application, log_level="error", lifespan="on", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [held]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)
        held.close()
