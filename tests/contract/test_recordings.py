"""Every recorded operation: client and truth against what servers once said (target replay)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from tests.contract.ledger import Entry
from tests.contract.recordings.replay import Replay
from tests.contract.scrub import Scrub
from tests.contract.suite import Suite, report
from tests.contract.targets import replay as replays
from tests.contract.truth import Operation


@pytest.fixture(scope="session")
def replay(suite: Suite) -> Replay:
    recorded = replays.recorded(os.environ, suite.truth)
    return Replay(suite.truth, suite.draws, suite.deviations, recorded)


@pytest.fixture
def entry(
    operation: Operation, suite: Suite, replay: Replay, request: pytest.FixtureRequest
) -> Iterator[Entry]:
    if operation.id not in replay.recorded:
        pytest.skip("no recording")
    entry = Entry(operation.id, scrub=Scrub.of(suite.target))
    started = time.perf_counter()
    yield entry
    entry.seconds = time.perf_counter() - started
    entry.notes = replay.observer.taken()
    request.node.user_properties.append(("contract", entry.plain()))


def test_keeps_to_recordings(operation: Operation, replay: Replay, entry: Entry) -> None:
    replay.run(operation, entry)
    if entry.broken:
        pytest.fail(report(entry, replay.draws.seed), pytrace=False)
