"""Webhooks of every type of event, as the emulator posts them, come out typed and whole."""

from __future__ import annotations

import asyncio
import json
from typing import Any, get_args

import httpx
import pytest
from mailgun_client.models import EventType
from mailgun_client.webhooks import (
    EVENTS,
    AcceptedEvent,
    ClickedEvent,
    ComplainedEvent,
    DeliveredEvent,
    Event,
    EventPost,
    FailedEvent,
    ListMemberUploadedEvent,
    ListMemberUploadErrorEvent,
    ListUploadedEvent,
    Malformed,
    OpenedEvent,
    PermanentFailEvent,
    Receiver,
    RejectedEvent,
    StoredEvent,
    TemporaryFailEvent,
    UnsubscribedEvent,
    read_event,
)

from tests.emulator.areas.incoming import Incoming

HOOK = "http://hook.test/events"
ALICE = "alice@example.com"
LINK = "https://example.com/a"
HOOKS: dict[str, type[Event]] = {
    "accepted": AcceptedEvent,
    "delivered": DeliveredEvent,
    "opened": OpenedEvent,
    "clicked": ClickedEvent,
    "unsubscribed": UnsubscribedEvent,
    "complained": ComplainedEvent,
    "permanent_fail": PermanentFailEvent,
    "temporary_fail": TemporaryFailEvent,
}
DOERS = {
    "opened": {"event": "opened"},
    "clicked": {"event": "clicked", "url": LINK},
    "unsubscribed": {"event": "unsubscribed"},
    "complained": {"event": "complained"},
    "permanent_fail": {"event": "failed", "severity": "permanent"},
    "temporary_fail": {"event": "failed", "severity": "temporary"},
}


def hooked(posted: Incoming, kind: str) -> httpx.Request:
    """The post that a webhook of this type gets."""
    form = {"id": kind, "url": HOOK}
    assert posted.api.post(f"/v3/domains/{posted.domain}/webhooks", data=form).status_code == 200
    fields = {"html": f'<a href="{LINK}">a</a>', "o:tag": ["x"], "v:order": "7"}
    assert posted.mail.send({**fields, "o:tracking": "yes"}).status_code == 200
    posted.wait(1)
    if kind in DOERS:
        path = f"/_emulator/messages/{posted.mail.event()['storage']['key']}/events"
        assert posted.api.post(path, json=DOERS[kind]).status_code == 201
    posted.flush()
    [request] = posted.receiver.received
    return request


@pytest.mark.parametrize("kind", HOOKS)
def test_every_webhook(posted: Incoming, taker: Receiver, kind: str) -> None:
    """sending:HOOK-001, HOOK-002; platform:HOOK-033 to HOOK-040."""
    request = hooked(posted, kind)
    post = taker.parse(request.content, request.headers)
    assert isinstance(post, EventPost)
    assert type(post.event) is HOOKS[kind]
    told = json.loads(request.content)
    assert post.event.to_dict() == told["event-data"]
    assert post.document == told
    assert post.signature.timestamp == told["signature"]["timestamp"]
    assert post.event.recipient == ALICE


@pytest.mark.parametrize("kind", HOOKS)
def test_trial_of_every_webhook(posted: Incoming, taker: Receiver, kind: str) -> None:
    """platform:HOOK-017: the sample that tries a URL out is taken as well."""
    path = f"/v3/domains/{posted.domain}/webhooks/{kind}/test"
    assert posted.api.put(path, data={"url": HOOK}).json()["code"] == 200
    [request] = posted.receiver.received
    post = asyncio.run(taker.aparse(request.content, request.headers))
    assert isinstance(post, EventPost)
    assert type(post.event) is HOOKS[kind]


def test_every_type_of_event_has_a_class() -> None:
    """platform:EVT-036."""
    assert EVENTS.keys() == set(get_args(EventType))


def test_events_of_lists(posted: Incoming) -> None:
    """platform:EVT-070: nobody is posted these; they are read as the Events API shows them."""
    address = f"all@{posted.domain}"
    assert posted.api.post("/v3/lists", data={"address": address}).status_code == 200
    files = {"members": ("members.csv", b"address\nann@example.com\nnobody\n", "text/csv")}
    answer = posted.api.post(f"/v3/lists/{address}/members.csv", files=files)
    assert answer.status_code == 200, answer.text
    posted.wait(60)
    found = {type(read_event(event)): event for event in posted.mail.events()}
    assert found.keys() == {ListMemberUploadedEvent, ListMemberUploadErrorEvent, ListUploadedEvent}
    for kind, event in found.items():
        assert read_event(event).to_dict() == event
        assert issubclass(kind, Event)


def test_stored_event(posted: Incoming) -> None:
    """platform:EVT-068."""
    posted.route("store()")
    [key] = posted.take()["stored"]
    event = read_event(posted.mail.event("stored"))
    assert isinstance(event, StoredEvent)
    assert event.storage.key == key


BARE: dict[str, Any] = {"id": "x", "timestamp": 1529692199.626182}


def test_rejected_event() -> None:
    """platform:EVT-069."""
    reject = {"reason": "Sandbox", "description": ""}
    event = read_event({**BARE, "event": "rejected", "reject": reject})
    assert isinstance(event, RejectedEvent)
    assert event.reject.reason == "Sandbox"


def test_unknown_type_of_event() -> None:
    """platform:EVT-038: types may be added; such an event is one without a class of its own."""
    source = {**BARE, "event": "trapped", "trap": {"kind": "a"}}
    event = read_event(source)
    assert type(event) is Event
    assert event.to_dict() == source


def test_failure_of_unknown_severity() -> None:
    source = {**BARE, "event": "failed", "severity": "odd", "recipient": ALICE}
    assert type(read_event(source)) is FailedEvent


def test_objects_may_be_null() -> None:
    """platform:HOOK-048."""
    nulls = dict.fromkeys(("delivery-status", "flags", "envelope", "message", "storage", "batch"))
    event = read_event({**BARE, "event": "accepted", "recipient": ALICE, **nulls})
    assert isinstance(event, AcceptedEvent)
    assert not event.flags


@pytest.mark.parametrize(
    "source",
    [
        None,
        [],
        {},
        {**BARE, "event": 7},
        {**BARE, "event": "delivered"},
        {**BARE, "event": "delivered", "recipient": None},
        {**BARE, "event": "clicked", "recipient": ALICE},
        {**BARE, "event": "failed", "recipient": ALICE, "severity": ["permanent"], "flags": 1},
        {"event": "accepted", "recipient": ALICE},
        {**BARE, "event": "accepted", "recipient": ALICE, "flags": "no"},
    ],
)
def test_other_shapes_are_malformed(source: object) -> None:
    with pytest.raises(Malformed):
        read_event(source)
