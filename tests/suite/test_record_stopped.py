"""Recording that is told to stop: what was made is removed, nothing is written, no traceback."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from attrs import define, evolve

from tests.contract import targets
from tests.contract.recordings import __main__ as recordings
from tests.contract.targets import emulator


@define
class Stopped(httpx.BaseTransport):
    """A server in the middle of whose work a signal comes."""

    inner: httpx.BaseTransport
    number: signal.Signals
    after: int = 5
    calls: int = 0
    closed: bool = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        if self.calls == self.after:
            os.kill(os.getpid(), self.number)
        return self.inner.handle_request(request)

    def close(self) -> None:
        self.closed = True
        self.inner.close()


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_made_is_removed_and_nothing_written(
    number: signal.Signals,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = emulator.make({})
    transport = Stopped(made.transport, number)
    finished: list[bool] = []

    def finish() -> list[str]:
        finished.append(transport.closed)
        return []

    target = evolve(made, transport=transport, finish=finish)
    monkeypatch.setattr(targets, "make", lambda _name: target)
    with pytest.raises(SystemExit) as ended:
        recordings.run(["record", "--operation=create_template", f"--to={tmp_path / 'tape'}"])
    assert ended.value.code == 130
    assert transport.calls == transport.after
    # Removed while the connection still stood, and once.
    assert finished == [False]
    assert transport.closed
    assert not (tmp_path / "tape").exists()
    assert "Traceback" not in capsys.readouterr().err
