"""What importing the client costs in a fresh interpreter; the baseline is httpx alone."""

from __future__ import annotations

import subprocess
import sys

from attrs import define, evolve

from benchmarks import GENERATED, official
from benchmarks.report import Table, Unit, table
from benchmarks.rounds import Contestant, Pace, Spent, Watcher, race

_STATEMENTS = (
    ("import httpx", "import httpx"),
    ("import httpx, attrs", "import httpx, attrs"),
    ("import mailgun_client", "import mailgun_client"),
    (
        "Client, one operation, its body",
        "from mailgun_client import Client\n"
        "from mailgun_client.api.messages import send_message\n"
        "from mailgun_client.models import SendMessageBody",
    ),
    (
        "all models",
        "from mailgun_client import models\nfor name in models.__all__:\n    getattr(models, name)",
    ),
)
# The statement is timed inside of the new process: starting the interpreter is not our cost.
_TIMED = """
import sys, time
sys.path.insert(0, sys.argv[2])
wall, cpu = time.perf_counter(), time.process_time()
exec(sys.argv[1], {})
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
print(wall, cpu, sum(name.split(".")[0] == "mailgun_client" for name in sys.modules))
"""


@define
class Import:
    """Runs a statement in fresh interpreters; `modules` of ours were loaded the last time."""

    statement: str
    modules: int = 0

    def __call__(self, calls: int) -> Spent:
        all_ = [self.measure() for _ in range(calls)]
        return Spent(sum(spent.wall for spent in all_), sum(spent.cpu for spent in all_))

    def measure(self) -> Spent:
        """Time it once, in an interpreter that environment and working folder don't influence."""
        command = [sys.executable, "-I", "-c", _TIMED, self.statement, str(GENERATED)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        wall, cpu, modules = done.stdout.split()
        self.modules = int(modules)
        return Spent(float(wall), float(cpu))


def run(pace: Pace, watcher: Watcher) -> list[Table]:
    """One table, by the wall clock. Without a warm-up the first round may compile byte code."""
    title = "imports: in a fresh interpreter"
    statements = [*_STATEMENTS]
    if official.version():
        statements.append((official.NAME, "from mailgun.client import Client"))
    imports = [(name, Import(statement)) for name, statement in statements]
    laps = race(title, [Contestant(name, each) for name, each in imports], pace, watcher)
    counts = [each.modules for _, each in imports]
    laps = laps.noted(f"{count} of our modules" if count else "" for count in counts)
    return [evolve(table(title, laps, "wall", Unit.MILLISECONDS), remarks=official.remarks())]
