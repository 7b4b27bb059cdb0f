"""The tags of an account, by domain (platform TAG-001 to TAG-005)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import define, field

# platform TAG-003; what goes beyond is dropped from the message (sending MSG-029).
LIMIT = 20_000
LONGEST = 128
# sending MSG-027.
MOST_PER_MESSAGE = 10


@define
class Tag:
    """A tag as it was first written, and when mail carried it first and last."""

    name: str
    first_seen: datetime
    last_seen: datetime
    description: str = ""

    @property
    def key(self) -> str:
        """The name for comparing: tags have no case."""
        return self.name.lower()


def plain(text: str) -> str:
    """A tag as it is kept: ASCII only and 128 characters at most; empty when nothing is left."""
    kept = text if text.isascii() else text.encode("ascii", "ignore").decode()
    return kept[:LONGEST].strip()


@define
class TagStore:
    """Tags by domain and lower-case name."""

    limit: int = LIMIT
    _domains: dict[str, dict[str, Tag]] = field(factory=dict, init=False, repr=False)

    def seen(self, domain: str, names: Iterable[str], now: datetime) -> tuple[str, ...]:
        """A message carries these tags; those it keeps, each once."""
        kept = self._domains.setdefault(domain, {})
        used: dict[str, str] = {}
        for name in map(plain, names):
            key = name.lower()
            if not name or key in used or len(used) == MOST_PER_MESSAGE:
                continue
            tag = kept.get(key)
            if tag is not None:
                tag.last_seen = now
            elif len(kept) >= self.limit:
                continue
            else:
                kept[key] = Tag(name, now, now)
            used[key] = name
        return tuple(used.values())

    def get(self, domain: str, name: str) -> Tag | None:
        """A tag by its name."""
        return self._domains.get(domain, {}).get(plain(name).lower())

    def drop(self, domain: str, name: str) -> Tag | None:
        """Take a tag out; None when there was none."""
        return self._domains.get(domain, {}).pop(plain(name).lower(), None)

    def beginning(self, domain: str, prefix: str = "") -> list[Tag]:
        """The tags that begin with `prefix`, in ascending order."""
        begin = plain(prefix).lower()
        kept = self._domains.get(domain, {})
        return [kept[key] for key in sorted(kept) if key.startswith(begin)]

    def count(self, domain: str) -> int:
        """How many tags a domain has."""
        return len(self._domains.get(domain, {}))

    def forget_domain(self, name: str) -> None:
        """The domain is gone, and its tags with it."""
        self._domains.pop(name, None)
