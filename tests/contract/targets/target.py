"""A server under test, and what the suite can and cannot see of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
from attrs import define, field

from tests.contract.cases import Cases
from tests.contract.safety.errors import WithheldError

# Time stands still where it can, so that nothing happens between two looks at the state.
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def as_drawn(draws: Cases) -> Cases:
    """Cases that need no preparation."""
    return draws


def _nothing() -> None:
    return None


@define
class Target:
    """A server under test.

    `key` owns `domain`; `foreign_key` is valid and belongs to another account; `sending_key` may
    only send from `domain`, `role_keys` are keys by role (both made by the suite through the API
    when not given and `makes_keys`). Where time can be moved (`travels`), the suite makes expired
    keys too.
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
    # Whether the server has the emulator's control API: a reset, and a fingerprint of its state.
    control: bool = True
    # Whether every operation can be expected to succeed: an account may lack features and data.
    complete: bool = True
    makes_keys: bool = True
    # Requests that the guard did not let go, by reason.
    withheld: Counter[str] = field(factory=Counter, repr=False)
    # Whose known differences it has, when not those under its own name.
    differs_as: str = ""
    # What is not checked on this target, in words.
    gaps: tuple[str, ...] = ()
    # Operations that may only be called on a domain that the run made.
    apart: frozenset[str] = frozenset()
    # Why an operation is never sent; empty when it may be.
    withholds: Callable[[str], str] = field(default=lambda _operation: "", repr=False)
    prepare: Callable[[Cases], Cases] = field(default=as_drawn, repr=False)
    clear: Callable[[], None] = field(default=_nothing, repr=False)
    # Why no call goes out any more; empty as long as they do.
    halted: Callable[[], str] = field(default=str, repr=False)
    finish: Callable[[], list[str]] = field(default=list, repr=False)

    def reset(self) -> None:
        """Back to the state at the start, as far as the server lets us."""
        if self.control:
            self._control("POST", "reset")
        else:
            self.clear()

    def digest(self) -> str:
        """A fingerprint of all that is kept; equal ones mean no change. Empty without one."""
        return str(self._control("GET", "digest")["digest"]) if self.control else ""

    def makes_up(self, response: httpx.Response) -> bool:
        """Whether the target says that it keeps nothing behind this answer."""
        return "x-emulator-synthesised" in response.headers

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self._control("POST", "clock/advance", {"seconds": seconds})

    def rewind(self) -> None:
        """Time stands again where it stood at the start."""
        self._control("POST", "clock/freeze", {"at": NOW.timestamp()})

    def send(self, request: httpx.Request) -> httpx.Response:
        """Send a request that the typed client cannot express."""
        request.headers.pop("x-schemathesis-testcaseid", None)
        try:
            response = self.transport.handle_request(request)
        except httpx.LocalProtocolError as error:
            why = f"HTTP cannot carry it: {error}"
            self.withheld[why] += 1
            raise WithheldError(why) from None
        except httpx.TransportError as error:
            error.request = request
            raise
        response.request = request
        response.read()
        return response

    def refusals(self) -> Counter[str]:
        """How often the guard withheld a request since the last look, by reason."""
        taken = Counter(self.withheld)
        self.withheld.clear()
        return taken

    def close(self) -> list[str]:
        """Remove what the run made; lines about what is left."""
        left = self.finish()
        self.transport.close()
        return left

    def _control(self, method: str, name: str, body: Any = None) -> Any:
        url = f"{self.base_url}/_emulator/{name}"
        response = self.send(httpx.Request(method, url, json=body))
        response.raise_for_status()
        return response.json()
