"""`deviations.toml`: differences that are known and not yet mended.

    [[deviation]]
    target = "emulator"
    operation = "send_message"
    law = "inputs"
    breach = "ValidRejected"
    detail = "status 400"          # part of the breach's detail
    reason = "..."
    evidence = "sending:ERR-035"
    since = 2026-11-21
    drawn = true                   # only when random cases meet it, and others do not

Strict: an entry that excuses nothing in a full run is an error, unless it is a matter of the draws.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from attrs import frozen

from tests.contract.breaches import Breach
from tests.contract.targets import TARGETS

FILE = Path(__file__).with_name("deviations.toml")
_KEYS = {"target", "operation", "law", "breach", "detail", "reason", "evidence", "since"}
_DRAWN = "drawn"


@frozen
class Deviation:
    target: str
    operation: str
    law: str
    breach: str
    detail: str
    reason: str
    evidence: str
    since: Any
    drawn: bool = False

    @property
    def name(self) -> str:
        return f"{self.operation} {self.law} {self.breach} {self.detail!r}"

    def excuses(self, operation: str, breach: Breach) -> bool:
        return (
            operation == self.operation
            and breach.law == self.law
            and breach.kind == self.breach
            and self.detail in breach.detail
        )


def load(target: str, known: Iterable[str], path: Path = FILE) -> list[Deviation]:
    """The entries for `target`; ValueError names an entry with wrong keys or an unknown name."""
    operations = set(known)
    laws = {kind.__name__: kind.law for kind in Breach.__subclasses__()}
    document = tomllib.loads(path.read_text())
    if unknown := document.keys() - {"deviation"}:
        raise ValueError(f"{path.name}: expected [[deviation]] only, found {sorted(unknown)}")
    found = []
    for number, entry in enumerate(document.get("deviation", [])):
        if set(entry) - {_DRAWN} != _KEYS or not all(entry.values()):
            raise ValueError(
                f"{path.name}: entry {number}: expected the keys {sorted(_KEYS)}, all filled in, "
                f"and {_DRAWN} where it is true, found {sorted(entry)}"
            )
        deviation = Deviation(**entry)
        if (
            deviation.target not in TARGETS
            or deviation.operation not in operations
            or laws.get(deviation.breach) != deviation.law
        ):
            named = f"{deviation.target}: {deviation.name}"
            raise ValueError(f"{path.name}: entry {number}: no such thing: {named}")
        if deviation.target == target:
            found.append(deviation)
    return found
