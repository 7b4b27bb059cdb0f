"""What was posted to webhooks: every event, URL and attempt, for the control API."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from attrs import define, field, frozen

# The oldest go first; what is still to be tried is tried all the same.
MOST = 2_000

WAITING = "waiting"
DELIVERED = "delivered"
REFUSED = "refused"
GIVEN_UP = "given up"
DROPPED = "dropped"


@frozen
class Attempt:
    """One POST: when (epoch seconds), how it was signed, and the status; None without answer."""

    at: float
    signature: dict[str, str]
    status: int | None


@define(eq=False)
class Delivery:
    """One event on its way to one URL.

    `data` is the event as JSON text. `state` is `waiting` until a 200 (`delivered`), a 406
    (`refused`) or the last attempt (`given up`); `dropped` when the domain went before.
    """

    id: int
    kind: str
    url: str
    domain: str
    event_id: str
    data: str = field(repr=False)
    attempts: list[Attempt] = field(factory=list)
    state: str = WAITING
    next_at: float | None = None

    def shown(self) -> dict[str, Any]:
        """The delivery as JSON, without the event."""
        return {
            "id": self.id,
            "type": self.kind,
            "url": self.url,
            "domain": self.domain,
            "event-id": self.event_id,
            "state": self.state,
            "next-attempt-at": self.next_at,
            "attempts": [
                {"at": attempt.at, "status": attempt.status, "signature": attempt.signature}
                for attempt in self.attempts
            ],
        }


@define
class DeliveryLog:
    """The deliveries of one account, oldest first; no part of what the API keeps."""

    _kept: deque[Delivery] = field(factory=lambda: deque(maxlen=MOST), eq=False, repr=False)
    _count: int = field(default=0, eq=False)

    def open_delivery(self, kind: str, url: str, domain: str, event_id: str, data: str) -> Delivery:
        """A new delivery, noted."""
        self._count += 1
        delivery = Delivery(self._count, kind, url, domain, event_id, data)
        self._kept.append(delivery)
        return delivery

    def __iter__(self) -> Iterator[Delivery]:
        return iter(self._kept)

    def clear(self) -> None:
        """Forget what was noted; what waits goes on."""
        self._kept.clear()

    def forget_domain(self, name: str) -> None:
        """The domain is gone: nothing more is tried for it."""
        for delivery in self._kept:
            if delivery.domain == name and delivery.state == WAITING:
                delivery.state, delivery.next_at = DROPPED, None
