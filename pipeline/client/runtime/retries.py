"""When a call is repeated, and how long to wait before.

Written here rather than taken from a library: the general ones know neither resets in milliseconds
nor this API's refusals (420, `retry-seconds`), repeat by HTTP method alone, or bring their own
dependencies; what is left of them is a loop.
"""

from __future__ import annotations

import random as _random
import time
from collections.abc import Awaitable, Callable, Iterable
from threading import Lock

from attrs import Factory, define, evolve, field, frozen, validators


@define
class RetryBudget:
    """Keeps retries a small part of all calls, so that a failing server is not called even more.

    A retry takes one token; a call that succeeds gives back a part of one. Safe for threads.

    Attributes:
        capacity: the most tokens, and those at the start.
        refund: tokens that a success gives back.
    """

    capacity: float = field(default=20.0, validator=validators.gt(0))
    refund: float = field(default=0.1, validator=validators.ge(0))
    tokens: float = field(
        init=False, default=Factory(lambda budget: budget.capacity, takes_self=True)
    )
    _lock: Lock = field(init=False, factory=Lock, repr=False, eq=False)

    def take(self) -> bool:
        """Take a token; False if there is none."""
        with self._lock:
            if self.tokens < 1:
                return False
            self.tokens -= 1
            return True

    def give(self) -> None:
        """What a success gives back."""
        if self.tokens < self.capacity:
            with self._lock:
                self.tokens = min(self.tokens + self.refund, self.capacity)


async def _async_sleep(seconds: float) -> None:
    # httpx needs anyio anyway; it sleeps in asyncio and trio alike.
    import anyio

    await anyio.sleep(seconds)


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)


def _statuses(statuses: Iterable[int]) -> frozenset[int]:
    return frozenset(statuses)


@frozen
class Retries:
    """Repeats calls that failed for a passing reason.

    A call that surely did nothing is repeated whatever it does: the server refused it for its
    limits (429, 420), or no connection came about. After an ambiguous failure (5xx, a time-out or a
    broken connection once the request was on its way) only `methods` and `operations` are: a
    message could have been queued, and would be sent twice.

    Attributes:
        limit: repetitions of one call at most.
        first: seconds before the first repetition; each further one waits twice as long, less a
            random part of up to one half.
        longest: seconds that such a wait has at most.
        patience: seconds that all waits of one call may add up to. A server that asks for more is
            not called again: the response says how long it wants (`response.retry_after`).
        methods: HTTP methods, in capitals, that are repeated after ambiguous failures.
        operations: names of operations (`send_message`) that are repeated after them as well.
        failures: statuses that are ambiguous failures.
        budget: shared by all calls with this object; None for no such limit.
        clock: seconds since 1970, to know how far a reset is.
        sleep: waits in synchronous calls.
        async_sleep: waits in asynchronous calls.
        random: numbers from 0 to 1.
    """

    limit: int = field(default=2, validator=validators.ge(0))
    first: float = field(default=0.5, validator=validators.ge(0))
    longest: float = field(default=30.0, validator=validators.ge(0))
    patience: float = field(default=60.0, validator=validators.ge(0))
    methods: frozenset[str] = field(default=frozenset({"GET", "HEAD", "OPTIONS"}), converter=_names)
    operations: frozenset[str] = field(default=frozenset(), converter=_names)
    failures: frozenset[int] = field(default=frozenset({500, 502, 503, 504}), converter=_statuses)
    budget: RetryBudget | None = field(factory=RetryBudget)
    clock: Callable[[], float] = field(default=time.time, repr=False, eq=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False, eq=False)
    async_sleep: Callable[[float], Awaitable[None]] = field(
        default=_async_sleep, repr=False, eq=False
    )
    random: Callable[[], float] = field(default=_random.random, repr=False, eq=False)

    @classmethod
    def of(cls, value: Retries | int | None) -> Retries | None:
        """`value`, where a number is a limit, and 0 or None is no repetition at all.

        Raises TypeError for anything else.
        """
        if isinstance(value, bool) or not isinstance(value, Retries | int | None):
            found = type(value).__name__
            raise TypeError(f"retries: expected a number, None or Retries, found {found}")
        policy = cls(limit=value) if isinstance(value, int) else value
        return policy if policy and policy.limit else None

    def repeating(self, *operations: str) -> Retries:
        """The same, repeating these operations after ambiguous failures too."""
        return evolve(self, operations=self.operations.union(operations))
