"""Changes and the report of one comparison, as values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal

from attrs import evolve, field, frozen

from pipeline.diff.rules import RULES
from pipeline.load import Json


@frozen
class Change:
    """One difference.

    `operation` is "POST /v3/routes" of the old document where both have it, "" for the document
    as a whole; `old` and `new` are JSON pointers to the place in either document, None where there
    is nothing; `places` says in words where inside the operation it shows.
    """

    rule: str
    text: str
    old: str | None = None
    new: str | None = None
    places: tuple[str, ...] = ()
    operation: str = ""
    operation_id: str = ""

    @property
    def breaking(self) -> bool:
        return RULES[self.rule].breaking

    def as_json(self) -> Json:
        return {
            "rule": self.rule,
            "breaking": self.breaking,
            "operation": self.operation,
            "operation_id": self.operation_id,
            "places": list(self.places),
            "text": self.text,
            "old": self.old,
            "new": self.new,
        }


def gathered(changes: Iterable[Change]) -> Iterator[Change]:
    """Changes of one operation: what is the same thing at several places becomes one change."""
    found: dict[tuple[str, str, str | None, str | None], Change] = {}
    for change in changes:
        key = (change.rule, change.text, change.old, change.new)
        known = found.get(key)
        places = tuple(dict.fromkeys([*known.places, *change.places])) if known else change.places
        found[key] = evolve(change, places=places)
    yield from found.values()


@frozen
class Version:
    """What one of the two documents is."""

    name: str
    title: str
    version: str
    operations: int

    def as_json(self) -> Json:
        return {
            "name": self.name,
            "title": self.title,
            "version": self.version,
            "operations": self.operations,
        }


@frozen
class Report:
    """All changes, by operation in document order; the document as a whole comes first."""

    old: Version
    new: Version
    changes: tuple[Change, ...] = field(repr=False)

    @property
    def breaking(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.breaking)

    @property
    def harmless(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if not change.breaking)

    def operations(self) -> dict[str, int]:
        """How many operations were added, removed, moved, changed in place or stayed equal."""
        kinds: dict[str, set[str]] = {}
        for change in self.changes:
            kinds.setdefault(change.operation, set()).add(change.rule)
        kinds.pop("", None)
        added = sum("operation-added" in rules for rules in kinds.values())
        removed = sum("operation-removed" in rules for rules in kinds.values())
        moved = sum("operation-moved" in rules for rules in kinds.values())
        return {
            "added": added,
            "removed": removed,
            "moved": moved,
            "changed": len(kinds) - added - removed - moved,
            "unchanged": self.old.operations - (len(kinds) - added),
        }

    def rules(self) -> dict[str, int]:
        """Number of changes by rule: breaking ones first, then the most frequent."""
        counts = Counter(change.rule for change in self.changes)
        order = sorted(counts, key=lambda rule: (not RULES[rule].breaking, -counts[rule], rule))
        return {rule: counts[rule] for rule in order}

    def fails(self, on: Literal["breaking", "any", "never"]) -> bool:
        return bool(self.changes if on == "any" else self.breaking if on == "breaking" else ())
