"""Mail that was really sent, as metrics, statistics and tags count it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.areas.clients import ALICE, Lists
from tests.emulator.areas.happenings import Happenings
from tests.emulator.areas.incoming import Incoming
from tests.emulator.areas.mail import Mail
from tests.emulator.areas.mailing import MailingLists

ACCEPTED = ("accepted_count", "accepted_incoming_count", "accepted_outgoing_count")
DELIVERED = ("delivered_count", "delivered_smtp_count", "delivered_http_count")
SUPPRESSED = ("suppressed_bounces_count", "suppressed_complaints_count")


def figures(happenings: Happenings, *names: str) -> list[Any]:
    """The totals of these metrics, in order."""
    totals = happenings.totals(*names)
    return [totals[name] for name in names]


def react(mail: Mail, kind: str, **details: Any) -> None:
    """Let a recipient of the mail that was delivered last react."""
    key = mail.events(event="delivered", limit=1)[0]["storage"]["key"]
    path = f"/_emulator/messages/{key}/events"
    assert mail.api.post(path, json={"event": kind, **details}).status_code == 201


def statistics(mail: Mail, *kinds: str) -> dict[str, Any]:
    """The older counts of today."""
    answer = mail.api.get(mail.path("stats/total"), params={"event": kinds, "duration": "1h"})
    assert answer.status_code == 200, answer.text
    point: dict[str, Any] = answer.json()["stats"][-1]
    return point


def test_a_batch(happenings: Happenings, mail: Mail) -> None:
    """platform:METRIC-028, METRIC-030: the request counts once beside its three messages, and each
    batch of its own; nothing of it by address."""
    people = [f"{name}@example.com" for name in "abc"]
    variables = json.dumps({person: {} for person in people})
    for _ in range(2):
        mail.send({"to": people, "recipient-variables": variables})
    mail.wait()
    assert figures(happenings, *ACCEPTED) == [8, 0, 8]
    assert figures(happenings, *DELIVERED) == [6, 6, 0]
    assert happenings.rows("accepted_count", "ip") == {}
    assert sum(happenings.rows("delivered_count", "ip").values()) == 6


def test_mail_to_a_list(happenings: Happenings, mail: Mail, mailing: MailingLists) -> None:
    """platform:METRIC-028, METRIC-029, METRIC-031; STAT-006: one in for the list, one out for each
    member."""
    for name in "abc":
        mailing.add(f"{name}@example.com")
    mail.send({"to": mailing.address})
    mail.wait(2)
    assert figures(happenings, *ACCEPTED) == [4, 1, 3]
    assert figures(happenings, *DELIVERED) == [3, 3, 0]
    counted = statistics(mail, "accepted", "delivered")
    assert counted["accepted"] == {"incoming": 1, "outgoing": 3, "total": 4}
    assert counted["delivered"] == {"smtp": 3, "http": 0, "optimized": 0, "total": 3}


@pytest.mark.parametrize(
    ("action", "accepted"),
    [('forward("http://hook.test/messages")', 1), ('forward("z@else.example")', 2)],
)
def test_what_a_route_forwards(incoming: Incoming, action: str, accepted: int) -> None:
    """platform:METRIC-029, METRIC-031; STAT-006: it comes in, and is not delivered to a recipient;
    forwarding by mail is accepted once more."""
    incoming.route(action)
    incoming.take()
    incoming.wait(3)
    happenings = Happenings(incoming.app, incoming.api, incoming.domain)
    assert figures(happenings, *ACCEPTED) == [accepted, accepted, 0]
    assert figures(happenings, *DELIVERED) == [1, 0, 1]
    counted = statistics(incoming.mail, "accepted", "delivered")
    assert counted["accepted"]["incoming"] == counted["accepted"]["total"] == accepted
    assert counted["delivered"] == {"smtp": 0, "http": 1, "optimized": 0, "total": 1}


def test_what_a_route_stores(incoming: Incoming) -> None:
    """platform:STAT-001, STAT-006: the kind `stored` has a total only."""
    incoming.route("store()")
    incoming.take()
    incoming.wait(3)
    assert statistics(incoming.mail, "stored")["stored"] == {"total": 1}


def test_suppressed_mail(happenings: Happenings, mail: Mail, lists: Lists) -> None:
    """platform:METRIC-034, METRIC-035, METRIC-041, METRIC-044; STAT-006: it failed for good, and
    was neither sent nor bounced."""
    lists.add("bounces", address="b@example.com")
    lists.add("complaints", address="c@example.com")
    lists.add("unsubscribes", address="u@example.com")
    mail.send({"to": ["b@example.com", "c@example.com", "u@example.com", ALICE]})
    mail.wait()
    assert figures(happenings, *SUPPRESSED, "suppressed_unsubscribed_count") == [1, 1, 1]
    names = ("failed_count", "permanent_failed_count", "bounced_count", "sent_count")
    assert figures(happenings, *names) == [3, 3, 0, 1]
    permanent = statistics(mail, "failed")["failed"]["permanent"]
    assert {name for name, count in permanent.items() if count == 1} == {
        "suppress-bounce",
        "suppress-complaint",
        "suppress-unsubscribe",
    }


def test_mail_that_bounced_after_delivery(happenings: Happenings, mail: Mail) -> None:
    """platform:METRIC-036, METRIC-038, METRIC-043, METRIC-044; STAT-006: it is no hard bounce and
    was processed once, though sent counts it twice."""
    mail.send()
    mail.wait()
    react(mail, "failed")
    names = ("delayed_bounce_count", "hard_bounces_count", "processed_count", "sent_count")
    assert figures(happenings, *names) == [1, 0, 1, 2]
    permanent = statistics(mail, "failed")["failed"]["permanent"]
    assert (permanent["delayed-bounce"], permanent["bounce"], permanent["total"]) == (1, 0, 1)


def test_what_recipients_did(happenings: Happenings, mail: Mail) -> None:
    """platform:METRIC-045, METRIC-046, METRIC-049; STAT-007, TAG-007: in metrics, in statistics and
    with the tag of the mail."""
    mail.send({"o:tag": "news"})
    mail.send({"o:tag": "other"})
    mail.wait()
    react(mail, "opened")
    react(mail, "opened")
    react(mail, "clicked", url="http://example.com/")
    react(mail, "unsubscribed")
    react(mail, "complained")
    kinds = ("opened", "clicked", "unsubscribed", "complained")
    assert figures(happenings, *(f"{kind}_count" for kind in kinds)) == [2, 1, 1, 1]
    assert figures(happenings, "unique_opened_count", "unique_clicked_count") == [1, 1]
    rates = ("opened_rate", "unique_opened_rate", "complained_rate")
    assert figures(happenings, *rates) == ["1.0000", "0.5000", "0.5000"]
    counted = statistics(mail, *kinds)
    assert [counted[kind] for kind in kinds] == [
        {"total": 2, "unique": 1},
        {"total": 1, "unique": 1},
        {"total": 1},
        {"total": 1},
    ]
    answer = mail.api.post("/v1/analytics/tags", json={"include_metrics": True})
    of_tags = {item["tag"]: item["metrics"] for item in answer.json()["items"]}
    tagged = {tag: metrics["opened_count"] for tag, metrics in of_tags.items()}
    assert sorted(tagged.values()) == [0, 2]
    reacted = next(tag for tag, count in tagged.items() if count)
    assert happenings.rows("clicked_count", "tag") == {reacted: 1}
