"""The rules that CHANGELOG.md keeps on the day of a release."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from attrs import field, frozen
from packaging.version import Version

UNRELEASED = "Unreleased"
VERSION = re.compile(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?")
_KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
_HEADING = re.compile(rf"## \[({UNRELEASED}|{VERSION.pattern})\](?: - (\d{{4}}-\d\d-\d\d))?")
_FORM = "'## [1.2.3] - YYYY-MM-DD'"


@frozen
class Section:
    """One version: its name, its date as written, and the numbered lines below the heading."""

    line: int
    name: str
    date: str | None
    body: tuple[tuple[int, str], ...] = field(repr=False)

    @property
    def empty(self) -> bool:
        return not any(text.strip() and not text.startswith("#") for _, text in self.body)


def check(text: str, version: str, today: datetime.date) -> list[str]:
    """What keeps `text` from being the changelog of `version` on that day, as `line: reason`."""
    sections, problems = _read(text)
    problems += _newest(sections, version, today)
    for section in sections:
        problems += _kinds(section)
        if section.name != UNRELEASED:
            problems += _date(section)
    problems += _order([each for each in sections if each.name != UNRELEASED])
    return problems


def _read(text: str) -> tuple[list[Section], list[str]]:
    lines = list(enumerate(text.splitlines(), 1))
    starts = [place for place, (_, line) in enumerate(lines) if line.startswith("## ")]
    sections, problems = [], []
    for start, end in pairwise([*starts, len(lines)]):
        number, heading = lines[start]
        match = _HEADING.fullmatch(heading.rstrip())
        if match:
            body = tuple(lines[start + 1 : end])
            sections.append(Section(number, match[1], match[2], body))
        else:
            problems.append(f"{number}: expected {_FORM}, found {heading!r}")
    return sections, problems


def _newest(sections: Sequence[Section], version: str, today: datetime.date) -> Iterator[str]:
    expected = f"'## [{version}] - {today.isoformat()}'"
    first = sections[0] if sections else None
    if first is None or first.name != UNRELEASED:
        yield f"{first.line if first else 1}: expected '## [{UNRELEASED}]' before all versions"
    elif not first.empty:
        yield f"{first.line}: expected nothing under [{UNRELEASED}]; move it below {expected}"
    own = next((each for each in sections if each.name == version), None)
    if own is None:
        yield f"{first.line if first else 1}: expected a section {expected}, found none"
        return
    if own.date != today.isoformat():
        yield f"{own.line}: expected {expected}, found the date {own.date or 'missing'}"
    if own.empty:
        yield f"{own.line}: expected what changed in {version}, found nothing"


def _kinds(section: Section) -> Iterator[str]:
    """Only the usual kinds of changes, each at most once and not empty."""
    found: dict[str, int] = {}
    changes: set[str] = set()
    kind = ""
    for number, line in section.body:
        if line.startswith("#"):
            kind = line.removeprefix("### ").rstrip()
            if kind not in _KINDS or kind == line.rstrip():
                yield f"{number}: expected '### ' and one of {', '.join(_KINDS)}, found {line!r}"
            elif kind in found:
                yield f"{number}: expected {kind} once in [{section.name}]"
            else:
                found[kind] = number
        elif line.strip():
            changes.add(kind)
    for kind in (each for each in found if each not in changes):
        yield f"{found[kind]}: expected changes under {kind} of [{section.name}], found nothing"


def _date(section: Section) -> Iterator[str]:
    try:
        datetime.date.fromisoformat(section.date or "")
    except ValueError:
        found = section.date or "none"
        yield f"{section.line}: expected the date of [{section.name}], found {found}"


def _order(released: Sequence[Section]) -> Iterator[str]:
    for newer, older in pairwise(released):
        if Version(newer.name) <= Version(older.name):
            yield f"{older.line}: expected a version below {newer.name}, found {older.name}"
        if (newer.date or "") < (older.date or ""):
            yield f"{older.line}: expected a date up to {newer.date}, found {older.date}"
