"""The budget of calls of a run, and the server's own limits.

429 tells when to come back: `X-RateLimit-Reset`, a Unix time in milliseconds (sending ERR-007), or
`Retry-After`, seconds or a date.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
from attrs import define, field

from tests.contract.safety.errors import HaltedError

TOO_MANY: Final = 429
# Seconds: what is waited when the server does not say, and at most for one call.
PAUSE: Final = 1.0
PATIENCE: Final = 120.0
_RETRIES: Final = 5


def _real_sleep(seconds: float) -> None:
    time.sleep(seconds)


def _real_now() -> float:
    return time.time()


@define
class Limited(httpx.BaseTransport):
    """Sends at most `budget` calls; waits when told to, `patience` seconds for a call at most.

    Once it has raised HaltedError it does so for every further call.
    """

    inner: httpx.BaseTransport
    budget: int | None = None
    patience: float = PATIENCE
    sleep: Callable[[float], None] = _real_sleep
    now: Callable[[], float] = _real_now
    sent: int = field(default=0, init=False)
    waited: float = field(default=0.0, init=False)
    halted: str = field(default="", init=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        left = self.patience
        for turn in range(_RETRIES + 1):
            response = self._send(request)
            if response.status_code != TOO_MANY:
                return response
            response.read()
            wait = max(self._wait(response), PAUSE * 2**turn if not _told(response) else 0.0)
            if wait > left or turn == _RETRIES:
                raise self._halt(
                    f"rate limit: the server asks to wait {math.ceil(wait)} s more, "
                    f"a call waits {self.patience:.0f} s at most; come back later"
                )
            left -= wait
            self.waited += wait
            self.sleep(wait)
        raise AssertionError("unreachable")

    def close(self) -> None:
        self.inner.close()

    def unlimited(self) -> None:
        """Lift the budget, for removing what the run made."""
        self.budget, self.halted = None, ""

    def _send(self, request: httpx.Request) -> httpx.Response:
        if self.halted:
            raise HaltedError(self.halted)
        if self.budget is not None and self.sent >= self.budget:
            raise self._halt(f"the budget of {self.budget} calls is spent; --budget sets it")
        try:
            response = self.inner.handle_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            host = request.url.host
            raise self._halt(f"{host} cannot be reached any more: {error}") from error
        self.sent += 1
        return response

    def _halt(self, why: str) -> HaltedError:
        self.halted = why
        return HaltedError(why)

    def _wait(self, response: httpx.Response) -> float:
        """Seconds until the server takes calls again, as it says; 0 when it does not."""
        after = response.headers.get("retry-after", "").strip()
        if after.isdecimal():
            return float(after)
        if after:
            try:
                return max(0.0, parsedate_to_datetime(after).timestamp() - self.now())
            except ValueError:
                return PAUSE
        reset = response.headers.get("x-ratelimit-reset", "").strip()
        return max(0.0, int(reset) / 1000 - self.now()) if reset.isdecimal() else 0.0


def _told(response: httpx.Response) -> bool:
    return "retry-after" in response.headers or "x-ratelimit-reset" in response.headers
