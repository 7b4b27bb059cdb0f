"""What is kept of sent mail, for a while (sending STORE-007, STORE-008)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from attrs import define, field

from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.state import Account, State

# The longest time that domains can ask for, by their `message_ttl`.
_LONGEST = timedelta(days=7)


@define
class MessageStore:
    """Copies by storage key, oldest first.

    `most` and `most_bytes` bound them, so that an emulator under load does not grow without end;
    `age` is how long they can be read where the domain says nothing else.
    """

    most: int
    most_bytes: int
    age: timedelta
    _copies: dict[str, Copy] = field(factory=dict, init=False, repr=False)
    _bytes: int = field(default=0, init=False)
    _kept: timedelta = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._kept = max(self.age, _LONGEST)

    @classmethod
    def open(cls, state: State, _: Account) -> MessageStore:
        """A store with the bounds of the settings."""
        given = state.settings
        return cls(given.messages, given.message_bytes, timedelta(seconds=given.message_age))

    def add(self, copy: Copy) -> None:
        """Keep a copy; the oldest make room, and those go that nobody can read any more."""
        self._copies[copy.key] = copy
        self._bytes += copy.weight
        while len(self._copies) > self.most or self._bytes > self.most_bytes:
            self._drop(next(iter(self._copies)))
        end = copy.draft.accepted_at - self._kept
        while (oldest := next(iter(self._copies.values()), copy)).draft.accepted_at <= end:
            self._drop(oldest.key)

    def find(
        self, domain: str, key: str, now: datetime, kept: timedelta | None = None
    ) -> Copy | None:
        """The copy with this key; None when there is none, or not any more after `kept`.

        Without `kept` the age of the store counts.
        """
        copy = self._copies.get(key)
        if copy is None or copy.draft.domain != domain:
            return None
        return None if copy.draft.accepted_at + (kept or self.age) <= now else copy

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
