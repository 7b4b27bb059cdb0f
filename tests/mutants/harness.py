"""One mutant on one operation: caught by which property, or not.

The suite is built once; its checks run on the operation alone, in process, until the first breach.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType
from typing import Any

from attrs import asdict, define, frozen

from tests.contract import calls
from tests.contract.breaches import Breach
from tests.contract.cases import Cases
from tests.contract.deviations import Deviation
from tests.contract.ledger import Entry
from tests.contract.profiles import Profile
from tests.contract.shrink import signature
from tests.contract.suite import Suite
from tests.contract.targets import Target
from tests.contract.truth import Operation, Truth
from tests.mutants.catalogue import NOTHING, catalogue
from tests.mutants.fault import Dice, Fault, Mutant
from tests.mutants.switch import Recogniser, Switch, outgoing

# The suite's checks; a class of mutants says which of them come first.
BODIES = ("valid", "auth", "invalid", "state", "paging", "reach")
Signature = tuple[str, str]
Signatures = frozenset[Signature]
_MADE_UP = "the target makes its answers up and keeps nothing"
CAUGHT, SURVIVED, EXCLUDED = "caught", "survived", "not applicable"
CRASH = "crash"
# An operation with more kinds of breaches without any fault tells nothing anyway.
_MOST = 12


@frozen
class Cell:
    """What became of one mutant on one operation.

    `why` is the reason when the mutant does not apply; `law`, `breach` and `detail` say what caught
    it first. A survivor with `fired` 0 was never provoked: the suite did not get to the place.
    """

    mutant: str
    operation: str
    outcome: str
    why: str = ""
    law: str = ""
    breach: str = ""
    detail: str = ""
    fired: int = 0

    def plain(self) -> dict[str, Any]:
        return asdict(self)


@frozen
class Catch:
    """What told that something is wrong: a breach, or a check that broke down (`crash`)."""

    law: str
    breach: str
    detail: str
    signature: Signature

    @classmethod
    def of(cls, breach: Breach) -> Catch:
        return cls(breach.law, breach.kind, breach.detail, signature(breach))

    @classmethod
    def crash(cls, error: Exception) -> Catch:
        kind, detail = type(error).__name__, str(error)
        return cls(CRASH, kind, detail, (kind, signature(Breach(detail))[1]))


@frozen
class _CaughtError(Exception):
    """Ends a check at its first breach."""

    catch: Catch


@define(kw_only=True)
class _Trap(Entry):
    """An entry that ends the check as soon as there is a breach that no deviation excuses."""

    deviations: list[Deviation]
    ignored: frozenset[tuple[str, str]] = frozenset()

    def knows(self, breach: Breach) -> bool:
        # Asked first of all, before a failing case is made smaller: only that it fails matters.
        excused = any(each.excuses(self.operation, breach) for each in self.deviations)
        if not excused and signature(breach) not in self.ignored:
            raise _CaughtError(Catch.of(breach))
        return Entry.knows(self, breach)


@define
class Harness:
    """The suite on a target whose server and client can be given one fault at a time."""

    suite: Suite
    switch: Switch
    mutants: tuple[Mutant, ...]
    seed: int

    @classmethod
    def of(
        cls,
        truth: Truth,
        target: Target,
        profile: Profile,
        deviations: list[Deviation],
        seed: int,
        draws: Cases | None = None,
    ) -> Harness:
        switch = Switch(target.transport, Recogniser(truth), target.makes_up)
        target.transport = switch
        with outgoing(switch):
            suite = Suite(truth, target, profile, draws or Cases.of(truth, seed), deviations)
        return cls(suite, switch, catalogue(target), seed)

    def run(self, operation: Operation, names: frozenset[str] = frozenset()) -> Iterator[Cell]:
        """A cell for each mutant, or those named, and first of all for the control.

        What is reported without a fault does not count as a catch.
        """
        control, ignored = self.control(operation)
        yield control
        for mutant in self.mutants:
            if not names or mutant.name in names:
                yield self.try_out(mutant, operation, ignored)

    def control(self, operation: Operation) -> tuple[Cell, Signatures]:
        """The mutant that does nothing, and what is reported all the same."""
        found: dict[Signature, Catch] = {}
        fault = Fault(self.suite.truth, operation, Dice(self.seed, NOTHING, operation.id))
        while len(found) < _MOST and (catch := self._hunt(fault, BODIES, frozenset(found))):
            found[catch.signature] = catch
        return _cell(NOTHING, fault, next(iter(found.values()), None)), frozenset(found)

    def try_out(
        self, mutant: Mutant, operation: Operation, ignored: Signatures = frozenset()
    ) -> Cell:
        truth = self.suite.truth
        if why := mutant.excluded(truth, operation):
            return Cell(mutant.name, operation.id, EXCLUDED, why)
        fault = mutant.make(truth, operation, Dice(self.seed, mutant.name, operation.id))
        bodies = dict.fromkeys((*mutant.bodies, *BODIES))
        catch = self._hunt(fault, tuple(bodies), ignored)
        if catch is None and mutant.kept and fault.made_up:
            return Cell(mutant.name, operation.id, EXCLUDED, _MADE_UP)
        return _cell(mutant.name, fault, catch)

    def _hunt(self, fault: Fault, bodies: tuple[str, ...], ignored: Signatures) -> Catch | None:
        """The first thing that the checks report, with the fault in place.

        Raises RuntimeError when the fault itself broke down: its errors are no catches.
        """
        module = sys.modules[calls.function_of(fault.operation).__module__]
        for check in self._checks(fault.operation, bodies, ignored):
            # First the fault: one that keeps the calls so far has to see the reset.
            self.switch.fault = fault
            try:
                self.suite.start()
                catch = self._caught(fault, module, check)
            finally:
                self.switch.fault = None
            if fault.failed is not None:
                what = f"{fault.dice.mutant} on {fault.operation.id}: {fault.failed!r}"
                raise RuntimeError(f"the fault itself is broken: {what}") from fault.failed
            if catch is not None and catch.signature not in ignored:
                return catch
        return None

    def _caught(
        self, fault: Fault, module: ModuleType, check: Callable[[], object]
    ) -> Catch | None:
        """What one check reports; nothing, and `failed` of the fault, if there is no such fault."""
        try:
            with fault.installed(module):
                return _outcome(check)
        except Exception as error:
            fault.failed = error
            return None

    def _checks(
        self, operation: Operation, bodies: tuple[str, ...], ignored: Signatures
    ) -> Iterator[Callable[[], object]]:
        """The suite's checks that the operation comes under."""

        def trap(name: str) -> _Trap:
            return _Trap(name, deviations=self.suite.deviations, ignored=ignored)

        for name in bodies:
            check = getattr(self.suite, name)
            if name == "state":
                for family in self.suite.truth.families.values():
                    if operation.id in family.operations:
                        yield partial(
                            check, family, {each: trap(each) for each in family.operations}
                        )
            elif name != "paging" or operation.pages:
                yield partial(check, operation, trap(operation.id))


def _outcome(check: Callable[[], object]) -> Catch | None:
    try:
        check()
    except _CaughtError as caught:
        return caught.catch
    except Exception as error:  # A check that breaks down fails the run, so it tells too.
        return Catch.crash(error)
    return None


def _cell(mutant: str, fault: Fault, catch: Catch | None) -> Cell:
    if catch is None:
        return Cell(mutant, fault.operation.id, SURVIVED, fired=fault.fired)
    return Cell(
        mutant,
        fault.operation.id,
        CAUGHT,
        law=catch.law,
        breach=catch.breach,
        detail=catch.detail[:200],
        fired=fault.fired,
    )
