"""The repetitions of one call; imported when the first one is needed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
from attrs import define

from . import rates

if TYPE_CHECKING:
    from .retries import Retries

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


@define
class Tries:
    """The repetitions of one call.

    Attributes:
        policy: what decides.
        method: the HTTP method.
        operation: the name of the operation; empty for a request of no known one.
        made: repetitions so far.
        waited: seconds of the waits so far.
    """

    policy: Retries
    method: str
    operation: str
    made: int = 0
    waited: float = 0.0

    def after(self, outcome: httpx.Response | httpx.TransportError) -> float | None:
        """Seconds to wait before the next try; None if there shall be none."""
        policy = self.policy
        if self.made >= policy.limit or not self._may_repeat(outcome):
            return None
        delay = self._delay(outcome)
        if self.waited + delay > policy.patience:
            return None
        if policy.budget is not None and not policy.budget.take():
            return None
        self.made += 1
        self.waited += delay
        return delay

    def _may_repeat(self, outcome: httpx.Response | httpx.TransportError) -> bool:
        if _is_harmless(outcome):
            return True
        policy = self.policy
        if self.method not in policy.methods and self.operation not in policy.operations:
            return False
        status = getattr(outcome, "status_code", None)
        return status is None or status in policy.failures

    def _delay(self, outcome: httpx.Response | httpx.TransportError) -> float:
        policy = self.policy
        own = min(policy.first * 2.0**self.made, policy.longest) * (1 - policy.random() / 2)
        if isinstance(outcome, Exception):
            return own
        now = datetime.fromtimestamp(policy.clock(), UTC)
        told = rates.retry_after(outcome.status_code, outcome.headers, outcome.content, now)
        # Never earlier than told, nor all callers in the same instant.
        return own if told is None else told + own


def _is_harmless(outcome: httpx.Response | httpx.TransportError) -> bool:
    """Whether the call surely did nothing at the server."""
    if isinstance(outcome, httpx.Response):
        return outcome.status_code in rates.LIMITED
    return isinstance(outcome, _NEVER_SENT)
