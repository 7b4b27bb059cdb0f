"""From accepted to delivered: events, test mode, suppression, schedules and emptied queues."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.state import ApiKey
from tests.emulator.areas.clients import Lists
from tests.emulator.areas.happenings import Happenings
from tests.emulator.areas.mail import ALICE, Mail
from tests.emulator.conftest import START, Connect


def test_each_recipient_is_accepted_and_then_delivered(mail: Mail) -> None:
    """sending:MSG-039, MSG-008, MSG-009, BATCH-014: same message id and storage key, in time."""
    fields = {"to": ["Al <a@example.com>, b@example.com", "A@EXAMPLE.com"], "cc": "c@example.com"}
    assert mail.send({**fields, "bcc": "b@example.com"}).status_code == 200
    accepted = mail.events(ascending="yes")
    assert [e["recipient"] for e in accepted] == ["a@example.com", "b@example.com", "c@example.com"]
    assert {e["event"] for e in accepted} == {"accepted"}
    mail.wait()
    delivered = mail.events(event="delivered", ascending="yes")
    assert [e["recipient"] for e in delivered] == [e["recipient"] for e in accepted]
    both = [*accepted, *delivered]
    assert len({e["storage"]["key"] for e in both}) == 1
    assert len({e["message"]["headers"]["message-id"] for e in both}) == 1
    assert len({e["id"] for e in both}) == 6
    assert 0.5 <= delivered[0]["timestamp"] - accepted[0]["timestamp"] <= 2


def test_an_accepted_event(app: Emulator, mail: Mail) -> None:
    """sending:EVT-001, EVT-003, EVT-004, EVT-014, EVT-018, STORE-010, TEST-005, MSG-013, MSG-023;
    platform:EVT-037, EVT-039, EVT-042, EVT-044, EVT-045, EVT-047.
    """
    sent = mail.send({"v:my_message_id": "123"}).json()["id"]
    event = mail.event()
    key = event["storage"]["key"]
    assert (len(key), len(event["id"])) == (34, 22)
    size = event["message"].pop("size")
    assert size == len(mail.raw(event))
    assert event == {
        "event": "accepted",
        "id": event["id"],
        "timestamp": START.timestamp(),
        "log-level": "info",
        "method": "HTTP",
        "originating-ip": "127.0.0.1",
        "api-key-id": app.state.keys(app.state.accounts[0])[0].id,
        "recipient": ALICE,
        "recipient-domain": "example.com",
        "envelope": {
            "sender": f"postmaster@{mail.domain}",
            "transport": "smtp",
            "targets": ALICE,
        },
        "flags": {"is-authenticated": True, "is-test-mode": False},
        "tags": None,
        "user-variables": {"my_message_id": "123"},
        "storage": {
            "region": "us-east4",
            "env": "production",
            "key": key,
            "url": f"http://mg.test/v3/domains/{mail.domain}/messages/{key}",
        },
        "message": {
            "headers": {
                "to": ALICE,
                "message-id": sent.strip("<>"),
                "from": "Bob <bob@example.org>",
                "subject": "Hello",
            }
        },
    }


def test_the_event_names_the_address_of_the_sender(
    mail: Mail, connect: Connect, domain: str
) -> None:
    """sending:EVT-014: for each way of sending."""
    away = Mail(mail.app, connect(address="198.51.100.7"), domain)
    away.send()
    away.send_mime("Subject: ready\n\nText")
    url = mail.events(event="accepted")[0]["storage"]["url"]
    assert connect(address="2001:db8::1").post(url, data={"to": ALICE}).status_code == 200
    origins = [event["originating-ip"] for event in mail.events(ascending="yes")]
    assert origins == ["198.51.100.7", "198.51.100.7", "2001:db8::1"]


def test_a_delivered_event(mail: Mail) -> None:
    """sending:EVT-015, DELIV-001, MSG-037; platform:EVT-043, EVT-049."""
    mail.send({"to": "x@gmail.com", "o:tag": "a", "o:sending-ip": "192.0.2.9"})
    mail.wait()
    event = mail.event("delivered")
    status = event["delivery-status"]
    assert (status["code"], status["message"], status["attempt-no"]) == (250, "OK", 1)
    assert {"tls", "utf8", "certificate-verified", "mx-host", "session-seconds"} <= set(status)
    assert (status["enhanced-code"], status["description"]) == ("", "")
    assert "first-delivery-attempt-seconds" in status
    assert event["flags"] == {
        "is-authenticated": True,
        "is-routed": False,
        "is-system-test": False,
        "is-test-mode": False,
    }
    assert event["envelope"]["sending-ip"] == "192.0.2.9"
    assert event["primary-dkim"].endswith(f"._domainkey.{mail.domain}")
    assert event["recipient-provider"] == "Gmail"
    assert (event["campaigns"], event["tags"]) == ([], ["a"])
    assert event["message"]["attachments"] == []
    assert event["log-level"] == "info"


@pytest.mark.parametrize("word", ["yes", "true", "True"])
def test_test_mode_delivers_nothing_and_says_so(mail: Mail, word: str) -> None:
    """sending:TEST-001, TEST-002, MSG-041; platform:EVT-051."""
    assert mail.send({"o:testmode": word}).json()["message"] == "Queued. Thank you."
    mail.wait()
    assert mail.event()["flags"]["is-test-mode"] is True
    event = mail.event("delivered")
    assert event["flags"]["is-test-mode"] is True
    assert event["delivery-status"]["code"] == 650


def test_mail_in_test_mode_counts_as_sent(mail: Mail, happenings: Happenings) -> None:
    """sending:TEST-003: like any other mail."""
    mail.send({"o:testmode": "yes", "to": f"{ALICE}, b@example.com"})
    mail.send({"subject": "real"})
    mail.wait()
    counted = happenings.totals("accepted_count", "delivered_count", "sent_count")
    assert counted == {"accepted_count": 3, "delivered_count": 3, "sent_count": 3}


@pytest.mark.parametrize(
    ("name", "code", "description", "reason"),
    [
        ("bounces", 605, "Not delivering to previously bounced address", "suppress-bounce"),
        ("unsubscribes", 606, "Not delivering to unsubscribed address", "suppress-unsubscribe"),
        (
            "complaints",
            607,
            "Not delivering to a user who marked your messages as spam",
            "suppress-complaint",
        ),
    ],
)
def test_suppressed_mail_is_accepted_and_fails(
    mail: Mail, lists: Lists, name: str, code: int, description: str, reason: str
) -> None:
    """sending:MSG-040, DELIV-006 to DELIV-008, DELIV-016; platform:EVT-052, EVT-054."""
    lists.add(name, address=ALICE)
    assert mail.send({"cc": "c@example.com"}).status_code == 200
    mail.wait()
    assert [e["recipient"] for e in mail.events(event="delivered")] == ["c@example.com"]
    event = mail.event("failed")
    assert event["recipient"] == ALICE
    assert (event["severity"], event["reason"]) == ("permanent", reason)
    assert event["log-level"] == "error"
    assert event["delivery-status"] == {
        "code": code,
        "message": "",
        "description": description,
        "attempt-no": 1,
        "session-seconds": 0,
    }
    lists.delete(name, ALICE)
    mail.send()
    mail.wait()
    assert len(mail.events(event="delivered", recipient=ALICE)) == 1


def test_unsubscribed_from_a_tag(mail: Mail, lists: Lists) -> None:
    """sending:DELIV-017."""
    lists.add("unsubscribes", address=ALICE, tag="news")
    mail.send({"o:tag": ["news", "weekly"]})
    mail.send({"o:tag": "weekly"})
    mail.wait()
    assert [e["tags"] for e in mail.events(event="failed")] == [["news", "weekly"]]
    assert [e["tags"] for e in mail.events(event="delivered")] == [["weekly"]]


def test_scheduled_mail_is_delivered_at_its_time(mail: Mail) -> None:
    """sending:SCHED-002, SCHED-004: accepted at once; a time that has passed is now."""
    mail.send({"o:deliverytime": "Fri, 24 Jan 2025 14:44:39 +0100"})
    mail.send({"o:deliverytime": "Fri, 24 Jan 2025 10:00:00 GMT", "subject": "late"})
    assert len(mail.events(event="accepted")) == 2
    scheduled = mail.events(event="accepted", subject="Hello")[0]["message"]["scheduled-for"]
    assert scheduled == "Fri, 24 Jan 2025 13:44:39 +0000"
    mail.wait(3599)
    assert [e["message"]["headers"]["subject"] for e in mail.events(event="delivered")] == ["late"]
    mail.wait(1)
    on_time = mail.events(event="delivered")[0]
    assert on_time["timestamp"] == START.timestamp() + 3600


def test_an_emptied_queue_delivers_nothing(mail: Mail) -> None:
    """sending:QUEUE-003, QUEUE-004: scheduled and waiting mail is gone, later mail is not."""
    mail.send()
    mail.send({"o:deliverytime": "Fri, 24 Jan 2025 13:44:39 +0000"})
    answer = mail.api.delete(mail.path("envelopes"))
    assert (answer.status_code, answer.json()) == (200, {"message": "done"})
    mail.send({"subject": "later"})
    mail.wait(7200)
    assert [e["message"]["headers"]["subject"] for e in mail.events(event="delivered")] == ["later"]
    assert len(mail.events(event="accepted")) == 3


def test_variables_in_events(mail: Mail) -> None:
    """sending:MSG-022, MSG-024, OPT-016; platform:EVT-040, EVT-041."""
    mail.send({"v:a": "1", "v:b-c": "x"})
    assert mail.event()["user-variables"] == {"a": "1", "b-c": "x"}
    assert '\nX-Mailgun-Variables: {"a": "1", "b-c": "x"}' in mail.raw().replace("\r", "")
    mail.send({"v:long": "x" * 5000, "subject": "long"})
    event = mail.events(subject="long")[0]
    assert event["user-variables"] == (
        "Could not load user-variables. They were either truncated or invalid JSON"
    )
    assert "x" * 100 in mail.raw(event)


@pytest.mark.parametrize("mime", [False, True])
def test_a_repeated_variable_is_its_last_value(mail: Mail, mime: bool) -> None:
    """sending:MSG-008, MSG-022, MSG-023, OPT-016: one text, and no reason to refuse the message."""
    fields = {"v:a": ["1", "2"], "v:b": ["3"], "h:X-Twice": ["x", "y"], "o:unheard": ["no", "yes"]}
    answer = mail.send_mime("Subject: s\r\n\r\nt", fields) if mime else mail.send(fields)
    assert answer.status_code == 200, answer.text
    assert mail.event()["user-variables"] == {"a": "2", "b": "3"}
    raw = mail.raw().replace("\r", "")
    assert '\nX-Mailgun-Variables: {"a": "2", "b": "3"}\n' in raw
    assert raw.index("\nX-Twice: x\n") < raw.index("\nX-Twice: y\n")


def test_amp_is_flagged(mail: Mail) -> None:
    """sending:AMP-002, AMP-003: and is enough of a body."""
    assert mail.send({"text": None, "amp-html": "<html amp4email></html>"}).status_code == 200
    assert mail.event()["flags"]["is-amp"] is True


def test_mail_of_a_deleted_domain_is_gone(app: Emulator, mail: Mail) -> None:
    """sending:QUEUE-005: with its events, queue and tags, and no other domain's."""
    app.state.accounts[0].domains.add("second.test")
    second = Mail(app, mail.api, "second.test")
    for box in (mail, second):
        box.send({"o:tag": "t"})
    app.state.forget_domain(app.state.accounts[0], "second.test")
    app.state.accounts[0].domains.add("second.test")
    mail.wait()
    assert (second.events(), second.tags()) == ([], [])
    assert {e["event"] for e in mail.events()} == {"accepted", "delivered"}
    assert mail.tags() == ["t"]


def test_accounts_see_their_own_mail_only(app: Emulator, mail: Mail, connect: Any) -> None:
    """sending:AUTH-006: another key of the same account sees the same."""
    mail.send()
    app.state.add_key(app.state.accounts[0], ApiKey("two", "key-two"))
    same: httpx.Client = connect(key="key-two")
    assert len(same.get(mail.path("events")).json()["items"]) == 1
