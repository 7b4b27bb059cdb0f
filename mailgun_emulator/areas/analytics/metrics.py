"""The metrics API: counts and rates of an account's mail, and what it used (platform METRIC).

Nothing but mail is counted as used; the other usage metrics are zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

from mailgun_emulator.areas.analytics.dimensions import conditions, dimensions, shown, step
from mailgun_emulator.areas.analytics.facts import facts
from mailgun_emulator.areas.analytics.ranges import Span, floor, within
from mailgun_emulator.areas.analytics.tally import Key, Tally
from mailgun_emulator.areas.events.store import EventStore
from mailgun_emulator.call import Call
from mailgun_emulator.dates import plus_zero
from mailgun_emulator.handlers import Problem, operation
from mailgun_emulator.paging import skip_page

COVERS = ("metrics",)

DEFAULT_RANGE = timedelta(days=7)
# METRIC-022: how far back hours and days are known; months are for ever, usage has a first day.
KEPT: Mapping[str, timedelta] = {"hour": timedelta(days=60), "day": timedelta(days=365)}
USAGE_SINCE = datetime(2024, 9, 1, tzinfo=UTC)
# METRIC-011: page sizes with and without the time as a dimension.
DEFAULT_LIMIT, HIGHEST_LIMIT = 10, 1000
TIME_LIMIT = 1500
# DIFF-024: recorded in the totals of usage though nobody asked for it.
UNASKED = "permanent_failed_count"

Row = tuple[Key, list[int]]


def invalid(problem: Problem) -> str | None:
    """METRIC-006, and the like for filters (LOG-013)."""
    if problem.name == "resolution":
        return "'resolution' attribute is invalid"
    if problem.name.endswith(".attribute") and problem.kind == "enum":
        return f"'{problem.value}' is not a valid filter predicate attribute"
    return None


@operation("query_metrics", invalid=invalid)
def query_metrics(call: Call) -> dict[str, Any]:
    """METRIC-001 to METRIC-023."""
    return _answer(call, coarse=False)


@operation("query_usage_metrics", invalid=invalid)
def query_usage_metrics(call: Call) -> dict[str, Any]:
    """METRIC-024: usage is counted by days even when hours are asked for."""
    return _answer(call, coarse=True)


def _answer(call: Call, *, coarse: bool) -> dict[str, Any]:
    asked = call.values
    names = list(dict.fromkeys(asked.get("dimensions") or ()))
    metrics = list(dict.fromkeys(asked.get("metrics") or ()))
    resolution = asked.get("resolution", "day")
    start, end = within(asked, call.now, DEFAULT_RANGE)
    span = Span(start, end, resolution)
    steps = "day" if coarse and resolution == "hour" else resolution
    known = {**dimensions(), "time": step(steps)}
    tally = Tally(
        [*metrics, UNASKED] if coarse else metrics,
        [known[name] for name in names],
        conditions(asked.get("filter"), known),
    )
    begin, until = span.bounds()
    begin = max(begin, _known_since(call.now, steps))
    if coarse:
        begin = max(begin, USAGE_SINCE.timestamp())
    tally.count(
        facts(
            call.store(EventStore),
            sorted(call.account.domains),
            begin,
            until,
            account=call.account.id,
            unique=tally.unique,
        )
    )
    paging = asked.get("pagination") or {}
    rows = _sorted(tally, names, str(paging.get("sort", "")))
    if coarse:
        rows = [row for row in rows if any(_only(metrics, tally.show(row[1])).values())]
    page = {
        "sort": paging.get("sort", ""),
        "skip": int(paging.get("skip", 0)),
        "limit": _limit(paging.get("limit"), timed="time" in names),
        "total": len(rows),
    }
    answer: dict[str, Any] = {
        "start": plus_zero(span.first),
        "end": plus_zero(span.last),
        "resolution": resolution,
        "dimensions": names,
        "pagination": page,
        "items": [
            {
                "dimensions": [shown(*pair) for pair in zip(names, key, strict=True)],
                "metrics": _only(metrics, tally.show(counted)),
            }
            for key, counted in skip_page(rows, skip=page["skip"], limit=page["limit"])
        ],
    }
    if "duration" in asked:
        answer["duration"] = asked["duration"]
    if asked.get("include_aggregates"):
        answer["aggregates"] = {"metrics": tally.show(tally.totals)}
    return answer


def _known_since(now: datetime, resolution: str) -> float:
    """The beginning of the oldest step that is still known at a resolution, epoch seconds."""
    kept = KEPT.get(resolution)
    return 0.0 if kept is None else floor(now - kept, resolution).timestamp()


def _only(metrics: list[str], values: dict[str, int | str]) -> dict[str, int | str]:
    return {name: values[name] for name in metrics}


def _limit(asked: Any, *, timed: bool) -> int:
    if asked is None:
        return TIME_LIMIT if timed else DEFAULT_LIMIT
    return min(int(asked), TIME_LIMIT if timed else HIGHEST_LIMIT)


def _sorted(tally: Tally, names: list[str], sort: str) -> list[Row]:
    """By the values of the dimensions, unless one of them or a metric was named (METRIC-013)."""
    rows: list[Row] = sorted(tally.buckets.items(), key=itemgetter(0))
    column, _, direction = sort.rpartition(":")
    descending = direction == "desc"
    if column in names:
        at = names.index(column)
        rows.sort(key=lambda row: row[0][at], reverse=descending)
    elif column in tally.metrics:
        rows.sort(key=lambda row: float(tally.show(row[1])[column]), reverse=descending)
    return rows
