"""What a run did is counted as it was, and what it did not do is said."""

from __future__ import annotations

import pytest

from tests.contract.breaches import AuthIgnored, NeverSucceeded, ResponseInvalid
from tests.contract.deviations import Deviation
from tests.contract.evidence import Evidence
from tests.contract.ledger import Entry, Ledger
from tests.contract.observe import Notes
from tests.contract.suite import report

KNOWN = {"a": frozenset({200}), "b": frozenset({202, 204})}
EXCUSE = Deviation("emulator", "b", "reach", "NeverSucceeded", "months", "why", "where", "when")


@pytest.fixture
def ledger() -> Ledger:
    return Ledger("emulator", "ci", 7)


def entry(operation: str, status: int, *laws: str, raw: bool = False) -> Entry:
    """An entry with one call that came under the laws."""
    made = Entry(operation, through_client=not raw, raw=raw)
    (made.raw_statuses if raw else made.statuses)[status] += 1
    made.ran.update(laws)
    return made


def test_an_operation_that_was_never_called_is_unreached(ledger: Ledger) -> None:
    assert ledger.unreached(KNOWN) == ["a", "b"]


def test_a_documented_success_through_the_client_reaches_an_operation(ledger: Ledger) -> None:
    ledger.add(entry("b", 204).plain())
    assert ledger.unreached(KNOWN) == ["a"]


def test_another_status_does_not_reach_an_operation(ledger: Ledger) -> None:
    ledger.add(entry("b", 200).plain())
    assert ledger.unreached(KNOWN) == ["a", "b"]


def test_a_raw_success_does_not_reach_an_operation(ledger: Ledger) -> None:
    ledger.add(entry("a", 200, raw=True).plain())
    assert "a" in ledger.unreached(KNOWN)


def test_an_operation_known_to_be_out_of_reach_is_not_listed(ledger: Ledger) -> None:
    known = Entry("b")
    known.judge(NeverSucceeded("it takes months"), [EXCUSE])
    ledger.add(known.plain())
    assert ledger.unreached(KNOWN) == ["a"]
    assert ledger.unrun({"b": frozenset({"reach", "inputs"})}) == []


def test_a_law_that_no_case_came_under_is_named(ledger: Ledger) -> None:
    ledger.add(entry("a", 200, "reach", "inputs").plain())
    wanted = dict.fromkeys("ab", frozenset({"reach", "inputs", "auth"}))
    assert ledger.unrun(wanted) == ["a: auth", "b: auth", "b: inputs", "b: reach"]


def test_entries_of_one_operation_add_up(ledger: Ledger) -> None:
    ledger.add(entry("a", 200, "inputs").plain())
    ledger.add(entry("a", 200, "inputs").plain())
    ledger.add(entry("a", 400, "inputs", "auth", raw=True).plain())
    row = ledger.operations["a"]
    assert (row["through_client"], row["raw"]) == (2, 1)
    assert (row["statuses"], row["raw_statuses"]) == ({"200": 2}, {"400": 1})
    assert {law: counts["ran"] for law, counts in row["properties"].items()} == {
        "inputs": 3,
        "auth": 1,
    }


def test_the_matrix_counts_operations_by_their_worst_outcome(ledger: Ledger) -> None:
    ledger.add(entry("a", 200, "auth").plain())
    bad = entry("b", 200, "auth", "auth")
    bad.judge(AuthIgnored("wrong key: status 200"), [])
    bad.judge(AuthIgnored("missing key: status 200"), [])
    ledger.add(bad.plain())
    assert ledger.matrix()["auth"] == {"run": 2, "passed": 1, "broken": 1}


def test_the_matrix_counts_a_deviation_as_neither_passed_nor_broken(ledger: Ledger) -> None:
    known = entry("b", 400, "reach")
    known.judge(NeverSucceeded("it takes months"), [EXCUSE])
    ledger.add(known.plain())
    assert ledger.matrix()["reach"] == {"run": 1, "deviating": 1}


def test_the_matrix_counts_a_breach_outside_of_any_case(ledger: Ledger) -> None:
    bad = Entry("a")
    bad.judge(NeverSucceeded("no producer"), [])
    ledger.add(bad.plain())
    assert ledger.matrix()["reach"] == {"run": 1, "broken": 1}


def test_seconds_and_points_of_one_operation_add_up(ledger: Ledger) -> None:
    for seconds, point in ((1.0, "query limit"), (2.0, "body.name")):
        made = Entry("a", seconds=seconds, notes={"b": Notes({point})})
        made.notes["b"].time(seconds / 10)
        ledger.add(made.plain())
    assert ledger.operations["a"]["seconds"] == pytest.approx(3.0)
    notes = ledger.notes["b"]
    assert notes.points == {"query limit", "body.name"}
    assert (notes.calls, notes.seconds, notes.slowest) == pytest.approx((2, 0.3, 0.2))


def test_the_summary_counts_operations_cases_and_statuses(ledger: Ledger) -> None:
    ledger.add(entry("a", 200, "inputs").plain())
    ledger.add(entry("a", 400, "inputs", raw=True).plain())
    lines = ledger.summary(2)
    assert lines[0] == "contract: target emulator, profile ci, seed 7"
    assert lines[1] == "operations: 1 of 2"
    assert lines[2].startswith("cases: 1 through the client, 1 raw")
    assert lines[3] == "statuses: 200: 1, 400: 1"
    assert "inputs           1       1          0       0" in lines


def test_a_failure_names_operation_law_seed_and_curl() -> None:
    bad = Entry("a")
    for number in range(7):
        bad.judge(ResponseInvalid(f"status {number}", Evidence(curl=f"curl {number}")), [])
    lines = report(bad, 7).splitlines()
    assert lines[:3] == [
        "a: 7 breach(es), seed 7",
        "  conformance: ResponseInvalid: status 0",
        "    curl 0",
    ]
    assert lines[-1] == "  and 2 more in the JSON report"


def test_what_proves_nothing_is_no_fault_and_is_told(ledger: Ledger) -> None:
    nothing = entry("a", 200, "reach")
    nothing.prove_nothing("paging", "one item")
    ledger.add(nothing.plain())
    assert ledger.unrun({"a": frozenset({"reach", "paging"})}) == []
    assert ledger.gaps() == ["1 operation(s): paging: nothing is proved: one item"]
