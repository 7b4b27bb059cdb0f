"""A webhook that takes no event is an event itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.areas.mail import ALICE
from tests.emulator.areas.test_webhook_delivery import BROKEN, HOOK, HOUR, OTHER, Hooks
from tests.emulator.conftest import Connect
from tests.emulator.receiver import Receiver


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def hooks(receiver: Receiver, connect: Connect, domain: str) -> Hooks:
    app = receiver.app()
    return Hooks(receiver, app, connect(app), domain)


def failures(hooks: Hooks) -> list[dict[str, Any]]:
    return hooks.mail.events(event="failed")


def test_a_refusal(hooks: Hooks, receiver: Receiver) -> None:
    """platform:EVT-060, EVT-045, EVT-039: permanent, marked, and about the same message."""
    hooks.at_domain("delivered", HOOK)
    receiver.answers[HOOK] = [406]
    hooks.send(**{"o:tag": "news", "v:order": "7"})
    [event] = failures(hooks)
    assert (event["severity"], event["log-level"]) == ("permanent", "error")
    assert (event["flags"]["is-callback"], event["flags"]["is-webhook"]) == (True, True)
    assert event["delivery-status"]["code"] == 406
    assert (event["envelope"]["transport"], event["envelope"]["targets"]) == ("http", HOOK)
    told = hooks.mail.event("delivered")
    for name in ("recipient", "tags", "user-variables", "message"):
        assert event[name] == told[name]
    assert told["flags"].get("is-callback") is None


@pytest.mark.parametrize(("answer", "code"), [(500, 500), (BROKEN, 0)])
def test_the_last_attempt(
    hooks: Hooks, receiver: Receiver, answer: int | Exception, code: int
) -> None:
    """platform:EVT-060, HOOK-043: nothing is told before it is given up."""
    hooks.at_domain("accepted", HOOK)
    receiver.answers[HOOK] = [answer] * 7
    hooks.record("accepted")
    hooks.wait(4 * HOUR)
    assert failures(hooks) == []
    hooks.wait(4 * HOUR)
    [event] = failures(hooks)
    assert event["delivery-status"]["code"] == code
    assert event["delivery-status"]["attempt-no"] == len(receiver.received) == 7
    assert (event["recipient"], event["flags"]["is-callback"]) == (ALICE, True)


def test_a_webhook_taken_late_is_none(hooks: Hooks, receiver: Receiver) -> None:
    """platform:EVT-060, HOOK-042."""
    hooks.at_domain("accepted", HOOK, OTHER)
    receiver.answers = {HOOK: [500] * 6, OTHER: [406]}
    hooks.record("accepted")
    hooks.wait(24 * HOUR)
    assert [event["envelope"]["targets"] for event in failures(hooks)] == [OTHER]


def test_no_webhook_hears_of_it(hooks: Hooks, receiver: Receiver) -> None:
    """Otherwise a receiver that is down would be told of that for ever."""
    hooks.at_domain("delivered", HOOK)
    hooks.at_domain("permanent_fail", OTHER)
    receiver.answers[HOOK] = [500]
    hooks.send()
    assert len(failures(hooks)) == 1
    assert receiver.bodies(OTHER) == []
    digest = hooks.app.state.digest()
    hooks.wait(24 * HOUR)
    assert hooks.app.state.digest() == digest


def test_nothing_is_told_of_a_domain_that_is_gone(hooks: Hooks, receiver: Receiver) -> None:
    hooks.at_domain("accepted", HOOK)
    receiver.answers[HOOK] = [500] * 9
    hooks.record("accepted")
    hooks.api.delete("/_emulator/webhooks")
    account = hooks.app.state.accounts[0]
    hooks.app.state.forget_domain(account, hooks.domain)
    hooks.wait(24 * HOUR)
    assert len(receiver.received) == 1
    assert hooks.events.of(hooks.domain) == []
