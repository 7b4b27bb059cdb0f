"""One event, as it is kept and as the API shows it (platform EVT-037 to EVT-045)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Protocol

from attrs import define, field

from mailgun_emulator.ids import Ids

# platform EVT-039. Recorded `rejected` events carry no level (sending EVT-016).
_LEVELS = {
    "accepted": "info",
    "delivered": "info",
    "opened": "info",
    "clicked": "info",
    "unsubscribed": "info",
    "stored": "info",
    "list_member_uploaded": "info",
    "list_uploaded": "info",
    "complained": "warn",
}


class Details(Protocol):
    """What an event tells beside its type, time and id; asked for only when somebody reads."""

    def show(self, event: Event, base_url: str) -> Mapping[str, Any]:
        """The members as JSON; addresses of stored messages begin with `base_url`."""


@define(eq=False)
class Event:
    """Something that happened to a message, or to an import of list members.

    `timestamp` is in epoch seconds; `tags` are those of the message; `details` are ready-made
    members or what makes them. `number` is given by the store and rises.
    """

    id: str
    kind: str
    timestamp: float
    domain: str
    recipient: str = ""
    tags: tuple[str, ...] = ()
    details: Details | Mapping[str, Any] = field(factory=dict, repr=False)
    severity: str = ""
    number: int = field(default=0, init=False)

    @property
    def position(self) -> tuple[float, int]:
        """Where it stands among the events of its domain: by time, then as they came."""
        return (self.timestamp, self.number)

    def brief(self) -> Mapping[str, Any]:
        """The members that the event has of its own, without the size of its message.

        For counting: the size is what takes time. Details that have no `brief` are shown.
        """
        details = self.details
        if isinstance(details, Mapping):
            return details
        brief = getattr(details, "brief", None)
        found: Mapping[str, Any] = brief(self) if brief else details.show(self, "")
        return found

    def show(self, base_url: str) -> dict[str, Any]:
        """The event as JSON."""
        details = self.details
        members = details if isinstance(details, Mapping) else details.show(self, base_url)
        shown = {"event": self.kind, "timestamp": self.timestamp, "id": self.id, **members}
        level = _LEVELS.get(self.kind, "")
        if self.kind == "failed":
            shown["severity"] = self.severity
            level = "error" if self.severity == "permanent" else "warn"
        if level:
            shown["log-level"] = level
        return shown


def opaque(ids: Ids, length: int) -> str:
    """URL-safe text, as event ids (22 characters) and storage keys (34) are."""
    count = (length * 6 + 7) // 8
    raw = ids.random.getrandbits(8 * count).to_bytes(count, "big")
    return base64.urlsafe_b64encode(raw)[:length].decode()


def event_id(ids: Ids) -> str:
    """The id of a new event (platform EVT-037)."""
    return opaque(ids, 22)
