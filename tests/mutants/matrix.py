"""What all cells come to: kill rates by class, as JSON and as a page to read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from attrs import define, field

from tests.mutants.catalogue import NOTHING
from tests.mutants.fault import Mutant
from tests.mutants.harness import CAUGHT, EXCLUDED, SURVIVED, Cell
from tests.mutants.survivors import Survivors, errors, provoked


@define
class Matrix:
    """The cells of a run; `whole` when every mutant was tried on every operation."""

    mutants: tuple[Mutant, ...]
    listed: Survivors
    seed: int
    profile: str
    whole: bool
    cells: list[Cell] = field(factory=list)

    def errors(self) -> list[str]:
        """Why the run fails; nothing when it does not."""
        found = [
            f"{cell.operation}: not clean without any fault: {cell.breach}: {cell.detail}"
            for cell in self.cells
            if cell.mutant == NOTHING and cell.outcome == CAUGHT
        ]
        found += [
            f"{cell.operation}: {cell.mutant}: caught by {cell.law} ({cell.breach}), and the fault "
            "changed nothing: it is broken"
            for cell in self._faulty()
            if cell.outcome == CAUGHT and not cell.fired
        ]
        found += errors(self._faulty(), self.listed)
        if not any(cell.outcome == CAUGHT for cell in self.cells):
            found.append("no mutant was caught at all")
        return found

    def rows(self) -> list[dict[str, Any]]:
        """One row per class, in the order of the catalogue."""
        return [self._row(mutant) for mutant in self.mutants]

    def _row(self, mutant: Mutant) -> dict[str, Any]:
        cells = [cell for cell in self.cells if cell.mutant == mutant.name]
        outcomes = Counter(cell.outcome for cell in cells)
        applicable = outcomes[CAUGHT] + outcomes[SURVIVED]
        return {
            "mutant": mutant.name,
            "side": mutant.side,
            "words": mutant.words,
            "applicable": applicable,
            "caught": outcomes[CAUGHT],
            "survived": outcomes[SURVIVED],
            "rate": outcomes[CAUGHT] / applicable if applicable else None,
            "by": _counts(cell.law for cell in cells if cell.outcome == CAUGHT),
            "not_applicable": _counts(cell.why for cell in cells if cell.outcome == EXCLUDED),
        }

    def json(self, seconds: float) -> str:
        survivors = [cell for cell in self._faulty() if cell.outcome == SURVIVED]
        document = {
            "seed": self.seed,
            "profile": self.profile,
            "whole": self.whole,
            "seconds": round(seconds, 1),
            "operations": len({cell.operation for cell in self.cells}),
            "classes": self.rows(),
            "survivors": [cell.plain() | {"reason": self._reason(cell)} for cell in survivors],
            "errors": self.errors(),
            "cells": [cell.plain() for cell in self.cells],
        }
        return json.dumps(document, indent=1) + "\n"

    def markdown(self) -> str:
        kind = "whole matrix" if self.whole else "sample"
        operations = len({cell.operation for cell in self.cells})
        lines = [
            "# Mutants",
            "",
            f"{kind.capitalize()}, {operations} operations, profile {self.profile}, "
            f"seed {self.seed}. {self.summary()}",
            "",
            "| Class | Side | What is wrong | Applicable | Caught | Survived | Rate | Caught by |",
            "|---|---|---|---:|---:|---:|---:|---|",
            *map(_line, self.rows()),
            "",
            "## Survivors",
            "",
            *(self._survivors() or ["None."]),
            "",
            "## Not applicable",
            "",
            "| Class | Reason | Operations |",
            "|---|---|---:|",
            *(
                f"| {row['mutant']} | {why} | {count} |"
                for row in self.rows()
                for why, count in row["not_applicable"].items()
            ),
        ]
        return "\n".join(lines) + "\n"

    def summary(self) -> str:
        """One line."""
        rows = self.rows()
        applicable = sum(row["applicable"] for row in rows)
        caught = sum(row["caught"] for row in rows)
        rate = f"{caught / applicable:.1%}" if applicable else "none"
        return f"{caught} of {applicable} mutants caught ({rate}), {applicable - caught} survived."

    def _survivors(self) -> list[str]:
        return [
            f"- {cell.operation}: {cell.mutant} ({provoked(cell)}): {self._reason(cell)}"
            for cell in self._faulty()
            if cell.outcome == SURVIVED
        ]

    def _reason(self, cell: Cell) -> str:
        return self.listed.get((cell.mutant, cell.operation), "not listed")

    def _faulty(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.mutant != NOTHING]


def _line(row: dict[str, Any]) -> str:
    rate = "" if row["rate"] is None else f"{row['rate']:.1%}"
    by = ", ".join(f"{law} {count}" for law, count in row["by"].items())
    return (
        f"| {row['mutant']} | {row['side']} | {row['words']} | {row['applicable']} "
        f"| {row['caught']} | {row['survived']} | {rate} | {by} |"
    )


def _counts(words: Iterable[str]) -> dict[str, int]:
    return dict(Counter(words).most_common())
