"""contract.json: what a run did, as data. contract.schema.json describes it; VERSION is its shape.

A change that could break a reader of the file raises VERSION; a new key does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from attrs import field, frozen

from tests.contract.breaches import PROPERTIES
from tests.contract.ledger import Ledger
from tests.contract.observe import Notes, Plan
from tests.contract.points import BROKEN, KEPT, Compiler, Node
from tests.contract.report import previous
from tests.contract.truth import Operation, Truth

FORMAT: Final = "mailgun-contract-report"
VERSION: Final = 1
OUTCOMES: Final = ("broken", "deviating", "unrun", "passed", "inapplicable")
"""From worst to best; `unrun` should have run, `inapplicable` says nothing about the operation."""
COVERED: Final = ("statuses", "parameters", "fields", "keywords", "responses")
Json = dict[str, Any]
_EMPTY: Final[Json] = {
    "through_client": 0,
    "raw": 0,
    "misdrawn": 0,
    "made_up": 0,
    "unkept": (),
    "withheld": {},
    "unreached": (),
    "unchecked": (),
    "statuses": {},
    "raw_statuses": {},
    "properties": {},
    "broken": [],
    "excused": [],
    "seconds": 0.0,
}


@frozen
class Run:
    """What the ledger does not know.

    `wanted` are the properties by operation that had to run; `verdict` lists by kind what is wrong
    with the run as a whole, and `words` has a phrase for each kind; `whole` says that no operation
    or test was left out on purpose; `gaps` are what the target does not let the suite check.
    """

    truth: Truth = field(repr=False)
    wanted: Mapping[str, frozenset[str]] = field(repr=False)
    verdict: Mapping[str, list[str]]
    words: Mapping[str, str]
    whole: bool
    started: str
    seconds: float
    previous: Json | None = field(default=None, repr=False)
    gaps: Sequence[str] = ()


def build(ledger: Ledger, run: Run) -> Json:
    compiler = Compiler(run.truth)
    chosen = run.truth.operations if run.whole else ledger.operations
    operations = {
        name: _operation(
            run.truth.operations[name],
            _EMPTY | ledger.operations.get(name, {}),
            ledger.notes.get(name) or Notes(),
            run.wanted[name],
            compiler,
        )
        for name in sorted(chosen)
    }
    totals = _totals(operations.values(), len(run.truth.operations), len(ledger.operations))
    document: Json = {
        "format": FORMAT,
        "version": VERSION,
        "target": ledger.target,
        "profile": ledger.profile,
        "seed": ledger.seed,
        "started": run.started,
        "seconds": round(run.seconds, 1),
        "whole": run.whole,
        "passed": not totals["breaches"] and not any(run.verdict.values()),
        "laws": list(PROPERTIES),
        "totals": totals,
        "properties": ledger.matrix(),
        "faults": dict(run.words),
        **{kind: list(names) for kind, names in run.verdict.items()},
        "not_checked": list(run.gaps),
        "operations": operations,
    }
    return document | previous.compare(run.previous, document)


def _operation(
    operation: Operation,
    row: Json,
    notes: Notes,
    wanted: AbstractSet[str],
    compiler: Compiler,
) -> Json:
    wanted = wanted - set(row["unkept"])
    plan, reached = Plan.of(operation, compiler), notes.points
    places: dict[str, dict[str, Json]] = {"parameters": {}, "fields": {}}
    for node in plan.nodes():
        group = "fields" if node.name.startswith("body") else "parameters"
        places[group][node.name] = _place(node, reached)
    # The body itself is no field, unless it has no fields.
    if len(places["fields"]) > 1:
        places["fields"].pop("body")
    return {
        "area": operation.tag,
        "method": operation.method,
        "path": operation.path,
        "summary": operation.raw.get("summary", ""),
        "seconds": round(row["seconds"], 3),
        "timing": {
            "calls": notes.calls,
            "mean_ms": round(1000 * notes.seconds / max(notes.calls, 1), 2),
            "slowest_ms": round(1000 * notes.slowest, 2),
        },
        **{name: row[name] for name in ("through_client", "raw", "misdrawn", "made_up")},
        "documented": sorted(operation.raw["responses"]),
        "statuses": dict(sorted(row["statuses"].items())),
        "raw_statuses": dict(sorted(row["raw_statuses"].items())),
        "properties": {
            law: _cell(row["properties"].get(law, {}), wanted=law in wanted) for law in PROPERTIES
        },
        **places,
        "responses": {
            status: {
                each.name.removeprefix(status).removeprefix(".") or "(all)": each.name in reached
                for each in node.walk()
                if each is not node or not (node.fields or node.items)
            }
            for status, node in sorted(plan.responses.items())
        },
        **{name: row[name] for name in ("withheld", "unreached", "unchecked")},
        "broken": row["broken"],
        "excused": row["excused"],
    }


def _cell(counts: Mapping[str, int], *, wanted: bool) -> Json:
    ran, broken, deviating = (counts.get(name, 0) for name in ("ran", "broken", "deviating"))
    if broken:
        outcome = "broken"
    elif deviating:
        outcome = "deviating"
    elif ran:
        outcome = "passed"
    else:
        outcome = "unrun" if wanted else "inapplicable"
    return {"outcome": outcome, "ran": ran, "broken": broken, "deviating": deviating}


def _place(node: Node, reached: AbstractSet[str]) -> Json:
    labels = [keyword.label for keyword in node.keywords]
    labels += ["required"] if node.required else []
    labels += ["additionalProperties"] if node.closed else []
    return {
        "sent": node.name in reached,
        "keywords": {
            label: [side for side in (KEPT, BROKEN) if f"{node.name}\t{label}\t{side}" in reached]
            for label in labels
        },
    }


def _totals(operations: Iterable[Json], known: int, run: int) -> Json:
    rows = list(operations)
    cells = Counter(cell["outcome"] for row in rows for cell in row["properties"].values())
    covered = {name: [0, 0] for name in COVERED}
    for row in rows:
        for name, (reached, there) in coverage(row).items():
            covered[name][0] += reached
            covered[name][1] += there
    cases = ("through_client", "raw", "misdrawn", "made_up")
    return {
        "operations": {"known": known, "run": run},
        "cells": {outcome: cells[outcome] for outcome in OUTCOMES},
        "cases": {name: sum(row[name] for row in rows) for name in cases},
        "breaches": sum(len(row["broken"]) for row in rows),
        "coverage": {name: {"reached": a, "known": b} for name, (a, b) in covered.items()},
    }


def coverage(row: Json) -> dict[str, tuple[int, int]]:
    """How many of an operation's points were reached, and how many there are.

    A keyword counts twice: once for a value that met it, once for one that did not.
    """
    places = [*row["parameters"].values(), *row["fields"].values()]
    keywords = [sides for place in places for sides in place["keywords"].values()]
    shown = [seen for fields in row["responses"].values() for seen in fields.values()]
    came = {*row["statuses"], *row["raw_statuses"]}
    return {
        "statuses": (len(came & set(row["documented"])), len(row["documented"])),
        "parameters": _sent(row["parameters"]),
        "fields": _sent(row["fields"]),
        "keywords": (sum(map(len, keywords)), 2 * len(keywords)),
        "responses": (sum(shown), len(shown)),
    }


def _sent(places: Mapping[str, Json]) -> tuple[int, int]:
    return sum(place["sent"] for place in places.values()), len(places)
