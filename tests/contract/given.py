"""What a run is given as files, checked before anything is sent: one line for what is no good."""

from __future__ import annotations

from pathlib import Path

from tests.contract import deviations, report, targets, truth
from tests.contract.deviations import DeviationsError
from tests.contract.report import ReportError
from tests.contract.report.previous import PreviousError
from tests.contract.safety import policy
from tests.contract.safety.errors import PolicyError
from tests.contract.targets import TargetError
from tests.contract.truth import Truth, TruthError

ERRORS = (DeviationsError, PolicyError, PreviousError, ReportError, TargetError, TruthError)
"""Bad input; each says in one line what was expected, what was found, and where."""


def check(target: str, written: Path | None = None) -> Truth:
    """The truth; `written` is the contract.json that the run shall write. Raises one of ERRORS."""
    the_truth = truth.load()
    deviations.load(target, the_truth.operations)
    if target in targets.GUARDED:
        policy.load()
    if written is not None:
        report.check(written)
    return the_truth
