"""What the stages of the build cost, in process; the baseline is reading the specs."""

from __future__ import annotations

from pathlib import Path

from benchmarks.report import Table, Unit, table
from benchmarks.rounds import Contestant, Pace, Watcher, race, repeat
from pipeline import build, client
from pipeline.load import read

_ROOT = Path(__file__).parents[1]


def run(
    pace: Pace,
    watcher: Watcher,
    *,
    specs: Path = _ROOT / "specs",
    overlays: Path = _ROOT / "overlays",
) -> list[Table]:
    """A table by each clock; CPU counts the formatter's processes too. Nothing is written.

    Raises PipelineError for specs and overlays that `make build` refuses.
    """
    title = "build"
    document = build.contract(specs, overlays).client
    contestants = (
        Contestant("reading the specs", repeat(lambda: _read(specs))),
        Contestant("contract stage", repeat(lambda: build.contract(specs, overlays))),
        Contestant("generator stage", repeat(lambda: client.generate(document))),
        Contestant("whole build", repeat(lambda: build.build(specs, overlays))),
    )
    laps = race(title, contestants, pace, watcher)
    return [
        table(f"{title}: wall clock", laps, "wall", Unit.SECONDS),
        table(f"{title}: CPU", laps, "cpu", Unit.SECONDS),
    ]


def _read(specs: Path) -> None:
    for path in sorted(specs.glob("*.yaml")):
        read(path)
