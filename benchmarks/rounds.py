"""Contestants take turns in rounds; what counts is the ratio to the first of them."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

from attrs import evolve, frozen


@frozen
class Spent:
    """Seconds by the wall clock, and of CPU in this process and its ended children."""

    wall: float
    cpu: float

    def since(self, start: Spent) -> Spent:
        return Spent(self.wall - start.wall, self.cpu - start.cpu)


Run = Callable[[int], Spent]
"""Does something so many times and tells what that took; preparations are left out."""


@frozen
class Contestant:
    """One way to do the thing that is compared; `note` is shown beside its figures."""

    name: str
    run: Run
    note: str = ""


@frozen
class Pace:
    """How often: `rounds` of `calls` calls each, after `warmup` calls that nobody times.

    There are fewer rounds, but one at least, where more would take longer than `limit` seconds.
    """

    rounds: int
    calls: int = 1
    warmup: int = 0
    limit: float = 60


@frozen
class Laps:
    """What each contestant spent in each round; the first one is the baseline."""

    contestants: tuple[Contestant, ...]
    spent: tuple[tuple[Spent, ...], ...]
    pace: Pace

    def noted(self, notes: Iterable[str]) -> Laps:
        """The same with a note for each contestant, of what came to light on the way."""
        pairs = zip(self.contestants, notes, strict=True)
        return evolve(self, contestants=tuple(evolve(each, note=note) for each, note in pairs))


class Watcher(Protocol):
    """Hears how far a race is."""

    def begin(self, title: str) -> None: ...
    def tick(self) -> None: ...
    def end(self) -> None: ...


def now() -> Spent:
    """The clocks."""
    times = os.times()
    children = times.children_user + times.children_system
    return Spent(time.perf_counter(), time.process_time() + children)


def race(title: str, contestants: Sequence[Contestant], pace: Pace, watcher: Watcher) -> Laps:
    """Let the contestants take turns; who begins changes from round to round."""
    watcher.begin(title)
    if pace.warmup:
        for contestant in contestants:
            contestant.run(pace.warmup)
    places = range(len(contestants))
    spent: list[list[Spent]] = [[] for _ in places]
    end, longest = time.perf_counter() + pace.limit, 0.0
    for number in range(pace.rounds):
        started = time.perf_counter()
        if number and started + longest > end:
            break
        for place in places:
            turn = (number + place) % len(contestants)
            gc.collect()  # Nobody pays for the litter of the one before.
            spent[turn].append(contestants[turn].run(pace.calls))
        longest = max(longest, time.perf_counter() - started)
        watcher.tick()
    watcher.end()
    return Laps(tuple(contestants), tuple(map(tuple, spent)), pace)


def repeat(call: Callable[[], object]) -> Run:
    """Call again and again."""

    def run(calls: int) -> Spent:
        start = now()
        for _ in range(calls):
            call()
        return now().since(start)

    return run


def repeat_async(
    runner: asyncio.Runner,
    call: Callable[[], Awaitable[object]],
    prepare: Callable[[], Awaitable[object]] | None = None,
) -> Run:
    """Await one call after the other on the runner's loop; `prepare` comes first, untimed."""

    async def loop(calls: int) -> Spent:
        if prepare is not None:
            await prepare()
        start = now()
        for _ in range(calls):
            await call()
        return now().since(start)

    return lambda calls: runner.run(loop(calls))
