"""What the emulator costs in process, as ASGI calls; the baseline is the bare app."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from benchmarks.bare import Bare
from benchmarks.report import Table, Unit, table
from benchmarks.rounds import Contestant, Pace, Watcher, race, repeat_async
from benchmarks.samples import DOMAIN, KEY, Request, requests
from mailgun_emulator import create_app

App = Callable[..., Awaitable[None]]


def run(pace: Pace, watcher: Watcher) -> list[Table]:
    """A table each for sending and listing, by CPU time: no socket, nothing waits."""
    bare, emulator = Bare(), create_app(api_keys=[KEY], domains=[DOMAIN], seed=0)
    needed = requests()

    async def prepare() -> None:
        for request in needed.prepare:
            await exchange(emulator, request)

    tables = []
    with asyncio.Runner() as runner:
        for name, request in (("send_message", needed.send), ("list_bounces", needed.list)):
            title = f"emulator: {name}, in process"
            contestants = (
                Contestant("bare ASGI app", repeat_async(runner, _calling(bare, request))),
                Contestant("emulator", repeat_async(runner, _calling(emulator, request), prepare)),
            )
            laps = race(title, contestants, pace, watcher)
            tables.append(table(title, laps, "cpu", Unit.RATE))
    return tables


async def exchange(app: App, request: Request) -> bytes:
    """The body of the answer. Raises RuntimeError unless its status is 200."""
    status, body = 0, b""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status, body
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            body += message.get("body", b"")

    await app(request.scope(), receive, send)
    if status != 200:
        raise RuntimeError(f"{request.method} {request.path}: status {status}, {body[:200]!r}")
    return body


def _calling(app: App, request: Request) -> Callable[[], Awaitable[bytes]]:
    return lambda: exchange(app, request)
