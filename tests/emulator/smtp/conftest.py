"""A relay for the app, and an HTTP client on the same loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import httpx
import pytest
import uvloop

from mailgun_emulator import Emulator
from tests.emulator.areas.mail import Mail
from tests.emulator.conftest import BASE_URL
from tests.emulator.smtp.relay import PASSWORD, Beside, Relay

OpenRelay = Callable[..., Relay]
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
def open_relay() -> Iterator[OpenRelay]:
    """Opens relays: on uvloop, as the command serves them, or on asyncio's own loop."""
    opened: list[Relay] = []

    def make(app: Emulator, loop: str = "uvloop") -> Relay:
        opened.append(Relay(app, LOOPS[loop]))
        return opened[-1]

    yield make
    for relay in opened:
        relay.close()


@pytest.fixture
def relay(app: Emulator, open_relay: OpenRelay, request: pytest.FixtureRequest) -> Relay:
    """A relay of the app; a test may name the loop."""
    return open_relay(app, getattr(request, "param", "uvloop"))


@pytest.fixture
def api(relay: Relay) -> Iterator[httpx.Client]:
    """A client with the default key."""
    auth = ("api", PASSWORD)
    with httpx.Client(transport=Beside(relay), base_url=BASE_URL, auth=auth) as client:
        yield client


@pytest.fixture
def mail(app: Emulator, api: httpx.Client, domain: str) -> Mail:
    """What became of mail."""
    return Mail(app, api, domain)
