"""Every operation of the truth under every property."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.families import Family
from tests.contract.ledger import Entry
from tests.contract.suite import Suite, report
from tests.contract.truth import Operation


@pytest.fixture
def entry(suite: Suite, request: pytest.FixtureRequest) -> Iterator[Entry]:
    suite.start()
    name = "operation" if "operation" in request.fixturenames else "paged"
    entry = Entry(request.getfixturevalue(name).id)
    yield entry
    request.node.user_properties.append(("contract", entry.plain()))


@pytest.fixture
def entries(
    family: Family, suite: Suite, request: pytest.FixtureRequest
) -> Iterator[dict[str, Entry]]:
    suite.start()
    entries = {name: Entry(name) for name in family.operations}
    yield entries
    for entry in _wanted(entries, request.config):
        request.node.user_properties.append(("contract", entry.plain()))


def _wanted(entries: dict[str, Entry], config: pytest.Config) -> list[Entry]:
    """Those of a family that the run is about."""
    wanted = config.getoption("--operation")
    return [entry for name, entry in entries.items() if not wanted or name in wanted]


def _conclude(suite: Suite, *entries: Entry) -> None:
    broken = [report(entry, suite.draws.seed) for entry in entries if entry.broken]
    if broken:
        pytest.fail("\n".join(broken), pytrace=False)


def test_reaches_success(operation: Operation, suite: Suite, entry: Entry) -> None:
    suite.reach(operation, entry)
    _conclude(suite, entry)


def test_accepts_valid_input(operation: Operation, suite: Suite, entry: Entry) -> None:
    suite.valid(operation, entry)
    _conclude(suite, entry)


def test_refuses_invalid_input(operation: Operation, suite: Suite, entry: Entry) -> None:
    suite.invalid(operation, entry)
    _conclude(suite, entry)


def test_refuses_other_keys(operation: Operation, suite: Suite, entry: Entry) -> None:
    suite.auth(operation, entry)
    _conclude(suite, entry)


def test_pages_partition_the_list(paged: Operation, suite: Suite, entry: Entry) -> None:
    suite.paging(paged, entry)
    _conclude(suite, entry)


def test_resources_live_as_documented(
    family: Family, suite: Suite, entries: dict[str, Entry], pytestconfig: pytest.Config
) -> None:
    suite.state(family, entries)
    _conclude(suite, *_wanted(entries, pytestconfig))
