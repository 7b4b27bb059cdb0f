"""Where client, server and truth agree, the suite has nothing to report."""

from __future__ import annotations

import pytest

from tests.suite import things
from tests.suite.conftest import Benches

OPERATIONS = [
    raw["operationId"] for item in things.document()["paths"].values() for raw in item.values()
]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("check", ["reach", "valid", "invalid", "auth"])
def test_nothing_is_reported_without_a_fault(bench: Benches, check: str, operation: str) -> None:
    assert bench().run(check, operation).broken == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_comes_under_every_law_of_valid_input(
    bench: Benches, operation: str
) -> None:
    ran = bench().run("valid", operation).ran
    assert ran.keys() == {"fidelity", "conformance", "parsing", "inputs", "twins"}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_asked_with_invalid_input(bench: Benches, operation: str) -> None:
    entry = bench().run("invalid", operation)
    assert entry.raw == entry.ran["inputs"] > 0


@pytest.mark.parametrize("operation", OPERATIONS)
def test_statuses_of_raw_calls_are_counted_apart(bench: Benches, operation: str) -> None:
    entry = bench().run("invalid", operation)
    assert entry.raw_statuses.total() == entry.raw
    assert not entry.statuses


@pytest.mark.parametrize("family", ["create_thing", "add_note"])
def test_every_operation_of_a_family_takes_part_in_its_life(bench: Benches, family: str) -> None:
    entries = bench().live(family)
    assert [row for entry in entries.values() for row in entry.broken] == []
    assert all(entry.ran["state"] for entry in entries.values())


@pytest.mark.parametrize("operation", ["list_things", "list_notes"])
def test_pages_of_a_list_are_walked(bench: Benches, operation: str) -> None:
    entry = bench().run("paging", operation)
    assert entry.broken == []
    assert entry.ran["paging"] > 8
