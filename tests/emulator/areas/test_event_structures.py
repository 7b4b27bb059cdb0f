"""What events of single kinds tell."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator
from tests.emulator.areas.clients import Templates
from tests.emulator.areas.incoming import Incoming
from tests.emulator.areas.mail import ALICE, Mail

BEA = "bea@example.com"


def test_accepted(mail: Mail) -> None:
    """platform:EVT-046, EVT-045; sending:EVT-004: one for each recipient, with the same message."""
    mail.send({"to": [ALICE, BEA]})
    events = mail.events(event="accepted", ascending="yes")
    assert [event["recipient"] for event in events] == [ALICE, BEA]
    for event in events:
        assert event["method"] == "HTTP"
        assert event["envelope"] == {
            "sender": f"postmaster@{mail.domain}",
            "transport": "smtp",
            "targets": event["recipient"],
        }
        assert event["flags"]["is-authenticated"] is True
        assert set(event["storage"]) == {"region", "env", "key", "url"}
    assert events[0]["message"] == events[1]["message"]
    assert events[0]["storage"] == events[1]["storage"]


def test_accepted_from_outside(incoming: Incoming) -> None:
    """platform:EVT-045, EVT-046: by SMTP and not authenticated, with whom it was for."""
    incoming.take()
    event = incoming.mail.event()
    assert (event["method"], event["flags"]["is-authenticated"]) == ("SMTP", False)
    assert event["message"]["recipients"] == [f"alice@{incoming.domain}"]
    assert event["envelope"]["sender"] == "bounce@example.org"


def test_templates_and_batches(mail: Mail, templates: Templates) -> None:
    """platform:EVT-047: the template that was used and the batch that a copy is of."""
    assert templates.create("welcome", template="<p>Hi</p>", tag="v1").status_code == 200
    variables = json.dumps({BEA: {"a": 1}, ALICE: {"a": 2}})
    fields = {"template": "welcome", "t:version": "v1", "text": None}
    mail.send({**fields, "to": [ALICE, BEA], "recipient-variables": variables})
    first, second = mail.events()
    assert first["batch"] == second["batch"]
    for event in (first, second):
        assert event["template"] == {"name": "welcome", "version": "v1", "is-text": False}
        assert event["batch"]["id"]
        assert event["originating-ip"]
        assert event["api-key-id"]


def test_rejected(app: Emulator, api: httpx.Client) -> None:
    """platform:EVT-069: why, and of nobody."""
    name = f"sandbox{'1' * 32}.mailgun.org"
    app.state.accounts[0].domains.add(name)
    sandbox = Mail(app, api, name)
    assert sandbox.send().status_code == 403
    event = sandbox.event("rejected")
    assert event["reject"]["reason"] == (
        "Sandbox subdomains are for test purposes only. Please add your own domain or add the "
        "address to authorized recipients in Account Settings."
    )
    assert set(event["reject"]) == {"reason", "description"}
    assert event["recipient"] == ""
    assert "delivery-status" not in event


def test_everybody_a_stored_mail_was_for(incoming: Incoming) -> None:
    """platform:EVT-033, EVT-068; sending:EVT-005: only what was stored is found by `recipients`."""
    incoming.route("store()")
    incoming.take()
    incoming.take(recipient=f"carol@{incoming.domain}")
    alice = f"alice@{incoming.domain}"
    assert {e["event"] for e in incoming.mail.events(recipient=alice)} == {"accepted"}
    found = incoming.mail.events(recipients=alice, event="stored")
    assert [event["message"]["recipients"] for event in found] == [[alice]]
    assert "recipient" not in found[0]


def test_flags_are_switches(incoming: Incoming) -> None:
    """platform:EVT-045: every flag of every event is on or off, and none is unheard of."""
    known = {
        "is-authenticated",
        "is-routed",
        "is-system-test",
        "is-test-mode",
        "is-amp",
        "is-encrypted",
        "is-big",
        "is-delayed-bounce",
        "is-callback",
        "is-webhook",
    }
    mail = incoming.mail
    incoming.route('forward("http://hook.test/x")')
    incoming.receiver.answers["http://hook.test/x"] = [406]
    incoming.take()
    mail.send({"o:testmode": "yes", "amp-html": "<html>"})
    mail.wait()
    events = mail.events()
    assert {event["event"] for event in events} == {"accepted", "delivered", "failed"}
    flags = [event["flags"] for event in events]
    assert set().union(*flags) <= known
    assert all(isinstance(value, bool) for each in flags for value in each.values())


@pytest.mark.parametrize(
    ("member", "kind"),
    [
        ("campaigns", list),
        ("tags", list),
        ("user-variables", dict),
        ("recipient", str),
        ("recipient-domain", str),
        ("recipient-provider", str),
    ],
)
def test_what_is_never_missing_after_delivery(mail: Mail, member: str, kind: Any) -> None:
    """platform:EVT-040, EVT-043; sending:EVT-015: also when nothing was given."""
    mail.send()
    mail.wait()
    assert isinstance(mail.event("delivered")[member], kind)
