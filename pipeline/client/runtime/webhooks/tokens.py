"""Which signatures were seen before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable
from threading import Lock
from typing import Protocol


class TokenCache(Protocol):
    """Remembers tokens. Several processes that take posts need a shared one.

    With Redis: `client.set(f"mailgun:{token}", "", nx=True, ex=max(1, int(seconds))) is not None`.
    """

    def add(self, token: str, seconds: float) -> bool | Awaitable[bool]:
        """Note a token; whether it is new. Asking and noting must be one step.

        `seconds` from now on it has to be remembered; posts with it are too old then. An awaitable
        is for `Receiver.aparse` only.
        """
        ...


class MemoryTokens:
    """The tokens that this process has seen, for any number of threads.

    The oldest are dropped when there are more than `limit`: a flood of posts that are rightly
    signed could make room for a replay, within the tolerated age.

    Args:
        limit: how many tokens are kept; one takes about 200 bytes.
    """

    def __init__(self, limit: int = 50_000) -> None:
        if limit < 1:
            raise ValueError("limit: expected at least 1")
        self._limit = limit
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    def add(self, token: str, seconds: float) -> bool:  # noqa: ARG002
        """Note a token; whether it is new. It is kept until `limit` others came."""
        with self._lock:
            if token in self._seen:
                return False
            self._seen[token] = None
            if len(self._seen) > self._limit:
                self._seen.popitem(last=False)
            return True

    def __len__(self) -> int:
        return len(self._seen)
