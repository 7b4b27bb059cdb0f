"""The events of an account, by domain and in order of time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from zlib import crc32

from attrs import define, field

from mailgun_emulator.areas.events.records import Event
from mailgun_emulator.areas.webhooks.dispatch import Dispatch
from mailgun_emulator.state import Account, State

_position = attrgetter("position")


@define
class EventStore:
    """Events by domain.

    `most` bounds how many a domain keeps; `age` is for how many seconds they are shown (platform
    EVT-021), older ones are only counted (METRIC-022); `told` hears of every new one. With `late`
    each is seen up to so many seconds after it happened, after a time of its own, so that they do
    not come in order (EVT-017).
    """

    most: int
    age: float
    late: float = 0.0
    told: Callable[[Event], None] | None = field(default=None, eq=False, repr=False)
    _domains: dict[str, list[Event]] = field(factory=dict, init=False, repr=False)
    _count: int = field(default=0, init=False)

    @classmethod
    def open(cls, state: State, account: Account) -> EventStore:
        """A store whose events go to the account's webhooks."""
        settings = state.settings
        store = cls(settings.events, settings.event_age)
        store.told = Dispatch(state, account, store.add)
        return store

    def add(self, event: Event) -> None:
        """Keep an event, and tell of it."""
        self._count += 1
        event.number = self._count
        kept = self._domains.setdefault(event.domain, [])
        if kept and kept[-1].timestamp > event.timestamp:
            insort(kept, event, key=_position)
        else:
            kept.append(event)
        # The oldest go a tenth at a time, so that adding stays cheap.
        if len(kept) > self.most:
            del kept[: max(1, self.most // 10)]
        if self.told is not None:
            self.told(event)

    def of(self, domain: str, begin: float | None = None, end: float | None = None) -> list[Event]:
        """The events of a domain from `begin` to `end` (epoch seconds, inclusive), oldest first."""
        kept = self._domains.get(domain, [])
        start = 0 if begin is None else bisect_left(kept, (begin, 0), key=_position)
        stop = len(kept)
        if end is not None:
            stop = bisect_right(kept, end, key=attrgetter("timestamp"))
        return kept[start:stop]

    def seen(self, events: list[Event], now: float) -> list[Event]:
        """Those of some events that are seen by now, although late."""
        late = self.late
        return [e for e in events if e.timestamp + _lag(e) * late <= now] if late else events

    def forget_domain(self, name: str) -> None:
        """The domain is gone, and its events with it."""
        self._domains.pop(name, None)


def beyond(
    events: Sequence[Event], edge: tuple[float, int] | None, *, forward: bool
) -> Iterator[Event]:
    """The events on one side of an edge, walking away from it.

    Events stand in ascending order at the positions `(timestamp, 2 * number)`; an edge is an odd
    position between two of them, so that it is neither here nor there when events come later.
    `None` is before the first one walking forward, and behind the last one walking back.
    """
    if forward:
        start = 0 if edge is None else bisect_right(events, edge, key=_doubled)
        return iter(events[start:])
    stop = len(events) if edge is None else bisect_left(events, edge, key=_doubled)
    return reversed(events[:stop])


def _lag(event: Event) -> float:
    """How much of the longest delay an event has, from 0 to 1; always the same."""
    return crc32(event.id.encode()) / 0xFFFF_FFFF


def _doubled(event: Event) -> tuple[float, int]:
    return (event.timestamp, 2 * event.number)
