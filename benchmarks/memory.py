"""What a kept message costs in memory, and that its bounds hold.

`python -m benchmarks.memory MESSAGES` is one measurement in a process of its own; the benchmark
compares it with the bytes of the request.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.emulator import exchange
from benchmarks.report import Row, Table, Unit
from benchmarks.rounds import Pace, Watcher
from benchmarks.samples import DOMAIN, KEY, requests
from mailgun_emulator import create_app
from mailgun_emulator.settings import Settings

_ROOT = Path(__file__).parents[1]
_WARM = 500


def run(pace: Pace, watcher: Watcher) -> list[Table]:
    """One table, after `pace.calls` messages and twice as many once the store is full."""
    watcher.begin("emulator: memory of kept messages")
    command = [sys.executable, "-m", "benchmarks.memory", str(pace.calls)]
    done = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    watcher.tick()
    watcher.end()
    size = float(len(requests().send.body))
    each = found["kept"] / found["messages"]
    more = f"{found['beyond'] / 1e6:+.1f} MB after {2 * found['messages']:,} more than are kept"
    rows = (
        Row("the request's bytes", size, 1, 1, 1, ""),
        Row("emulator, with both events", each, each / size, each / size, each / size, more),
    )
    return [Table("emulator: memory of a kept message", "rss", Unit.BYTES, 1, rows)]


def measure(messages: int) -> dict[str, int]:
    """Bytes that so many kept messages take, and what twice as many more add to that."""
    kept = _WARM + messages
    settings = Settings(messages=kept, events=2 * kept)
    app = create_app(api_keys=[KEY], domains=[DOMAIN], seed=0, settings=settings)
    send = requests().send

    async def more(count: int) -> int:
        for _ in range(count):
            await exchange(app, send)
        app.state.clock.advance(2)
        await app.drain()
        return resident()

    with asyncio.Runner() as runner:
        start = runner.run(more(_WARM))
        full = runner.run(more(messages))
        beyond = runner.run(more(2 * messages))
    return {"messages": messages, "kept": full - start, "beyond": beyond - full}


def resident() -> int:
    """Bytes of memory that this process has now. Linux only, as are the figures."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
