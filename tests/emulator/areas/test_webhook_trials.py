"""Trying out a URL with a sample event."""

from __future__ import annotations

import httpx
import pytest

from tests.emulator.areas.clients import told
from tests.emulator.areas.test_webhook_delivery import HOOK, Hooks
from tests.emulator.conftest import Connect
from tests.emulator.receiver import Receiver, signed_with


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def hooks(receiver: Receiver, connect: Connect, domain: str) -> Hooks:
    app = receiver.app()
    return Hooks(receiver, app, connect(app), domain)


def tried(hooks: Hooks, kind: str, url: str = HOOK, domain: str | None = None) -> httpx.Response:
    path = f"/v3/domains/{domain or hooks.domain}/webhooks/{kind}/test"
    return hooks.api.put(path, data={"url": url})


@pytest.mark.parametrize(
    ("kind", "event", "severity"),
    [
        ("accepted", "accepted", None),
        ("opened", "opened", None),
        ("temporary_fail", "failed", "temporary"),
        ("permanent_fail", "failed", "permanent"),
    ],
)
def test_a_sample_is_posted(
    hooks: Hooks, receiver: Receiver, kind: str, event: str, severity: str | None
) -> None:
    """platform:HOOK-017: signed like any other, once, and nothing is recorded of it."""
    assert told(tried(hooks, kind)) == (200, {"code": 200, "message": "OK"})
    [body] = receiver.bodies()
    assert signed_with(hooks.key(), body)
    data = body["event-data"]
    assert (data["event"], data.get("severity")) == (event, severity)
    assert {"id", "timestamp", "recipient", "message", "account", "domain"} <= set(data)
    assert (hooks.mail.events(), hooks.log()) == ([], [])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (404, {"code": 404, "message": "Not Found"}),
        (599, {"code": 599, "message": ""}),
        (httpx.ConnectError("refused"), {"code": 0, "message": "no answer"}),
    ],
)
def test_the_answer_is_told(
    hooks: Hooks, receiver: Receiver, answer: int | Exception, expected: dict[str, object]
) -> None:
    """platform:HOOK-017: whatever it is; it is not tried again."""
    receiver.answers[HOOK] = [answer]
    assert told(tried(hooks, "delivered")) == (200, expected)
    hooks.wait(86_400)
    assert len(receiver.received) == 1


def test_what_cannot_be_tried(hooks: Hooks, receiver: Receiver) -> None:
    """platform:HOOK-008, HOOK-016, HOOK-017: as for the other calls."""
    refused = tried(hooks, "opened", "ftp://example.com/")
    text = "ftp://example.com/ is not a valid url: invalid URL scheme"
    assert told(refused) == (400, {"Reason": text})
    assert tried(hooks, "stored").status_code == 400
    assert told(tried(hooks, "opened", domain="foreign.test")) == (
        404,
        {"message": "Domain not found"},
    )
    assert receiver.received == []
