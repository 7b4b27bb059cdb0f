"""Every operation of the truth under every property."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.ledger import Entry
from tests.contract.safety.errors import SafetyError
from tests.contract.suite import Suite, report
from tests.contract.truth import Operation


@pytest.fixture
def entry(operation: Operation, suite: Suite, request: pytest.FixtureRequest) -> Iterator[Entry]:
    entry = Entry(operation.id)
    if reason := suite.target.withholds(operation.id):
        entry.withheld[reason] += 1
        request.node.user_properties.append(("contract", entry.plain()))
        pytest.skip(reason)
    try:
        try:
            suite.start()
        except SafetyError as error:
            entry.withheld[str(error)] += 1
            pytest.skip(str(error))
        yield entry
    finally:
        entry.withheld += suite.target.refusals()
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
