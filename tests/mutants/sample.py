"""A sample of the matrix: operations drawn by the seed, so that every class gets enough of them."""

from __future__ import annotations

from tests.mutants.fault import Dice
from tests.mutants.harness import Harness

# Operations with all their mutants, and at least so many operations of every class.
_OPERATIONS = 60
_EACH = 8


def sampled(
    harness: Harness, wanted: frozenset[str], dice: Dice
) -> list[tuple[str, frozenset[str]]]:
    """Operations and the mutants to try on them, in the order of the truth."""
    operations = harness.suite.truth.operations
    left = set(operations)
    drawn: dict[str, frozenset[str]] = {}
    order = []
    while (name := dice.first(left)) is not None:
        left.discard(name)
        order.append(name)
    for name in order[:_OPERATIONS]:
        drawn[name] = wanted
    for mutant in harness.mutants:
        if mutant.name not in wanted:
            continue
        fitting = [
            name for name in order if not mutant.excluded(harness.suite.truth, operations[name])
        ]
        for name in fitting[:_EACH]:
            drawn[name] = drawn.get(name, frozenset()) | {mutant.name}
    return [(name, drawn[name]) for name in operations if name in drawn]
