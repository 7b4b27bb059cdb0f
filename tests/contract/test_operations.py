"""Every operation of the truth under every property."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.contract.ledger import Entry
from tests.contract.observe import Observer
from tests.contract.scrub import Scrub
from tests.contract.suite import Suite, report
from tests.contract.truth import Operation


@pytest.fixture
def entry(
    operation: Operation, suite: Suite, observer: Observer, request: pytest.FixtureRequest
) -> Iterator[Entry]:
    suite.start()
    entry = Entry(operation.id, scrub=Scrub.of(suite.target))
    observer.taken()  # What the start took belongs to no test.
    started = time.perf_counter()
    yield entry
    entry.seconds = time.perf_counter() - started
    entry.notes = observer.taken()
    request.node.user_properties.append(("contract", entry.plain()))


def _conclude(entry: Entry, suite: Suite) -> None:
    if entry.broken:
        pytest.fail(report(entry, suite.draws.seed), pytrace=False)


def test_reaches_success(operation: Operation, suite: Suite, entry: Entry) -> None:
    suite.reach(operation, entry)
    _conclude(entry, suite)


def test_accepts_valid_input(operation: Operation, suite: Suite, entry: Entry) -> None:
    suite.valid(operation, entry)
    _conclude(entry, suite)


def test_refuses_invalid_input(operation: Operation, suite: Suite, entry: Entry) -> None:
    suite.invalid(operation, entry)
    _conclude(entry, suite)


def test_refuses_other_keys(operation: Operation, suite: Suite, entry: Entry) -> None:
    suite.auth(operation, entry)
    _conclude(entry, suite)
