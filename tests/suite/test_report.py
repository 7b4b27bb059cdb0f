"""contract.json and JUnit say of a run what was in its ledger, and what changed since the last."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest

from tests.contract import report
from tests.contract.breaches import PROPERTIES, ResponseInvalid
from tests.contract.ledger import Entry, Ledger
from tests.contract.report import junit, previous
from tests.contract.truth import Truth
from tests.suite import reports

SCHEMA = Path(report.__file__).with_name("contract.schema.json")


def outcomes(document: dict[str, Any], operation: str) -> dict[str, str]:
    cells = document["operations"][operation]["properties"]
    return {law: cell["outcome"] for law, cell in cells.items()}


@pytest.fixture
def validator() -> Any:
    schema = json.loads(SCHEMA.read_text())
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def test_the_document_has_the_shape_that_is_written_down(truth: Truth, validator: Any) -> None:
    first = reports.document(truth)
    second = reports.document(truth, reports.bad(truth), previous=first)
    for document in (first, second):
        validator.validate(json.loads(json.dumps(document)))
    assert not validator.is_valid(first | {"version": 2})
    del second["operations"]["list_things"]["broken"][0]["curl"]
    assert not validator.is_valid(json.loads(json.dumps(second)))


def test_each_operation_has_an_outcome_under_each_property(truth: Truth) -> None:
    document = reports.document(truth, reports.bad(truth))
    passed = dict.fromkeys(PROPERTIES, "passed")
    assert document["operations"].keys() == truth.operations.keys()
    assert outcomes(document, "create_thing") == passed
    assert outcomes(document, "list_things") == passed | {"conformance": "broken"}
    assert outcomes(document, "get_note") == passed | {"inputs": "deviating"}
    assert outcomes(document, "get_status") == passed | {"auth": "inapplicable"}


def test_what_was_not_run_is_not_passed(truth: Truth) -> None:
    document = reports.document(truth, Ledger("emulator", "ci", 7))
    assert set(outcomes(document, "create_thing").values()) == {"unrun"}
    assert document["totals"]["cells"]["passed"] == 0
    assert document["totals"]["operations"] == {"known": len(truth.operations), "run": 0}


def test_a_run_of_few_operations_shows_only_those(truth: Truth) -> None:
    ledger = Ledger("emulator", "ci", 7)
    ledger.add(Entry("list_things").plain())
    document = reports.document(truth, ledger, whole=False)
    assert list(document["operations"]) == ["list_things"]


def test_a_run_passes_without_breaches_and_faults(truth: Truth) -> None:
    assert reports.document(truth)["passed"] is True
    assert reports.document(truth, reports.bad(truth))["passed"] is False
    verdict = {"unreached": ["get_note"], "stale_deviations": []}
    assert reports.document(truth, verdict=verdict)["passed"] is False


def test_points_reached_stand_against_those_of_the_truth(truth: Truth) -> None:
    row = reports.document(truth)["operations"]["list_things"]
    assert row["parameters"]["query limit"] == {
        "sent": True,
        "keywords": {"type integer": [], "minimum 1": ["kept"], "maximum 100": []},
    }
    assert row["parameters"]["query tag"]["sent"] is False
    assert row["responses"]["200"]["items[].name"] is False
    assert row["documented"] == ["200", "400", "401", "403", "404"]
    assert (row["statuses"], row["raw_statuses"]) == ({"200": 3}, {"400": 2})
    assert row["timing"] == {"calls": 1, "mean_ms": 4.0, "slowest_ms": 4.0}


def test_totals_add_up(truth: Truth) -> None:
    totals, number = reports.document(truth)["totals"], len(truth.operations)
    assert sum(totals["cells"].values()) == number * len(PROPERTIES)
    assert totals["cases"]["through_client"] == 3 * number
    assert totals["cases"]["raw"] == 2 * number
    limited = sum("limit" in each.parameters("query") for each in truth.operations.values())
    # Each operation has its success and 400; that it has a limit was noted of those that do.
    assert totals["coverage"]["statuses"]["reached"] == 2 * number
    assert totals["coverage"]["parameters"]["reached"] == limited
    assert totals["coverage"]["keywords"]["reached"] == limited
    for figure in totals["coverage"].values():
        assert 0 <= figure["reached"] < figure["known"]


def test_the_trend_tells_what_broke_and_what_was_mended(truth: Truth) -> None:
    good, bad = reports.document(truth), reports.document(truth, reports.bad(truth))
    worse = reports.document(truth, reports.bad(truth), previous=good)["trend"]
    assert worse["broke"] == ["delete_thing: auth", "list_things: conformance"]
    assert (worse["mended"], worse["still_broken"], worse["no_longer_run"]) == ([], [], [])
    better = reports.document(truth, previous=bad)["trend"]
    assert better["mended"] == worse["broke"]
    same = reports.document(truth, reports.bad(truth), previous=bad)["trend"]
    assert (same["broke"], same["still_broken"]) == ([], worse["broke"])


def test_the_trend_tells_what_is_no_longer_run(truth: Truth) -> None:
    good = reports.document(truth)
    trend = reports.document(truth, Ledger("emulator", "ci", 7), previous=good)["trend"]
    assert "add_note: reach" in trend["no_longer_run"]
    good["operations"]["old_thing"] = good["operations"].pop("add_note")
    trend = reports.document(truth, previous=good)["trend"]
    assert (trend["operations_added"], trend["operations_gone"]) == (["add_note"], ["old_thing"])


def test_the_history_is_kept_short(truth: Truth) -> None:
    document = reports.document(truth)
    for _ in range(25):
        document = reports.document(truth, previous=document)
    assert len(document["history"]) == 20
    assert document["history"][-1]["totals"] == document["totals"]


def test_writing_makes_three_files_and_keeps_the_last(truth: Truth, tmp_path: Path) -> None:
    path = tmp_path / "reports" / "contract.json"
    first, second = reports.document(truth), reports.document(truth, reports.bad(truth))
    assert [each.name for each in report.write(first, path)] == [
        "contract.json",
        "contract.html",
        "contract.xml",
    ]
    assert previous.last(path, "emulator") == (json.loads(path.read_text()), [])
    assert previous.last(path, "live") == (None, [])
    report.write(second, path)
    assert previous.load(previous.kept(path))["passed"] is True
    assert previous.load(path)["passed"] is False


def test_a_narrow_run_does_not_take_the_place_of_the_last_whole_one(
    truth: Truth, tmp_path: Path
) -> None:
    path = tmp_path / "contract.json"
    report.write(reports.document(truth), path)
    for _ in range(2):
        report.write(reports.document(truth, whole=False, seconds=99.0), path)
    found, ignored = previous.last(path, "emulator")
    assert ignored == []
    assert found is not None
    assert found["seconds"] == 12.3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "found No such file"),
        ("{", "found no JSON"),
        ("[]", "found other JSON"),
        ('{"format": "x"}', "found other JSON"),
        ('{"format": "mailgun-contract-report", "version": 9}', "expected version 1, found 9"),
    ],
)
def test_a_previous_report_that_is_none_is_refused(
    text: str | None, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "old.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(previous.PreviousError, match=said):
        previous.load(path)
    found, ignored = previous.last(path, "emulator")
    assert found is None
    assert len(ignored) == (text is not None)


def test_junit_has_a_case_for_each_property_that_had_to_run(truth: Truth) -> None:
    document = reports.document(
        truth, reports.bad(truth), verdict={"unreached": [], "stale_deviations": ["x"]}
    )
    suite = ET.fromstring(junit.render(document)).find("testsuite")
    assert suite is not None
    cases = {(case.get("classname"), case.get("name")): case for case in suite.iter("testcase")}
    cells = document["totals"]["cells"]
    assert len(cases) == int(suite.get("tests", "")) == sum(cells.values()) - 1 + 1
    assert (suite.get("failures"), suite.get("skipped")) == ("3", "1")
    failure = cases["contract.things.list_things", "conformance"].find("failure")
    assert failure is not None
    assert (failure.text or "").count("ResponseInvalid: ") == 6
    assert cases["contract.things.get_note", "inputs"].find("skipped") is not None
    assert cases["contract.run.stale_deviations", "x"].find("failure") is not None
    assert ("contract.things.get_status", "auth") not in cases


def test_no_answer_of_a_server_breaks_the_files(truth: Truth, tmp_path: Path) -> None:
    ledger = reports.good(truth)
    entry = Entry("list_things")
    entry.judge(ResponseInvalid("\x00\x08\x0b\ufffe\ud800 ]]> &"), [])
    ledger.add(entry.plain())
    path = tmp_path / "contract.json"
    report.write(reports.document(truth, ledger), path)
    assert json.loads(path.read_text())["operations"]["list_things"]["broken"]
    ET.parse(path.with_suffix(".xml"))
    path.with_suffix(".html").read_text(encoding="utf-8")
