"""What the emulator posts, to be taken by the client."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from mailgun_client.webhooks import Receiver

from mailgun_emulator.state import DEFAULT_DOMAIN, DEFAULT_KEY
from tests.emulator import receiver
from tests.emulator.areas.incoming import Incoming
from tests.emulator.areas.mail import Mail
from tests.emulator.conftest import BASE_URL, Inside


@pytest.fixture
def posted() -> Iterator[Incoming]:
    """An emulator that posts to `posted.receiver`."""
    who = receiver.Receiver()
    app = who.app()
    with httpx.Client(transport=Inside(app), base_url=BASE_URL, auth=("api", DEFAULT_KEY)) as api:
        yield Incoming(app, api, who, Mail(app, api, DEFAULT_DOMAIN))


@pytest.fixture
def key(posted: Incoming) -> str:
    """Its signing key."""
    return str(posted.api.get("/v5/accounts/http_signing_key").json()["http_signing_key"])


@pytest.fixture
def taker(posted: Incoming, key: str) -> Receiver:
    """Somebody who has the key, and the clock of the emulator."""
    return Receiver(signing_key=key, clock=posted.app.state.clock.timestamp)
