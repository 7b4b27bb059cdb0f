"""What a run would send, operation by operation, without a server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from attrs import frozen
from schemathesis import GenerationMode

from tests.contract import cases
from tests.contract.cases import Cases
from tests.contract.profiles import Profile
from tests.contract.safety.policy import Policy
from tests.contract.truth import Operation

# Missing, wrong, of another account, for sending, expired, of two roles.
_KEYS = 7
_ODD = 2


@frozen
class Line:
    """One operation; `most` is how many calls of it a run sends at most for its own sake."""

    operation: Operation
    verdict: str
    most: int
    reason: str

    def __str__(self) -> str:
        one = self.operation
        return (
            f"{self.verdict:<8} {self.most:>5}  {one.method:<6} {one.path}  "
            f"({one.id}) {self.reason}"
        )


def lines(
    operations: Iterable[Operation],
    draws: Cases,
    profile: Profile,
    policy: Policy | None,
    withholds: Callable[[str], str] = lambda _operation: "",
) -> Iterator[Line]:
    """The plan; without a policy everything is sent."""
    for operation in operations:
        rule = policy.rule(operation.id) if policy else None
        verdict = rule.verdict if rule else "any"
        reason = rule.reason if rule else "A server for tests."
        if why := withholds(operation.id):
            yield Line(operation, verdict, 0, why if why.startswith("own") else reason)
        elif verdict == "never":
            yield Line(operation, verdict, 0, reason)
        else:
            yield Line(operation, verdict, _count(operation, draws, profile), reason)


def _count(operation: Operation, draws: Cases, profile: Profile) -> int:
    positive = draws.boundary(operation, GenerationMode.POSITIVE)
    negative = draws.boundary(operation, GenerationMode.NEGATIVE)
    invalid = (case for case in negative if not cases.is_auth_probe(case))
    valid = sum(1 for _ in islice(positive, profile.boundary)) + profile.fuzzed + _ODD
    # Once to reach it; with every other key, and with the right one before and after.
    reached, keys = 1, 0 if operation.public else _KEYS + 2
    return reached + valid + sum(1 for _ in islice(invalid, profile.invalid)) + keys


def total(planned: Iterable[Line]) -> str:
    """The plan in one line."""
    counts: dict[str, int] = {}
    calls = 0
    for line in planned:
        counts[line.verdict] = counts.get(line.verdict, 0) + 1
        calls += line.most
    kinds = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    return (
        f"{sum(counts.values())} operations: {kinds}; at most {calls} calls, "
        "and those that make and remove what the calls need, walk pages, live through whole lives. "
        "Nothing was sent."
    )
