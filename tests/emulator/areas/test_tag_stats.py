"""Counting the events of a tag."""

from __future__ import annotations

from typing import Any

import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.areas.events.records import Event
from mailgun_emulator.areas.events.store import EventStore
from tests.emulator.areas.clients import Lists, told
from tests.emulator.areas.mail import ALICE, Mail

PATHS = ("tag/stats", "tags/news/stats")


def stats(mail: Mail, event: Any, path: str = "tag/stats", **query: Any) -> dict[str, Any]:
    given = {"event": event, **query}
    if "tags/" not in path:
        given.setdefault("tag", "news")
    answer = mail.api.get(mail.path(path), params=given)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def happen(app: Emulator, mail: Mail, kind: str, recipient: str, **details: Any) -> None:
    """Record a tracking event of the tag."""
    now = app.state.clock.timestamp()
    event = Event(app.state.ids.token(22), kind, now, mail.domain, recipient, ("news",), details)
    app.state.store(app.state.accounts[0], EventStore).add(event)


@pytest.mark.parametrize("path", PATHS)
def test_seven_days_are_eight_points(mail: Mail, path: str) -> None:
    """platform:STAT-002 to STAT-005, TAG-016, TAG-018: zeros are there, and only what was asked."""
    mail.send({"o:tag": "News", "to": "a@example.com, b@example.com"})
    mail.send({"o:tag": "other"})
    found = stats(mail, "accepted", path)
    assert found["tag"] == "News"
    assert (found["description"], found["resolution"]) == ("", "day")
    assert found["start"] == "Fri, 17 Jan 2025 00:00:00 UTC"
    assert found["end"] == "Fri, 24 Jan 2025 00:00:00 UTC"
    zero = {"accepted": {"incoming": 0, "outgoing": 0, "total": 0}}
    assert [{k: v for k, v in point.items() if k != "time"} for point in found["stats"]] == [
        *[zero] * 7,
        {"accepted": {"incoming": 0, "outgoing": 2, "total": 2}},
    ]


@pytest.mark.parametrize(
    ("query", "times"),
    [
        ({"duration": "2h", "resolution": "hour"}, ["10:00", "11:00", "12:00"]),
        ({"duration": "1d", "start": "1"}, ["00:00", "00:00"]),
        ({"start": "Fri, 24 Jan 2025 11:30:00 GMT", "resolution": "hour"}, ["11:00", "12:00"]),
        ({"start": "1737720000", "end": "1737720001", "resolution": "hour"}, ["12:00"]),
        ({"end": "Fri, 24 Jan 2025 00:00:00 GMT", "start": "Sat, 25 Jan 2025 00:00:00 GMT"}, []),
    ],
)
def test_ranges(mail: Mail, query: dict[str, str], times: list[str]) -> None:
    """platform:STAT-002: a duration counts back from the end and goes before the start."""
    mail.send({"o:tag": "news"})
    found = stats(mail, "accepted", **query)
    assert [point["time"][17:22] for point in found["stats"]] == times


def test_months(mail: Mail) -> None:
    """platform:STAT-002, STAT-004."""
    mail.send({"o:tag": "news"})
    found = stats(mail, "accepted", resolution="month", start="Tue, 12 Nov 2024 10:00:00 GMT")
    assert [point["time"][5:16] for point in found["stats"]] == [
        "01 Nov 2024",
        "01 Dec 2024",
        "01 Jan 2025",
    ]


def test_long_ranges_keep_the_newest_points(mail: Mail) -> None:
    """platform:STAT-004: at most 1000 points, our own bound."""
    mail.send({"o:tag": "news"})
    for query in ({"start": "0"}, {"duration": f"{10**20}d"}, {"duration": "000900000h"}):
        found = stats(mail, "accepted", resolution="hour", **query)
        assert len(found["stats"]) == 1000
        assert found["stats"][-1]["time"] == "Fri, 24 Jan 2025 12:00:00 UTC"
        assert found["stats"][-1]["accepted"]["total"] == 1


def test_the_shapes_of_the_counts(app: Emulator, mail: Mail, lists: Lists) -> None:
    """platform:STAT-006, STAT-007."""
    lists.add("bounces", address=ALICE)
    mail.send({"o:tag": "news", "cc": "c@example.com"})
    mail.wait()
    for recipient in ("c@example.com", "C@example.com", "d@example.com"):
        happen(app, mail, "clicked", recipient)
    kinds = ["delivered", "failed", "opened", "clicked", "unsubscribed", "complained", "stored"]
    point = stats(mail, kinds)["stats"][-1]
    del point["time"]
    assert point == {
        "delivered": {"smtp": 1, "http": 0, "optimized": 0, "total": 1},
        "failed": {
            "temporary": {"espblock": 0, "total": 0},
            "permanent": {
                "suppress-bounce": 1,
                "suppress-unsubscribe": 0,
                "suppress-complaint": 0,
                "bounce": 0,
                "delayed-bounce": 0,
                "webhook": 0,
                "optimized": 0,
                "total": 1,
            },
        },
        "opened": {"total": 0},
        "clicked": {"total": 3, "unique": 2},
        "unsubscribed": {"total": 0},
        "complained": {"total": 0},
        "stored": {"total": 0},
    }


def test_filters(app: Emulator, mail: Mail) -> None:
    """platform:TAG-018: by provider, device and country."""
    mail.send({"o:tag": "news", "to": "x@gmail.com, y@example.com"})
    happen(
        app,
        mail,
        "opened",
        "x@gmail.com",
        **{"geolocation": {"country": "DE"}, "client-info": {"device-type": "mobile"}},
    )

    def total(event: str, **query: str) -> int:
        return int(stats(mail, event, **query)["stats"][-1][event]["total"])

    assert total("accepted", provider="gmail.com") == 1
    assert (total("opened", country="DE"), total("opened", country="FR")) == (1, 0)
    assert (total("opened", device="mobile"), total("opened", device="tablet")) == (1, 0)


def test_aggregates(app: Emulator, mail: Mail) -> None:
    """platform:TAG-016, TAG-019, STAT-011: by query and by path."""
    mail.send({"o:tag": "News", "to": "x@gmail.com, y@example.com"})
    client = {"geolocation": {"country": "DE"}, "client-info": {"device-type": "mobile"}}
    for kind in ("opened", "clicked", "clicked", "unsubscribed"):
        happen(app, mail, kind, "x@gmail.com", **client)
    zero = {"accepted": 0, "clicked": 0, "opened": 0, "unique_clicked": 0, "unsubscribed": 0}
    used = {**zero, "clicked": 2, "opened": 1, "unique_clicked": 1, "unsubscribed": 1}
    expected = {
        "country": {"DE": used},
        "device": {"mobile": used},
        "provider": {"gmail.com": {**used, "accepted": 1}, "other": {**zero, "accepted": 1}},
    }
    plural = {"country": "countries", "device": "devices", "provider": "providers"}
    for kind, counts in expected.items():
        query = {"tag": "news", "type": kind}
        by_query = mail.api.get(mail.path("tag/stats/aggregates"), params=query)
        by_path = mail.api.get(mail.path("tags/news/stats/aggregates", plural[kind]))
        assert told(by_query) == told(by_path) == (200, {"tag": "News", kind: counts})


def test_what_can_be_counted_by(mail: Mail) -> None:
    """platform:TAG-021."""
    base = f"/v3/domains/{mail.domain}/tag"
    assert mail.api.get(f"{base}/devices").json() == {
        "items": ["desktop", "mobile", "tablet", "unknown"]
    }
    providers = mail.api.get(f"{base}/providers").json()["items"]
    assert providers[:4] == ["gmail.com", "yahoo.com", "hotmail.com", "aol.com"]
    assert len(set(providers)) == 26
    countries = mail.api.get(f"{base}/countries").json()["items"]
    assert {"DE", "US"} <= set(countries)
    assert all(len(code) == 2 for code in countries)


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("tag/stats", {"tag": "news"}, 400),
        ("tag/stats", {"tag": "news", "event": "sent"}, 400),
        ("tag/stats", {"event": "accepted"}, 400),
        ("tag/stats", {"tag": "news", "event": "accepted", "resolution": "year"}, 400),
        ("tag/stats", {"tag": "news", "event": "accepted", "duration": "soon"}, 400),
        ("tag/stats", {"tag": "other", "event": "accepted"}, 404),
        ("tag/stats/aggregates", {"tag": "news"}, 400),
        ("tag/stats/aggregates", {"tag": "news", "type": "city"}, 400),
        ("tag/stats/aggregates", {"tag": "other", "type": "country"}, 404),
        ("tags/other/stats", {"event": "accepted"}, 404),
        ("tags/other/stats/aggregates/devices", {}, 404),
    ],
)
def test_what_is_refused(mail: Mail, path: str, query: dict[str, str], status: int) -> None:
    """platform:STAT-001, STAT-008, TAG-022."""
    mail.send({"o:tag": "news"})
    assert mail.api.get(mail.path(path), params=query).status_code == status
