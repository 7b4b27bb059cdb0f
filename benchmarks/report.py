"""From laps to tables, as text and as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from enum import Enum
from statistics import median, quantiles
from typing import Literal

from attrs import asdict, frozen

from benchmarks.rounds import Laps

Clock = Literal["wall", "cpu", "rss"]


class Unit(Enum):
    """How a figure is shown; records hold seconds per call, or bytes, whatever the unit."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    MICROSECONDS = "us"
    RATE = "requests/s"
    BYTES = "bytes"
    MEGABYTES = "MB"

    def of(self, value: float) -> float:
        """Seconds per call in this unit; bytes are bytes."""
        match self:
            case Unit.RATE:
                return 1 / value
            case Unit.MILLISECONDS:
                return value * 1e3
            case Unit.MICROSECONDS:
                return value * 1e6
            case Unit.MEGABYTES:
                return value / 1e6
        return value


@frozen
class Row:
    """One contestant.

    `value` is the median over all rounds of the seconds per call, or the bytes; `ratio` that of the
    value divided by the baseline's in the same round, half of the rounds being between `low` and
    `high`.
    """

    name: str
    value: float
    ratio: float
    low: float
    high: float
    note: str


@frozen
class Table:
    """One comparison; the first row is the baseline. `remarks` are shown below the rows."""

    title: str
    clock: Clock
    unit: Unit
    rounds: int
    rows: tuple[Row, ...]
    remarks: tuple[str, ...] = ()


def table(title: str, laps: Laps, clock: Clock, unit: Unit) -> Table:
    """The laps by one of the two clocks."""
    times = [[getattr(spent, clock) / laps.pace.calls for spent in laps_] for laps_ in laps.spent]
    rows = []
    for contestant, own in zip(laps.contestants, times, strict=True):
        ratios = [mine / base for mine, base in zip(own, times[0], strict=True)]
        low, middle, high = quantiles(ratios, method="inclusive") if len(ratios) > 1 else ratios * 3
        rows.append(Row(contestant.name, median(own), middle, low, high, contestant.note))
    return Table(title, clock, unit, len(times[0]), tuple(rows))


def text(shown: Table) -> str:
    """The table for people, one line for each row."""
    width = max(32, *(len(row.name) for row in shown.rows))
    unit = f"{shown.unit.value} ({shown.clock})"
    lines = [
        f"{shown.title} ({shown.rounds} rounds)",
        f"  {'':{width}}  {unit:>16}  {'ratio':>6}  middle half",
    ]
    for row in shown.rows:
        value, ratio = _figure(shown.unit.of(row.value)), _figure(row.ratio)
        spread = "baseline" if row is shown.rows[0] else f"{_figure(row.low)}-{_figure(row.high)}"
        lines.append(
            f"  {row.name:{width}}  {value:>16}  {ratio:>6}  {spread:14}  {row.note}".rstrip()
        )
    return "\n".join([*lines, *(f"  {remark}" for remark in shown.remarks)])


def document(tables: Sequence[Table]) -> str:
    """All tables as JSON, with what they were measured on."""
    machine = {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
    }
    shown = [asdict(each, value_serializer=_plain) for each in tables]
    return json.dumps({"machine": machine, "tables": shown}, indent=1) + "\n"


def _plain(_: object, __: object, value: object) -> object:
    return value.value if isinstance(value, Enum) else value


def _figure(value: float) -> str:
    """Three significant digits, all of those before the point."""
    return f"{value:,.0f}" if value >= 99.95 else f"{value:#.3g}"
