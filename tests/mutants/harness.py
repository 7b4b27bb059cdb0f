"""One mutant on one operation: caught by which property, or not.

The suite is built once; its checks run on the operation alone, in process, until the first breach.
"""

from __future__ import annotations

from collections.abc import Iterator
import sys
from contextlib import ExitStack
from typing import Any

from attrs import asdict, define, field, frozen

from tests.contract import calls
from tests.contract.breaches import Breach
from tests.contract.cases import Cases
from tests.contract.deviations import Deviation
from tests.contract.ledger import Entry
from tests.contract.profiles import Profile
from tests.contract.suite import Suite
from tests.contract.targets import Target
from tests.contract.truth import Operation, Truth
from tests.mutants.catalogue import catalogue, control
from tests.mutants.fault import Dice, Fault, Mutant
from tests.mutants.switch import Recogniser, Switch, outgoing

# The suite's checks; a class of mutants says which of them come first.
BODIES = ("valid", "auth", "reach", "invalid", "state", "paging", "twins")
CAUGHT, SURVIVED, EXCLUDED = "caught", "survived", "not applicable"


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
class _CaughtError(Exception):
    """Ends a check at its first breach."""

    breach: Breach


@define
class _Trap(Entry):
    """An entry that ends the check as soon as there is a breach that no deviation excuses."""

    def judge(self, breach: Breach, deviations: list[Deviation]) -> bool:
        if Entry.judge(self, breach, deviations):
            raise _CaughtError(breach)
        return False


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
        switch = Switch(target.transport, Recogniser(truth))
        target.transport = switch
        with outgoing(switch):
            suite = Suite(truth, target, profile, draws or Cases.of(truth, seed), deviations)
        return cls(suite, switch, catalogue(target), seed)

    def run(self, operation: Operation, names: frozenset[str] = frozenset()) -> Iterator[Cell]:
        """A cell for each mutant, or those named, and for the control, which comes last."""
        for mutant in self.mutants:
            if not names or mutant.name in names:
                yield self.try_out(mutant, operation)
        yield self.try_out(control(), operation)

    def try_out(self, mutant: Mutant, operation: Operation) -> Cell:
        truth = self.suite.truth
        if why := mutant.excluded(truth, operation):
            return Cell(mutant.name, operation.id, EXCLUDED, why)
        fault = mutant.make(truth, operation, Dice(self.seed, mutant.name, operation.id))
        bodies = [name for name in (*mutant.bodies, *BODIES) if hasattr(self.suite, name)]
        breach = self._hunt(fault, list(dict.fromkeys(bodies)))
        if breach is None:
            return Cell(mutant.name, operation.id, SURVIVED, fired=fault.fired)
        return Cell(
            mutant.name,
            operation.id,
            CAUGHT,
            law=breach.law,
            breach=breach.kind,
            detail=breach.detail[:200],
            fired=fault.fired,
        )

    def _hunt(self, fault: Fault, bodies: list[str]) -> Breach | None:
        """The first breach that the checks report, with the fault in place."""
        operation = fault.operation
        function = calls.function_of(operation)
        with ExitStack() as stack:
            stack.callback(setattr, self.switch, "fault", None)
            for name in bodies:
                self.switch.fault = None
                self.suite.start()
                self.switch.fault = fault
                with fault.installed(sys.modules[function.__module__]):
                    try:
                        getattr(self.suite, name)(operation, _Trap(operation.id))
                    except _CaughtError as caught:
                        return caught.breach
        return None
