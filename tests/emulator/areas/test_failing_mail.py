"""Mail that does not arrive, or not at once: refusals, retries, bounces, and what is recorded."""

from __future__ import annotations

from typing import Any

import pytest

from mailgun_emulator import Emulator, Settings, create_app
from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.areas.messages.attempts import RETRIES
from mailgun_emulator.areas.messages.limits import SANDBOX, Standing
from mailgun_emulator.areas.messages.queues import QueueStore
from mailgun_emulator.rules import REASONS
from tests.emulator.areas.clients import ALICE, Lists
from tests.emulator.areas.mail import Mail
from tests.emulator.conftest import START, Connect
from tests.emulator.control.conftest import Controls

DAY = 86_400
BUSY = {"outcome": "temporary", "code": 451, "message": "4.3.0 Busy"}


def queued(app: Emulator) -> int:
    """How much waits."""
    return len(app.state.store(app.state.accounts[0], QueueStore).waiting)


def failures(mail: Mail, severity: str) -> list[dict[str, Any]]:
    """Oldest first."""
    return mail.events(event="failed", severity=severity, ascending="yes")


def statuses(events: list[dict[str, Any]], member: str) -> list[Any]:
    return [event["delivery-status"].get(member) for event in events]


def test_a_temporary_refusal_keeps_the_mail_in_the_queue(
    app: Emulator, mail: Mail, control: Controls
) -> None:
    """sending:DELIV-002; platform:EVT-052, EVT-055."""
    control.post("rules", {**BUSY, "attempts": 1})
    mail.send()
    mail.wait(1)
    event = mail.event("failed")
    assert (event["severity"], event["log-level"]) == ("temporary", "warn")
    assert event["reason"] == "generic"
    status = event["delivery-status"]
    assert (status["code"], status["message"]) == (451, "4.3.0 Busy")
    assert (status["attempt-no"], status["retry-seconds"]) == (1, 600)
    assert queued(app) == 1
    mail.wait(598)
    assert mail.events(event="delivered") == []
    mail.wait(2)
    assert mail.event("delivered")["delivery-status"]["attempt-no"] == 2
    assert queued(app) == 0


def test_waits_grow_until_the_message_is_too_old(
    app: Emulator, mail: Mail, control: Controls, lists: Lists
) -> None:
    """sending:DELIV-002, DELIV-005, DELIV-009; platform:EVT-053, EVT-056, EVT-059."""
    control.post("rules", BUSY)
    mail.send()
    mail.wait(DAY)
    soft = failures(mail, "temporary")
    assert statuses(soft, "attempt-no") == [1, 2, 3, 4, 5, 6]
    waits = statuses(soft, "retry-seconds")
    assert waits == list(RETRIES) == sorted(set(waits))
    times = [event["timestamp"] for event in soft]
    (end,) = failures(mail, "permanent")
    gaps = [b - a for a, b in zip(times, [*times[1:], end["timestamp"]], strict=True)]
    assert gaps == pytest.approx(waits)
    assert end["reason"] == "old"
    status = end["delivery-status"]
    assert (status["code"], status["message"], status["attempt-no"]) == (602, "Too old", 7)
    assert (status["last-code"], status["last-message"]) == (451, "4.3.0 Busy")
    assert "retry-seconds" not in status
    assert queued(app) == 0
    assert lists.values("bounces") == []


def test_each_recipient_goes_its_own_way(mail: Mail, control: Controls) -> None:
    """sending:DELIV-002: one is refused for now, one for good, one gets the mail at once."""
    control.post("rules", {**BUSY, "recipient": "slow@*", "attempts": 2})
    control.post("rules", {"outcome": "permanent", "recipient": "GONE@*"})
    mail.send({"to": ["slow@a.test", "gone@a.test", "ok@a.test"]})
    mail.wait(1)
    assert [e["recipient"] for e in mail.events(event="delivered")] == ["ok@a.test"]
    assert [e["recipient"] for e in failures(mail, "permanent")] == ["gone@a.test"]
    mail.wait(DAY)
    event = mail.events(event="delivered", recipient="slow@a.test")[0]
    assert event["delivery-status"]["attempt-no"] == 3
    assert len(mail.events(event="delivered")) == 2
    assert len({e["storage"]["key"] for e in mail.events()}) == 1


def test_a_hard_bounce_is_final_and_listed(mail: Mail, control: Controls, lists: Lists) -> None:
    """sending:DELIV-003, DELIV-004; platform:EVT-058, BOUNCE-008, SUPP-002: then suppressed."""
    answer = {"code": 551, "message": "5.1.6 Has moved"}
    control.post("rules", {"outcome": "permanent", "recipient": ALICE, "times": 1, **answer})
    mail.send()
    mail.wait(DAY)
    event = mail.event("failed")
    assert (event["severity"], event["log-level"]) == ("permanent", "error")
    assert event["reason"] == "bounce"
    status = event["delivery-status"]
    assert (status["code"], status["message"], status["attempt-no"]) == (551, "5.1.6 Has moved", 1)
    assert (status["enhanced-code"], status["bounce-type"]) == ("5.1.6", "hard")
    assert "retry-seconds" not in status
    assert lists.get("bounces").json() == {
        "address": ALICE,
        "code": "551",
        "error": "5.1.6 Has moved",
        "created_at": "Fri, 24 Jan 2025 12:44:39 UTC",
    }
    mail.send()
    mail.wait(1)
    assert [e["reason"] for e in failures(mail, "permanent")] == ["bounce", "suppress-bounce"]


def test_lists_are_asked_before_every_attempt(mail: Mail, control: Controls, lists: Lists) -> None:
    """sending:DELIV-007; platform:SUPP-002: who leaves between two attempts gets nothing more."""
    control.post("rules", {**BUSY, "attempts": 1})
    mail.send()
    mail.wait(1)
    lists.add("unsubscribes", address=ALICE)
    mail.wait(DAY)
    assert mail.events(event="delivered") == []
    (event,) = failures(mail, "permanent")
    assert event["reason"] == "suppress-unsubscribe"
    assert event["delivery-status"]["code"] == 606


@pytest.mark.parametrize(
    "rule",
    [
        {"outcome": "permanent", "reason": "espblock", "code": 554, "message": "Spam"},
        {"outcome": "permanent", "reason": "hardfail"},
        {"outcome": "permanent", "code": 625, "message": "Poor mailing list quality"},
        {"outcome": "temporary", "code": 452, "message": "4.2.2 Mailbox full"},
    ],
)
def test_the_address_is_listed_only_when_it_is_the_reason(
    mail: Mail, control: Controls, lists: Lists, rule: dict[str, Any]
) -> None:
    """sending:DELIV-005, DELIV-009: nor for refusals of the service itself."""
    control.post("rules", rule)
    mail.send()
    mail.wait(1)
    event = mail.event("failed")
    assert event["severity"] == rule["outcome"]
    if "code" in rule:
        assert event["delivery-status"]["code"] == rule["code"]
    assert lists.values("bounces") == []


def test_reasons(mail: Mail, control: Controls, lists: Lists) -> None:
    """sending:DELIV-012; platform:EVT-053: those of rules, and those of the lists."""
    told = set()
    for number, reason in enumerate(REASONS):
        who = f"u{number}@example.com"
        control.post("rules", {"outcome": "permanent", "recipient": who, "reason": reason})
        mail.send({"to": who})
    for name in ("bounces", "complaints", "unsubscribes"):
        lists.add(name, address=f"{name}@example.com")
        mail.send({"to": f"{name}@example.com"})
    mail.wait(1)
    told = {event["reason"] for event in failures(mail, "permanent")}
    suppressed = {"suppress-bounce", "suppress-complaint", "suppress-unsubscribe"}
    known = {"generic", "bounce", "espblock", "greylisted", "blacklisted", "old", "hardfail"}
    assert told == known | suppressed


def test_no_server_for_the_domain(mail: Mail, control: Controls) -> None:
    """sending:DELIV-010; platform:EVT-055."""
    control.post("rules", {"outcome": "no-mx", "attempts": 1})
    mail.send()
    mail.wait(1)
    event = mail.event("failed")
    assert (event["severity"], event["reason"]) == ("temporary", "generic")
    status = event["delivery-status"]
    assert (status["code"], status["retry-seconds"]) == (498, 900)
    assert status["message"] == status["description"] == "No MX for [example.com]"
    assert "mx-host" not in status
    mail.wait(900)
    assert mail.event("delivered")["delivery-status"]["attempt-no"] == 2


def test_a_report_comes_in_after_the_delivery(mail: Mail, control: Controls, lists: Lists) -> None:
    """sending:DELIV-004, DELIV-011; platform:EVT-057: and nothing is tried again."""
    control.post("rules", {"outcome": "delayed-bounce"})
    mail.send()
    mail.wait(DAY)
    delivered, event = mail.event("delivered"), mail.event("failed")
    assert event["timestamp"] > delivered["timestamp"]
    assert (event["severity"], event["envelope"]) == ("permanent", {})
    assert event["flags"]["is-delayed-bounce"] is True
    status = event["delivery-status"]
    assert (status["bounce-code"], status["enhanced-code"]) == ("5.1.1", "5.1.1")
    assert lists.values("bounces") == [ALICE]


def test_no_report_comes_in_without_the_records_for_it(
    app: Emulator, mail: Mail, control: Controls
) -> None:
    """sending:DELIV-011; platform:EVT-057."""
    domains = app.state.store(app.state.accounts[0], DomainStore)
    held = domains.find(mail.domain)
    assert held is not None
    held.found["MX", mail.domain] = "invalid"
    control.post("rules", {"outcome": "delayed-bounce"})
    mail.send()
    mail.wait(DAY)
    assert len(mail.events(event="delivered")) == 1
    assert mail.events(event="failed") == []


def test_recipients_react(mail: Mail, control: Controls, lists: Lists) -> None:
    """sending:TRACK-016, TRACK-019; platform:SUPP-003: suppressed until the entry is removed."""
    control.post("rules", {"outcome": "complained", "recipient": "c@*", "times": 1})
    control.post("rules", {"outcome": "unsubscribed", "recipient": "u@*", "times": 1})
    people = {"to": ["c@a.test", "u@a.test"]}
    mail.send(people)
    mail.wait(120)
    assert (lists.values("complaints"), lists.values("unsubscribes")) == (
        ["c@a.test"],
        ["u@a.test"],
    )
    assert mail.event("complained")["recipient"] == "c@a.test"
    assert mail.event("unsubscribed")["recipient"] == "u@a.test"
    mail.send(people)
    mail.wait(1)
    reasons = {event["recipient"]: event["reason"] for event in failures(mail, "permanent")}
    assert reasons == {"c@a.test": "suppress-complaint", "u@a.test": "suppress-unsubscribe"}
    lists.delete("complaints", "c@a.test")
    mail.send(people)
    mail.wait(1)
    assert len(mail.events(event="delivered", recipient="c@a.test")) == 2


def test_a_recipient_is_forbidden_after_the_mail_was_accepted(connect: Connect) -> None:
    """sending:DELIV-013: here the activation of the recipient was withdrawn meanwhile."""
    name = f"sandbox{'0' * 32}.mailgun.org"
    app = create_app(domains=[name], seed=1)
    app.state.clock.freeze(START)
    standing = app.state.store(app.state.accounts[0], Standing)
    standing.authorized |= {ALICE, "bob@example.com"}
    mail = Mail(app, connect(app), name)
    assert mail.send({"to": [ALICE, "bob@example.com"]}).status_code == 200
    standing.authorized.remove(ALICE)
    mail.wait(1)
    event = mail.event("rejected")
    assert event["recipient"] == ALICE
    assert event["reject"]["reason"] == SANDBOX
    assert event["log-level"] == "warn"
    assert mail.event("delivered")["recipient"] == "bob@example.com"


def test_an_allowlisted_recipient_bounces_without_a_record(
    mail: Mail, control: Controls, lists: Lists
) -> None:
    """sending:DELIV-015; platform:WL-005."""
    lists.add("whitelists", domain="example.com")
    control.post("rules", {"outcome": "permanent"})
    mail.send({"to": [ALICE, "other@example.org"]})
    mail.wait(1)
    assert len(failures(mail, "permanent")) == 2
    assert lists.values("bounces") == ["other@example.org"]


def test_an_emptied_queue_ends_the_retries(app: Emulator, mail: Mail, control: Controls) -> None:
    """sending:QUEUE-003, DELIV-002: as does the end of the domain."""
    control.post("rules", BUSY)
    mail.send()
    mail.wait(1)
    mail.api.delete(mail.path("envelopes"))
    mail.wait(DAY)
    assert len(mail.events(event="failed")) == 1
    mail.send()
    mail.wait(1)
    app.state.forget_domain(app.state.accounts[0], mail.domain)
    app.state.accounts[0].domains.add(mail.domain)
    mail.wait(DAY)
    assert (mail.events(), queued(app)) == ([], 0)


def test_test_mode_asks_no_server(mail: Mail, control: Controls) -> None:
    """sending:TEST-001, TEST-002."""
    control.post("rules", {"outcome": "permanent"})
    mail.send({"o:testmode": "yes"})
    mail.wait(1)
    assert mail.event("delivered")["delivery-status"]["code"] == 650


@pytest.mark.parametrize(
    ("local", "kinds"),
    [
        ("bounce", ["failed"]),
        ("Bounce+7", ["failed"]),
        ("blocked", ["failed"]),
        ("tempfail", ["failed"] * 7),
        ("mailbox-full", ["failed"] * 7),
        ("greylist", ["failed", "delivered"]),
        ("no-mx", ["failed"] * 6),
        ("no-tls", ["delivered"]),
        ("bad-certificate", ["delivered"]),
        ("delayed-bounce", ["delivered", "failed"]),
        ("complaint", ["delivered", "complained"]),
        ("unsubscribe", ["delivered", "unsubscribed"]),
        ("bounced", ["delivered"]),
        ("my.bounce", ["delivered"]),
    ],
)
def test_names_that_tell_the_outcome(mail: Mail, local: str, kinds: list[str]) -> None:
    mail.send({"to": f"{local}@example.com"})
    mail.wait(DAY)
    assert [e["event"] for e in mail.events(ascending="yes")] == ["accepted", *kinds]


def test_names_give_way_to_rules_and_can_be_turned_off(
    mail: Mail, control: Controls, connect: Connect, lists: Lists
) -> None:
    control.post("rules", {"outcome": "delivered", "recipient": "bounce@*"})
    mail.send({"to": "bounce@example.com"})
    mail.wait(1)
    assert len(mail.events(event="delivered")) == 1
    app = create_app(seed=1, settings=Settings(named_recipients=False))
    app.state.clock.freeze(START)
    plain = Mail(app, connect(app), mail.domain)
    plain.send({"to": "bounce@example.com"})
    plain.wait(1)
    assert len(plain.events(event="delivered")) == 1
    assert lists.values("bounces") == []
