"""One event, as it is kept and as the API shows it (platform EVT-037 to EVT-045)."""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Mapping
from typing import Any, Protocol

from attrs import define, field

from mailgun_emulator.ids import Ids

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
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
# platform EVT-040: tags and user variables belong to events of messages; recorded `rejected` events
# tell what they have themselves (sending EVT-016).
_WITHOUT_MESSAGE = frozenset(
    {
        "rejected",
        "list_member_uploaded",
        "list_member_upload_error",
        "list_uploaded",
        "email_validation",
    }
)


class Details(Protocol):
    """What an event tells beside its type, time and id; asked for only when somebody reads.

    Optional: `brief(event)`, the members without the message, and `message(event)`, the message
    without its size. Counting and searching ask for these.
    """

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
        """The members of its own, without the message where that can be left out: for counting."""
        details = self.details
        if isinstance(details, Mapping):
            return details
        brief = getattr(details, "brief", None)
        found: Mapping[str, Any] = brief(self) if brief else details.show(self, "")
        return found

    def message(self) -> Mapping[str, Any]:
        """The message, without its size where finding that takes time."""
        message = getattr(self.details, "message", None)
        found = message(self) if message else self.brief().get("message")
        return found if isinstance(found, Mapping) else {}

    def show(self, base_url: str) -> dict[str, Any]:
        """The event as JSON."""
        details = self.details
        members = details if isinstance(details, Mapping) else details.show(self, base_url)
        shown = {"event": self.kind, "timestamp": self.timestamp, "id": self.id}
        if self.kind not in _WITHOUT_MESSAGE:
            shown |= {"tags": list(self.tags), "user-variables": {}}
            if self.recipient:
                domain = self.recipient.rpartition("@")[2]
                shown |= {"recipient": self.recipient, "recipient-domain": domain}
        shown |= members
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
    return b2a_base64(raw).translate(_URL_SAFE)[:length].decode()


def event_id(ids: Ids) -> str:
    """The id of a new event (platform EVT-037)."""
    return opaque(ids, 22)
