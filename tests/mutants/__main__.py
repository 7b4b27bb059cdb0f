"""`python -m tests.mutants`: try every class of faults on the suite; write the matrix."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path

import click

from tests.contract import deviations, given, targets, truth
from tests.contract.profiles import PROFILES
from tests.mutants import survivors
from tests.mutants.catalogue import NOTHING
from tests.mutants.fault import Dice
from tests.mutants.harness import Cell, Harness
from tests.mutants.matrix import Matrix
from tests.mutants.sample import Plan, sampled

_TARGET = "emulator"
_PROFILE = "ci"
_LISTED = 40


@cache
def _harness(seed: int) -> Harness:
    """The harness of this process."""
    the_truth, target = truth.load(), targets.make(_TARGET)
    known = deviations.load(_TARGET, the_truth.operations)
    return Harness.of(the_truth, target, PROFILES[_PROFILE], known, seed)


def _area(seed: int, plan: Plan) -> list[Cell]:
    """The cells of operations that share what is drawn for them."""
    harness = _harness(seed)
    known = harness.suite.truth.operations
    return [cell for name, mutants in plan for cell in harness.run(known[name], mutants)]


def _cells(seed: int, plans: list[Plan], jobs: int) -> Iterator[list[Cell]]:
    if jobs == 0:
        yield from map(partial(_area, seed), plans)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(partial(_area, seed), plans)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--full", is_flag=True, help="Every mutant on every operation, not a sample.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same mutants.")
@click.option("--operation", multiple=True, metavar="ID", help="Only this one; repeatable.")
@click.option("--mutant", multiple=True, metavar="NAME", help="Only this class; repeatable.")
@click.option("--jobs", type=click.IntRange(0), default=2, show_default=True, help="Workers.")
@click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("reports"),
    show_default=True,
)
def main(
    full: bool,
    seed: int,
    operation: tuple[str, ...],
    mutant: tuple[str, ...],
    jobs: int,
    reports: Path,
) -> None:
    """Prove that the contract suite catches faulty servers and faulty clients.

    Exit status 0: every survivor is listed. 1: unlisted survivors, listed ones that are caught, or
    breaches without any fault. 2: bad input.
    """
    started = time.monotonic()
    try:
        given.check(_TARGET, reports / "mutants.json")
    except given.ERRORS as error:
        raise click.UsageError(str(error)) from None
    harness = _harness(seed)
    known = harness.suite.truth.operations
    names = {each.name for each in harness.mutants}
    _check("--operation", operation, known)
    _check("--mutant", mutant, names)
    try:
        listed = survivors.load(names, known)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    wanted = frozenset(mutant) or frozenset(names)
    plan = [(name, wanted) for name in operation or known]
    if not full and not operation:
        plan = sampled(harness, wanted, Dice(seed, "sample", ""))
    whole = full and not operation and not mutant
    matrix = Matrix(harness.mutants, listed, seed, _PROFILE, whole)
    plans = _by_area(harness, plan)
    for number, cells in enumerate(_cells(seed, plans, jobs), start=1):
        matrix.cells += cells
        tried = sum(cell.mutant != NOTHING for cell in matrix.cells)
        click.echo(f"{number} of {len(plans)} areas, {tried} mutants", err=True)
    reports.mkdir(parents=True, exist_ok=True)
    (reports / "mutants.json").write_text(matrix.json(time.monotonic() - started))
    (reports / "mutants.md").write_text(matrix.markdown())
    _conclude(matrix)


def _by_area(harness: Harness, plan: Plan) -> list[Plan]:
    """The plan in parts, the longest first so that no worker is left with it at the end."""
    areas: dict[str, Plan] = {}
    for name, mutants in plan:
        areas.setdefault(harness.suite.truth.operations[name].tag, []).append((name, mutants))
    return sorted(areas.values(), key=len, reverse=True)


def _check(option: str, given: Iterable[str], known: Iterable[str]) -> None:
    if unknown := sorted(set(given) - set(known)):
        raise click.UsageError(f"{option}: no such name: {', '.join(unknown)}")


def _conclude(matrix: Matrix) -> None:
    for row in matrix.rows():
        rate = "-" if row["rate"] is None else f"{row['rate']:.1%}"
        click.echo(f"{row['mutant']:28} {row['caught']:4} of {row['applicable']:4} {rate:>7}")
    problems = matrix.errors()
    for line in problems[:_LISTED]:
        click.echo(line, err=True)
    if len(problems) > _LISTED:
        click.echo(f"and {len(problems) - _LISTED} more in mutants.json", err=True)
    click.echo(matrix.summary())
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main(prog_name="python -m tests.mutants")
