"""Recipients that react."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.emulator.areas.mail import ALICE, Mail
from tests.emulator.areas.test_webhook_delivery import HOOK, Hooks
from tests.emulator.conftest import Connect
from tests.emulator.receiver import Receiver

from .conftest import Controls


@pytest.fixture
def sent(mail: Mail) -> Mail:
    """A mail that was delivered."""
    mail.send({"o:tag": "news", "v:order": "7"})
    mail.wait(1)
    return mail


def react(control: Controls, mail: Mail, event: str, **more: Any) -> dict[str, Any]:
    """What was recorded: the same in the answer and in the Events API."""
    key = mail.event()["storage"]["key"]
    answer = control.client.post(
        f"/_emulator/messages/{key}/events",
        json={"event": event, **{name.replace("_", "-"): value for name, value in more.items()}},
    )
    assert answer.status_code == 201, answer.text
    recorded = mail.event(event)
    assert answer.json() == recorded
    return recorded


def test_opened(control: Controls, sent: Mail) -> None:
    """platform:EVT-061, EVT-065; sending:TRACK-014: of the message only its id."""
    event = react(control, sent, "opened")
    headers = sent.event()["message"]["headers"]
    assert event["message"] == {"headers": {"message-id": headers["message-id"]}}
    assert (event["recipient"], event["log-level"]) == (ALICE, "info")
    assert event["ip"] == "127.0.0.1"
    assert event["geolocation"] == dict.fromkeys(("country", "region", "city"), "Unknown")
    names = ("client-name", "client-os", "client-type", "device-type", "user-agent", "bot")
    assert set(event["client-info"]) == set(names)
    assert (event["tags"], event["user-variables"]) == (["news"], {"order": "7"})


def test_who_it_was(control: Controls, sent: Mail) -> None:
    event = react(
        control,
        sent,
        "opened",
        ip="192.0.2.9",
        user_agent="Test",
        geolocation={"country": "DE"},
        client_info={"bot": "apple"},
    )
    assert event["ip"] == "192.0.2.9"
    assert event["geolocation"] == {"country": "DE", "region": "Unknown", "city": "Unknown"}
    assert (event["client-info"]["user-agent"], event["client-info"]["bot"]) == ("Test", "apple")


def test_clicked(control: Controls, sent: Mail) -> None:
    """platform:EVT-062."""
    event = react(control, sent, "clicked", url="https://example.com/x")
    assert event["url"] == "https://example.com/x"
    assert "client-info" in event


def test_unsubscribed(control: Controls, sent: Mail, api: httpx.Client) -> None:
    """platform:EVT-066; sending:TRACK-016: from everything, or from some tags."""
    event = react(control, sent, "unsubscribed")
    assert "ip" in event
    assert api.get(sent.path("unsubscribes", ALICE)).json()["tags"] == ["*"]


def test_unsubscribed_from_tags(control: Controls, sent: Mail, api: httpx.Client) -> None:
    """sending:TRACK-016: tags add up."""
    api.post(sent.path("unsubscribes"), data={"address": ALICE, "tag": "old"})
    react(control, sent, "unsubscribed", tags=["news"])
    assert api.get(sent.path("unsubscribes", ALICE)).json()["tags"] == ["old", "news"]


def test_complained(control: Controls, sent: Mail, api: httpx.Client) -> None:
    """platform:EVT-067; sending:TRACK-019."""
    event = react(control, sent, "complained")
    assert event["log-level"] == "warn"
    assert event["message"] == sent.event("delivered")["message"]
    assert "flags" in event
    assert api.get(sent.path("complaints", ALICE)).status_code == 200


def test_a_bounce_after_delivery(control: Controls, sent: Mail, api: httpx.Client) -> None:
    """platform:EVT-052, EVT-057, EVT-059."""
    event = react(control, sent, "failed", code=552, message="gone")
    assert (event["severity"], event["log-level"]) == ("permanent", "error")
    assert event["flags"]["is-delayed-bounce"] is True
    assert event["reason"] == "bounce"
    status = event["delivery-status"]
    assert (status["code"], status["message"], status["attempt-no"]) == (552, "gone", 1)
    bounce = api.get(sent.path("bounces", ALICE)).json()
    assert (bounce["code"], bounce["error"]) == ("552", "gone")


@pytest.mark.parametrize("more", [{"severity": "temporary"}, {"reason": "espblock"}])
def test_soft_failures_are_not_listed(
    control: Controls, sent: Mail, api: httpx.Client, more: dict[str, Any]
) -> None:
    """platform:EVT-052, EVT-059: only a temporary one names when it is tried again."""
    event = react(control, sent, "failed", **more)
    assert ("retry-seconds" in event["delivery-status"]) is ("severity" in more)
    assert api.get(sent.path("bounces", ALICE)).status_code == 404


def test_one_of_several_recipients(control: Controls, mail: Mail) -> None:
    mail.send({"to": [ALICE, "carol@example.com"]})
    key = mail.events()[0]["storage"]["key"]
    body = {"event": "opened", "recipient": "CAROL@example.com"}
    answer = control.post(f"messages/{key}/events", body)
    assert answer["recipient"] == "carol@example.com"
    body["recipient"] = "dave@example.com"
    assert "dave" in control.refused(f"messages/{key}/events", body, 404)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"event": "delivered"},
        {"event": "clicked"},
        {"event": "failed", "severity": "bad"},
        {"event": "failed", "code": "550"},
        {"event": "opened", "colour": "red"},
    ],
)
def test_refusals(control: Controls, sent: Mail, body: dict[str, Any]) -> None:
    key = sent.event()["storage"]["key"]
    before = sent.events()
    control.refused(f"messages/{key}/events", body)
    assert sent.events() == before
    control.refused("messages/none/events", {"event": "opened"}, 404)


def test_webhooks_hear_of_it(connect: Connect, domain: str) -> None:
    receiver = Receiver()
    app = receiver.app()
    hooks = Hooks(receiver, app, connect(app), domain)
    hooks.at_domain("permanent_fail", HOOK)
    hooks.at_account(HOOK, "complained")
    hooks.send()
    control, key = Controls(hooks.api), hooks.mail.event()["storage"]["key"]
    for event in ("complained", "failed"):
        control.post(f"messages/{key}/events", {"event": event})
    hooks.wait(0)
    assert receiver.events() == ["complained", "failed"]
