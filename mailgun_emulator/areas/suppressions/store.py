"""The lists of an account's domains, and the question they are there for: may this be sent?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Generic, TypeVar

from attrs import define, field

from mailgun_emulator.areas.messages import addresses
from mailgun_emulator.areas.suppressions.records import (
    EVERYTHING,
    Allowed,
    Bounce,
    Complaint,
    Record,
    Unsubscribe,
)

R = TypeVar("R", bound=Record)

SUPPRESS_BOUNCE = "suppress-bounce"
SUPPRESS_COMPLAINT = "suppress-complaint"
SUPPRESS_UNSUBSCRIBE = "suppress-unsubscribe"


@define
class Table(Generic[R]):
    """One list in every domain; addresses and domains compare without case."""

    _rows: dict[str, dict[str, R]] = field(factory=dict)

    def put(self, domain: str, record: R) -> None:
        """Add an entry; one that is there already is overwritten (SUPP-012)."""
        self._rows.setdefault(domain.lower(), {})[addresses.key(record.value)] = record

    def get(self, domain: str, value: str) -> R | None:
        """The entry for an address or a domain name."""
        return self._rows.get(domain.lower(), {}).get(addresses.key(value))

    def drop(self, domain: str, value: str) -> R | None:
        """Take an entry out; None when there was none."""
        rows = self._rows.get(domain.lower(), {})
        dropped = rows.pop(addresses.key(value), None)
        if not rows:
            self.clear(domain)
        return dropped

    def clear(self, domain: str) -> None:
        """Take out everything of a domain."""
        self._rows.pop(domain.lower(), None)

    def __bool__(self) -> bool:
        """Whether there may be entries."""
        return bool(self._rows)

    def beginning(self, domain: str, term: str) -> list[R]:
        """The entries whose value begins with `term`, in ascending order."""
        rows = self._rows.get(domain.lower(), {})
        begin = term.lower()
        found = (record for record in rows.values() if record.value.lower().startswith(begin))
        return sorted(found, key=lambda record: record.value)


@define
class SuppressionStore:
    """All four lists of one account."""

    bounces: Table[Bounce] = field(factory=Table)
    unsubscribes: Table[Unsubscribe] = field(factory=Table)
    complaints: Table[Complaint] = field(factory=Table)
    allowlist: Table[Allowed] = field(factory=Table)

    def blocks(
        self, domain: str, address: str, tag: str | Iterable[str] | None = None
    ) -> str | None:
        """Why mail from `domain` to `address` is not delivered; None when it is.

        `tag` is the tag, or are the tags, of the message. With several reasons a bounce goes
        before a complaint and that before an unsubscribe: which one the API gives is not known
        (sending OPEN-002). An allowlisted address is delivered to in spite of a bounce.
        """
        if not (self.bounces or self.complaints or self.unsubscribes):
            return None  # Asked for every delivery, and mostly there is nothing.
        if self.bounces.get(domain, address) and not self.allows(domain, address):
            return SUPPRESS_BOUNCE
        if self.complaints.get(domain, address):
            return SUPPRESS_COMPLAINT
        left = self.unsubscribes.get(domain, address)
        if left is not None:
            tags = {t.lower() for t in ((tag,) if isinstance(tag, str) else tag or ())}
            if any(t == EVERYTHING or t.lower() in tags for t in left.tags):
                return SUPPRESS_UNSUBSCRIBE
        return None

    def allows(self, domain: str, address: str) -> bool:
        """Whether the address, or its domain, is on the allowlist."""
        values = (address, address.rpartition("@")[2])
        return any(self.allowlist.get(domain, value) for value in values)

    def bounced(self, domain: str, address: str, code: str, error: str, now: datetime) -> bool:
        """A message bounced for good: list the address unless it is allowlisted (WL-005).

        `code` and `error` are what the receiving server said (BOUNCE-008). Tells whether the
        address was listed.
        """
        if self.allows(domain, address):
            return False
        self.bounces.put(domain, Bounce(address, now, code, error))
        return True

    def forget_domain(self, name: str) -> None:
        """The domain is gone, and its lists with it."""
        tables: tuple[Table[Bounce] | Table[Unsubscribe] | Table[Complaint] | Table[Allowed], ...]
        tables = (self.bounces, self.unsubscribes, self.complaints, self.allowlist)
        for table in tables:
            table.clear(name)
