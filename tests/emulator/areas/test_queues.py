"""Sending queues: what they show, and how they are emptied."""

from __future__ import annotations

from datetime import timedelta

import httpx

from mailgun_emulator import Emulator
from mailgun_emulator.areas.messages.queues import Halt, QueueStore, Waiting
from tests.emulator.conftest import Connect


def store(app: Emulator) -> QueueStore:
    return app.state.store(app.state.accounts[0], QueueStore)


def test_open_queues(api: httpx.Client, domain: str) -> None:
    """sending:QUEUE-001: two of them, and no more said."""
    answer = api.get(f"/v3/domains/{domain}/sending_queues")
    assert answer.json() == {"regular": {"is_disabled": False}, "scheduled": {"is_disabled": False}}


def test_closed_queue_says_why_until_it_opens(
    app: Emulator, api: httpx.Client, domain: str
) -> None:
    """sending:QUEUE-001: `disabled` is there only meanwhile."""
    until = app.state.clock.now() + timedelta(minutes=5)
    store(app).halt(domain, "regular", Halt(until))
    path = f"/v3/domains/{domain}/sending_queues"
    assert api.get(path).json()["regular"] == {
        "is_disabled": True,
        "disabled": {
            "until": "Fri, 24 Jan 2025 12:49:39 UTC",
            "reason": "You have too many messages in queue",
        },
    }
    app.state.clock.advance(301)
    assert api.get(path).json()["regular"] == {"is_disabled": False}


def test_dropping_what_waits_leaves_other_domains_alone(
    app: Emulator, api: httpx.Client, domain: str
) -> None:
    """sending:QUEUE-003, QUEUE-005: also what is scheduled."""
    queues = store(app)
    queues.add(Waiting("a", domain))
    queues.add(Waiting("b", domain, scheduled=True))
    queues.add(Waiting("c", "other.test"))
    answer = api.delete(f"/v3/{domain}/envelopes")
    assert (answer.status_code, answer.json()) == (200, {"message": "done"})
    assert list(queues.waiting) == ["c"]
    assert queues.take("a") is None


def test_who_may_not_is_told_as_each_endpoint_does(api: httpx.Client, connect: Connect) -> None:
    """sending:QUEUE-002, QUEUE-003, AUTH-005: for a wrong key and for a foreign domain."""
    wrong = connect(key="wrong")
    refused = (
        wrong.get("/v3/domains/sandbox.example.test/sending_queues"),
        wrong.delete("/v3/sandbox.example.test/envelopes"),
    )
    for answer in refused:
        assert (answer.status_code, answer.json()) == (401, {"message": "Invalid private key"})
    dropped = api.delete("/v3/foreign.test/envelopes")
    assert (dropped.status_code, dropped.json()) == (404, {"message": "domain not found"})
    asked = api.get("/v3/domains/foreign.test/sending_queues")
    assert (asked.status_code, asked.json()) == (404, {"message": "Domain not found"})


def test_a_forgotten_domain_takes_its_queues_along(app: Emulator, domain: str) -> None:
    """sending:QUEUE-005: they belong to it."""
    queues = store(app)
    queues.add(Waiting("a", domain))
    queues.halt(domain, "regular", Halt(app.state.clock.now()))
    app.state.forget_domain(app.state.accounts[0], domain)
    assert (queues.waiting, queues.halted) == ({}, {})
    assert not app.state.accounts[0].owns(domain)
