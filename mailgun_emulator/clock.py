"""Time as the emulator sees it: real, frozen or moved, always UTC."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from attrs import define, field


@define
class Clock:
    """Seconds since the epoch from `source`, plus an offset; can be frozen and advanced.

    `source` may be any function that gives epoch seconds: tests inject their own.
    """

    source: Callable[[], float] = time.time
    _offset: float = field(default=0.0, init=False)
    _frozen: float | None = field(default=None, init=False)

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._frozen is not None

    def timestamp(self) -> float:
        """Epoch seconds."""
        return self._frozen if self._frozen is not None else self.source() + self._offset

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def freeze(self, at: datetime | float | None = None) -> None:
        """Stop time, at `at` (aware datetime or epoch seconds) or where it is."""
        if isinstance(at, datetime):
            at = at.timestamp()
        self._frozen = self.timestamp() if at is None else at

    def advance(self, seconds: float) -> None:
        """Move time forward, frozen or not. Raises ValueError for a step back."""
        if seconds < 0:
            raise ValueError("time does not go back")
        if self._frozen is not None:
            self._frozen += seconds
        else:
            self._offset += seconds

    def resume(self) -> None:
        """Let frozen time run on from where it stands."""
        if self._frozen is not None:
            self._offset = self._frozen - self.source()
            self._frozen = None
