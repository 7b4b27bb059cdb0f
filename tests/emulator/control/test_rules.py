"""Rules by control, and how they are chosen."""

from __future__ import annotations

from typing import Any

import pytest

from mailgun_emulator import create_app
from mailgun_emulator.state import DEFAULT_DOMAIN
from tests.emulator.areas.mail import Mail
from tests.emulator.areas.test_webhook_delivery import Hooks
from tests.emulator.conftest import START, Connect
from tests.emulator.receiver import Receiver

from .conftest import Controls

PEOPLE = [f"u{number}@example.com" for number in range(40)]


def kinds(mail: Mail, to: str | list[str] = "ann@example.com") -> list[str]:
    """What becomes of a mail within a second, by recipient."""
    begin = mail.app.state.clock.timestamp()
    mail.send({"to": to})
    mail.wait(1)
    new = [e for e in mail.events(ascending="yes") if e["timestamp"] > begin]
    return [e["event"] for e in new]


def test_rules_are_listed_and_taken_back(control: Controls, mail: Mail) -> None:
    rule = control.post("rules", {"outcome": "rejected", "recipient": "a*@example.com"})
    assert rule == {
        "id": 1,
        "outcome": "rejected",
        "recipient": "a*@example.com",
        "domain": "",
        "account": "",
        "reason": "",
        "code": None,
        "message": "",
        "description": "",
        "attempts": None,
        "times": None,
        "probability": 1.0,
    }
    other = control.post("rules", {"outcome": "permanent", "probability": 0.5, "times": 9})
    assert control.get("rules") == {"rules": [rule, other]}
    assert kinds(mail) == ["rejected"]
    control.delete("rules/1")
    assert control.get("rules") == {"rules": [other]}
    control.delete("rules")
    assert control.get("rules") == {"rules": []}
    assert kinds(mail) == ["delivered"]


def test_the_first_rule_that_fits_decides(control: Controls, mail: Mail) -> None:
    control.post("rules", {"outcome": "delivered", "recipient": "ANN@*"})
    control.post("rules", {"outcome": "rejected", "recipient": "*@example.com", "message": "No"})
    assert kinds(mail) == ["delivered"]
    assert kinds(mail, "bob@example.com") == ["rejected"]
    assert mail.event("rejected")["reject"]["reason"] == "No"
    assert kinds(mail, "bob@example.org") == ["delivered"]


def test_a_rule_is_used_up(control: Controls, mail: Mail) -> None:
    control.post("rules", {"outcome": "permanent", "reason": "hardfail", "times": 2})
    assert kinds(mail, PEOPLE[:3]) == ["failed", "failed", "delivered"]
    assert control.get("rules")["rules"] == []


def test_a_rule_for_one_domain_or_account(connect: Connect) -> None:
    app = create_app(api_keys=["one", "two"], domains=[DEFAULT_DOMAIN, "other.test"], seed=1)
    app.state.clock.freeze(START)
    control = Controls(connect(app, key=None))
    rule = control.post("rules", {"outcome": "rejected", "domain": "Other.test"}, key="two")
    assert rule["account"] == app.state.accounts[1].id
    found = {
        (key, name): kinds(Mail(app, connect(app, key=key), name))[0]
        for key in ("one", "two")
        for name in (DEFAULT_DOMAIN, "other.test")
    }
    assert [where for where, kind in found.items() if kind == "rejected"] == [("two", "other.test")]
    answer = control.client.post("/_emulator/rules?key=none", json={"outcome": "rejected"})
    assert answer.status_code == 404


def drawn(connect: Connect, seed: int) -> list[str]:
    """What becomes of forty mails when the dice decide."""
    app = create_app(seed=seed)
    app.state.clock.freeze(START)
    control = Controls(connect(app, key=None))
    control.post("rules", {"outcome": "permanent", "reason": "generic", "probability": 0.25})
    return kinds(Mail(app, connect(app), DEFAULT_DOMAIN), PEOPLE)


def test_chance_repeats_with_the_seed(connect: Connect) -> None:
    first = drawn(connect, 1)
    assert 2 <= first.count("failed") <= 20
    assert set(first) == {"failed", "delivered"}
    assert drawn(connect, 1) == first
    assert drawn(connect, 2) != first


def test_a_reset_takes_rules_back(control: Controls) -> None:
    control.post("rules", {"outcome": "permanent"})
    control.post("reset")
    assert control.get("rules") == {"rules": []}


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({}, "outcome is none of"),
        ({"outcome": "lost"}, "outcome is none of"),
        ({"outcome": ["permanent"]}, "outcome is not a text"),
        ({"outcome": "permanent", "colour": "red"}, "there is no 'colour' here"),
        ({"outcome": "permanent", "reason": "suppress-bounce"}, "reason is none of"),
        ({"outcome": "permanent", "code": "550"}, "code is not a whole number"),
        ({"outcome": "permanent", "code": 5}, "code is not between"),
        ({"outcome": "permanent", "times": 0}, "times is less than 1"),
        ({"outcome": "permanent", "attempts": True}, "attempts is not a whole number"),
        ({"outcome": "permanent", "probability": 0}, "probability is not above 0"),
        ({"outcome": "permanent", "probability": 1.5}, "probability is not above 0"),
    ],
)
def test_what_is_no_rule(control: Controls, rule: dict[str, Any], told: str) -> None:
    assert control.refused("rules", rule).startswith(told)
    assert control.get("rules") == {"rules": []}


def test_no_such_rule(control: Controls) -> None:
    for name in ("7", "x", "²"):
        assert control.client.delete(f"/_emulator/rules/{name}").status_code == 404


def test_webhooks_hear_of_every_failure(connect: Connect, domain: str) -> None:
    """platform:HOOK-040: of temporary ones and of the last."""
    receiver = Receiver()
    app = receiver.app()
    hooks = Hooks(receiver, app, connect(app), domain)
    urls = {"temporary": "http://hook.test/soft", "permanent": "http://hook.test/hard"}
    for severity, url in urls.items():
        hooks.at_domain(f"{severity}_fail", url)
    Controls(hooks.api).post("rules", {"outcome": "temporary"})
    hooks.send()
    hooks.wait(86_400)
    told = [body["event-data"]["severity"] for body in receiver.bodies()]
    assert told == ["temporary"] * 6 + ["permanent"]
    assert [str(request.url) for request in receiver.received] == [urls[each] for each in told]
    assert set(receiver.events()) == {"failed"}
