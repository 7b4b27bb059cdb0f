"""A sample of the matrix: operations drawn by the seed, so that every class gets enough of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.mutants.fault import Dice
from tests.mutants.harness import Harness

# Operations with all their mutants, and at least so many operations of every class.
_OPERATIONS = 60
_EACH = 8
Plan = list[tuple[str, frozenset[str]]]
"""Operations and the mutants to try on them, in the order of the truth."""


def sampled(
    harness: Harness,
    wanted: frozenset[str],
    dice: Dice,
    operations: int = _OPERATIONS,
    each: int = _EACH,
) -> Plan:
    """`operations` with all mutants, and more until every class has `each` where it applies."""
    truth = harness.suite.truth
    order = list(_shuffled(truth.operations, dice))
    drawn = dict.fromkeys(order[:operations], wanted)
    for mutant in harness.mutants:
        if mutant.name in wanted:
            fitting = [n for n in order if not mutant.excluded(truth, truth.operations[n])]
            for name in fitting[:each]:
                drawn[name] = drawn.get(name, frozenset()) | {mutant.name}
    return [(name, drawn[name]) for name in truth.operations if name in drawn]


def _shuffled(names: Iterable[str], dice: Dice) -> Iterator[str]:
    left = set(names)
    while (name := dice.first(left)) is not None:
        left.discard(name)
        yield name
