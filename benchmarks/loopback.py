"""The emulator over uvicorn on loopback, in a process of its own; the baseline is the bare app."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import httpx

from benchmarks.load import fire
from benchmarks.report import Table, Unit, table
from benchmarks.rounds import Contestant, Pace, Run, Spent, Watcher, now, race
from benchmarks.samples import DOMAIN, KEY, Request, requests

_ROOT = Path(__file__).parents[1]
_BARE = ("benchmarks.bare",)
_EMULATOR = ("mailgun_emulator", "serve", "--port", "0", "--api-key", KEY, "--domain", DOMAIN)
_START, _STOP = 30, 10  # seconds


def run(pace: Pace, watcher: Watcher) -> list[Table]:
    """A table each for sending and listing, by the wall clock: client and server both work."""
    needed = requests()
    tables = []
    with served(*_BARE) as bare, served(*_EMULATOR) as emulator, _runner() as runner:
        for name, request in (("send_message", needed.send), ("list_bounces", needed.list)):
            title = f"loopback: {name}, uvicorn, 8 connections"
            contestants = (
                Contestant("bare ASGI app", _firing(runner, bare, request)),
                Contestant("emulator", _firing(runner, emulator, request, needed.prepare)),
            )
            laps = race(title, contestants, pace, watcher)
            noted = laps.noted(map(_share, laps.spent))
            tables.append(table(title, noted, "wall", Unit.RATE))
    return tables


@contextmanager
def served(*arguments: str) -> Iterator[httpx.URL]:
    """The URL of `python -m ARGUMENTS`, once it prints that it is ready; it ends with the block.

    Raises RuntimeError when the server ends, or does not get ready in time.
    """
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT) as server:
        late = threading.Timer(_START, server.kill)
        late.start()
        try:
            assert server.stdout is not None
            ready = next((line for line in server.stdout if line.startswith("ready: ")), None)
            late.cancel()
            if ready is None:
                raise RuntimeError(f"{' '.join(arguments)}: did not get ready")
            yield httpx.URL(ready.removeprefix("ready: ").strip())
        finally:
            late.cancel()
            server.terminate()
            try:
                server.wait(_STOP)
            except subprocess.TimeoutExpired:
                server.kill()


def _firing(
    runner: asyncio.Runner, url: httpx.URL, request: Request, prepare: tuple[Request, ...] = ()
) -> Run:
    async def load(calls: int) -> Spent:
        port = url.port or 80
        for each in prepare:
            await fire(url.host, port, each.wire(), 1)
        wire = request.wire()
        start = now()
        await fire(url.host, port, wire, calls)
        return now().since(start)

    return lambda calls: runner.run(load(calls))


def _share(spent: Iterable[Spent]) -> str:
    """How busy the load client was: near 100 % it would be what is measured."""
    wall, cpu = zip(*((each.wall, each.cpu) for each in spent), strict=True)
    return f"load client busy {sum(cpu) / sum(wall):.0%}"


def _runner() -> asyncio.Runner:
    """A loop as fast as the server's, where there is one."""
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    if find_spec("uvloop"):
        import uvloop

        factory = uvloop.new_event_loop
    return asyncio.Runner(loop_factory=factory)
