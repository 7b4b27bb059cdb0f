"""`python -m tests.contract`: run the suite and write reports/contract.json and JUnit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from tests.contract.profiles import PROFILES
from tests.contract.targets import TARGETS

HERE = Path(__file__).parent


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--profile", type=click.Choice(sorted(PROFILES)), default="ci", show_default=True)
@click.option("--target", type=click.Choice(TARGETS), default="emulator", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Draws the same cases again.")
@click.option("--operation", multiple=True, metavar="ID", help="Only this operation; repeatable.")
@click.option("--jobs", default="2", show_default=True, help="Worker processes; 0 for none.")
@click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("reports"),
    show_default=True,
)
def main(
    profile: str, target: str, seed: int, operation: tuple[str, ...], jobs: str, reports: Path
) -> None:
    """Test that client, server and truth agree on every operation.

    Exit status 0: they do. 1: breaches, operations that never succeeded, or stale deviations.
    """
    arguments = [
        sys.executable,
        "-m",
        "pytest",
        str(HERE),
        "-p",
        "no:cacheprovider",
        "-n",
        jobs,
        "--dist=loadgroup",
        f"--profile={profile}",
        f"--target={target}",
        f"--contract-seed={seed}",
        f"--contract-report={reports / 'contract.json'}",
        f"--junitxml={reports / 'contract.xml'}",
        *(f"--operation={name}" for name in operation),
    ]
    raise SystemExit(subprocess.run(arguments, check=False).returncode)


if __name__ == "__main__":
    main(prog_name="python -m tests.contract")
