"""The older statistics of accounts and domains."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator
from tests.emulator.areas.happenings import DAY, Happenings

OTHER = "other.example"


def get(api: httpx.Client, path: str, **query: Any) -> dict[str, Any]:
    answer = api.get(f"/v3/{path}", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def two(app: Emulator, happenings: Happenings) -> Happenings:
    """Two domains with mail of today and of three days ago."""
    app.state.accounts[0].domains.add(OTHER)
    happenings.add("delivered", "x@gmail.com", tags=("a", "b"))
    happenings.add("delivered", ago=3 * DAY)
    happenings.add("delivered", domain=OTHER, tags=("a",))
    happenings.add("opened", domain=OTHER, geolocation={"country": "DE"})
    return happenings


def totals(found: dict[str, Any], kind: str = "delivered") -> list[int]:
    return [item[kind]["total"] for item in found["stats"]]


def test_by_time(two: Happenings) -> None:
    """platform:STAT-001 to STAT-005, DIFF-028: zeros are there; an account adds up its domains."""
    account = get(two.api, "stats/total", event="delivered")
    assert totals(account) == [0, 0, 0, 0, 1, 0, 0, 2]
    assert set(account["stats"][0]) == {"time", "delivered"}
    assert account["stats"][0]["time"] == account["start"] == "Fri, 17 Jan 2025 00:00:00 UTC"
    assert (account["resolution"], account["description"]) == ("day", "")
    assert totals(get(two.api, f"{two.domain}/stats/total", event="delivered"))[-1] == 1
    both = get(two.api, f"{OTHER}/stats/total", event=["delivered", "opened"], duration="1h")
    assert both["stats"][-1]["opened"] == {"total": 1, "unique": 1}
    hours = get(two.api, "stats/total", event="delivered", resolution="hour", duration="2h")
    assert totals(hours) == [0, 0, 2]
    months = get(two.api, "stats/total", event="delivered", resolution="month", duration="2m")
    assert totals(months) == [0, 0, 3]


def test_failures_by_kind(happenings: Happenings) -> None:
    """platform:STAT-006."""
    happenings.fail("bounce")
    happenings.fail("bounce", flags={"is-delayed-bounce": True})
    happenings.fail("generic", flags={"is-callback": True})
    happenings.fail("suppress-complaint")
    happenings.fail("espblock", permanent=False)
    happenings.add("accepted", flags={"is-authenticated": False})
    happenings.add("delivered", flags={"is-routed": True})
    point = get(happenings.api, "stats/total", event=["failed", "accepted", "delivered"])
    assert point["stats"][-1]["failed"] == {
        "temporary": {"espblock": 1, "total": 1},
        "permanent": {
            "suppress-bounce": 0,
            "suppress-unsubscribe": 0,
            "suppress-complaint": 1,
            "bounce": 1,
            "delayed-bounce": 1,
            "webhook": 1,
            "optimized": 0,
            "total": 4,
        },
    }
    assert point["stats"][-1]["accepted"] == {"incoming": 1, "outgoing": 0, "total": 1}
    assert point["stats"][-1]["delivered"] == {"smtp": 0, "http": 1, "optimized": 0, "total": 1}


def test_by_domain(two: Happenings) -> None:
    """platform:STAT-009, DIFF-029: one step of time, an item for each domain."""
    query: dict[str, Any] = {"event": "delivered", "timestamp": "1737720000"}
    found = get(two.api, "stats/total/domains", **query)
    assert {item["domain"]: item["delivered"]["total"] for item in found["stats"]} == {
        OTHER: 1,
        two.domain: 1,
    }
    assert found["start"] == found["end"] == "Fri, 24 Jan 2025 00:00:00 UTC"
    month = get(two.api, "stats/total/domains", resolution="month", **query)
    assert totals(month) == [1, 2]
    assert totals(get(two.api, "stats/total/domains", limit=1, **query)) == [1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"group": "total"}, {None: 3}),
        ({"group": "domain"}, {OTHER: 1, "sandbox.example.test": 2}),
        ({"group": "tag"}, {"Untagged": 1, "a": 2, "b": 1}),
        ({"group": "provider"}, {"gmail.com": 1, "other": 2}),
        ({"group": "domain", "filter": f"domain:{OTHER}"}, {OTHER: 1}),
        ({"group": "total", "filter": f"domain:{OTHER.upper()}"}, {None: 1}),
        ({"group": "total", "filter": "domain:none.example"}, {None: 0}),
        ({"group": "total", "filter": "ip_pool:p1"}, {None: 0}),
        ({"group": "ip"}, {}),
        ({"group": "country"}, {}),
    ],
)
def test_groups(two: Happenings, query: dict[str, str], expected: dict[str, int]) -> None:
    """platform:STAT-010."""
    found = get(two.api, "stats/filter", event="delivered", **query)
    shown = {item.get(query["group"]): item["delivered"]["total"] for item in found["stats"]}
    assert shown == expected


def test_an_account_among_its_own(two: Happenings) -> None:
    """platform:STAT-010: a filter by subaccount; the account is one for itself."""
    own = two.app.state.accounts[0].id
    for account, count in ((own, 3), ("6" * 24, 0)):
        query = {"group": "total", "filter": f"subaccount:{account}"}
        assert totals(get(two.api, "stats/filter", event="delivered", **query)) == [count]
    pool: dict[str, Any] = {"envelope": {"sending-ip": "192.0.2.1", "i-ip-pool-id": "p1"}}
    two.add("delivered", **pool)
    of_pool = {"event": "delivered", "filter": "ip_pool:p1", "group": "ip"}
    (item,) = get(two.api, "stats/filter", **of_pool)["stats"]
    assert (item["ip"], item["delivered"]["total"]) == ("192.0.2.1", 1)


def test_groups_of_time(two: Happenings) -> None:
    """platform:STAT-010: by steps, days or months."""
    plain = get(two.api, "stats/filter", event="delivered", resolution="hour", duration="1h")
    assert totals(plain) == [0, 2]
    days = get(two.api, "stats/filter", event="delivered", group="day", resolution="hour")
    assert totals(days) == [0, 0, 0, 0, 1, 0, 0, 2]
    months = get(two.api, "stats/filter", event="delivered", group="month")
    assert (totals(months), months["resolution"]) == ([3], "month")
    opened = get(two.api, "stats/filter", event="opened", group="country")
    assert totals(opened, "opened") == [1]


def test_aggregates(happenings: Happenings) -> None:
    """platform:STAT-011."""
    client: dict[str, Any] = {
        "client_info": {"device-type": "tablet"},
        "geolocation": {"country": "FR"},
    }
    happenings.add("accepted", "x@gmail.com")
    for kind in ("opened", "clicked", "clicked"):
        happenings.add(kind, "x@gmail.com", **client)
    used = {"accepted": 0, "clicked": 2, "opened": 1, "unique_clicked": 1, "unsubscribed": 0}
    base = f"{happenings.domain}/aggregates"
    assert get(happenings.api, f"{base}/countries") == {"countries": {"FR": used}}
    assert get(happenings.api, f"{base}/devices") == {"devices": {"tablet": used}}
    assert get(happenings.api, f"{base}/providers") == {
        "providers": {"gmail.com": {**used, "accepted": 1}}
    }


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("stats/total", {}, 400),
        ("stats/total", {"event": "sent"}, 400),
        ("stats/total", {"event": "opened", "start": "yesterday"}, 400),
        ("stats/total/domains", {"event": "opened"}, 400),
        ("stats/filter", {"event": "opened", "group": "weather"}, 400),
        ("none.example/stats/total", {"event": "opened"}, 404),
        ("none.example/aggregates/devices", {}, 404),
        ("sandbox.example.test/stats", {"event": "sent"}, 404),
    ],
)
def test_what_is_refused(api: httpx.Client, path: str, query: dict[str, str], status: int) -> None:
    """platform:STAT-001, STAT-008, STAT-009, STAT-012."""
    answer = api.get(f"/v3/{path}", params=query)
    assert answer.status_code == status
