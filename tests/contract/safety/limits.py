"""The budget of calls of a run, and the server's own limits.

429 tells when to come back: `X-RateLimit-Reset`, a Unix time in milliseconds (sending ERR-007), or
`Retry-After`, seconds or a date; or `retry-seconds` in the body (platform GEN-018).
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
from attrs import define, field

from tests.contract.safety.errors import HaltedError

TOO_MANY: Final = 429
# Seconds: at most for one call, and before each try when the server does not say. A 429 that says
# nothing and stays may be a rule of one operation, so it is an answer like others in the end.
PATIENCE: Final = 120.0
PAUSES: Final = (1.0, 2.0, 4.0)
_LEAST: Final = 0.25
_RETRY: Final = "retry-seconds"


def _real_sleep(seconds: float) -> None:
    time.sleep(seconds)


def _real_now() -> float:
    return time.time()


@define
class Limited(httpx.BaseTransport):
    """Sends at most `budget` calls; waits when told to, `patience` seconds for a call at most.

    Without `pauses` it never waits: where time stands still, waiting changes nothing.

    Once it has raised HaltedError it does so for every further call.
    """

    inner: httpx.BaseTransport
    budget: int | None = None
    patience: float = PATIENCE
    pauses: Sequence[float] = PAUSES
    sleep: Callable[[float], None] = _real_sleep
    now: Callable[[], float] = _real_now
    sent: int = field(default=0, init=False)
    waited: float = field(default=0.0, init=False)
    halted: str = field(default="", init=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        left = self.patience
        pauses = list(self.pauses)
        while True:
            response = self._send(request)
            if response.status_code != TOO_MANY:
                return response
            response.read()
            told = self._told(response)
            if not self.pauses or (told is None and not pauses):
                return response
            wait = pauses.pop(0) if told is None else max(told, _LEAST)
            if wait > left:
                raise self._halt(
                    f"rate limit: the server asks to wait {math.ceil(wait)} s more, "
                    f"a call waits {self.patience:.0f} s at most; come back later"
                )
            left -= wait
            self.waited += wait
            self.sleep(wait)

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

    def _told(self, response: httpx.Response) -> float | None:
        """Seconds until the server takes calls again, if it says so."""
        after = response.headers.get("retry-after", "").strip()
        if after.isdecimal():
            return float(after)
        with contextlib.suppress(ValueError):
            return parsedate_to_datetime(after).timestamp() - self.now()
        reset = response.headers.get("x-ratelimit-reset", "").strip()
        return int(reset) / 1000 - self.now() if reset.isdecimal() else _seconds(response)


def _seconds(response: httpx.Response) -> float | None:
    """What the body says."""
    with contextlib.suppress(ValueError):
        answer = response.json()
        seconds = answer.get(_RETRY) if isinstance(answer, dict) else None
        if isinstance(seconds, int) and not isinstance(seconds, bool):
            return float(seconds)
    return None
