"""Where the suite's requests go. The only module of the suite that knows the emulator."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
from attrs import define, field

from tests.contract.asgi import AsgiTransport

TARGETS = ("emulator",)
# Time stands still in process, so that nothing happens between two looks at the state.
_NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


@define
class Target:
    """A server under test.

    `key` owns `domain`; `foreign_key` is valid and belongs to another account; `sending_key` may
    only send from `domain`, `role_keys` are keys by role (both made by the suite through the API
    when not given). Where time can be moved (`travels`), the suite makes expired keys too.
    """

    name: str
    base_url: str
    domain: str
    key: str = field(repr=False)
    foreign_key: str = field(repr=False)
    wrong_key: str = field(repr=False)
    transport: httpx.BaseTransport = field(repr=False)
    sending_key: str = field(default="", repr=False)
    role_keys: Mapping[str, str] = field(factory=dict, repr=False)
    expired_key: str = field(default="", repr=False)
    travels: bool = False

    def reset(self) -> None:
        """Back to the state at the start."""
        self._control("POST", "reset")

    def digest(self) -> str:
        """A fingerprint of everything the server keeps; equal means that nothing changed."""
        return str(self._control("GET", "digest")["digest"])

    def makes_up(self, response: httpx.Response) -> bool:
        """Whether the target says that it keeps nothing behind this answer."""
        return "x-emulator-synthesised" in response.headers

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self._control("POST", "clock/advance", {"seconds": seconds})

    def rewind(self) -> None:
        """Time stands again where it stood at the start."""
        self._control("POST", "clock/freeze", {"at": _NOW.timestamp()})

    def send(self, request: httpx.Request) -> httpx.Response:
        """Send a request that the typed client cannot express."""
        response = self.transport.handle_request(request)
        response.request = request
        response.read()
        return response

    def _control(self, method: str, name: str, body: Any = None) -> Any:
        url = f"{self.base_url}/_emulator/{name}"
        response = self.send(httpx.Request(method, url, json=body))
        response.raise_for_status()
        return response.json()


def emulator() -> Target:
    """The emulator in this process, strict: a response that breaks the truth is a 500."""
    from mailgun_emulator import create_app
    from mailgun_emulator.clock import Clock

    clock = Clock()
    clock.freeze(_NOW)
    domain = "sandbox.example.test"
    app = create_app(
        api_keys=["key-contract", "key-foreign"],
        domains={"key-contract": [domain]},
        clock=clock,
        seed=0,
        # The URLs of webhooks are made up: nobody is to be bothered.
        outgoing=httpx.MockTransport(lambda _: httpx.Response(200)),
    )
    return Target(
        name="emulator",
        base_url="http://emulator.example.test",
        domain=domain,
        key="key-contract",
        foreign_key="key-foreign",
        wrong_key="key-wrong",
        transport=AsgiTransport(app),
        travels=True,
    )


def make(name: str) -> Target:
    return {"emulator": emulator}[name]()
