"""Forced answers: what the next requests of an operation get instead of, or after, the real thing.

For testing how a client stands errors, slowness and lost connections.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from attrs import define, field

from mailgun_emulator.reply import Body, Reply

ANY = "*"
_BODILESS = (204, 304)


class DroppedError(Exception):
    """The connection is to be closed without an answer."""


@define(eq=False)
class Fault:
    """What happens to the next `times` requests of `operation` (`*`: of any).

    `latency` seconds pass first. Then, in this order of precedence: `drop` closes the connection;
    `status` answers with it, `body` and `headers`; without either the request is handled as ever.
    `handled` lets the request take effect before its answer is dropped or replaced.
    """

    id: int
    operation: str
    status: int | None = None
    body: Body = None
    headers: tuple[tuple[str, str], ...] = ()
    latency: float = 0.0
    drop: bool = False
    handled: bool = False
    times: int = 1

    def shown(self) -> dict[str, Any]:
        """The fault as JSON; `times` is how often it still happens."""
        return {
            "id": self.id,
            "operation": self.operation,
            "status": self.status,
            "body": self.body,
            "headers": dict(self.headers),
            "latency": self.latency,
            "drop": self.drop,
            "handled": self.handled,
            "times": self.times,
        }

    async def answer(self, handle: Callable[[], Awaitable[Reply]]) -> Reply:
        """The answer to a request that `handle` would handle. Raises DroppedError."""
        if self.latency:
            await asyncio.sleep(self.latency)
        forced = self.drop or self.status is not None
        reply = await handle() if self.handled or not forced else Reply()
        if self.drop:
            raise DroppedError(self.operation)
        if self.status is None:
            return reply
        body = None if self.status in _BODILESS else self.body
        return Reply(self.status, body, headers=self.headers)


@define
class Faults:
    """All faults that wait to happen, oldest first."""

    _waiting: list[Fault] = field(factory=list, init=False)
    _count: int = field(default=0, init=False)

    def add(self, operation: str, **settings: Any) -> Fault:
        """A new fault."""
        self._count += 1
        fault = Fault(self._count, operation, **settings)
        self._waiting.append(fault)
        return fault

    def take(self, operation: str) -> Fault | None:
        """The fault that a request of this operation meets; it has happened then."""
        for fault in self._waiting:
            if fault.operation in (operation, ANY):
                fault.times -= 1
                if fault.times < 1:
                    self._waiting.remove(fault)
                return fault
        return None

    def all(self) -> list[Fault]:
        """What waits, oldest first."""
        return list(self._waiting)

    def remove(self, fault_id: int) -> bool:
        """Take one back; whether there was one."""
        before = len(self._waiting)
        self._waiting = [fault for fault in self._waiting if fault.id != fault_id]
        return len(self._waiting) < before

    def clear(self) -> None:
        """Take all back."""
        self._waiting.clear()
