"""What events say of a webhook that would not take an event (platform EVT-060)."""

from __future__ import annotations

import json
from typing import Any

from attrs import frozen

from mailgun_emulator.areas.events.records import Event, event_id
from mailgun_emulator.areas.webhooks.log import Delivery
from mailgun_emulator.ids import Ids

# Members of the event that was posted which the failure repeats.
_KEPT = ("message", "user-variables", "campaigns", "template", "batch", "mailing-list")


@frozen
class Unheard:
    """The members of such an event.

    `told` are those of the event that was posted; `status` is that of the last answer, None when
    there was none.
    """

    told: dict[str, Any]
    url: str
    status: int | None
    attempts: int

    def show(self, event: Event, base_url: str) -> dict[str, Any]:  # noqa: ARG002
        """The members as JSON."""
        told = self.told
        flags = {"is-test-mode": False, **(told.get("flags") or {})}
        return {
            **{name: told[name] for name in _KEPT if name in told},
            "envelope": {**(told.get("envelope") or {}), "transport": "http", "targets": self.url},
            "flags": {**flags, "is-callback": True, "is-webhook": True},
            "reason": "generic",
            "delivery-status": {
                "code": self.status or 0,
                "message": "",
                "description": self._description(),
                "attempt-no": self.attempts,
                "session-seconds": 0.0,
            },
        }

    def _description(self) -> str:
        return "no answer" if self.status is None else f"answered with status {self.status}"


def failure(ids: Ids, delivery: Delivery, moment: float, status: int | None) -> Event:
    """The event of a delivery that was refused or given up."""
    told = json.loads(delivery.data)
    return Event(
        event_id(ids),
        "failed",
        moment,
        delivery.domain,
        str(told.get("recipient") or ""),
        tuple(told.get("tags") or ()),
        Unheard(told, delivery.url, status, len(delivery.attempts)),
        "permanent",
    )


def is_failure(shown: dict[str, Any]) -> bool:
    """Whether an event is one of these: no webhook hears of it, since that could go on for ever."""
    return (shown.get("flags") or {}).get("is-webhook") is True
