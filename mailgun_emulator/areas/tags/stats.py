"""Counting the events of a tag: by time, and by country, device or provider (platform STAT)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import frozen

from mailgun_emulator.areas.events.records import Event
from mailgun_emulator.dates import utc

# platform TAG-021.
DEVICES = ("desktop", "mobile", "tablet", "unknown")
PROVIDERS = (
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "aol.com",
    "icloud.com",
    "mail.ru",
    "comcast.net",
    "outlook.com",
    "msn.com",
    "live.com",
    "orange.fr",
    "sbcglobal.net",
    "att.net",
    "ymail.com",
    "hotmail.co.uk",
    "verizon.net",
    "bellsouth.net",
    "me.com",
    "yandex.ru",
    "seznam.cz",
    "yahoo.co.uk",
    "hotmail.fr",
    "yahoo.com.tw",
    "rocketmail.com",
    "mailinator.com",
    "qq.com",
)
# Answers are zero-filled, so their length is bounded; the newest points stay.
MOST_POINTS = 1000
_LONGEST = timedelta(days=366 * 50)
_OLDEST = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Span:
    """A range of whole steps, inclusive at both ends (STAT-002, STAT-004)."""

    start: datetime
    end: datetime
    resolution: str = "day"

    def points(self) -> list[datetime]:
        """The steps, ascending; at most 1000, the newest of them."""
        points: list[datetime] = []
        at = floor(self.end, self.resolution)
        first = max(floor(self.start, self.resolution), _OLDEST)
        while at >= first and len(points) < MOST_POINTS:
            points.append(at)
            at = floor(at - timedelta(microseconds=1), self.resolution)
        return points[::-1]


def floor(moment: datetime, resolution: str) -> datetime:
    """The beginning of the hour, day or month."""
    at = moment.replace(minute=0, second=0, microsecond=0)
    if resolution == "hour":
        return at
    at = at.replace(hour=0)
    return at.replace(day=1) if resolution == "month" else at


def before(end: datetime, duration: str) -> datetime:
    """`12h`, `7d` or `2m` before `end`, and not before time was counted."""
    count, unit = int(duration[:-1].lstrip("0")[:9] or "0"), duration[-1]
    length = {"h": timedelta(hours=1), "d": timedelta(days=1), "m": timedelta(days=30)}[unit]
    steps = min(count, _LONGEST // length)
    return max(end - steps * length, _OLDEST)


def show(events: Iterable[Event], span: Span, kinds: Sequence[str]) -> dict[str, Any]:
    """Counts of the asked kinds at every step (STAT-003 to STAT-005)."""
    points = span.points()
    held: dict[datetime, list[Event]] = {point: [] for point in points}
    for event in events:
        point = floor(datetime.fromtimestamp(event.timestamp, UTC), span.resolution)
        if point in held and event.kind in kinds:
            held[point].append(event)
    return {
        "description": "",
        "start": utc(points[0] if points else span.start),
        "end": utc(points[-1] if points else span.end),
        "resolution": span.resolution,
        "stats": [{"time": utc(point), **_counts(held[point], kinds)} for point in points],
    }


def _counts(events: Sequence[Event], kinds: Sequence[str]) -> dict[str, Any]:
    return {kind: _count(kind, [e for e in events if e.kind == kind]) for kind in kinds}


def _count(kind: str, events: Sequence[Event]) -> dict[str, Any]:
    """The counts of one kind in its own shape (STAT-006, STAT-007)."""
    total = len(events)
    if kind == "accepted":
        return {"incoming": 0, "outgoing": total, "total": total}
    if kind == "delivered":
        return {"smtp": total, "http": 0, "optimized": 0, "total": total}
    if kind == "failed":
        return _failures(events)
    if kind in ("opened", "clicked"):
        unique = len({event.recipient.lower() for event in events})
        return {"total": total, "unique": unique} if unique else {"total": total}
    return {"total": total}


def _failures(events: Sequence[Event]) -> dict[str, Any]:
    reasons = ("suppress-bounce", "suppress-unsubscribe", "suppress-complaint", "bounce")
    permanent = dict.fromkeys((*reasons, "delayed-bounce", "webhook", "optimized"), 0)
    temporary = {"espblock": 0, "total": 0}
    final = 0
    for event in events:
        reason = str(event.show("").get("reason", ""))
        counters = permanent if event.severity == "permanent" else temporary
        if reason in counters:
            counters[reason] += 1
        final += event.severity == "permanent"
    temporary["total"] = len(events) - final
    return {"temporary": temporary, "permanent": {**permanent, "total": final}}


def aggregate(events: Iterable[Event], kind: str) -> dict[str, dict[str, int]]:
    """Counts by country, device or provider (TAG-019)."""
    found: dict[str, dict[str, int]] = {}
    clickers: set[tuple[str, str]] = set()
    for event in events:
        if event.kind not in ("accepted", "opened", "clicked", "unsubscribed"):
            continue
        for key in traits(event, kind):
            counts = found.setdefault(key, dict.fromkeys(_AGGREGATED, 0))
            counts[event.kind] += 1
            who = (key, event.recipient.lower())
            if event.kind == "clicked" and who not in clickers:
                clickers.add(who)
                counts["unique_clicked"] += 1
    return found


_AGGREGATED = ("accepted", "clicked", "opened", "unique_clicked", "unsubscribed")


def traits(event: Event, kind: str) -> Iterator[str]:
    """The country, device or provider of an event, where it tells one."""
    if kind == "provider":
        domain = event.recipient.rpartition("@")[2].lower()
        yield domain if domain in PROVIDERS else "other"
        return
    part, name = ("geolocation", "country") if kind == "country" else ("client-info", "device-type")
    value = (event.show("").get(part) or {}).get(name)
    if isinstance(value, str):
        yield value
