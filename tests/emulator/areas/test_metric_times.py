"""Metrics by hours, days and months: where a step begins, and how far back each is known."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.areas.happenings import DAY, Happenings

COUNT = "delivered_count"
# From midnight in UTC to the time at which the clock of the tests stands still.
TODAY = 12 * 3600 + 44 * 60 + 39.0


@pytest.mark.parametrize(
    ("resolution", "rows"),
    [
        ("hour", {"Thu, 23 Jan 2025 23:00:00": 1, "Fri, 24 Jan 2025 00:00:00": 2}),
        ("day", {"Thu, 23 Jan 2025 00:00:00": 1, "Fri, 24 Jan 2025 00:00:00": 2}),
        ("month", {"Wed, 01 Jan 2025 00:00:00": 3}),
    ],
)
def test_steps_begin_in_utc(happenings: Happenings, resolution: str, rows: dict[str, int]) -> None:
    """platform:METRIC-016, METRIC-021: whatever the offset of the dates that were asked for; the
    zone of an account is UTC, too."""
    for after_midnight in (-1, 0, 3599):
        happenings.add("delivered", ago=TODAY - after_midnight)
    start = "Mon, 20 Jan 2025 20:00:00 -0900"
    found = happenings.rows(COUNT, "time", resolution=resolution, start=start)
    assert found == {f"{time} +0000": count for time, count in rows.items()}


@pytest.mark.parametrize(
    ("resolution", "days"),
    [("hour", [0, 59, 60]), ("day", [0, 59, 60, 61, 364, 365]), ("month", "all")],
)
def test_how_far_back_it_is_known(happenings: Happenings, resolution: str, days: Any) -> None:
    """platform:METRIC-022: hours for sixty days, days for a year, months for ever."""
    every = [0, 59, 60, 61, 364, 365, 366, 4000]
    for ago in reversed(every):
        happenings.add("delivered", f"x@d{ago}.example", ago=ago * DAY)
    found = happenings.rows(
        COUNT,
        "recipient_domain",
        resolution=resolution,
        duration="5000d",
        pagination={"limit": 100},
    )
    assert found == {f"d{ago}.example": 1 for ago in (every if days == "all" else days)}


def test_usage_has_a_first_day(happenings: Happenings) -> None:
    """platform:METRIC-022: nothing is known of August 2024 and before."""
    first_of_september = TODAY + 145 * DAY
    happenings.add("delivered", ago=first_of_september + 1)
    happenings.add("delivered", ago=first_of_september)
    asked: dict[str, Any] = {"resolution": "month", "duration": "12m"}
    usage = happenings.metrics(
        "processed_count", path="usage/metrics", dimensions=["time"], **asked
    )
    (item,) = usage["items"]
    assert item["dimensions"][0]["value"] == "Sun, 01 Sep 2024 00:00:00 +0000"
    assert item["metrics"] == {"processed_count": 1}
    assert happenings.totals("processed_count", **asked) == {"processed_count": 2}
