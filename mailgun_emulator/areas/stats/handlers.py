"""Statistics of an account and of a domain, by time or by key (platform STAT-001 to STAT-011)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

from mailgun_emulator.areas.analytics.dimensions import dimensions
from mailgun_emulator.areas.analytics.facts import Fact, facts
from mailgun_emulator.areas.analytics.ranges import Span, read, within
from mailgun_emulator.areas.events.store import EventStore
from mailgun_emulator.areas.stats import counting
from mailgun_emulator.areas.stats.traits import traits
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import operation

COVERS = ("stats",)

DEFAULT_RANGE = timedelta(days=7)
# STAT-010: what a filter can name, and the dimension that stands for it.
_FILTERS = {"domain": "domain", "subaccount": "subaccount", "ip_pool": "ip_pool"}


@operation("get_account_stats")
def get_account_stats(call: Call) -> dict[str, Any]:
    """STAT-001 to STAT-007."""
    span = span_of(call)
    return counting.over_time(_account(call, span), span, kinds(call))


@operation("get_domain_stats")
def get_domain_stats(call: Call) -> dict[str, Any]:
    """STAT-001 to STAT-007."""
    span = span_of(call)
    found = facts(call.store(EventStore), [call.domain], *span.bounds())
    return counting.over_time(found, span, kinds(call))


@operation("get_stats_by_domain")
def get_stats_by_domain(call: Call) -> dict[str, Any]:
    """STAT-009: one step of time, an item for each domain. Its key `domain` is ours."""
    at = read(call.query["timestamp"], "timestamp") or call.now
    span = Span(at, at, str(call.query.get("resolution", "day")))
    domains = sorted(call.account.domains)[: call.query.get("limit")]
    found = facts(call.store(EventStore), domains, *span.bounds())
    return counting.by_key(found, span, kinds(call), "domain", _values("domain"), domains)


@operation("get_filtered_stats")
def get_filtered_stats(call: Call) -> dict[str, Any]:
    """STAT-010: by time unless grouped; each item of a group has its value under the group's name.

    A filter names a domain, a subaccount or a pool; the description lets it be any text, and other
    texts filter nothing.
    """
    span, asked = span_of(call), kinds(call)
    group = call.query.get("group", "time")
    if group in ("day", "month"):
        span = Span(span.start, span.end, group)
    found = _filtered(_account(call, span), str(call.query.get("filter", "")))
    if group == "total":
        return counting.total(found, span, asked)
    if group in ("time", "day", "month"):
        return counting.over_time(found, span, asked)
    return counting.by_key(found, span, asked, group, _values(group))


@operation("get_provider_aggregates")
def get_provider_aggregates(call: Call) -> dict[str, Any]:
    """STAT-011."""
    return {"providers": _aggregated(call, "provider")}


@operation("get_device_aggregates")
def get_device_aggregates(call: Call) -> dict[str, Any]:
    """STAT-011."""
    return {"devices": _aggregated(call, "device")}


@operation("get_country_aggregates")
def get_country_aggregates(call: Call) -> dict[str, Any]:
    """STAT-011."""
    return {"countries": _aggregated(call, "country")}


def span_of(call: Call) -> Span:
    """The range that was asked for: the last seven days unless said otherwise (STAT-002)."""
    start, end = within(call.query, call.now, DEFAULT_RANGE)
    return Span(start, end, str(call.query.get("resolution", "day")))


def kinds(call: Call) -> list[str]:
    """The kinds of events that were asked for, each once."""
    return list(dict.fromkeys(call.query["event"]))


def _account(call: Call, span: Span) -> Iterator[Fact]:
    domains = sorted(call.account.domains)
    store = call.store(EventStore)
    return facts(store, domains, *span.bounds(), account=call.account.id)


def _filtered(found: Iterable[Fact], text: str) -> Iterable[Fact]:
    name, _, wanted = text.partition(":")
    if name not in _FILTERS:
        return found
    values, wanted = dimensions()[_FILTERS[name]], wanted.lower()
    return (fact for fact in found if wanted in (value.lower() for value in values(fact)))


def _values(group: str) -> Callable[[Fact], list[str]]:
    return {**dimensions(), **traits()}[group]


def _aggregated(call: Call, kind: str) -> dict[str, dict[str, int]]:
    found = facts(call.store(EventStore), [call.domain], 0.0)
    return counting.aggregate(found, traits()[kind])
