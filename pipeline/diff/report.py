"""A report as text for a terminal, Markdown for a pull request, JSON for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from attrs import evolve, frozen

from pipeline.diff.model import Change, Report

# Names that never reach the wire: one line each is enough.
_RENAMES = frozenset({"operation-id-changed", "path-variable-renamed"})
_LAST = re.compile(r"(.*(?:[. ]|^))(.*)", re.DOTALL)
_ALONE = frozenset({"operation-added", "operation-removed"})


@frozen
class _Shared:
    """One change of a schema that several operations use."""

    number: int
    change: Change
    operations: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"S{self.number}"


@frozen
class _Grouped:
    report: Report
    shared: tuple[_Shared, ...]

    @classmethod
    def of(cls, report: Report) -> _Grouped:
        found: dict[tuple[str, ...], list[Change]] = {}
        for change in report.changes:
            if change.operation and change.rule not in _ALONE | _RENAMES:
                found.setdefault(_identity(change), []).append(change)
        several = [changes for changes in found.values() if len(changes) > 1]
        several.sort(key=lambda changes: (not changes[0].breaking, -len(changes)))
        return cls(
            report,
            tuple(
                _Shared(number, changes[0], tuple(change.operation for change in changes))
                for number, changes in enumerate(several, 1)
            ),
        )

    def of_rules(self, rules: Iterable[str]) -> list[Change]:
        return [change for change in self.report.changes if change.rule in rules]

    def changed(self) -> Iterator[tuple[str, list[Change], list[_Shared]]]:
        """(operation, changes of its own, shared ones) where something changed in place."""
        shared = {_identity(one.change): one for one in self.shared}
        own: dict[str, tuple[list[Change], list[_Shared]]] = {}
        for change in self.report.changes:
            if change.rule in _ALONE | _RENAMES:
                continue
            mine, others = own.setdefault(change.operation, ([], []))
            one = shared.get(_identity(change)) if change.operation else None
            if one:
                others.append(one)
            else:
                mine.append(change)
        for operation, (mine, others) in own.items():
            yield operation, sorted(mine, key=lambda change: not change.breaking), others


def _identity(change: Change) -> tuple[str, ...]:
    return (change.rule, change.text, change.old or "", change.new or "")


def json_text(report: Report) -> str:
    """Everything, one change after the other; stable keys."""
    return (
        json.dumps(
            {
                "old": report.old.as_json(),
                "new": report.new.as_json(),
                "summary": {
                    "breaking": len(report.breaking),
                    "non_breaking": len(report.harmless),
                    "distinct": len({_identity(change) for change in report.changes}),
                    "operations": report.operations(),
                    "rules": report.rules(),
                },
                "changes": [change.as_json() for change in report.changes],
            },
            indent=1,
            ensure_ascii=False,
        )
        + "\n"
    )


def text(report: Report) -> str:
    """By operation; `!` marks what breaks. Changes of shared schemas stand once, at the end."""
    grouped = _Grouped.of(report)
    lines = [f"{_named(report)}", *_summary(report), ""]
    lines += [f"{_mark(c)} {c.operation}: {c.text} [{c.rule}]" for c in grouped.of_rules(_ALONE)]
    for operation, own, shared in grouped.changed():
        lines += ["", operation or "the document"]
        lines += [f"{_mark(c)}   {_line(c)} [{c.rule}]" for c in _folded(own)]
        lines += [f"    also {_labels(shared)}"] if shared else []
    if grouped.shared:
        lines += ["", "schemas that several operations use"]
    for one in grouped.shared:
        c = one.change
        lines.append(f"{_mark(c)} {one.label} {_schema(c)}: {c.text} [{c.rule}]")
        lines.append(f"    in {len(one.operations)} operations, first {one.operations[0]}")
    renames = grouped.of_rules(_RENAMES)
    lines += ["", "renamed, the wire is the same"] if renames else []
    lines += [f"  {c.operation}: {c.text} [{c.rule}]" for c in renames]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def markdown(report: Report, most: int | None = None) -> str:
    """For people: summary, removed and added operations, changes, shared schemas, renames.

    With `most`, whole lines are left off at the end to stay below that many characters, and the
    last line says so; breaking changes come first in every part.
    """
    grouped = _Grouped.of(report)
    lines = [f"# API changes: {_named(report)}", "", *_table(report)]
    for title, rule in (("Removed operations", "removed"), ("Added operations", "added")):
        found = grouped.of_rules({f"operation-{rule}"})
        lines += ["", f"## {title} ({len(found)})", ""] if found else []
        lines += [f"- `{c.operation}`{c.text.removeprefix(f'operation {rule}')}" for c in found]
    changed = list(grouped.changed())
    changed.sort(key=lambda entry: not _breaks(entry))
    for title, wanted in (("Breaking changes", True), ("Other changes", False)):
        entries = [entry for entry in changed if _breaks(entry) is wanted]
        lines += ["", f"## {title} by operation ({len(entries)})"] if entries else []
        through = [
            f"- `{operation}`: {_labels(shared)}" for operation, own, shared in entries if not own
        ]
        for operation, own, shared in entries:
            if not own:
                continue
            lines += ["", f"### `{operation}`" if operation else "### The document", ""]
            lines += [_bullet(change) for change in _folded(own)]
            lines += [f"- also {_labels(shared)}"] if shared else []
        lines += (
            ["", "### Only through schemas that several operations use", *["", *through]]
            if through
            else []
        )
    if grouped.shared:
        lines += ["", f"## Schemas that several operations use ({len(grouped.shared)})", ""]
    for one in grouped.shared:
        change = one.change
        kind = "**breaking**, " if change.breaking else ""
        lines.append(
            f"- {one.label}: {kind}`{_schema(change)}`: {_escaped(change.text)} "
            f"(`{change.rule}`, {len(one.operations)} operations)"
        )
    renames = grouped.of_rules(_RENAMES)
    lines += ["", f"## Renamed, the wire is the same ({len(renames)})", ""] if renames else []
    lines += [f"- `{change.operation}`: {_escaped(change.text)}" for change in renames]
    return _cut(lines, most)


def _cut(lines: list[str], most: int | None) -> str:
    whole = "\n".join(lines) + "\n"
    if most is None or len(whole) <= most:
        return whole
    kept: list[str] = []
    room = most - 100
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    kept += ["", f"{len(lines) - len(kept)} more lines are left off here."]
    return "\n".join(kept) + "\n"


def _named(report: Report) -> str:
    sides = (f"{side.name} ({side.version or 'no version'})" for side in (report.old, report.new))
    return " -> ".join(sides)


def _summary(report: Report) -> list[str]:
    counts = ", ".join(f"{count} {kind}" for kind, count in report.operations().items())
    return [
        f"{len(report.breaking)} breaking, {len(report.harmless)} non-breaking changes",
        f"operations: {counts}",
    ]


def _table(report: Report) -> list[str]:
    operations = report.operations()
    lines = [
        "| changes | |",
        "| --- | ---: |",
        f"| **breaking** | {len(report.breaking)} |",
        f"| non-breaking | {len(report.harmless)} |",
    ]
    lines += [f"| operations {kind} | {count} |" for kind, count in operations.items()]
    if report.changes:
        rules = (f"`{rule}` {count}" for rule, count in report.rules().items())
        lines += ["", "By rule: " + ", ".join(rules) + "."]
    return lines


def _breaks(entry: tuple[str, list[Change], list[_Shared]]) -> bool:
    _, own, shared = entry
    return any(change.breaking for change in [*own, *(one.change for one in shared)])


def _folded(changes: list[Change]) -> list[Change]:
    """One entry for the same change of neighbours: `items[].{first, last}: may be null`."""
    found: dict[tuple[str, str, str], tuple[Change, list[str]]] = {}
    for change in changes:
        head, last = _LAST.fullmatch("; ".join(change.places)).groups()  # type: ignore[union-attr]
        found.setdefault((change.rule, change.text, head), (change, []))[1].append(last)
    return [
        evolve(change, places=(f"{head}{{{', '.join(names)}}}",)) if len(names) > 1 else change
        for (*_, head), (change, names) in found.items()
    ]


def _mark(change: Change) -> str:
    return "!" if change.breaking else " "


def _line(change: Change) -> str:
    places = "; ".join(change.places)
    return f"{places}: {change.text}" if places else change.text


def _bullet(change: Change) -> str:
    kind = "**breaking**: " if change.breaking else ""
    places = ", ".join(f"`{place}`" for place in change.places)
    words = _escaped(change.text)
    return f"- {kind}{f'{places}: ' if places else ''}{words} (`{change.rule}`)"


def _labels(shared: list[_Shared]) -> str:
    ordered = sorted({one.label: one for one in shared}.values(), key=lambda one: one.number)
    return ", ".join(
        f"{one.label}{' (breaking)' if one.change.breaking else ''}" for one in ordered
    )


def _schema(change: Change) -> str:
    """A JSON pointer as words: the schema's name and the fields below it."""
    pointer = change.new or change.old or "#"
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
    if tokens[:2] == ["components", "schemas"]:
        short = {"items": "[]", "additionalProperties": ".*", "properties": ""}
        inner = "".join(short.get(name, f".{name}") for name in tokens[3:])
        return tokens[2] + inner
    return pointer


def _escaped(words: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", words).replace("-\\>", "→")
