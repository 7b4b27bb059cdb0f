"""A run that is told to stop ends before its next request; the second time at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.contract.stopping import Stopping


@pytest.fixture
def stopping() -> Iterator[Stopping]:
    numbers = signal.SIGINT, signal.SIGTERM
    before = [signal.getsignal(number) for number in numbers]
    listening = Stopping()
    listening.listen()
    yield listening
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_waits_for_the_next_request(
    stopping: Stopping, number: signal.Signals
) -> None:
    stopping.check()
    signal.raise_signal(number)
    with pytest.raises(KeyboardInterrupt):
        stopping.check()
    # What was made is removed by requests too.
    stopping.check()


def test_the_second_signal_does_not_wait(stopping: Stopping) -> None:
    signal.raise_signal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
