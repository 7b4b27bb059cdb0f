"""Searching the logs: ranges, filters, items, pages."""

from __future__ import annotations

from typing import Any

import pytest

from mailgun_emulator import Emulator
from tests.emulator.areas.happenings import DAY, Happenings, where
from tests.emulator.areas.mail import ALICE, Mail
from tests.emulator.conftest import Connect


def test_an_entry_of_a_sent_mail(happenings: Happenings, mail: Mail) -> None:
    """platform:LOG-014, LOG-015, DIFF-011, DIFF-018, DIFF-020; sending:EVT-012: it differs from the
    same event in the events API."""
    mail.send({"v:who": "me", "o:tag": "news", "o:deliverytime": "Sat, 25 Jan 2025 12:44:39 GMT"})
    (entry,) = happenings.logs()["items"]
    event = mail.event()
    assert "timestamp" not in entry
    assert entry["@timestamp"] == "2025-01-24T12:44:39.000Z"
    assert entry["id"] == event["id"]
    assert entry["account"] == {"id": happenings.app.state.accounts[0].id}
    assert entry["domain"] == {"name": mail.domain}
    assert entry["method"] == "HTTP"
    assert entry["user-variables"] == '{"who": "me"}'
    assert entry["storage"]["url"] == [event["storage"]["url"]]
    assert entry["message"]["scheduled-for"] == 1737809079
    assert entry["flags"] == {
        "is-authenticated": True,
        "is-system-test": False,
        "is-routed": False,
        "is-test-mode": False,
        "is-delayed-bounce": False,
        "is-callback": False,
    }
    assert (entry["recipient"], entry["tags"]) == (ALICE, ["news"])


def test_entries_of_other_kinds(happenings: Happenings) -> None:
    """platform:LOG-014, LOG-019: what an event tells is converted wherever it differs."""
    route = {"id": "r1", "actions": ["stop()", "store()"], "priority": 1}
    happenings.add("accepted", method="smtp", routes=[route], template={"is-text": "yes"})
    status = {"code": 680, "message": "Turret client: server connection failed"}
    happenings.fail("generic", delivery_status=status, ago=70)
    first, second = happenings.logs()["items"]
    assert first["routes"] == {**route, "actions": "stop(), store()"}
    assert (first["method"], first["template"]) == ("SMTP", {"is-text": True})
    assert second["delivery-status"] == status
    assert (second["severity"], second["log-level"]) == ("permanent", "error")


def test_the_answer_echoes_the_range(happenings: Happenings) -> None:
    """platform:LOG-001, LOG-004, LOG-005, LOG-006, DIFF-016, DIFF-017, DIFF-019."""
    happenings.add("delivered")
    start, end = "Thu, 23 Jan 2025 00:00:00 -0000", "Sat, 25 Jan 2025 01:00:00 +0100"
    found = happenings.logs(start=start, end=end)
    assert (found["start"], found["end"]) == (start, end)
    assert (found["pagination"], found["aggregates"]) == ({}, {})
    assert happenings.logs()["start"] == "Thu, 23 Jan 2025 12:44:39 +0000"
    assert happenings.logs()["end"] == "Fri, 24 Jan 2025 12:44:39 +0000"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["0", "1"]),
        ({"duration": "2h"}, ["0"]),
        ({"duration": "3d", "start": "Fri, 24 Jan 2025 12:00:00 GMT"}, ["0", "1", "2"]),
        ({"start": "Wed, 22 Jan 2025 12:44:39 GMT"}, ["0", "1", "2"]),
        ({"start": "Wed, 22 Jan 2025 12:44:40 GMT"}, ["0", "1"]),
        ({"end": "Fri, 24 Jan 2025 00:00:00 GMT", "duration": "2d"}, ["1", "2"]),
    ],
)
def test_ranges(happenings: Happenings, asked: dict[str, str], expected: list[str]) -> None:
    """platform:LOG-001, LOG-002: a duration beats the start."""
    for name, days in (("0", 0.01), ("1", 0.9), ("2", 2), ("3", 5)):
        happenings.add("delivered", name, ago=days * DAY)
    found = happenings.logs(**asked)["items"]
    assert [item["recipient"] for item in found] == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"events": ["opened"]}, "o1 o2"),
        ({"events": ["unique_opened"]}, "o1"),
        ({"events": ["delivered", "unique_opened"]}, "o1 late d"),
        ({"metric_events": ["hard_bounces"]}, "hard"),
        ({"metric_events": ["hard_bounces", "suppressed_bounces"]}, "hard known"),
        ({"metric_events": ["delivered_two_plus_attempts"]}, "late"),
        ({"metric_events": ["bounced"], "events": ["delivered"]}, "hard late d"),
        ({"metric_events": ["unique_opened"]}, "o1"),
    ],
)
def test_kinds(happenings: Happenings, asked: dict[str, Any], expected: str) -> None:
    """platform:LOG-007, LOG-008: by kind of event, or by the metric that an event counts for."""
    for name in ("o1", "o2"):
        happenings.add("opened", name if name == "o1" else "O1", ago=90)
    happenings.fail("bounce", recipient="hard", ago=80)
    happenings.fail("suppress-bounce", recipient="known", ago=70)
    happenings.add("delivered", "late", ago=60, delivery_status={"attempt-no": 2})
    happenings.add("delivered", "d", ago=50)
    pages = {"sort": "timestamp:asc"}
    found = [item["recipient"] for item in happenings.logs(**asked, pagination=pages)["items"]]
    assert found == expected.replace("o2", "O1").split()


@pytest.fixture
def varied(happenings: Happenings) -> Happenings:
    """Two events that differ in everything that can be asked for."""
    happenings.add(
        "failed",
        "ann@x.example",
        ago=20,
        tags=("News",),
        severity="permanent",
        message={
            "headers": {
                "from": "Bob <bob@b.example>",
                "to": "ann@x.example, c@d.example",
                "subject": "Hello there",
                "message-id": "m1@b",
            },
            "attachments": [{"filename": "a.pdf"}],
            "size": 900,
        },
        user_variables={"who": "me"},
        delivery_status={"code": 550, "message": "No such user", "bounce-type": "hard"},
        envelope={"sending-ip": "192.0.2.1", "i-ip-pool-id": "p1"},
        flags={"is-routed": True},
        i_classification_rule_id="rule",
    )
    client = {"device-type": "mobile", "bot": "apple"}
    happenings.add(
        "opened",
        "eve@gmail.com",
        ago=10,
        ip="198.51.100.7",
        geolocation={"country": "DE"},
        client_info=client,
        message={"headers": {"message-id": "m2@b"}, "size": 20_000},
        mailing_list={"address": "all@lists.example"},
    )
    return happenings


@pytest.mark.parametrize(
    ("attribute", "comparator", "value", "expected"),
    [
        ("event", "=", "failed", "ann"),
        ("event", "!=", "failed", "eve"),
        ("event", "=", "failed|opened", "ann eve"),
        ("event", "=", "unique_opened", "eve"),
        ("recipient", "=", "ANN@x.example", "ann"),
        ("recipient", "contains", "gmail", "eve"),
        ("recipient", "not contains", "gmail", "ann"),
        ("recipient_domain", "=", "gmail.com", "eve"),
        ("recipient_provider", "=", "Gmail", "eve"),
        ("recipients", "contains", "eve@", "eve"),
        ("domain", "contains", "sandbox", "ann eve"),
        ("from", "contains", "bob@b", "ann"),
        ("to", "contains", "c@d", "ann"),
        ("subject", "=", "hello there", "ann"),
        ("subject", "not contains", "hello", "eve"),
        ("message_id", "=", "m2@b", "eve"),
        ("attachment_filename", "=", "a.pdf", "ann"),
        ("mailing_list_address", "contains", "lists", "eve"),
        ("size", ">", "10000", "eve"),
        ("size", "<", "10000", "ann"),
        ("size", "<", "many", ""),
        ("tag", "=", "news", "ann"),
        ("severity", "=", "permanent", "ann"),
        ("user_variables", "contains", '"who": "me"', "ann"),
        ("country", "=", "DE", "eve"),
        ("device", "contains", "mob", "eve"),
        ("bot", "=", "Apple", "eve"),
        ("ip", "=", "198.51.100.7", "eve"),
        ("ip", "=", "192.0.2.1", "ann"),
        ("ip_pool", "=", "p1", "ann"),
        ("delivery_status_code", "=", "550", "ann"),
        ("delivery_status_message", "contains", "no such", "ann"),
        ("delivery_status_bounce_type", "=", "hard", "ann"),
        ("is_routed", "=", "true", "ann"),
        ("i_classification_rule_id", "=", "rule", "ann"),
    ],
)
def test_filters(
    varied: Happenings, attribute: str, comparator: str, value: str, expected: str
) -> None:
    """platform:LOG-009 to LOG-012."""
    found = varied.found((attribute, comparator, value))
    assert [recipient.partition("@")[0] for recipient in found] == expected.split()


def test_conditions_all_hold(varied: Happenings) -> None:
    """platform:LOG-009."""
    (found,) = varied.found(("recipient", "contains", "@"), ("tag", "!=", "news"))
    entry = varied.logs(filter=where(("recipient", "=", found)))["items"][0]
    assert varied.found(("id", "=", entry["id"])) == ["eve@gmail.com"]
    assert varied.found(("tag", "=", "news"), ("id", "=", entry["id"])) == []
    account = varied.app.state.accounts[0].id
    assert len(varied.found(("subaccount", "=", account), include_subaccounts=True)) == 2


@pytest.mark.parametrize(
    ("attribute", "comparator"),
    [
        ("event", "contains"),
        ("tag", ">"),
        ("recipient_provider", "not contains"),
        ("from", "<"),
        ("to", "="),
        ("user_variables", "!="),
        ("size", "="),
    ],
)
def test_comparators_must_fit(happenings: Happenings, attribute: str, comparator: str) -> None:
    """platform:LOG-010, LOG-011, LOG-012."""
    status, message = happenings.refusal("logs", filter=where((attribute, comparator, "1")))
    assert status == 400
    assert f"'{comparator}' is not a valid comparator" in message


def test_what_is_refused(happenings: Happenings) -> None:
    """platform:LOG-003, LOG-013, LOG-017, LOG-018."""
    status, message = happenings.refusal("logs", filter=where(("test", "=", "x")))
    assert (status, message) == (400, "'test' is not a valid filter predicate attribute")
    status, message = happenings.refusal("logs", start="Tue, 24 Dec 2024 00:00:00 -0000")
    assert status == 400
    assert "out of retention" in message
    assert happenings.refusal("logs", pagination={"limit": 101})[0] == 400
    assert happenings.refusal("logs", pagination={"sort": "timestamp"})[0] == 400
    assert happenings.refusal("logs", events="opened")[0] == 400
    answer = happenings.api.post("/v1/analytics/logs", content=b'{"start":')
    assert (answer.status_code, set(answer.json())) == (400, {"message"})


@pytest.mark.parametrize(
    "token", ["x", "é", "bm8", "WyJuZXh0IiwxXQ", "WyJuZXh0IixbIiIsMWU5OTksMV1d", "WzEsMl0"]
)
def test_tokens_of_nobody(happenings: Happenings, token: str) -> None:
    """platform:LOG-005: the status is ours."""
    assert happenings.refusal("logs", pagination={"token": token})[0] == 400


def walk(happenings: Happenings, word: str, **asked: Any) -> list[str]:
    """The recipients, page by page, up to the first empty one."""
    paging = dict(asked.pop("pagination"))
    pages: list[str] = []
    while True:
        found = happenings.logs(pagination=paging, **asked)
        if not found["items"]:
            return pages
        pages.append("".join(item["recipient"] for item in found["items"]))
        paging["token"] = found["pagination"][word]


@pytest.mark.parametrize(
    ("sort", "pages"),
    [
        ("timestamp:asc", ["abc", "def", "g"]),
        ("timestamp:desc", ["gfe", "dcb", "a"]),
        ("recipient:desc", ["gfe", "dcb", "a"]),
        ("subject:asc", ["gbd", "fac", "e"]),
    ],
)
def test_pages(app: Emulator, happenings: Happenings, sort: str, pages: list[str]) -> None:
    """platform:LOG-003, LOG-005: every entry is on one page, forward and back; over domains."""
    app.state.accounts[0].domains.add("other.example")
    subjects = ["x", "a", "x", "b", "y", "c", ""]
    for number, (name, subject) in enumerate(zip("abcdefg", subjects, strict=True)):
        happenings.add(
            "delivered",
            name,
            ago=100 - number,
            domain="other.example" if number % 3 else "",
            message={"headers": {"subject": subject}},
        )
    paging = {"sort": sort, "limit": 3}
    assert walk(happenings, "next", pagination=paging) == pages
    first = happenings.logs(pagination=paging)["pagination"]
    assert set(first) == {"first", "previous", "next", "last"}

    def at(token: str) -> str:
        page = happenings.logs(pagination={**paging, "token": token})
        return "".join(item["recipient"] for item in page["items"])

    assert at(first["previous"]) == ""
    assert at(first["first"]) == pages[0]
    joined = "".join(pages)
    assert at(first["last"]) == joined[-3:]
    back = walk(happenings, "previous", pagination={**paging, "token": first["last"]})
    assert "".join(reversed(back)) == joined


def test_pages_stand_still_while_events_come(happenings: Happenings) -> None:
    """platform:LOG-005: a token leads behind an entry, not behind a count."""
    for number in range(4):
        happenings.add("delivered", str(number), ago=50 - number)
    paging: dict[str, Any] = {"limit": 2}
    token = happenings.logs(pagination=paging)["pagination"]["next"]
    happenings.add("delivered", "new")
    page = happenings.logs(pagination={**paging, "token": token})
    assert [item["recipient"] for item in page["items"]] == ["1", "0"]


def test_totals_come_when_asked_for(happenings: Happenings) -> None:
    """platform:LOG-006."""
    for _ in range(3):
        happenings.add("delivered")
    happenings.fail("bounce")
    found = happenings.logs(include_totals=True, pagination={"limit": 1})
    assert found["pagination"]["total"] == found["aggregates"]["all"] == 4
    found = happenings.logs(include_totals=True, metric_events=["delivered", "sent"])
    assert found["pagination"] == {"total": 4}
    assert found["aggregates"] == {"all": 4, "metrics": {"delivered": 3, "sent": 4}}


def test_accounts_see_their_own(app: Emulator, happenings: Happenings, connect: Connect) -> None:
    """Entries tell whose they are; nobody has subaccounts so far."""
    happenings.add("delivered", domain="elsewhere.example")
    assert happenings.logs()["items"] == []
    assert connect(key="wrong").post("/v1/analytics/logs", json={}).status_code == 401
    happenings.add("delivered")
    (entry,) = happenings.logs(include_subaccounts=True)["items"]
    assert entry["account"]["id"] == app.state.accounts[0].id
