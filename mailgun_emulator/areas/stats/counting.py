"""Counting events into the shapes of the older statistics (platform STAT-003 to STAT-007)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import define, field

from mailgun_emulator.areas.analytics.facts import Fact
from mailgun_emulator.areas.analytics.ranges import OLDEST, Span, floor
from mailgun_emulator.dates import utc

# Answers are zero-filled, so their length is bounded; the newest points stay.
MOST_POINTS = 1000
_SUPPRESSED = ("suppress-bounce", "suppress-unsubscribe", "suppress-complaint")
_AGGREGATED = ("accepted", "clicked", "opened", "unique_clicked", "unsubscribed")


@define
class Point:
    """What happened in one step or for one key: totals by kind and detail, and who did it."""

    counted: dict[tuple[str, str], int] = field(factory=dict)
    people: dict[str, set[str]] = field(factory=dict)

    def add(self, fact: Fact) -> None:
        """Count one event."""
        kind = fact.event.kind
        self._count(kind, "total")
        if kind in ("opened", "clicked"):
            self.people.setdefault(kind, set()).add(fact.event.recipient.lower())
        elif kind == "accepted":
            self._count(kind, "incoming" if fact.incoming else "outgoing")
        elif kind == "delivered":
            self._count(kind, "http" if fact.forwarded else "smtp")
            if fact.optimized:
                self._count(kind, "optimized")
        elif kind == "failed":
            self._fail(fact)

    def show(self, kinds: Sequence[str]) -> dict[str, Any]:
        """The counts of these kinds, each in its own shape (STAT-006, STAT-007)."""
        return {kind: self._shape(kind) for kind in kinds}

    def _fail(self, fact: Fact) -> None:
        severity = "permanent" if fact.permanent else "temporary"
        self._count(severity, "total")
        if not fact.permanent:
            self._count(severity, fact.reason)
            return
        if fact.flag("is-delayed-bounce"):
            self._count(severity, "delayed-bounce")
        elif fact.flag("is-callback"):
            self._count(severity, "webhook")
        else:
            self._count(severity, fact.reason)
        if fact.reason == "bounce" and fact.optimized:
            self._count(severity, "optimized")

    def _count(self, kind: str, what: str) -> None:
        self.counted[kind, what] = self.counted.get((kind, what), 0) + 1

    def _shape(self, kind: str) -> dict[str, Any]:
        if kind == "failed":
            permanent = (*_SUPPRESSED, "bounce", "delayed-bounce", "webhook", "optimized", "total")
            return {
                "temporary": self._row("temporary", "espblock", "total"),
                "permanent": self._row("permanent", *permanent),
            }
        if kind == "accepted":
            return self._row(kind, "incoming", "outgoing", "total")
        if kind == "delivered":
            return self._row(kind, "smtp", "http", "optimized", "total")
        shown = self._row(kind, "total")
        if unique := len(self.people.get(kind, ())):
            shown["unique"] = unique
        return shown

    def _row(self, kind: str, *names: str) -> dict[str, Any]:
        return {name: self.counted.get((kind, name), 0) for name in names}


def points(span: Span) -> list[datetime]:
    """The steps of a range, ascending and inclusive; at most 1000, the newest of them."""
    found: list[datetime] = []
    at, first = span.last, max(span.first, OLDEST)
    while at >= first and len(found) < MOST_POINTS:
        found.append(at)
        at = floor(datetime.fromtimestamp(at.timestamp() - 1, UTC), span.resolution)
    return found[::-1]


def over_time(facts: Iterable[Fact], span: Span, kinds: Sequence[str]) -> dict[str, Any]:
    """Counts of the asked kinds at every step of the range."""
    steps = points(span)
    held = {int(step.timestamp()): Point() for step in steps}
    known: dict[int, Point | None] = {}
    for fact in facts:
        if fact.event.kind not in kinds:
            continue
        hour = int(fact.event.timestamp // 3600)
        if hour not in known:
            step = floor(datetime.fromtimestamp(hour * 3600, UTC), span.resolution)
            known[hour] = held.get(int(step.timestamp()))
        point = known[hour]
        if point is not None:
            point.add(fact)
    shown = zip(steps, held.values(), strict=True)
    return _answer(span, steps, [{"time": utc(step), **point.show(kinds)} for step, point in shown])


def by_key(
    facts: Iterable[Fact],
    span: Span,
    kinds: Sequence[str],
    name: str,
    values: Callable[[Fact], list[str]],
    keys: Iterable[str] = (),
) -> dict[str, Any]:
    """Counts over the whole range for every value of a key, in order.

    Each item has the value under `name`; `keys` are there even when nothing happened.
    """
    held = {key: Point() for key in keys}
    for fact in facts:
        if fact.event.kind in kinds:
            for key in values(fact):
                held.setdefault(key, Point()).add(fact)
    start = utc(span.first)
    items = [{"time": start, name: key, **held[key].show(kinds)} for key in sorted(held)]
    return _answer(span, [], items)


def total(facts: Iterable[Fact], span: Span, kinds: Sequence[str]) -> dict[str, Any]:
    """Counts over the whole range in one item."""
    point = Point()
    for fact in facts:
        if fact.event.kind in kinds:
            point.add(fact)
    return _answer(span, [], [{"time": utc(span.first), **point.show(kinds)}])


def aggregate(
    facts: Iterable[Fact], values: Callable[[Fact], list[str]]
) -> dict[str, dict[str, int]]:
    """Counts by country, device or provider (STAT-011, TAG-019)."""
    found: dict[str, dict[str, int]] = {}
    clickers: set[tuple[str, str]] = set()
    for fact in facts:
        kind = fact.event.kind
        if kind not in _AGGREGATED:
            continue
        for key in values(fact):
            counts = found.setdefault(key, dict.fromkeys(_AGGREGATED, 0))
            counts[kind] += 1
            who = (key, fact.event.recipient.lower())
            if kind == "clicked" and who not in clickers:
                clickers.add(who)
                counts["unique_clicked"] += 1
    return found


def _answer(span: Span, steps: Sequence[datetime], items: list[dict[str, Any]]) -> dict[str, Any]:
    """STAT-003."""
    return {
        "description": "",
        "start": utc(steps[0] if steps else span.first),
        "end": utc(steps[-1] if steps else span.last),
        "resolution": span.resolution,
        "stats": items,
    }
