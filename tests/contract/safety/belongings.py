"""What a run made on the server: on disk before it is asked for, until it is gone.

One JSON object a line, first about the run, then `{"state", "kind", "mark", "identity"}`:

    asked    the create call is about to go out; the server may or may not have the resource
    made     the server has it; the identity is known
    refused  the server did not make it
    gone     it was removed

A line is on the disk before the call that it announces, so that whatever interrupts a run, the file
names all that may be left. It holds no key and no address but those that the run made up.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import asdict, define, evolve, field, frozen

Identity = tuple[str, ...]


@frozen
class Belonging:
    """One resource. `identity` is None as long as only the server knows it."""

    kind: str
    mark: str
    identity: Identity | None
    state: str


@define
class Belongings:
    """The ledger of one run; `path` is None for a run that keeps it in memory."""

    run: dict[str, str]
    path: Path | None = None
    _rows: dict[tuple[str, str], Belonging] = field(factory=dict)
    _owned: set[tuple[str, Identity]] = field(factory=set)

    @property
    def prefix(self) -> str:
        return self.run["prefix"]

    def owns(self, kind: str, identity: Identity) -> bool:
        """Whether the run made this; also when it is gone by now."""
        return (kind, identity) in self._owned

    def asked(self, kind: str, mark: str, identity: Identity | None) -> None:
        if (row := self._rows.get((kind, mark))) and row.state == "made":
            return  # Entered once more: it stays what it is, whatever the answer.
        self._note(Belonging(kind, mark, identity, "asked"))

    def made(self, kind: str, mark: str, identity: Identity) -> None:
        self._note(Belonging(kind, mark, identity, "made"))

    def refused(self, kind: str, mark: str) -> None:
        row = self._rows[kind, mark]
        if row.state == "asked":
            self._note(evolve(row, state="refused"))

    def gone(self, kind: str, identity: Identity) -> None:
        for row in list(self._rows.values()):
            if (row.kind, row.identity) == (kind, identity) and row.state in ("asked", "made"):
                self._note(evolve(row, state="gone"))

    def left(self) -> list[Belonging]:
        """What may still be there, the youngest first."""
        return [row for row in reversed(self._rows.values()) if row.state in ("asked", "made")]

    def close(self) -> None:
        """Delete the file when nothing is left."""
        if self.path is not None and not self.left():
            self.path.unlink(missing_ok=True)

    def _note(self, row: Belonging) -> None:
        self._write(asdict(row))
        self._take(row)

    def _take(self, row: Belonging) -> None:
        self._rows.pop((row.kind, row.mark), None)  # The youngest is the last.
        self._rows[row.kind, row.mark] = row
        if row.state == "made" and row.identity is not None:
            self._owned.add((row.kind, row.identity))

    def _write(self, line: dict[str, Any]) -> None:
        if self.path is None:
            return
        new = not self.path.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            # The line before may have been cut off.
            for each in [self.run, line] if new else [line]:
                file.write("\n" + json.dumps(each))
            file.flush()
            os.fsync(file.fileno())


def read(path: Path) -> Belongings:
    """The ledger in a file; a last line that was cut off is left out.

    Raises ValueError when the file is none.
    """
    lines = list(_lines(path))
    if not lines or "prefix" not in lines[0]:
        raise ValueError(f"{path}: expected the ledger of a run")
    belongings = Belongings({name: str(value) for name, value in lines[0].items()}, path)
    for line in lines[1:]:
        identity = None if line["identity"] is None else tuple(line["identity"])
        belongings._take(Belonging(line["kind"], line["mark"], identity, line["state"]))
    return belongings


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for text in path.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(ValueError):
            yield json.loads(text)
