"""How much memory sending a large attachment takes at its peak, beyond what the process has.

`python -m benchmarks.attachments CONTESTANT URL FILE` is one measurement in a process of its own.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

import httpx
from mailgun_client import Client, File
from mailgun_client.api.messages import send_message
from mailgun_client.models import SendMessageBody

from benchmarks import handwritten, official
from benchmarks.loopback import served
from benchmarks.memory import resident
from benchmarks.report import Row, Table, Unit
from benchmarks.rounds import Pace, Watcher
from benchmarks.samples import DOMAIN, KEY

SIZE = 20_000_000
GOAL = 8_000_000
_ROOT = Path(__file__).parents[1]


def run(pace: Pace, watcher: Watcher, size: int = SIZE) -> list[Table]:
    """One table, the baseline of which is the size of the file."""
    title = f"attachments: peak memory of sending {size / 1e6:.0f} MB"
    names = [name for name in SENDERS if name != official.NAME or official.version()]
    found: dict[str, list[int]] = {name: [] for name in names}
    watcher.begin(title)
    with served("benchmarks.bare") as server, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "large.bin"
        file.write_bytes(bytes(size))
        for _ in range(pace.rounds):
            for name in names:
                words = ("-m", "benchmarks.attachments", name, str(server.url), str(file))
                done = subprocess.run(
                    (sys.executable, *words), cwd=_ROOT, check=True, capture_output=True, text=True
                )
                found[name].append(int(done.stdout))
            watcher.tick()
    watcher.end()
    rows = (Row("the file", size, 1, 1, 1, ""), *(_row(*each, size) for each in found.items()))
    return [Table(title, "rss", Unit.MEGABYTES, pace.rounds, rows, official.remarks())]


def _row(name: str, peaks: list[int], size: int) -> Row:
    ratios = [peak / size for peak in peaks]
    low, middle, high = quantiles(ratios, method="inclusive") if len(ratios) > 1 else ratios * 3
    return Row(name, median(peaks), middle, low, high, "")


def by_httpx(url: str, files: tuple[Path, ...]) -> None:
    """By hand, from open files, which httpx reads piece by piece."""
    with httpx.Client(auth=("api", KEY), base_url=url) as http:
        handwritten.send(http, files)


def by_client(url: str, files: tuple[Path, ...]) -> None:
    """By the generated client."""
    with Client(KEY, base_url=url) as client:
        assert send_message.sync_detailed(DOMAIN, client=client, body=_body(files)).is_success


def by_async_client(url: str, files: tuple[Path, ...]) -> None:
    """By the generated client, asynchronously."""

    async def send() -> None:
        async with Client(KEY, base_url=url) as client:
            body = _body(files)
            answer = await send_message.asyncio_detailed(DOMAIN, client=client, body=body)
            assert answer.is_success

    asyncio.run(send())


def by_official(url: str, files: tuple[Path, ...]) -> None:
    """By the official package."""
    with official.client(url) as client:
        official.send(client, files)


SENDERS: dict[str, Callable[[str, tuple[Path, ...]], None]] = {
    "httpx": by_httpx,
    "generated client, sync": by_client,
    "generated client, async": by_async_client,
    official.NAME: by_official,
}


def measure(name: str, url: str, file: Path) -> int:
    """Bytes at the peak of sending the file, beyond those after sending without one."""
    send = SENDERS[name]
    send(url, ())
    # 5 forgets the peak so far.
    Path("/proc/self/clear_refs").write_text("5")
    start = resident()
    send(url, (file,))
    return max(peak() - start, 1)


def peak() -> int:
    """The most bytes of memory that this process had. Linux only, as are the figures."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (found,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(found) * 1024


def _body(files: tuple[Path, ...]) -> SendMessageBody:
    return SendMessageBody(
        from_=f"Bench <bench@{DOMAIN}>",
        to=["alice@example.com"],
        subject="A message with a file",
        text="See the file.",
        attachment=[File(each) for each in files],
    )


if __name__ == "__main__":
    print(measure(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
