"""Sending queues: what is accepted and not yet at its end waits here (sending QUEUE)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import define, field, frozen

from mailgun_emulator.dates import utc

TOO_MANY = "You have too many messages in queue"


@frozen
class Waiting:
    """A message for one recipient that has not reached its end; `scheduled` if it has a time."""

    id: str
    domain: str
    scheduled: bool = False


@frozen
class Halt:
    """Why and until when a queue is closed."""

    until: datetime
    reason: str = TOO_MANY


@define
class QueueStore:
    """What waits, by id, and the queues that are closed, by domain and queue name."""

    waiting: dict[str, Waiting] = field(factory=dict)
    halted: dict[tuple[str, str], Halt] = field(factory=dict)

    def add(self, message: Waiting) -> None:
        """Put a message in its domain's queue."""
        self.waiting[message.id] = message

    def take(self, message_id: str) -> Waiting | None:
        """Take a message out; None when it is no longer there, so must not be delivered."""
        return self.waiting.pop(message_id, None)

    def halt(self, domain: str, queue: str, halt: Halt) -> None:
        """Close `regular` or `scheduled` of a domain."""
        self.halted[domain, queue] = halt

    def clear(self, domain: str) -> int:
        """Drop everything that waits in a domain; how much that was."""
        dropped = [key for key, message in self.waiting.items() if message.domain == domain]
        for key in dropped:
            del self.waiting[key]
        return len(dropped)

    def forget_domain(self, name: str) -> None:
        """The domain is gone, and its queues with it."""
        self.clear(name)
        self.halted = {key: halt for key, halt in self.halted.items() if key[0] != name}


def show(halt: Halt | None, now: datetime) -> dict[str, Any]:
    """One queue as the API shows it: `disabled` only while it is closed (QUEUE-001)."""
    if halt is None or halt.until <= now:
        return {"is_disabled": False}
    return {"is_disabled": True, "disabled": {"until": utc(halt.until), "reason": halt.reason}}
