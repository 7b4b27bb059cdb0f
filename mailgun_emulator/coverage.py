"""How much of the truth is stateful, and how many of the known behaviours tests show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from attrs import frozen

from mailgun_emulator.catalogue import Section
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


def as_data(operations: Sequence[Area], behaviours: Sequence[Section]) -> dict[str, Any]:
    """Both counts for output as JSON, with totals."""
    return {
        "operations": {row.tag: row.counts() for row in (*operations, _total(operations))},
        "behaviours": {f"{row.part}:{row.name}": row.counts() for row in behaviours},
    }


def operation_table(rows: Sequence[Area]) -> Iterator[str]:
    """Lines of text, the total last."""
    width = max(len(row.tag) for row in rows)
    yield f"{'area':{width}}  stateful  synthesised"
    for row in (*rows, _total(rows)):
        yield f"{row.tag:{width}}  {len(row.stateful):8}  {len(row.synthesised):11}"


def behaviour_table(rows: Sequence[Section]) -> Iterator[str]:
    """Lines of text, the total last."""
    counted = [
        (f"{row.part}:{row.name}", len(row.behaviours) - len(row.missing), len(row.behaviours))
        for row in rows
    ]
    counted.append(("total", sum(row[1] for row in counted), sum(row[2] for row in counted)))
    width = max(len(row[0]) for row in counted)
    yield f"{'behaviours':{width}}  shown  catalogue      %"
    for name, done, known in counted:
        yield f"{name:{width}}  {done:5}  {known:9}  {_percent(done, known)}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:5.1f}" if whole else "    -"


def _total(rows: Iterable[Area]) -> Area:
    held = tuple(rows)
    return Area(
        "total",
        tuple(name for row in held for name in row.stateful),
        tuple(name for row in held for name in row.synthesised),
    )
