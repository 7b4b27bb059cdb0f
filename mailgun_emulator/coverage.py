"""How much of the truth is stateful, and how much is synthesised."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from attrs import frozen

from mailgun_emulator.contract import Contract


@frozen
class Area:
    """The operations of one tag by kind, in the order of the truth."""

    tag: str
    stateful: tuple[str, ...]
    synthesised: tuple[str, ...]

    def counts(self) -> dict[str, int]:
        """The numbers, for output."""
        return {"stateful": len(self.stateful), "synthesised": len(self.synthesised)}


def areas(contract: Contract, handled: AbstractSet[str]) -> tuple[Area, ...]:
    """All areas in order of name; `handled` are the operations with a handler."""
    tags: dict[str, tuple[list[str], list[str]]] = {}
    for operation in contract.operations.values():
        stateful, synthesised = tags.setdefault(operation.tag, ([], []))
        (stateful if operation.id in handled else synthesised).append(operation.id)
    return tuple(Area(tag, tuple(a), tuple(b)) for tag, (a, b) in sorted(tags.items()))
