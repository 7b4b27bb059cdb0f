"""What recipients and their servers do with delivered mail (platform EVT-057, EVT-061 to EVT-067).

Each reaction is recorded as an event, and on the suppression list that follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import Factory, evolve, frozen

from mailgun_emulator.areas.events.records import Event, event_id
from mailgun_emulator.areas.events.store import EventStore
from mailgun_emulator.areas.mailing_lists.store import MailingListStore
from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.failures import Failure, Reported
from mailgun_emulator.areas.messages.habits import HabitStore
from mailgun_emulator.areas.messages.outcomes import Delivered
from mailgun_emulator.areas.suppressions.records import EVERYTHING, Complaint, Unsubscribe
from mailgun_emulator.areas.suppressions.store import SuppressionStore
from mailgun_emulator.areas.tracking.agents import client_info
from mailgun_emulator.state import Account, State

OPENED, CLICKED, UNSUBSCRIBED = "opened", "clicked", "unsubscribed"
COMPLAINED, FAILED = "complained", "failed"
# platform EVT-065.
_UNKNOWN = {"country": "Unknown", "region": "Unknown", "city": "Unknown"}
_CLIENT = {
    "client-type": "browser",
    "client-os": "Linux",
    "client-name": "Firefox",
    "device-type": "desktop",
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "bot": "",
}
# Members that an event about a visit shares with one about the delivery.
_SHARED = (
    "recipient",
    "recipient-domain",
    "tags",
    "user-variables",
    "campaigns",
    "batch",
    "mailing-list",
)


@frozen
class Visitor:
    """Who opened, clicked or left: as much of it as is known.

    `utc_offset` is how many seconds the visitor's clock is ahead of UTC; no event shows it, but
    the service finds it out and goes by it (sending SCHED-008).
    """

    ip: str = "127.0.0.1"
    user_agent: str = ""
    geolocation: Mapping[str, Any] = Factory(dict)
    client_info: Mapping[str, Any] = Factory(dict)
    utc_offset: float | None = None

    def show(self) -> dict[str, Any]:
        """The members of an event (EVT-061)."""
        agent = self.user_agent
        return {
            "ip": self.ip,
            "geolocation": {**_UNKNOWN, **self.geolocation},
            "client-info": {**(client_info(agent) if agent else _CLIENT), **self.client_info},
        }


@frozen
class Visited:
    """Somebody looked at the mail or followed one of its links."""

    copy: Copy
    visitor: Visitor
    url: str = ""

    def show(self, event: Event, base_url: str) -> dict[str, Any]:
        """The members of the event: of the message only its id."""
        whole = Delivered(self.copy).show(event, base_url)
        shown = {name: whole[name] for name in _SHARED if name in whole}
        shown["message"] = {"headers": {"message-id": self.copy.draft.id.strip("<>")}}
        return {**shown, **self.visitor.show(), **({"url": self.url} if self.url else {})}


@frozen
class Complained:
    """Somebody called the mail spam (EVT-067)."""

    copy: Copy

    def show(self, event: Event, base_url: str) -> dict[str, Any]:
        """The members of the event: the whole message."""
        shown = Delivered(self.copy).show(event, base_url)
        return {name: shown[name] for name in (*_SHARED, "message", "flags") if name in shown}


@frozen
class Reactions:
    """Makes recipients of an account's mail react, at `moment` or the time of the clock."""

    state: State
    account: Account
    moment: float | None = None

    def opened(self, copy: Copy, recipient: str, visitor: Visitor) -> Event:
        """The recipient looked at the mail."""
        self._habits.visited(recipient, self._now.timestamp(), visitor.utc_offset)
        return self._record(OPENED, copy, recipient, Visited(copy, visitor))

    def clicked(self, copy: Copy, recipient: str, visitor: Visitor, url: str) -> Event:
        """The recipient followed a link to `url`."""
        self._habits.visited(recipient, self._now.timestamp(), visitor.utc_offset)
        return self._record(CLICKED, copy, recipient, Visited(copy, visitor, url))

    def unsubscribed(
        self, copy: Copy, recipient: str, visitor: Visitor, tags: tuple[str, ...] = (EVERYTHING,)
    ) -> Event:
        """The recipient left some tags, or all mail of the domain (sending TRACK-016)."""
        left, domain = self._lists.unsubscribes, copy.draft.domain
        known = left.get(domain, recipient)
        tags = tuple(dict.fromkeys((*(known.tags if known else ()), *tags)))
        left.put(domain, Unsubscribe(recipient, self._now, tags))
        return self._record(UNSUBSCRIBED, copy, recipient, Visited(copy, visitor))

    def left(self, copy: Copy, recipient: str, visitor: Visitor | None) -> bool:
        """The recipient left the mailing list, and stays a member of it (sending LSEND-005).

        False when there is no such member. Who has left already does so without another event, as
        does nobody, the `visitor` None.
        """
        mailing, lists = copy.draft.mailing, self.state.store(self.account, MailingListStore)
        found = lists.find(mailing.address) if mailing else None
        member = found.members.get(recipient) if found else None
        if found is None or member is None:
            return False
        if member.subscribed and visitor is not None:
            found.members.put(evolve(member, subscribed=False))
            self._record(UNSUBSCRIBED, copy, recipient, Visited(copy, visitor))
        return True

    def complained(self, copy: Copy, recipient: str) -> Event:
        """The recipient called it spam (sending TRACK-019)."""
        self._lists.complaints.put(copy.draft.domain, Complaint(recipient, self._now))
        return self._record(COMPLAINED, copy, recipient, Complained(copy))

    def failed(self, copy: Copy, recipient: str, failure: Failure) -> Event:
        """The recipient's server reported a failure; a hard one is listed (EVT-059)."""
        self.bounced(copy, recipient, failure)
        return self._record(
            FAILED, copy, recipient, Reported(copy, failure), severity=failure.severity
        )

    def bounced(self, copy: Copy, recipient: str, failure: Failure) -> None:
        """List the address if it is the reason of the failure (platform BOUNCE-008)."""
        if failure.hard:
            error = failure.message or failure.description
            code = str(failure.code)
            self._lists.bounced(copy.draft.domain, recipient, code, error, self._now)

    @property
    def _now(self) -> datetime:
        if self.moment is None:
            return self.state.clock.now()
        return datetime.fromtimestamp(self.moment, UTC)

    @property
    def _habits(self) -> HabitStore:
        return self.state.store(self.account, HabitStore)

    @property
    def _lists(self) -> SuppressionStore:
        return self.state.store(self.account, SuppressionStore)

    def _record(
        self,
        kind: str,
        copy: Copy,
        recipient: str,
        details: Visited | Complained | Reported,
        severity: str = "",
    ) -> Event:
        draft = copy.draft
        event = Event(
            event_id(self.state.ids),
            kind,
            self._now.timestamp(),
            draft.domain,
            recipient,
            draft.tags,
            details,
            severity,
        )
        self.state.store(self.account, EventStore).add(event)
        return event
