"""Traversals of events: what was asked, one page of it, and the tokens of the other pages.

A token carries the whole query and an edge between two events (platform EVT-014, EVT-015), so
that nothing is kept between requests and the same token gives the same window (EVT-016).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from attrs import frozen

from mailgun_emulator.areas.events.filters import FIELDS, View, compiled
from mailgun_emulator.areas.events.records import Event
from mailgun_emulator.areas.events.store import EventStore, beyond

DEFAULT_LIMIT, HIGHEST_LIMIT = 100, 300

Edge = tuple[float, int]


@frozen
class Query:
    """A traversal from `begin` to `end` (epoch seconds), oldest first if `ascending`.

    Without `begin` it starts at the oldest event that is kept, and without `end` it stops there or
    never, as the direction has it.
    """

    begin: float | None
    end: float | None
    ascending: bool
    limit: int = DEFAULT_LIMIT
    filters: tuple[tuple[str, str], ...] = ()

    def bounds(self, now: float, age: float) -> tuple[float, float | None]:
        """The oldest and the newest time; events are shown for `age` seconds (EVT-007, EVT-021)."""
        low, high = (self.begin, self.end) if self.ascending else (self.end, self.begin)
        return max(low or 0.0, now - age), high


@frozen
class Place:
    """Where a page is: the word of its link, and the edge it starts from."""

    word: str = "first"
    edge: Edge | None = None


@frozen
class Page:
    """Events in traversal order, and where the other pages are."""

    items: list[dict[str, Any]]
    others: dict[str, Place]


def page(
    store: EventStore, domain: str, query: Query, place: Place, *, now: float, base_url: str
) -> Page:
    """One page of a traversal."""
    events = store.of(domain, *query.bounds(now, store.age))
    events = store.seen(events, now)
    passes = compiled(query.filters)
    found = []
    for event in _walk(events, query, place):
        view = View(event, base_url)
        if passes(view):
            found.append(view)
            if len(found) == query.limit:
                break
    if place.word in ("previous", "last"):
        found.reverse()
    before = _edge(found[0].event, behind=not query.ascending) if found else place.edge
    after = _edge(found[-1].event, behind=query.ascending) if found else place.edge
    others = {
        "previous": Place("previous", before),
        "next": Place("next", after),
        "first": Place("first"),
        "last": Place("last"),
    }
    return Page([view.shown for view in found], others)


def token(query: Query, place: Place) -> str:
    """The path segment that leads to a page."""
    value = [
        [query.begin, query.end, query.ascending],
        [place.word, place.edge],
        query.filters,
        query.limit,
    ]
    text = json.dumps(value, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_token(text: str) -> tuple[Query, Place]:
    """The query and the place in a token. Raises ValueError when it is none of ours."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        (begin, end, ascending), (word, edge), filters, limit = json.loads(raw)
        query = Query(_time(begin), _time(end), ascending is True, _count(limit), _pairs(filters))
        return query, Place(_word(word), _read_edge(edge))
    except (TypeError, RecursionError) as error:
        raise ValueError("not a page token") from error


def _walk(events: Sequence[Event], query: Query, place: Place) -> Iterator[Event]:
    back = place.word in ("previous", "last")
    if place.word == "previous" and place.edge is None:
        return islice(events, 0)
    edge = None if place.word in ("first", "last") else place.edge
    return beyond(events, edge, forward=query.ascending is not back)


def _edge(event: Event, *, behind: bool) -> Edge:
    """The edge next to an event: behind it is on the side of the newer ones."""
    return (event.timestamp, 2 * event.number + (1 if behind else -1))


def _time(value: Any) -> float | None:
    if value is None or (isinstance(value, int | float) and abs(value) < 1e12):
        return value
    raise ValueError("not a time")


def _count(value: Any) -> int:
    if type(value) is int and 1 <= value <= HIGHEST_LIMIT:
        return value
    raise ValueError("not a page size")


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    pairs = tuple((name, text) for name, text in value)
    if all(name in FIELDS and isinstance(text, str) for name, text in pairs):
        return pairs
    raise ValueError("not filters")


def _word(value: Any) -> str:
    if value in ("first", "last", "next", "previous"):
        return str(value)
    raise ValueError("not a page")


def _read_edge(value: Any) -> Edge | None:
    if value is None:
        return None
    timestamp, number = value
    if _time(timestamp) is not None and type(number) is int:
        return (timestamp, number)
    raise ValueError("not an edge")
