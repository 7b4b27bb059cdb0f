"""How much is kept for how long, as the settings say."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from mailgun_emulator import Settings, create_app
from mailgun_emulator.areas.events.store import EventStore
from mailgun_emulator.areas.messages.store import MessageStore
from mailgun_emulator.state import DEFAULT_DOMAIN
from tests.emulator.areas.mail import Mail
from tests.emulator.conftest import START, Connect
from tests.emulator.control.conftest import Controls

DAY = 86_400


@pytest.fixture
def bounded(connect: Connect) -> Mail:
    """Little is kept, and not for long."""
    settings = Settings(
        messages=5, message_bytes=20_000, message_age=DAY, events=30, event_age=2 * DAY
    )
    app = create_app(seed=1, settings=settings)
    app.state.clock.freeze(START)
    return Mail(app, connect(app), DEFAULT_DOMAIN)


def stored(mail: Mail) -> list[str]:
    """The subjects of what is stored, oldest first."""
    store = mail.app.state.store(mail.app.state.accounts[0], MessageStore)
    return [str(copy.subject) for copy in store]


def kept(mail: Mail) -> int:
    """How many events there are, shown or not."""
    store = mail.app.state.store(mail.app.state.accounts[0], EventStore)
    return len(store.of(mail.domain))


def test_by_number(bounded: Mail) -> None:
    """Under load nothing grows past the bounds, and all is delivered."""
    delivered = 0
    for number in range(60):
        bounded.send({"subject": str(number)})
        bounded.wait(1)
        delivered += bounded.events(event="delivered", subject=str(number)) != []
        assert len(stored(bounded)) <= 5
        assert kept(bounded) <= 30
    assert delivered == 60
    assert stored(bounded) == [str(number) for number in range(55, 60)]


def test_by_weight(bounded: Mail) -> None:
    for number in range(4):
        bounded.send({"subject": str(number), "text": "x" * 8_000})
    assert stored(bounded) == ["2", "3"]
    bounded.wait(1)
    assert len(bounded.events(event="delivered")) == 4
    bounded.send({"subject": "huge", "text": "x" * 30_000})
    assert stored(bounded) == []


def test_by_time(bounded: Mail) -> None:
    """sending:STORE-007, STORE-008, EVT-013; platform:EVT-021."""
    bounded.send({"subject": "old"})
    url = bounded.event()["storage"]["url"]
    bounded.wait(DAY - 1)
    assert bounded.api.get(url).status_code == 200
    bounded.wait(1)
    assert bounded.api.get(url).status_code == 404
    assert len(bounded.events()) == 2
    bounded.wait(DAY + 1)
    assert bounded.events() == []
    bounded.wait(6 * DAY)
    bounded.send({"subject": "new"})
    assert stored(bounded) == ["new"]
    assert [event["message"]["headers"]["subject"] for event in bounded.events()] == ["new"]


def test_what_has_gone_is_still_delivered(bounded: Mail) -> None:
    """And tried again."""
    Controls(bounded.api).post("rules", {"outcome": "temporary", "attempts": 2})
    for number in range(8):
        bounded.send({"subject": str(number)})
    bounded.wait(DAY)
    sizes = [e["message"]["size"] for e in bounded.events(event="delivered")]
    assert len(sizes) == 8
    assert min(sizes) > 0


@pytest.mark.parametrize(
    "name", ["messages", "message_bytes", "message_age", "events", "event_age"]
)
def test_a_bound_is_above_zero(name: str) -> None:
    bound: dict[str, Any] = {name: 0}
    with pytest.raises(ValueError, match=name):
        evolve(Settings(), **bound)
