"""What is drawn of the real truth where drawing anything would take too long or tell too little."""

from __future__ import annotations

import pytest
from schemathesis import GenerationMode

from tests.contract import truth as truths
from tests.contract.cases import Cases
from tests.contract.truth import Truth

POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


@pytest.fixture(scope="module")
def real() -> Truth:
    return truths.load()


@pytest.fixture(scope="module")
def drawn(real: Truth) -> Cases:
    return Cases.of(real, 0)


@pytest.mark.parametrize(("mode", "length"), [(POSITIVE, 4096), (NEGATIVE, 4097)])
def test_filters_of_routes_come_at_the_limit_of_their_length(
    real: Truth, drawn: Cases, mode: GenerationMode, length: int
) -> None:
    filters = [
        str(case.body.get("expression"))
        for case in drawn.boundary(real.operations["create_route"], mode)
        if isinstance(case.body, dict)
    ]
    found = [each for each in filters if len(each) == length]
    # A filter by its grammar, of which only the length may be wrong.
    assert found
    assert all(each.startswith("match_header(") and each.endswith(")") for each in found)


def test_bodies_with_named_fields_can_be_asked_for(real: Truth, drawn: Cases) -> None:
    operation = real.operations["create_bounces"]
    whole = drawn.fuzzed(operation, POSITIVE, 12)
    named = drawn.fuzzed(operation, POSITIVE, 12, named=True)
    assert any(isinstance(case.body, list) for case in whole)
    assert named
    assert all(isinstance(case.body, dict) for case in named)
    # They are cases of the operation as it is: an answer is judged by all of it.
    assert {id(case.operation) for case in [*whole, *named]} == {id(whole[0].operation)}


def test_lists_come_where_an_operation_takes_nothing_else(real: Truth, drawn: Cases) -> None:
    operation = real.operations["create_allowlist_entry"]
    named, whole = (drawn.fuzzed(operation, POSITIVE, 4, named=each) for each in (True, False))
    assert [case.body for case in named] == [case.body for case in whole]
