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

import os
import tomllib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from attrs import frozen

from tests.contract.breaches import Breach
from tests.contract.targets import TARGETS, replay

FILE = Path(__file__).with_name("deviations.toml")
_KEYS = {"target", "operation", "law", "breach", "detail", "reason", "evidence", "since"}
_DRAWN = "drawn"
_TYPES: dict[str, type | tuple[type, ...]] = {"since": (date, str), _DRAWN: bool}
_WORDS = {"since": "a date", _DRAWN: "true"}


class DeviationsError(ValueError):
    """A file of deviations cannot be used; the text is one line for the user."""


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


def file_of(target: str) -> Path:
    """Recordings have theirs beside them: other recordings, other differences."""
    return replay.folder(os.environ) / FILE.name if target == "replay" else FILE


def load(target: str, known: Iterable[str], path: Path | None = None) -> list[Deviation]:
    """The entries for `target`.

    Raises DeviationsError, which names file and entry: for other keys, values of another type,
    unknown names.
    """
    path = path or file_of(target)
    if target == "replay" and not path.exists():
        return []
    operations = set(known)
    laws = {kind.__name__: kind.law for kind in Breach.__subclasses__()}
    found = []
    for number, entry in enumerate(_entries(path)):
        if set(entry) - {_DRAWN} != _KEYS or not all(entry.values()):
            raise DeviationsError(
                f"{path}: entry {number}: expected the keys {sorted(_KEYS)}, all filled in, "
                f"and {_DRAWN} where it is true, found {sorted(entry)}"
            )
        for key, value in entry.items():
            if not isinstance(value, _TYPES.get(key, str)):
                raise DeviationsError(
                    f"{path}: entry {number}: {key}: expected {_WORDS.get(key, 'text')}, "
                    f"found {value!r}"
                )
        deviation = Deviation(**entry)
        if (
            deviation.target not in TARGETS
            or deviation.operation not in operations
            or laws.get(deviation.breach) != deviation.law
        ):
            named = f"{deviation.target}: {deviation.name}"
            raise DeviationsError(f"{path}: entry {number}: no such thing: {named}")
        if deviation.target == target:
            found.append(deviation)
    return found


def _entries(path: Path) -> list[dict[str, Any]]:
    """The tables of the file."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DeviationsError(
            f"{path}: expected a file of deviations, found {error.strerror or error}"
        ) from None
    except ValueError as error:
        raise DeviationsError(f"{path}: expected TOML, found: {error}") from None
    if unknown := document.keys() - {"deviation"}:
        raise DeviationsError(f"{path}: expected [[deviation]] only, found {sorted(unknown)}")
    entries = document.get("deviation", [])
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise DeviationsError(f"{path}: expected [[deviation]] tables, found {entries!r:.80}")
    return entries
