"""`survivors.toml`: mutants that the suite does not catch, and why.

    [[survivor]]
    mutants = ["type changed"]
    operations = ["delete_seed_list"]
    reason = "..."

Strict: a listed mutant that is caught or does not apply is an error; an unlisted survivor too.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator
from itertools import product
from pathlib import Path

from tests.mutants.harness import CAUGHT, EXCLUDED, SURVIVED, Cell

FILE = Path(__file__).with_name("survivors.toml")
_KEYS = {"mutants", "operations", "reason"}
Survivors = dict[tuple[str, str], str]
"""Reasons by mutant and operation."""


def load(mutants: Collection[str], operations: Collection[str], path: Path = FILE) -> Survivors:
    """ValueError names an entry with wrong keys, an unknown name, or one that is there twice."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path.name}: expected TOML, found: {error}") from None
    if unknown := document.keys() - {"survivor"}:
        raise ValueError(f"{path.name}: expected [[survivor]] only, found {sorted(unknown)}")
    found: Survivors = {}
    for number, entry in enumerate(document.get("survivor", []), start=1):
        if set(entry) != _KEYS or not all(entry.values()):
            raise ValueError(
                f"{path.name}: entry {number}: expected the keys {sorted(_KEYS)}, all filled in, "
                f"found {sorted(entry)}"
            )
        for kind, known in (("mutants", mutants), ("operations", operations)):
            if unlike := [name for name in entry[kind] if name not in known]:
                raise ValueError(f"{path.name}: entry {number}: no such {kind}: {unlike}")
        for key in product(entry["mutants"], entry["operations"]):
            if key in found:
                raise ValueError(f"{path.name}: entry {number}: {' on '.join(key)} is there twice")
            found[key] = entry["reason"]
    return found


def errors(cells: Iterable[Cell], listed: Survivors) -> Iterator[str]:
    """A line for each cell that is not as the list says; cells that were not tried don't count."""
    for cell in cells:
        key = (cell.mutant, cell.operation)
        name = f"{cell.operation}: {cell.mutant}"
        if cell.outcome == SURVIVED and key not in listed:
            yield f"{name}: survived, and is not listed ({provoked(cell)})"
        if cell.outcome == CAUGHT and key in listed:
            yield f"{name}: listed as survivor, and caught by {cell.law} ({cell.breach}): remove it"
        if cell.outcome == EXCLUDED and key in listed:
            yield f"{name}: listed as survivor, and not applicable ({cell.why}): remove it"


def provoked(cell: Cell) -> str:
    """Whether a survivor had its chance."""
    return f"fired {cell.fired} times" if cell.fired else "never provoked"
