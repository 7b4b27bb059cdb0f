"""`python -m benchmarks [NAME ...] [--json FILE]`: tables on stdout, progress on stderr."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TextIO

import click
from attrs import define, frozen

from benchmarks import attachments, build, calls, client, emulator, imports, loopback, memory
from benchmarks.report import Table, document, text
from benchmarks.rounds import Pace, Watcher


class Runner(Protocol):
    """Measures at a pace and gives tables."""

    def __call__(self, pace: Pace, watcher: Watcher) -> list[Table]: ...


@frozen
class Benchmark:
    """What can be named on the command line, with a pace that a shared machine bears."""

    name: str
    run: Runner
    pace: Pace


# The limits of all tables add up to 108 seconds; starting servers and the like takes the rest.
BENCHMARKS = (
    Benchmark("imports", imports.run, Pace(rounds=9, warmup=1, limit=12)),
    Benchmark("calls", calls.run, Pace(rounds=15, calls=100, warmup=20, limit=3)),
    Benchmark("client", client.run, Pace(rounds=15, calls=100, warmup=20, limit=5)),
    Benchmark("attachments", attachments.run, Pace(rounds=3)),
    Benchmark("emulator", emulator.run, Pace(rounds=11, calls=300, warmup=50, limit=3)),
    Benchmark("loopback", loopback.run, Pace(rounds=7, calls=2000, warmup=200, limit=5)),
    Benchmark("memory", memory.run, Pace(rounds=1, calls=20_000)),
    Benchmark("build", build.run, Pace(rounds=3, limit=38)),
)


@define
class Dots:
    """A line for each race, with a dot for each round."""

    say: Callable[[str], None]
    started: float = 0.0

    def begin(self, title: str) -> None:
        self.started = time.perf_counter()
        self.say(f"{title} ")

    def tick(self) -> None:
        self.say(".")

    def end(self) -> None:
        self.say(f" {time.perf_counter() - self.started:.1f} s\n")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice([each.name for each in BENCHMARKS]))
@click.option(
    "--json",
    "file",
    type=click.File("w", encoding="utf-8", lazy=False),
    help="Also write the tables to FILE.",
)
def main(names: tuple[str, ...], file: TextIO | None) -> None:
    """Measure, by default everything, and print ratios: 2.00 is twice the baseline's time.

    Names: imports, calls, client, attachments, emulator, loopback, memory, build.
    """
    watcher = Dots(lambda words: click.echo(words, nl=False, err=True))
    tables: list[Table] = []
    for benchmark in BENCHMARKS:
        if not names or benchmark.name in names:
            found = benchmark.run(benchmark.pace, watcher)
            tables += found
            click.echo("\n".join(f"{text(each)}\n" for each in found))
    if file is not None:
        file.write(document(tables))


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
