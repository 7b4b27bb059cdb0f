"""The emulator over uvicorn on loopback, in a process of its own; the baseline is the bare app."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import httpx
from attrs import frozen

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
            title = f"loopback: {name}, uvicorn, 10 connections"
            waits: tuple[list[float], list[float]] = ([], [])
            contestants = (
                Contestant("bare ASGI app", _firing(runner, bare.url, request, waits[0])),
                Contestant(
                    "emulator",
                    _firing(runner, emulator.url, request, waits[1], needed.prepare),
                    f"started in {emulator.seconds:.2f} s",
                ),
            )
            laps = race(title, contestants, pace, watcher)
            noted = laps.noted(map(_note, contestants, laps.spent, waits))
            tables.append(table(title, noted, "wall", Unit.RATE))
    return tables


@frozen
class Served:
    """Where a server is, and how long it took to get ready, in seconds."""

    url: httpx.URL
    seconds: float


@contextmanager
def served(*arguments: str) -> Iterator[Served]:
    """`python -m ARGUMENTS`, once it prints that it is ready; it ends with the block.

    Raises RuntimeError when the server ends, or does not get ready in time.
    """
    command = [sys.executable, "-m", *arguments]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT) as server:
        late = threading.Timer(_START, server.kill)
        late.start()
        try:
            assert server.stdout is not None
            ready = next((line for line in server.stdout if line.startswith("ready: ")), None)
            late.cancel()
            if ready is None:
                raise RuntimeError(f"{' '.join(arguments)}: did not get ready")
            took = time.perf_counter() - start
            yield Served(httpx.URL(ready.removeprefix("ready: ").strip()), took)
        finally:
            late.cancel()
            server.terminate()
            try:
                server.wait(_STOP)
            except subprocess.TimeoutExpired:
                server.kill()


def _firing(
    runner: asyncio.Runner,
    url: httpx.URL,
    request: Request,
    waits: list[float],
    prepare: tuple[Request, ...] = (),
) -> Run:
    async def load(calls: int) -> Spent:
        port = url.port or 80
        for each in prepare:
            await fire(url.host, port, each.wire(), 1)
        wire = request.wire()
        start = now()
        found = await fire(url.host, port, wire, calls)
        spent = now().since(start)
        waits.extend(found)
        return spent

    return lambda calls: runner.run(load(calls))


def _note(contestant: Contestant, spent: Iterable[Spent], waits: Sequence[float]) -> str:
    """The slowest answers, and how busy the load client was: near 100 % it would be measured."""
    wall, cpu = zip(*((each.wall, each.cpu) for each in spent), strict=True)
    slow = sorted(waits)[len(waits) * 99 // 100]
    told = (f"p99 {slow * 1e3:.1f} ms", f"load client busy {sum(cpu) / sum(wall):.0%}")
    return ", ".join((*told, contestant.note) if contestant.note else told)


def _runner() -> asyncio.Runner:
    """A loop as fast as the server's, where there is one."""
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    if find_spec("uvloop"):
        import uvloop

        factory = uvloop.new_event_loop
    return asyncio.Runner(loop_factory=factory)
