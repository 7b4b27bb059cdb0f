"""The catalogue of the API's behaviours, and which of them tests show.

`behaviours/<part>/<SECTION>.yaml` maps each id to one sentence; one that no test shows has its
reason beside it. A test shows what its docstring begins with:

    sending:MSG-004, MSG-005; platform:EVT-012 to EVT-014: what is shown.

A part holds until the next one; ids before any belong to `sending`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from attrs import frozen

from mailgun_emulator.errors import CatalogueError

FOLDER = "behaviours"
DEFAULT_PART = "sending"
NOT_YET = "no test yet"
_PART = r"(?:[a-z]+:\s*)?"
_ID = r"[A-Z]+-\d{3}"
_HEAD = re.compile(rf"{_PART}{_ID}(?:(?:[,;]\s+|\s+to\s+){_PART}{_ID})*(?=[:.;,]|\s*$)")
_NAMED = re.compile(rf"(?P<to>\bto\s+)?(?:(?P<part>[a-z]+):\s*)?(?P<id>{_ID})")


@frozen(order=True)
class Id:
    """`sending:MSG-004`: a part, a section of it and a number within that."""

    part: str
    section: str
    number: int

    @classmethod
    def of(cls, part: str, text: str) -> Id:
        """From the part and an id as written in it, `MSG-004`."""
        section, _, number = text.partition("-")
        return cls(part, section, int(number))

    def __str__(self) -> str:
        return f"{self.part}:{self.section}-{self.number:03d}"


@frozen
class Behaviour:
    """One fact of the API; `unshown` is why no test can show it, empty for all others."""

    id: Id
    says: str
    unshown: str = ""


@frozen
class Section:
    """The behaviours of one section, and those of them that tests show."""

    part: str
    name: str
    behaviours: tuple[Behaviour, ...]
    shown: frozenset[Id]

    @property
    def missing(self) -> tuple[Behaviour, ...]:
        """What no test shows."""
        return tuple(entry for entry in self.behaviours if entry.id not in self.shown)

    def counts(self) -> dict[str, Any]:
        """The numbers and the reasons, for output."""
        return {
            "catalogue": len(self.behaviours),
            "shown": len(self.behaviours) - len(self.missing),
            "unshown": {str(entry.id): entry.unshown or NOT_YET for entry in self.missing},
        }


def catalogue(folder: Path | None = None) -> dict[Id, Behaviour]:
    """All behaviours in order, those that ship or those in a folder. Raises CatalogueError."""
    root = folder or resources.files("mailgun_emulator") / FOLDER
    found: dict[Id, Behaviour] = {}
    for part in sorted(root.iterdir(), key=lambda entry: entry.name):
        for file in sorted(part.iterdir(), key=lambda entry: entry.name):
            section = file.name.removesuffix(".yaml")
            for entry in _entries(part.name, section, file.read_text("utf-8")):
                found[entry.id] = entry
    return found


def sections(behaviours: Iterable[Behaviour], shown: frozenset[Id]) -> tuple[Section, ...]:
    """The behaviours by section, in their order."""
    grouped: dict[tuple[str, str], list[Behaviour]] = {}
    for entry in behaviours:
        grouped.setdefault((entry.id.part, entry.id.section), []).append(entry)
    return tuple(
        Section(part, name, tuple(held), shown & {entry.id for entry in held})
        for (part, name), held in grouped.items()
    )


def shown(folder: Path) -> dict[Id, list[str]]:
    """The tests under a folder by the ids they show, each as `path::name`."""
    found: dict[Id, list[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if node.name.startswith("test_"):
                for key in named(ast.get_docstring(node) or ""):
                    found.setdefault(key, []).append(f"{path}::{node.name}")
    return found


def named(text: str) -> Iterator[Id]:
    """The ids that a docstring begins with."""
    head = _HEAD.match(text)
    part, last = DEFAULT_PART, None
    for match in _NAMED.finditer(head[0] if head else ""):
        part = match["part"] or part
        entry = Id.of(part, match["id"])
        if match["to"] and last is not None and last.section == entry.section:
            yield from (Id(part, entry.section, n) for n in range(last.number + 1, entry.number))
        yield entry
        last = entry


def _entries(part: str, section: str, text: str) -> Iterator[Behaviour]:
    where = f"{FOLDER}/{part}/{section}.yaml"
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise CatalogueError(f"{where}: not YAML: {error}") from error
    if not isinstance(data, Mapping):
        raise CatalogueError(f"{where}: expected a mapping from ids to sentences")
    for key, value in data.items():
        if not re.fullmatch(rf"{section}-\d{{3}}", str(key)):
            raise CatalogueError(f"{where}: {key!r} is no id of {section}")
        match value:
            case str():
                yield Behaviour(Id.of(part, key), value)
            case {"says": str() as says, "unshown": str() as reason, **rest} if not rest:
                yield Behaviour(Id.of(part, key), says, reason)
            case _:
                raise CatalogueError(f"{where}: {key} needs a sentence, or `says` and `unshown`")
