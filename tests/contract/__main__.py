"""`python -m tests.contract`: run the suite and write reports/contract.{html,json,xml}."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

import click

from tests.contract import given, targets, truth
from tests.contract import plan as plans
from tests.contract.cases import Cases
from tests.contract.profiles import PROFILES
from tests.contract.report import previous as older
from tests.contract.safety import policy as policies
from tests.contract.targets import TARGETS, TargetError, live
from tests.contract.targets.network import Network
from tests.contract.truth import Truth

HERE = Path(__file__).parent
# The exit statuses that users can rely on.
BROKEN, BAD_INPUT, INTERRUPTED = 1, 2, 130
# What else than a number the worker processes may be told by: as many as the machine has.
_JOBS = ("auto", "logical")
_PYTEST = {2: INTERRUPTED, 4: BAD_INPUT, 5: BAD_INPUT}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--profile", type=click.Choice(sorted(PROFILES)), default="ci", show_default=True)
@click.option(
    "--target",
    default="emulator",
    show_default=True,
    help=f"{', '.join(TARGETS)}; what they are told by is in tests/contract/targets/.",
)
@click.option("--base-url", metavar="URL", help="Target url: where it is (CONTRACT_URL).")
@click.option("--domain", metavar="NAME", help="Target url: a domain of it (CONTRACT_DOMAIN).")
@click.option("--budget", type=click.IntRange(1), help="Calls to send at most (CONTRACT_BUDGET).")
@click.option("--seed", type=int, default=0, show_default=True, help="Draws the same cases again.")
@click.option("--operation", multiple=True, metavar="ID", help="Only this operation; repeatable.")
@click.option("--jobs", default="2", show_default=True, help="Worker processes; 0 for none, auto.")
@click.option("--plan", is_flag=True, help="Print what would be sent, and send nothing.")
@click.option("--clean", is_flag=True, help="Remove what interrupted runs left on the target.")
@click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("reports"),
    show_default=True,
)
@click.option(
    "--previous",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="An older contract.json, for the trend; by default the last one in REPORTS.",
)
def main(
    profile: str,
    target: str,
    base_url: str | None,
    domain: str | None,
    budget: int | None,
    seed: int,
    operation: tuple[str, ...],
    jobs: str,
    plan: bool,
    clean: bool,
    reports: Path,
    previous: Path | None,
) -> None:
    """Test that client, server and truth agree on every operation.

    Exit status 0: they do. 1: breaches, operations that never succeeded, stale deviations, or
    resources left on the server. 2: bad input, nothing was sent. 130: interrupted.
    """
    told = {"CONTRACT_URL": base_url, "CONTRACT_DOMAIN": domain, "CONTRACT_BUDGET": budget}
    os.environ.update({name: str(value) for name, value in told.items() if value is not None})
    try:
        if target not in TARGETS:
            raise TargetError(f"--target: expected one of {', '.join(TARGETS)}, found {target!r}")
        if not (jobs.isascii() and jobs.isdecimal()) and jobs not in _JOBS:
            raise TargetError(f"--jobs: expected a number or {' or '.join(_JOBS)}, found {jobs!r}")
        sends = not plan and not clean
        _known(given.check(target, reports / "contract.json" if sends else None), operation)
        if previous is not None:
            older.load(previous)
        if plan:
            _plan(target, profile, seed, operation)
            return
        if clean:
            _clean(target)
            return
        targets.probe(target)
    except given.ERRORS as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(BAD_INPUT) from None
    raise SystemExit(_run(profile, target, seed, operation, jobs, reports, previous))


def _known(the_truth: Truth, operations: tuple[str, ...]) -> None:
    if unknown := [name for name in operations if name not in the_truth.operations]:
        raise TargetError(f"--operation: no such operation: {', '.join(unknown)}")


def _run(
    profile: str,
    target: str,
    seed: int,
    operations: tuple[str, ...],
    jobs: str,
    reports: Path,
    previous: Path | None,
) -> int:
    if target in targets.SHARED and jobs != "0":
        jobs = "0"
    arguments = [
        sys.executable,
        "-m",
        "pytest",
        str(HERE),
        "-p",
        "no:cacheprovider",
        "-n",
        jobs,
        "--dist=loadscope",
        "--no-loadscope-reorder",
        # The tests assert nothing by `assert`, and rewriting all of schemathesis takes a second.
        "--assert=plain",
        # What broke is told by the report; logs of a server in this process would bury it.
        "--show-capture=no",
        "--tb=short",
        f"--profile={profile}",
        f"--target={target}",
        f"--contract-seed={seed}",
        f"--contract-report={reports / 'contract.json'}",
        *([f"--previous={previous}"] if previous else []),
        *(f"--operation={name}" for name in operations),
    ]
    process = subprocess.Popen(arguments)

    def forward(number: int, _frame: FrameType | None) -> None:
        process.send_signal(number)

    # The session removes what it made before it ends, so we outlive it. Ctrl-C it gets itself.
    signal.signal(signal.SIGTERM, forward)
    signal.signal(signal.SIGINT, lambda *_: None)
    status = process.wait()
    return INTERRUPTED if status < 0 else _PYTEST.get(status, status)


def _plan(target: str, profile: str, seed: int, chosen: tuple[str, ...]) -> None:
    the_truth = truth.load()
    operations = [the_truth.operations[name] for name in chosen or the_truth.operations]
    policy = policies.load() if target in targets.GUARDED else None
    told = targets.planned(target)
    draws = told.target.prepare(Cases.of(the_truth, seed))
    plan = plans.Plan(the_truth, told.target, draws, PROFILES[profile], policy)
    lines = plan.lines(operations)
    told.target.transport.close()
    for line in (*lines, *plans.totals(lines, told.budget), *told.said):
        click.echo(str(line))


def _clean(target: str) -> None:
    if target != "live":
        raise TargetError(f"--clean: only target live has anything to remove, found {target!r}")
    told = live.settings(os.environ)
    live.probe(os.environ)
    count, left = live.clean(told, Network(), live.folder(os.environ))
    for line in left:
        click.echo(f"left: {line}", err=True)
    click.echo(f"{count} ledger(s), {len(left)} thing(s) left")
    if left:
        raise SystemExit(BROKEN)


if __name__ == "__main__":
    main(prog_name="python -m tests.contract")
