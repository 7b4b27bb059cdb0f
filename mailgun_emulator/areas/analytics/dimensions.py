"""What events are grouped by and filtered by (platform METRIC-008 to METRIC-010, METRIC-023)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from mailgun_emulator.areas.analytics.facts import OTHER, UNTAGGED, Fact
from mailgun_emulator.areas.analytics.ranges import floor
from mailgun_emulator.dates import plus_zero

Values = Callable[[Fact], list[str]]
Test = Callable[[Fact], bool]


def dimensions() -> dict[str, Values]:
    """The values of an event by dimension; none where the event has no such dimension."""
    return {
        "domain": lambda fact: [fact.event.domain],
        "ip": lambda fact: _known(fact.sending_ip),
        "ip_pool": lambda fact: _known(fact.pool),
        "recipient_domain": lambda fact: [fact.recipient_domain or OTHER],
        "recipient_provider": lambda fact: [fact.provider],
        "tag": lambda fact: list(fact.event.tags) or [UNTAGGED],
        "country": lambda fact: [fact.country],
        "subaccount": lambda fact: [fact.account],
        "bot": lambda fact: [fact.bot],
        "device": lambda fact: [fact.device],
    }


def step(resolution: str) -> Values:
    """The time as a dimension: seconds at the beginning of the step."""
    known: dict[int, list[str]] = {}

    def values(fact: Fact) -> list[str]:
        hour = int(fact.event.timestamp // 3600)
        found = known.get(hour)
        if found is None:
            at = floor(datetime.fromtimestamp(hour * 3600, UTC), resolution)
            found = known[hour] = [f"{int(at.timestamp()):012d}"]
        return found

    return values


def shown(dimension: str, value: str) -> dict[str, str]:
    """A value as the API shows it (METRIC-015, METRIC-016)."""
    if dimension == "time":
        value = plus_zero(datetime.fromtimestamp(int(value), UTC))
    return {"dimension": dimension, "value": value, "display_value": value}


def predicate(values: Values, comparator: str, wanted: Iterable[str]) -> Test:
    """One condition: any of `wanted` for `=` and `contains`, none of them for the other two.

    Case does not count. `>` and `<` compare numbers.
    """
    terms = [term.lower() for term in wanted]
    if comparator in (">", "<"):
        return _range(values, comparator, terms)
    positive = comparator in ("=", "contains")
    exact = comparator in ("=", "!=")

    def test(fact: Fact) -> bool:
        found = [value.lower() for value in values(fact)]
        if exact:
            hit = any(term in found for term in terms)
        else:
            hit = any(term in value for term in terms for value in found)
        return hit is positive

    return test


def conditions(asked: Mapping[str, Any] | None, known: Mapping[str, Values]) -> list[Test]:
    """The conditions of a filter, all of which must hold."""
    return [
        predicate(
            known[one["attribute"]],
            one["comparator"],
            [str(value["value"]) for value in one.get("values") or ()],
        )
        for one in (asked or {}).get("AND", ())
    ]


def _known(value: str) -> list[str]:
    return [value] if value else []


def _range(values: Values, comparator: str, terms: list[str]) -> Test:
    bounds = [number for number in map(_number, terms) if number is not None]

    def test(fact: Fact) -> bool:
        numbers = [number for number in map(_number, values(fact)) if number is not None]
        return any(
            number > bound if comparator == ">" else number < bound
            for number in numbers
            for bound in bounds
        )

    return test


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
