"""The emulator in this process. The only module of the suite that knows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from tests.contract.asgi import AsgiTransport
from tests.contract.targets.target import NOW, Target

KEY, FOREIGN, WRONG = "key-contract", "key-foreign", "key-wrong"
DOMAIN = "sandbox.example.test"
BASE_URL = "http://emulator.example.test"


def app(domain: str = DOMAIN) -> Any:
    """Two accounts, of which the first has the domain; webhooks go nowhere."""
    from mailgun_emulator import create_app
    from mailgun_emulator.clock import Clock

    clock = Clock()
    clock.freeze(NOW)
    return create_app(
        api_keys=[KEY, FOREIGN],
        domains={KEY: [domain]},
        clock=clock,
        seed=0,
        # The URLs of webhooks are made up: nobody is to be bothered.
        outgoing=httpx.MockTransport(lambda _: httpx.Response(200)),
    )


def make(_environment: Mapping[str, str]) -> Target:
    """Strict: a response that breaks the truth is a 500."""
    return Target(
        name="emulator",
        base_url=BASE_URL,
        domain=DOMAIN,
        key=KEY,
        foreign_key=FOREIGN,
        wrong_key=WRONG,
        transport=AsgiTransport(app()),
        travels=True,
    )
