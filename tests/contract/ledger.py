"""What a run did: cases by operation and property, statuses reached, breaches, excuses.

One `Entry` per test travels from the worker to the main process as plain data; `Ledger` adds them
up and checks that nothing was vacuous; `report` makes the files and the summary of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any, Final

from attrs import asdict, define, field, fields

from tests.contract.breaches import PROPERTIES, Breach
from tests.contract.deviations import Deviation
from tests.contract.observe import Notes
from tests.contract.scrub import Scrub

_NEVER: Final[dict[str, Any]] = {"statuses": {}, "excused": (), "properties": {}, "unkept": ()}


@define
class Entry:
    """One operation under one test."""

    operation: str
    through_client: int = 0
    raw: int = 0
    misdrawn: int = 0
    made_up: int = 0
    unkept: list[str] = field(factory=list)
    # What the target did not let go, by reason; what it did not give; laws that it cut short.
    withheld: Counter[str] = field(factory=Counter)
    unreached: list[str] = field(factory=list)
    unchecked: list[str] = field(factory=list)
    ran: Counter[str] = field(factory=Counter)
    statuses: Counter[int] = field(factory=Counter)
    raw_statuses: Counter[int] = field(factory=Counter)
    broken: list[dict[str, str]] = field(factory=list)
    excused: list[dict[str, str]] = field(factory=list)
    seconds: float = 0.0
    # By operation: a test calls others too, for the resources that it needs.
    notes: dict[str, Notes] = field(factory=dict, repr=False)
    scrub: Scrub = field(factory=Scrub, repr=False)

    def knows(self, breach: Breach) -> bool:
        """Whether the same has been recorded as broken."""
        return any(
            (row["breach"], row["detail"]) == (breach.kind, self.scrub.text(breach.detail))
            for row in self.broken
        )

    def judge(self, breach: Breach, deviations: list[Deviation]) -> bool:
        """Record `breach`; True when no deviation excuses it."""
        row = {
            "property": breach.law,
            "breach": breach.kind,
            "detail": self.scrub.text(breach.detail),
            **{name: self.scrub.text(text) for name, text in asdict(breach.evidence).items()},
        }
        for deviation in deviations:
            if deviation.excuses(self.operation, breach):
                self.excused.append(row | {"deviation": deviation.name})
                return False
        self.broken.append(row)
        return True

    def miss(self, breach: Breach) -> None:
        """Note what a target did not give that need not give it."""
        self.unreached.append(self.scrub.text(breach.detail))

    def withhold(self, reasons: Mapping[str, int]) -> None:
        """Note how often requests were kept back, by reason."""
        for why, count in reasons.items():
            self.withheld[self.scrub.text(why)] += count

    def leave(self, law: str, why: str) -> None:
        """Note that a law could not be judged to its end."""
        self.unchecked.append(f"{law}: {self.scrub.text(why)}")

    def prove_nothing(self, law: str, why: str) -> None:
        """Note that there is nothing that a law could be about, which is no fault."""
        self.unkept.append(law)
        self.leave(law, f"nothing is proved: {why}")

    def plain(self) -> dict[str, Any]:
        """Data that can travel between processes."""
        apart = (fields(Entry).scrub, fields(Entry).notes)
        plain = asdict(self, filter=lambda attribute, _: attribute not in apart)
        return plain | {"notes": {name: notes.plain() for name, notes in self.notes.items()}}


@define
class Ledger:
    target: str
    profile: str
    seed: int
    operations: dict[str, dict[str, Any]] = field(factory=dict)
    excused: set[str] = field(factory=set)
    notes: dict[str, Notes] = field(factory=lambda: defaultdict(Notes), repr=False)

    def add(self, entry: dict[str, Any]) -> None:
        row = self.operations.setdefault(
            entry["operation"],
            {
                "through_client": 0,
                "raw": 0,
                "misdrawn": 0,
                "made_up": 0,
                "unkept": [],
                "withheld": Counter(),
                "unreached": [],
                "unchecked": [],
                "statuses": Counter(),
                "raw_statuses": Counter(),
                "properties": defaultdict(Counter),
                "broken": [],
                "excused": [],
                "seconds": 0.0,
            },
        )
        row["through_client"] += entry["through_client"]
        row["raw"] += entry["raw"]
        row["misdrawn"] += entry["misdrawn"]
        row["made_up"] += entry["made_up"]
        row["unkept"] = sorted({*row["unkept"], *entry["unkept"]})
        row["withheld"].update(entry["withheld"])
        for kind in ("unreached", "unchecked"):
            row[kind] = list(dict.fromkeys([*row[kind], *entry[kind]]))
        for kind in ("statuses", "raw_statuses"):
            row[kind].update({str(status): count for status, count in entry[kind].items()})
        broken = Counter(item["property"] for item in entry["broken"])
        excused = Counter(item["property"] for item in entry["excused"])
        for name, count in entry["ran"].items():
            row["properties"][name]["ran"] += count
        for name in {*entry["ran"], *broken, *excused}:
            row["properties"][name]["broken"] += broken[name]
            row["properties"][name]["deviating"] += excused[name]
        row["broken"] += entry["broken"]
        row["excused"] += entry["excused"]
        row["seconds"] += entry["seconds"]
        for name, notes in entry["notes"].items():
            self.notes[name].add(notes)
        self.excused |= {item["deviation"] for item in entry["excused"]}

    def matrix(self) -> dict[str, Counter[str]]:
        """For each property, how many operations passed, deviate or broke it."""
        totals: dict[str, Counter[str]] = {name: Counter() for name in PROPERTIES}
        for row in self.operations.values():
            for name, counts in row["properties"].items():
                if not any(counts.values()):
                    continue
                outcome = (
                    "broken"
                    if counts["broken"]
                    else "deviating"
                    if counts["deviating"]
                    else "passed"
                )
                totals[name]["run"] += 1
                totals[name][outcome] += 1
        return totals

    def withheld(self) -> dict[str, dict[str, int]]:
        """For each operation, why requests were kept back, and how many."""
        rows = sorted(self.operations.items())
        return {name: dict(row["withheld"]) for name, row in rows if row["withheld"]}

    def gaps(self) -> list[str]:
        """Operations that the target left unchecked, or under one law, counted by reason."""
        reasons: Counter[str] = Counter()
        for row in self.operations.values():
            if not row["through_client"] and not row["raw"]:
                reasons.update(set(row["withheld"]) or set(row["unreached"]))
            reasons.update(set(row["unchecked"]))
        return [f"{count} operation(s): {why:.200}" for why, count in reasons.most_common()]

    def unreached(self, known: dict[str, frozenset[int]]) -> list[str]:
        """Operations of `known` (with their success statuses) that never had a success.

        Those whose deviation says so are not listed.
        """
        return [name for name, wanted in known.items() if not self._reached(name, wanted)]

    def unrun(self, wanted: dict[str, frozenset[str]]) -> list[str]:
        """`operation: property` for each of `wanted` that no case came under.

        Where a deviation says that an operation can't be reached, there is nothing to run, nor is
        there where the target keeps nothing that a law could be about.
        """
        return [
            f"{name}: {law}"
            for name, laws in wanted.items()
            if not self._unreachable(name)
            for law in sorted(laws - set(self.operations.get(name, _NEVER)["unkept"]))
            if not self.operations.get(name, _NEVER)["properties"].get(law, {}).get("ran")
        ]

    def _reached(self, name: str, wanted: frozenset[int]) -> bool:
        statuses = self.operations.get(name, _NEVER)["statuses"]
        return self._unreachable(name) or any(int(status) in wanted for status in statuses)

    def _unreachable(self, name: str) -> bool:
        excused = self.operations.get(name, _NEVER)["excused"]
        return any(item["property"] == "reach" for item in excused)

    def summary(self, known: int) -> list[str]:
        rows = self.operations.values()
        client = sum(row["through_client"] for row in rows)
        raw = sum(row["raw"] for row in rows)
        misdrawn = sum(row["misdrawn"] for row in rows)
        statuses: Counter[str] = Counter()
        for row in rows:
            statuses.update(row["statuses"])
            statuses.update(row["raw_statuses"])
        lines = [
            f"contract: target {self.target}, profile {self.profile}, seed {self.seed}",
            f"operations: {len(self.operations)} of {known}",
            f"cases: {client} through the client, {raw} raw, {misdrawn} misdrawn and not sent",
            "statuses: " + ", ".join(f"{k}: {v}" for k, v in sorted(statuses.items())),
            f"{'property':<12} {'run':>5} {'passed':>7} {'deviating':>10} {'broken':>7}",
        ]
        for name, counts in self.matrix().items():
            lines.append(
                f"{name:<12} {counts['run']:>5} {counts['passed']:>7} "
                f"{counts['deviating']:>10} {counts['broken']:>7}"
            )
        return lines
