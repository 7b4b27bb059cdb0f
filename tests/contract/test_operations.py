"""Every operation of the truth under every property."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.contract.breaches import Unanswered
from tests.contract.evidence import evidence
from tests.contract.families import Family
from tests.contract.ledger import Entry
from tests.contract.observe import Observer
from tests.contract.safety.errors import SafetyError
from tests.contract.scrub import Scrub
from tests.contract.suite import Suite, report
from tests.contract.truth import Operation


@pytest.fixture
def entry(suite: Suite, observer: Observer, request: pytest.FixtureRequest) -> Iterator[Entry]:
    name = "operation" if "operation" in request.fixturenames else "paged"
    entry = Entry(request.getfixturevalue(name).id, scrub=Scrub.of(suite.target))
    with _kept(suite, observer, request, [entry]):
        if reason := suite.target.withholds(entry.operation):
            entry.withhold({reason: 1})
            pytest.skip(reason)
        _start(suite, observer, [entry], "")
        yield entry


@pytest.fixture
def entries(
    family: Family, suite: Suite, observer: Observer, request: pytest.FixtureRequest
) -> Iterator[dict[str, Entry]]:
    scrub = Scrub.of(suite.target)
    entries = {name: Entry(name, scrub=scrub) for name in family.operations}
    wanted = _wanted(entries, request.config)
    with _kept(suite, observer, request, wanted):
        if reason := suite.target.withholds(family.create):
            for entry in wanted:
                entry.leave("state", f"{family.create}: {reason}")
            pytest.skip(reason)
        _start(suite, observer, wanted, "state")
        yield entries


def _start(suite: Suite, observer: Observer, entries: list[Entry], law: str) -> None:
    try:
        suite.start()
    except SafetyError as error:
        for entry in entries:
            entry.withhold({str(error): 1})
            if law:
                entry.leave(law, str(error))
        pytest.skip(str(error))
    observer.taken()  # What the start took belongs to no test.


@contextmanager
def _kept(
    suite: Suite, observer: Observer, request: pytest.FixtureRequest, entries: list[Entry]
) -> Iterator[None]:
    """Hands over what the entries hold in the end, however it comes."""
    started = time.perf_counter()
    try:
        yield
    finally:
        seconds, notes = time.perf_counter() - started, observer.taken()
        # Notes and refusals are of all operations, so one entry takes them along.
        entries[0].notes = notes
        entries[0].withhold(suite.target.refusals())
        for entry in entries:
            entry.seconds = seconds / len(entries)
            request.node.user_properties.append(("contract", entry.plain()))


@contextmanager
def _judged(suite: Suite, *entries: Entry) -> Iterator[None]:
    """Fails the test with all that broke, also where the guard or the limits end it early."""
    try:
        yield
    except SafetyError:
        _conclude(suite, *entries)
        raise
    except httpx.TransportError as error:
        what = f"no response: {type(error).__name__}: {error}"
        suite.judge(entries[0], [Unanswered(what, evidence(error.request))])
    _conclude(suite, *entries)


def _wanted(entries: dict[str, Entry], config: pytest.Config) -> list[Entry]:
    """Those of a family that the run is about."""
    wanted = config.getoption("--operation")
    return [entry for name, entry in entries.items() if not wanted or name in wanted]


def _conclude(suite: Suite, *entries: Entry) -> None:
    broken = [report(entry, suite.draws.seed) for entry in entries if entry.broken]
    if broken:
        pytest.fail("\n".join(broken), pytrace=False)


def test_reaches_success(operation: Operation, suite: Suite, entry: Entry) -> None:
    with _judged(suite, entry):
        suite.reach(operation, entry)


def test_accepts_valid_input(operation: Operation, suite: Suite, entry: Entry) -> None:
    with _judged(suite, entry):
        suite.valid(operation, entry)


def test_refuses_invalid_input(operation: Operation, suite: Suite, entry: Entry) -> None:
    with _judged(suite, entry):
        suite.invalid(operation, entry)


def test_refuses_other_keys(operation: Operation, suite: Suite, entry: Entry) -> None:
    with _judged(suite, entry):
        suite.auth(operation, entry)


def test_pages_partition_the_list(paged: Operation, suite: Suite, entry: Entry) -> None:
    with _judged(suite, entry):
        suite.paging(paged, entry)


def test_resources_live_as_documented(
    family: Family, suite: Suite, entries: dict[str, Entry], pytestconfig: pytest.Config
) -> None:
    with _judged(suite, *_wanted(entries, pytestconfig)):
        suite.state(family, entries)
