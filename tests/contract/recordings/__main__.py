"""`python -m tests.contract.recordings record|import`: make recordings.

Exit status 0: written. 1: an operation without success, or an interaction that was not taken over.
2: bad input; nothing was written. 130: interrupted; what was made is removed, nothing is written.
"""

from __future__ import annotations

import hashlib
import signal
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from tests.contract import targets
from tests.contract import truth as truths
from tests.contract.cases import Cases
from tests.contract.recordings import cassettes, files
from tests.contract.recordings.errors import NothingError, RecordingError
from tests.contract.recordings.exchange import Recorded
from tests.contract.recordings.record import record
from tests.contract.recordings.scrub import Scrubber
from tests.contract.recordings.tape import scrubbed
from tests.contract.safety.errors import PolicyError
from tests.contract.truth import Truth, TruthError

INTERRUPTED = 130
FOLDER = Path(__file__).parents[2] / "recordings"
_DAY = click.DateTime(["%Y-%m-%d"])
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Keep scrubbed exchanges as files, for `make contract TARGET=replay`."""


@main.command("record")
@click.option(
    "--target",
    type=click.Choice([name for name in files.TARGETS if name in targets.TARGETS]),
    default="emulator",
    show_default=True,
)
@click.option("--operation", multiple=True, metavar="ID", help="Only this operation; repeatable.")
@click.option("--to", "folder", type=_FOLDER, help="Default: tests/recordings/<target>.")
@click.option("--each", type=click.IntRange(1, 50), default=2, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--date", "day", type=_DAY, help="Of the evidence; default: today (UTC).")
def record_(
    target: str,
    operation: tuple[str, ...],
    folder: Path | None,
    each: int,
    seed: int,
    day: datetime | None,
) -> None:
    """Call a target's operations and keep up to EACH exchanges by operation and status."""
    the_truth = truths.load()
    if unknown := sorted(set(operation) - the_truth.operations.keys()):
        raise click.UsageError(f"no such operation: {', '.join(unknown)}")
    chosen = [the_truth.operations[name] for name in operation or the_truth.operations]
    targets.probe(target)
    # As Ctrl-C: what was made on the server is removed first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    made = targets.make(target)
    left: list[str] = []
    try:
        session = record(
            the_truth,
            made,
            Cases.of(the_truth, seed),
            chosen,
            date=(day or datetime.now(UTC)).strftime("%Y-%m-%d"),
            each=each,
        )
    finally:
        left = made.close()
    if not session.exchanges:
        raise NothingError(f"record: expected answers of target {target}, got none")
    _write(folder or FOLDER / target, session.exchanges, replacing=target)
    for what, names in (("not called", session.withheld), ("no success", session.missed)):
        for name, why in names.items():
            click.echo(f"{what}: {name}: {why}", err=True)
    for line in left:
        click.echo(f"still on the server, run make contract-clean: {line}", err=True)
    raise SystemExit(1 if session.missed or left else 0)


@main.command("import")
@click.argument("cassette", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--to", "folder", type=_FOLDER, help="Default: tests/recordings/cassettes.")
@click.option("--host", multiple=True, help="Another host that serves this API; repeatable.")
@click.option("--date", "day", type=_DAY, help="For interactions that do not say when.")
def import_(
    cassette: tuple[Path, ...], folder: Path | None, host: tuple[str, ...], day: datetime | None
) -> None:
    """Take over VCR YAML cassettes (vcrpy, Ruby VCR, betamax, go-vcr), scrubbed."""
    the_truth = truths.load()
    date = day.strftime("%Y-%m-%d") if day else ""
    paths = [path for each in cassette for path in _files(each)]
    found = cassettes.take(the_truth, paths, hosts=host, date=date)
    salt = b"".join(sorted(hashlib.sha256(path.read_bytes()).digest() for path in paths))
    if found.exchanges:
        _write(
            folder or FOLDER / "cassettes",
            scrubbed(the_truth, found.exchanges, salt, set()),
        )
    _report(the_truth, found, salt)
    if not found.exchanges:
        raise NothingError("import: expected calls of the API, none could be matched")
    raise SystemExit(1 if found.unmatched else 0)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    kinds = (".yaml", ".yml", ".json")
    return sorted(each for each in path.rglob("*") if each.suffix.lower() in kinds)


def _write(folder: Path, exchanges: list[Recorded], *, replacing: str = "") -> None:
    paths = files.write(folder, exchanges, replacing=replacing)
    click.echo(f"recorded: {len(exchanges)} exchanges of {len(paths)} operations in {folder}")


def _report(the_truth: Truth, found: cassettes.Imported, salt: bytes) -> None:
    """What was not taken over; paths are scrubbed, for the report may end up in a log."""
    scrubber = Scrubber.of(the_truth, hashlib.sha256(salt).digest())
    for each in found.unmatched:
        path = "/".join(map(scrubber.text, each.path.split("/")))
        click.echo(f"not taken: {each.file} #{each.number}: {each.method} {path}: {each.reason}")
    reasons = Counter(each.reason for each in found.unmatched)
    total = len(found.exchanges) + len(found.unmatched)
    click.echo(f"imported: {len(found.exchanges)} of {total} interactions")
    for reason, count in reasons.most_common():
        click.echo(f"  {count} not taken: {reason}")


def run(arguments: list[str] | None = None) -> None:
    """The command; always ends with SystemExit when something is wrong."""
    name = "python -m tests.contract.recordings"
    try:
        main(arguments, prog_name=name, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        raise SystemExit(2) from None
    except click.Abort:
        raise SystemExit(INTERRUPTED) from None
    except (RecordingError, TruthError, PolicyError, targets.TargetError) as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    run()
