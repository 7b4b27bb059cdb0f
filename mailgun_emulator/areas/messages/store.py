"""What is kept of sent mail, for a while (sending STORE-007, STORE-008)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from attrs import define, field

from mailgun_emulator.areas.messages.copies import Copy

# sending STORE-008.
RETENTION = timedelta(hours=72)
# The oldest go first, so that an emulator under load does not grow without end.
MOST = 20_000
MOST_BYTES = 256 * 1024 * 1024


@define
class MessageStore:
    """Copies by storage key, oldest first; `most` and `most_bytes` bound them."""

    most: int = MOST
    most_bytes: int = MOST_BYTES
    _copies: dict[str, Copy] = field(factory=dict, init=False, repr=False)
    _bytes: int = field(default=0, init=False)

    def add(self, copy: Copy) -> None:
        """Keep a copy; the oldest make room."""
        self._copies[copy.key] = copy
        self._bytes += copy.weight
        while len(self._copies) > self.most or self._bytes > self.most_bytes:
            self._drop(next(iter(self._copies)))

    def find(
        self, domain: str, key: str, now: datetime, kept: timedelta = RETENTION
    ) -> Copy | None:
        """The copy with this key; None when there is none, or not any more after `kept`."""
        copy = self._copies.get(key)
        if copy is None or copy.draft.domain != domain:
            return None
        return None if copy.draft.accepted_at + kept <= now else copy

    def get(self, key: str) -> Copy | None:
        """The copy with this key, whosever it is and however old."""
        return self._copies.get(key)

    def __iter__(self) -> Iterator[Copy]:
        return iter(self._copies.values())

    def __len__(self) -> int:
        return len(self._copies)

    def forget_domain(self, name: str) -> None:
        """The domain is gone, and its mail with it."""
        for key in [key for key, copy in self._copies.items() if copy.draft.domain == name]:
            self._drop(key)

    def _drop(self, key: str) -> None:
        copy = self._copies.pop(key)
        self._bytes -= copy.weight
        copy.drop_content()
