"""The client over loopback, against hand-written httpx and the official package.

The server is the bare app in a process of its own, the same for all.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, ExitStack

import httpx
from attrs import evolve
from mailgun_client import Client

from benchmarks import calls, handwritten, official
from benchmarks.loopback import served
from benchmarks.report import Table, Unit, table
from benchmarks.rounds import Contestant, Pace, Run, Watcher, race, repeat, repeat_async
from benchmarks.samples import KEY

AT_ONCE = 100
# The baseline sends the same bytes as the client does, in parts; this and the official package
# send the shorter form that is enough without files.
PLAIN = "httpx, urlencoded"
_ENOUGH = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)


def run(pace: Pace, watcher: Watcher) -> list[Table]:
    """By the wall clock: sending and listing one after the other, and sending all at once."""
    with served("benchmarks.bare") as server:
        url = str(server.url)
        tables = synchronous(url, pace, watcher)
        with asyncio.Runner() as runner:
            return tables + asynchronous(runner, url, pace, watcher)


def synchronous(url: str, pace: Pace, watcher: Watcher) -> list[Table]:
    """A table for each operation."""
    with ExitStack() as stack:
        http = stack.enter_context(httpx.Client(auth=("api", KEY), base_url=url))
        ours = stack.enter_context(Client(KEY, base_url=url))
        sends = [
            Contestant("httpx", repeat(lambda: handwritten.send(http))),
            Contestant(PLAIN, repeat(lambda: handwritten.send_plain(http))),
            Contestant(calls.OURS, repeat(lambda: calls.send(ours))),
        ]
        lists = [
            Contestant("httpx, dicts", repeat(lambda: handwritten.list_dicts(http))),
            Contestant("httpx, own records", repeat(lambda: handwritten.list_records(http))),
            Contestant(calls.OURS, repeat(lambda: calls.list_(ours))),
        ]
        if official.version():
            theirs = stack.enter_context(official.client(url))
            sends.append(_named(official.NAME, repeat(lambda: official.send(theirs))))
            lists.append(_named(official.NAME, repeat(lambda: official.list_(theirs))))
        return [
            _table(f"client: {calls.SEND}, sync", sends, pace, watcher),
            _table(f"client: {calls.LIST}, sync", lists, pace, watcher),
        ]


def asynchronous(runner: asyncio.Runner, url: str, pace: Pace, watcher: Watcher) -> list[Table]:
    """The same by `asyncio`, and many messages at once."""
    stack = AsyncExitStack()
    http = httpx.AsyncClient(auth=("api", KEY), base_url=url, limits=_ENOUGH)
    stack.push_async_callback(http.aclose)
    ours = Client(KEY, base_url=url, limits=_ENOUGH)
    stack.push_async_callback(ours.aclose)
    one = functools.partial(repeat_async, runner)
    sends: dict[str, Callable[[], Awaitable[object]]] = {
        "httpx": lambda: handwritten.send_async(http),
        PLAIN: lambda: handwritten.send_plain_async(http),
        calls.OURS: lambda: calls.send_async(ours),
    }
    lists = [
        Contestant("httpx, dicts", one(lambda: handwritten.list_dicts_async(http))),
        Contestant("httpx, own records", one(lambda: handwritten.list_records_async(http))),
        Contestant(calls.OURS, one(lambda: calls.list_async(ours))),
    ]
    if official.version():
        theirs = official.async_client(url)
        stack.push_async_callback(theirs.aclose)
        sends[official.NAME] = lambda: official.send_async(theirs)
        lists.append(_named(official.NAME, one(lambda: official.list_async(theirs))))
    batches = evolve(pace, calls=1, warmup=min(pace.warmup, 1), limit=2 * pace.limit)
    single = [_named(name, one(send)) for name, send in sends.items()]
    crowds = [_named(name, one(functools.partial(_crowd, send))) for name, send in sends.items()]
    try:
        return [
            _table(f"client: {calls.SEND}, async", single, pace, watcher),
            _table(f"client: {calls.LIST}, async", lists, pace, watcher),
            _table(
                f"client: {AT_ONCE} messages at once", crowds, batches, watcher, Unit.MILLISECONDS
            ),
        ]
    finally:
        runner.run(stack.aclose())


async def _crowd(send: Callable[[], Awaitable[object]]) -> None:
    await asyncio.gather(*(send() for _ in range(AT_ONCE)))


def _named(name: str, run: Run) -> Contestant:
    note = f"version {official.version()}" if name == official.NAME else ""
    return Contestant(name, run, note)


def _table(
    title: str,
    contestants: Sequence[Contestant],
    pace: Pace,
    watcher: Watcher,
    unit: Unit = Unit.MICROSECONDS,
) -> Table:
    laps = race(title, contestants, pace, watcher)
    return evolve(table(title, laps, "wall", unit), remarks=official.remarks())
