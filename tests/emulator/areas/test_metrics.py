"""Asking for metrics: ranges, dimensions, filters, pages, and the answer's shape."""

from __future__ import annotations

from typing import Any

import pytest

from mailgun_emulator import Emulator
from tests.emulator.areas.happenings import DAY, Happenings, where
from tests.emulator.areas.mail import Mail

COUNT = "delivered_count"
ENGAGED: dict[str, Any] = {
    "geolocation": {"country": "DE"},
    "client_info": {"device-type": "mobile", "bot": "apple"},
}


def test_the_shape_of_an_answer(happenings: Happenings) -> None:
    """platform:METRIC-001, METRIC-012, METRIC-015, METRIC-016, METRIC-017, METRIC-018, METRIC-020,
    DIFF-023, DIFF-026: counts are numbers, rates text; only what was asked for comes back."""
    happenings.add("delivered")
    asked: dict[str, Any] = {
        "dimensions": ["time", "domain"],
        "resolution": "hour",
        "duration": "1d",
    }
    assert happenings.metrics(COUNT, "opened_rate", **asked) == {
        "start": "Thu, 23 Jan 2025 12:00:00 +0000",
        "end": "Fri, 24 Jan 2025 12:00:00 +0000",
        "resolution": "hour",
        "duration": "1d",
        "dimensions": ["time", "domain"],
        "pagination": {"sort": "", "skip": 0, "limit": 1500, "total": 1},
        "items": [
            {
                "dimensions": [
                    {
                        "dimension": "time",
                        "value": "Fri, 24 Jan 2025 12:00:00 +0000",
                        "display_value": "Fri, 24 Jan 2025 12:00:00 +0000",
                    },
                    {
                        "dimension": "domain",
                        "value": happenings.domain,
                        "display_value": happenings.domain,
                    },
                ],
                "metrics": {COUNT: 1, "opened_rate": "0.0000"},
            }
        ],
    }


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ({}, "Fri, 17 Jan 2025 00:00", "Fri, 24 Jan 2025 00:00"),
        ({"resolution": "hour"}, "Fri, 17 Jan 2025 12:00", "Fri, 24 Jan 2025 12:00"),
        ({"resolution": "month"}, "Wed, 01 Jan 2025 00:00", "Wed, 01 Jan 2025 00:00"),
        ({"duration": "36h"}, "Thu, 23 Jan 2025 00:00", "Fri, 24 Jan 2025 00:00"),
        ({"duration": f"{10**20}d"}, "Thu, 01 Jan 1970 00:00", "Fri, 24 Jan 2025 00:00"),
        ({"duration": f"{10**9}m"}, "Thu, 01 Jan 1970 00:00", "Fri, 24 Jan 2025 00:00"),
        (
            {"end": "Sun, 01 Dec 2024 01:00:00 +0000", "duration": "1m", "resolution": "hour"},
            "Fri, 01 Nov 2024 01:00",
            "Sun, 01 Dec 2024 01:00",
        ),
        (
            {"end": "Mon, 31 Mar 2025 00:00:00 +0000", "duration": "1m"},
            "Fri, 28 Feb 2025 00:00",
            "Mon, 31 Mar 2025 00:00",
        ),
        (
            {"start": "Tue, 30 Nov 2024 20:56:50 -0500", "resolution": "hour"},
            "Sun, 01 Dec 2024 01:00",
            "Fri, 24 Jan 2025 12:00",
        ),
        (
            {"start": "Fri, 24 Jan 2025 00:00:00 GMT", "duration": "2d"},
            "Wed, 22 Jan 2025 00:00",
            "Fri, 24 Jan 2025 00:00",
        ),
    ],
)
def test_ranges(happenings: Happenings, asked: dict[str, str], start: str, end: str) -> None:
    """platform:METRIC-001 to METRIC-005: months are those of the calendar."""
    found = happenings.metrics(COUNT, **asked)
    assert (found["start"], found["end"]) == (f"{start}:00 +0000", f"{end}:00 +0000")


def test_ranges_are_whole_steps(happenings: Happenings) -> None:
    """platform:METRIC-004, METRIC-014: the first and the last step count wholly."""
    for days in (0.1, 0.6, 2, 2.5, 2.6, 9):
        happenings.add("delivered", ago=days * DAY)
    assert happenings.rows(COUNT, "time", duration="2d") == {
        "Wed, 22 Jan 2025 00:00:00 +0000": 2,
        "Fri, 24 Jan 2025 00:00:00 +0000": 1,
        "Thu, 23 Jan 2025 00:00:00 +0000": 1,
    }
    assert happenings.rows(COUNT, "time", resolution="month", duration="1m") == {
        "Wed, 01 Jan 2025 00:00:00 +0000": 6
    }


def test_dimensions(happenings: Happenings) -> None:
    """platform:METRIC-008, METRIC-023, METRIC-030: an event with two tags is in two
    rows and once in the totals; what has no address has no row by address."""
    happenings.add("opened", "x@gmail.com", tags=("News", "b"), **ENGAGED)
    happenings.add("opened", "y@example.org", tags=("news",))
    happenings.add("opened")
    name = "opened_count"
    assert happenings.rows(name, "tag") == {"News": 2, "b": 1, "Untagged": 1}
    assert happenings.totals(name, dimensions=["tag"]) == {name: 3}
    assert happenings.rows(name, "recipient_domain") == {
        "gmail.com": 1,
        "example.org": 1,
        "example.com": 1,
    }
    assert happenings.rows(name, "recipient_provider") == {"Gmail": 1, "Other": 2}
    assert happenings.rows(name, "country", "device") == {"DE|mobile": 1, "Unknown|unknown": 2}
    assert happenings.rows(name, "bot") == {"Apple": 1, "None": 2}
    assert happenings.rows(name, "domain") == {happenings.domain: 3}
    account = happenings.app.state.accounts[0].id
    assert happenings.rows(name, "subaccount", include_subaccounts=True) == {account: 3}
    envelope = {"sending-ip": "192.0.2.1", "i-ip-pool-id": "p1"}
    happenings.add("delivered", envelope=envelope)
    happenings.add("accepted")
    assert happenings.rows("accepted_count", "ip") == {}
    assert happenings.rows(COUNT, "ip", "ip_pool") == {"192.0.2.1|p1": 1}


def test_sent_mail_is_counted(happenings: Happenings, mail: Mail) -> None:
    """platform:METRIC-014, METRIC-023: from acceptance to delivery."""
    mail.send({"o:tag": "news", "to": "x@gmail.com, y@example.com"})
    mail.wait()
    found = happenings.metrics("accepted_count", COUNT, "delivered_rate", dimensions=["tag"])
    assert [item["metrics"] for item in found["items"]] == [
        {"accepted_count": 2, COUNT: 2, "delivered_rate": "1.0000"}
    ]
    assert happenings.rows("accepted_count", "country") == {"Unknown": 2}
    assert happenings.rows("processed_count", "ip") == {"192.0.2.25": 2}


@pytest.mark.parametrize(
    ("predicate", "count"),
    [
        (("tag", "=", "news"), 2),
        (("tag", "=", "news|b"), 3),
        (("tag", "!=", "news"), 2),
        (("tag", "!=", "news|b"), 1),
        (("tag", "=", "Untagged"), 1),
        (("tag", "contains", "EW"), 2),
        (("tag", "not contains", "ew"), 2),
        (("recipient_domain", "=", "gmail.com"), 1),
        (("country", "=", "DE"), 1),
        (("domain", "=", "other.example"), 0),
    ],
)
def test_filters(happenings: Happenings, predicate: tuple[str, str, str], count: int) -> None:
    """platform:METRIC-009, METRIC-010: any of several values, or none of them."""
    happenings.add("opened", "x@gmail.com", tags=("news",), **ENGAGED)
    happenings.add("opened", tags=("News", "c"))
    happenings.add("opened", tags=("b",))
    happenings.add("opened")
    assert happenings.totals("opened_count", filter=where(predicate)) == {"opened_count": count}


def test_conditions_all_hold(happenings: Happenings) -> None:
    """platform:METRIC-009: AND is the only way to join them."""
    for tag, to in (("a", "x@gmail.com"), ("a", "x@b.example"), ("b", "x@gmail.com")):
        happenings.add("delivered", to, tags=(tag,))
    both = where(("tag", "=", "a"), ("recipient_domain", "=", "gmail.com"))
    assert happenings.totals(COUNT, filter=both) == {COUNT: 1}
    status, _ = happenings.refusal("metrics", filter={"OR": both["AND"]})
    assert status == 400


def test_pages_and_order(happenings: Happenings) -> None:
    """platform:METRIC-011, METRIC-012, METRIC-013: by dimension, or by any metric that is asked."""
    for number in range(12):
        for _ in range(number + 1):
            happenings.add("delivered", f"x@d{number:02d}.example")
    by_domain = ["recipient_domain"]
    page = happenings.metrics(COUNT, dimensions=by_domain)["pagination"]
    assert page == {"sort": "", "skip": 0, "limit": 10, "total": 12}

    def order(**paging: Any) -> list[str]:
        found = happenings.metrics(COUNT, dimensions=by_domain, pagination=paging)
        assert found["pagination"]["total"] == 12
        return [item["dimensions"][0]["value"][1:3] for item in found["items"]]

    assert order(sort=f"{COUNT}:desc", limit=3) == ["11", "10", "09"]
    assert order(sort="recipient_domain:asc", skip=10) == ["10", "11"]
    assert order(sort="recipient_domain:desc", skip=1, limit=2) == ["10", "09"]
    assert order(skip=12) == []
    limits = {
        happenings.metrics(COUNT, dimensions=d, pagination={"limit": 1500})["pagination"]["limit"]
        for d in (by_domain, ["time"])
    }
    assert limits == {1000, 1500}


def test_aggregates_come_when_asked_for(happenings: Happenings) -> None:
    """platform:METRIC-019: totals over all items, rates from the totals."""
    for to, count in (("x@a.example", 3), ("x@b.example", 1)):
        for _ in range(count):
            happenings.add("delivered", to)
    happenings.add("clicked", "x@b.example")
    names = (COUNT, "clicked_rate")
    assert "aggregates" not in happenings.metrics(*names)
    totals = happenings.totals(*names, dimensions=["recipient_domain"], pagination={"limit": 1})
    assert totals == {COUNT: 4, "clicked_rate": "0.2500"}
    assert happenings.rows("clicked_rate", "recipient_domain") == {
        "a.example": "0.0000",
        "b.example": "1.0000",
    }


@pytest.mark.parametrize("path", ["metrics", "usage/metrics"])
def test_what_is_refused(happenings: Happenings, path: str) -> None:
    """platform:METRIC-006, METRIC-007, METRIC-026, GEN-008."""
    assert happenings.refusal(path, resolution="century") == (
        400,
        "'resolution' attribute is invalid",
    )
    too_many = ["time", "subaccount", "time", "subaccount"]
    assert happenings.refusal(path, dimensions=too_many)[0] == 400
    assert happenings.refusal(path, metrics=["nothing_count"])[0] == 400
    assert happenings.refusal(path, duration="soon")[0] == 400
    answer = happenings.api.post(f"/v1/analytics/{path}/more", json={})
    assert answer.status_code == 404
    assert "not found" in answer.json()["error"]


def test_no_more_than_ten_metrics(happenings: Happenings) -> None:
    """platform:METRIC-007."""
    names = [f"{kind}_count" for kind in ("accepted", "opened", "clicked", "failed")]
    assert happenings.refusal("metrics", metrics=names * 3)[0] == 400


def test_usage_comes_by_days(happenings: Happenings) -> None:
    """platform:METRIC-008, METRIC-024, METRIC-025, DIFF-024, DIFF-025."""
    happenings.add("delivered")
    happenings.add("delivered", ago=DAY)
    happenings.fail("bounce")
    happenings.add("email_validation", "")
    found = happenings.metrics(
        "processed_count",
        "email_validation_count",
        "seed_test_count",
        path="usage/metrics",
        dimensions=["time"],
        resolution="hour",
        include_aggregates=True,
        include_subaccounts=True,
    )
    rows = {item["dimensions"][0]["value"]: item["metrics"] for item in found["items"]}
    assert rows == {
        "Thu, 23 Jan 2025 00:00:00 +0000": {
            "processed_count": 1,
            "email_validation_count": 0,
            "seed_test_count": 0,
        },
        "Fri, 24 Jan 2025 00:00:00 +0000": {
            "processed_count": 2,
            "email_validation_count": 1,
            "seed_test_count": 0,
        },
    }
    assert found["aggregates"]["metrics"] == {
        "processed_count": 3,
        "email_validation_count": 1,
        "seed_test_count": 0,
        "permanent_failed_count": 1,
    }
    assert happenings.refusal("usage/metrics", dimensions=["tag"])[0] == 400


def test_accounts_count_their_own(app: Emulator, happenings: Happenings) -> None:
    """platform:METRIC-009: mail of a domain that is none of the account's is not there."""
    happenings.add("delivered", domain="elsewhere.example")
    assert happenings.totals(COUNT) == {COUNT: 0}
    app.state.accounts[0].domains.add("elsewhere.example")
    assert happenings.rows(COUNT, "domain") == {"elsewhere.example": 1}
