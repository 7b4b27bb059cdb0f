"""Valid cases made to carry the run prefix, so that the policy lets them go.

What this gets wrong the guard withholds: nothing relies on it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, Final

from attrs import define, field, fields, frozen
from schemathesis import Case, GenerationMode

from tests.contract import cases
from tests.contract.cases import Cases
from tests.contract.safety.policy import Names, Policy, Rule
from tests.contract.safety.reading import folded
from tests.contract.truth import Operation
from tests.contract.values import Values

BATCH: Final = 10
"""Things that one call makes at most: each is removed by a call of its own."""


@define
class Marks:
    """Names things for one run: each name once."""

    policy: Policy = field(repr=False)
    names: Names
    recipients: tuple[str, ...] = field(repr=False)
    # Only names that were never used, on a server where everything else is allowed.
    names_only: bool = False
    _numbers: Iterator[int] = field(factory=itertools.count, repr=False)

    def mark(self, operation: Operation, case: Case) -> Case:
        """`case`, changed: the mark of the run, test mode, nothing that reaches too far."""
        rule = self.policy.rule(operation.id)
        if rule.verdict == "allowed" and not self.names_only:
            self._ask(case, rule)
        if rule.verdict != "own":
            return case
        valid = cases.valid_in(case, "body")
        if valid and rule.makes and isinstance(case.body, list) and not self.names_only:
            case.body = case.body[:BATCH]
        bodies = case.body if isinstance(case.body, list) else [case.body]
        for body in bodies:
            if isinstance(body, dict):
                self._mark_body(operation, body, valid=valid)
        return case

    def _ask(self, case: Case, rule: Rule) -> None:
        """Let a valid question be about what the run made, where it would find nothing else."""
        for name, text in rule.fix.items():
            if name in (case.query or {}) and cases.valid_in(case, "query"):
                case.query[name] = self.names.filled(str(text))

    def _mark_body(self, operation: Operation, body: dict[str, Any], *, valid: bool) -> None:
        rule = self.policy.rule(operation.id)
        if self.names_only:
            rule = Rule("own", rule.reason, makes=rule.makes)
        reaching = set(map(folded, rule.without))
        for name in [name for name in body if folded(name) in reaching]:
            del body[name]
        wanted = {name: text for name, text in rule.fix.items() if isinstance(text, str)}
        if rule.makes:
            kind = self.policy.kinds[rule.makes]
            wanted[kind.marked] = kind.mark[1]
        for name, text in wanted.items():
            # An invalid case may be about this field: it gets a name only in place of another.
            if isinstance(body.get(name), str) or (valid and (rule.makes or name in body)):
                body[name] = self.names.filled(text, str(next(self._numbers)))
        for name, value in rule.fix.items():
            if isinstance(value, bool) and (valid or name in body):
                body[name] = value
        if rule.sends:
            self._address(body, valid=valid)

    def _address(self, body: dict[str, Any], *, valid: bool) -> None:
        for name in ("to", "cc", "bcc"):
            if isinstance(body.get(name), list | str) or (valid and name == "to"):
                some = isinstance(body.get(name), list)
                body[name] = list(self.recipients) if some else self.recipients[0]
        body["o:testmode"] = "yes"


@frozen
class MarkedCases(Cases):
    """Cases that carry the marks of a run."""

    marks: Marks = field(kw_only=True, repr=False)

    @classmethod
    def made(cls, draws: Cases, marks: Marks) -> MarkedCases:
        """The same draws, marked."""
        parts = {each.alias: getattr(draws, each.name) for each in fields(type(draws))}
        return cls(**parts, marks=marks)

    def boundary(self, operation: Operation, mode: GenerationMode) -> Iterator[Case]:
        return self._marked(operation, Cases.boundary(self, operation, mode))

    def fuzzed(
        self, operation: Operation, mode: GenerationMode, count: int, *, named: bool = False
    ) -> list[Case]:
        drawn = Cases.fuzzed(self, operation, mode, count, named=named)
        return list(self._marked(operation, drawn))

    def reseeded(self, turn: int) -> Cases:
        return MarkedCases.made(Cases.reseeded(self, turn), self.marks)

    def blank(self, operation: Operation, values: Values) -> Case:
        # A copy: the values are those of a call that was made.
        return self.marks.mark(operation, cases.copy(Cases.blank(self, operation, values)))

    def _marked(self, operation: Operation, drawn: Iterable[Case]) -> Iterator[Case]:
        return (self.marks.mark(operation, cases.copy(case)) for case in drawn)
