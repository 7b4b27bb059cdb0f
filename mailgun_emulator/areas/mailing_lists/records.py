"""Lists, their members, and how the API shows them (sending LIST-001, LIST-013)."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import Factory, define, field, frozen

from mailgun_emulator.areas.messages import addresses
from mailgun_emulator.dates import minus_zero

READONLY, MEMBERS, EVERYONE = "readonly", "members", "everyone"
LIST, SENDER = "list", "sender"


@frozen
class Member:
    """Somebody on a list; one who is not subscribed gets no mail."""

    address: str
    name: str = ""
    vars: Mapping[str, Any] = field(factory=dict, repr=False)
    subscribed: bool = True

    @property
    def key(self) -> str:
        """What members are compared and sorted by."""
        return addresses.key(self.address)

    def shown(self) -> dict[str, Any]:
        """The member as JSON."""
        return {
            "address": self.address,
            "name": self.name,
            "subscribed": self.subscribed,
            "vars": dict(self.vars),
        }


@define
class Members:
    """The members of a list in ascending order; addresses compare without case."""

    _rows: dict[str, Member] = field(factory=dict)
    _order: list[str] = field(factory=list)

    def get(self, address: str) -> Member | None:
        """The member with this address."""
        return self._rows.get(addresses.key(address))

    def put(self, member: Member) -> None:
        """Add a member, or replace the one with the same address."""
        key = member.key
        if key not in self._rows:
            insort(self._order, key)
        self._rows[key] = member

    def drop(self, address: str) -> None:
        """Take a member out."""
        key = addresses.key(address)
        if self._rows.pop(key, None) is not None:
            del self._order[bisect_left(self._order, key)]

    def __contains__(self, address: str) -> bool:
        return addresses.key(address) in self._rows

    def __iter__(self) -> Iterator[Member]:
        return (self._rows[key] for key in self._order)

    def __len__(self) -> int:
        return len(self._rows)


@define(eq=False)
class MailingList:
    """A list. `list_id` and `sid` are what events call it; the former can be set."""

    address: str
    created_at: datetime
    list_id: str
    sid: str
    name: str = ""
    description: str = ""
    access_level: str = READONLY
    reply_preference: str = LIST
    members: Members = Factory(Members)

    @property
    def key(self) -> str:
        """What lists are compared and sorted by."""
        return addresses.key(self.address)

    @property
    def domain(self) -> str:
        """The domain of the list's address, in lower case."""
        return self.key.rpartition("@")[2]

    def shown(self) -> dict[str, Any]:
        """The list as JSON."""
        return {
            "access_level": self.access_level,
            "address": self.address,
            "created_at": minus_zero(self.created_at),
            "description": self.description,
            "members_count": len(self.members),
            "name": self.name,
            "reply_preference": self.reply_preference,
        }
