"""The logs API: what happened to an account's mail, entry by entry (platform LOG)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from attrs import define, field

from mailgun_emulator.areas.analytics.dimensions import Test, Values, conditions
from mailgun_emulator.areas.analytics.facts import Fact, Uniques, merged
from mailgun_emulator.areas.analytics.log_filters import attributes, refuse_misfits
from mailgun_emulator.areas.analytics.log_items import item
from mailgun_emulator.areas.analytics.log_pages import (
    DEFAULT_LIMIT,
    DEFAULT_SORT,
    Cut,
    Place,
    page,
    read_token,
)
from mailgun_emulator.areas.analytics.measures import counts
from mailgun_emulator.areas.analytics.metrics import invalid
from mailgun_emulator.areas.analytics.ranges import within
from mailgun_emulator.areas.events.records import Event
from mailgun_emulator.areas.events.store import EventStore
from mailgun_emulator.call import Call
from mailgun_emulator.dates import plus_zero
from mailgun_emulator.handlers import operation
from mailgun_emulator.reply import ApiError

COVERS = ("logs",)

DEFAULT_RANGE = timedelta(days=1)
# The catalogue knows that both are refused, and not in which words.
TOO_OLD = "the start of the range is out of retention"
NO_TOKEN = "invalid pagination token"  # noqa: S105 (a message)


@operation("query_logs", invalid=invalid)
def query_logs(call: Call) -> dict[str, Any]:
    """LOG-001 to LOG-016."""
    asked = call.values
    start, end = within(asked, call.now, DEFAULT_RANGE)
    if start.timestamp() < call.now.timestamp() - call.store(EventStore).age:
        raise ApiError(400, TOO_OLD)
    refuse_misfits(asked.get("filter"))
    search = _search(call, start, end)
    paging = asked.get("pagination") or {}
    column, _, direction = str(paging.get("sort", DEFAULT_SORT)).rpartition(":")
    down = direction == "desc"
    cut = _cut(paging.get("token"))
    forward, backward = search.walk(column, down=down), search.walk(column, down=not down)
    limit = min(int(paging.get("limit", DEFAULT_LIMIT)), DEFAULT_LIMIT)
    chosen, tokens = page(forward, backward, search.order(column), cut, limit, down=down)
    answer: dict[str, Any] = {
        "start": _echo(asked, "start", start) if "duration" not in asked else plus_zero(start),
        "end": _echo(asked, "end", end),
        "items": [item(f.event, call.request.base_url, call.account.id) for f in chosen],
        "pagination": tokens,
        "aggregates": {},
    }
    if asked.get("include_totals"):
        total, metrics = search.totals(asked.get("metric_events") or ())
        answer["pagination"] = {**tokens, "total": total}
        answer["aggregates"] = {"all": total, "metrics": metrics}
    return answer


@define
class Search:
    """The events of a range that pass some conditions, in any order."""

    events: list[Event]
    account: str
    conditions: list[Test]
    columns: dict[str, Values]
    _unique: set[int] = field(factory=set)

    def walk(self, column: str, *, down: bool) -> Iterator[Fact]:
        """What passes, by one column or by time; nothing is tested before somebody asks."""
        if column not in self.columns:
            yield from self._passing(reversed(self.events) if down else iter(self.events))
            return
        found = list(self._passing(iter(self.events)))
        found.sort(key=self.order(column), reverse=down)
        yield from found

    def order(self, column: str) -> Any:
        """The key that facts are sorted by."""
        values = self.columns.get(column)

        def place(fact: Fact) -> Place:
            event = fact.event
            first = next(iter(values(fact)), "").lower() if values else ""
            return first, event.timestamp, event.number

        return place

    def totals(self, metrics: Any) -> tuple[int, dict[str, int]]:
        """How many entries there are, and how many of them count for some metrics."""
        known = counts()
        found = dict.fromkeys(metrics, 0)
        total = 0
        for fact in self._passing(iter(self.events)):
            total += 1
            for name in found:
                found[name] += known[name].holds(fact)
        return total, found

    def _passing(self, events: Iterator[Event]) -> Iterator[Fact]:
        for event in events:
            fact = Fact(event, self.account, event.number in self._unique)
            if all(test(fact) for test in self.conditions):
                yield fact


def _search(call: Call, start: datetime, end: datetime) -> Search:
    asked = call.values
    store, domains = call.store(EventStore), sorted(call.account.domains)
    columns = attributes()
    tests = conditions(asked.get("filter"), columns)
    kinds, metrics = asked.get("events"), asked.get("metric_events")
    if kinds or metrics:
        tests.insert(0, _chosen(set(kinds or ()), list(metrics or ())))
    events = merged(store, domains, start.timestamp(), end.timestamp())
    events = store.seen(events, call.now.timestamp())
    unique: set[int] = set()
    if "unique_" in str((kinds, metrics, asked.get("filter"))):
        unique = _uniques(merged(store, domains, 0.0, end.timestamp()))
    return Search(events, call.account.id, tests, columns, unique)


def _chosen(kinds: set[str], metrics: list[str]) -> Test:
    """LOG-007, LOG-008: kinds of events, or what counts for one of the metrics."""
    known = counts()
    wanted = [known[name] for name in metrics]

    def test(fact: Fact) -> bool:
        kind = fact.event.kind
        if kind in kinds or (fact.unique and f"unique_{kind}" in kinds):
            return True
        return any(count.holds(fact) for count in wanted)

    return test


def _uniques(events: list[Event]) -> set[int]:
    uniques = Uniques()
    return {
        event.number
        for event in events
        if event.kind in ("opened", "clicked") and uniques.first(Fact(event))
    }


def _cut(text: str | None) -> Cut:
    if not text:
        return Cut()
    try:
        return read_token(text)
    except ValueError:
        raise ApiError(400, NO_TOKEN) from None


def _echo(asked: dict[str, Any], name: str, moment: datetime) -> str:
    """LOG-004: as it was written."""
    return str(asked[name]) if name in asked else plus_zero(moment)
