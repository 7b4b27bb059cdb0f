"""Events as counting sees them: what a metric, a dimension or a filter asks of one event.

Members are looked at only when something asks for them, so that counting deliveries costs no more
than walking over them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from operator import attrgetter
from typing import Any

from attrs import define, field

from mailgun_emulator.areas.events.providers import OTHER, provider
from mailgun_emulator.areas.events.records import Event
from mailgun_emulator.areas.events.store import EventStore

ENGAGEMENTS = frozenset({"opened", "clicked", "unsubscribed"})
# METRIC-046: of the same message, recipient and bot.
_UNIQUE = frozenset({"opened", "clicked"})
UNIQUE_FOR = 7 * 86_400.0
# METRIC-023.
UNTAGGED, UNKNOWN = "Untagged", "Unknown"
_BOTS = {"apple": "Apple", "gmail": "Gmail", "generic": "Generic"}
_NO_BOT = "None"

__all__ = ["OTHER", "UNTAGGED", "Fact", "Uniques", "facts", "merged"]

_position = attrgetter("position")


@define(eq=False)
class Fact:
    """One event; `unique` says that an open or click is the first of its kind in seven days."""

    event: Event
    account: str = ""
    unique: bool = False
    _members: Mapping[str, Any] | None = field(default=None, init=False)
    _message: Mapping[str, Any] | None = field(default=None, init=False)

    @property
    def members(self) -> Mapping[str, Any]:
        """The members of the event, without what takes time to find out."""
        if self._members is None:
            self._members = self.event.brief()
        return self._members

    def part(self, name: str) -> Mapping[str, Any]:
        """A member that is an object; empty when there is none."""
        value = self.members.get(name)
        return value if isinstance(value, Mapping) else {}

    def flag(self, name: str) -> bool:
        """A flag of the message."""
        return self.part("flags").get(name) is True

    @property
    def permanent(self) -> bool:
        """Whether a failure is final."""
        return self.event.severity == "permanent"

    @property
    def reason(self) -> str:
        """Why a message failed."""
        return str(self.members.get("reason", ""))

    @property
    def attempt(self) -> int:
        """Which attempt it was that delivered the message, from 1."""
        number = self.part("delivery-status").get("attempt-no", 1)
        return number if isinstance(number, int) else 1

    @property
    def incoming(self) -> bool:
        """METRIC-029: taken in for a route or for a mailing list, not for a recipient."""
        if self.flag("is-routed") or self.part("flags").get("is-authenticated") is False:
            return True
        address = self.part("mailing-list").get("address")
        return isinstance(address, str) and address.lower() == self.event.recipient.lower()

    @property
    def forwarded(self) -> bool:
        """METRIC-031: delivered by a route."""
        return self.flag("is-routed") or self.part("envelope").get("transport") == "http"

    @property
    def optimized(self) -> bool:
        """Whether the time of sending was chosen for the recipient."""
        return bool(self.members.get("i-delivery-optimizer"))

    @property
    def batch(self) -> str:
        """The id of the batch that the message is part of."""
        return str(self.part("batch").get("id", ""))

    @property
    def recipient_domain(self) -> str:
        """The domain of the recipient, lower case."""
        return self.event.recipient.rpartition("@")[2].lower()

    @property
    def provider(self) -> str:
        """Who runs the recipient's mailbox."""
        return provider(self.recipient_domain)

    @property
    def country(self) -> str:
        """Where somebody opened, clicked or unsubscribed."""
        if self.event.kind not in ENGAGEMENTS:
            return UNKNOWN
        return str(self.part("geolocation").get("country") or UNKNOWN)

    @property
    def device(self) -> str:
        """What somebody opened, clicked or unsubscribed with."""
        if self.event.kind not in ENGAGEMENTS:
            return "unknown"
        return str(self.part("client-info").get("device-type") or "unknown")

    @property
    def bot(self) -> str:
        """Which robot it was, or `None`."""
        if self.event.kind not in ENGAGEMENTS:
            return _NO_BOT
        return _BOTS.get(str(self.part("client-info").get("bot", "")).lower(), _NO_BOT)

    @property
    def sending_ip(self) -> str:
        """The address that sent; empty where the event tells none."""
        return str(self.part("envelope").get("sending-ip", ""))

    @property
    def pool(self) -> str:
        """The pool of the sending address."""
        return str(self.part("envelope").get("i-ip-pool-id", ""))

    @property
    def message(self) -> Mapping[str, Any]:
        """The message, without its size."""
        if self._message is None:
            self._message = self.event.message()
        return self._message

    def header(self, name: str) -> str:
        """A header of the message."""
        headers = self.message.get("headers")
        return str(headers.get(name, "")) if isinstance(headers, Mapping) else ""

    def variables(self) -> str:
        """The user variables as one line of JSON."""
        value = self.members.get("user-variables")
        return value if isinstance(value, str) else json.dumps(value or {}, ensure_ascii=False)


@define
class Uniques:
    """Tells the first open or click of a message by a recipient, again after seven days."""

    _counted: dict[tuple[str, str, str, str], float] = field(factory=dict, init=False)

    def first(self, fact: Fact) -> bool:
        """Whether this one counts; facts come in order of time."""
        event = fact.event
        who = (event.kind, fact.header("message-id"), event.recipient.lower(), fact.bot)
        last = self._counted.get(who)
        if last is not None and event.timestamp - last < UNIQUE_FOR:
            return False
        self._counted[who] = event.timestamp
        return True


def facts(
    store: EventStore,
    domains: Iterable[str],
    begin: float,
    end: float | None = None,
    *,
    account: str = "",
    unique: bool = False,
) -> Iterator[Fact]:
    """The facts of some domains in a range (epoch seconds, inclusive), by domain and time.

    `unique` also looks at what was before the range, to know which opens and clicks are unique.
    """
    for domain in domains:
        if unique:
            yield from _told_apart(store.of(domain, None, end), begin, account)
        else:
            for event in store.of(domain, begin, end):
                yield Fact(event, account)


def merged(store: EventStore, domains: Iterable[str], begin: float, end: float) -> list[Event]:
    """The events of some domains in a range, oldest first."""
    runs = [run for run in (store.of(domain, begin, end) for domain in domains) if run]
    return runs[0] if len(runs) == 1 else list(merge(*runs, key=_position))


def _told_apart(events: Iterable[Event], begin: float, account: str) -> Iterator[Fact]:
    uniques = Uniques()
    for event in events:
        wanted = event.timestamp >= begin
        if event.kind in _UNIQUE:
            fact = Fact(event, account)
            fact.unique = uniques.first(fact)
            if wanted:
                yield fact
        elif wanted:
            yield Fact(event, account)
