"""A whole session writes its report, compares it with the last, and keeps keys out of it."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from tests.contract import report
from tests.contract.report import previous
from tests.contract.truth import Truth
from tests.suite import reports, test_session
from tests.suite.faults import Altered, instead
from tests.suite.server import FOREIGN, KEY, SENDING, WRONG, Call, Server
from tests.suite.test_session import Play

pytest_plugins = ["pytester"]
play = test_session.play


FAULTY = Altered(operation="update_thing", change=instead(418))


class Echoing(Server):
    """Breaks the contract with answers that have the key of the request in them."""

    def answer(self, call: Call) -> httpx.Response:
        authorization = call.request.headers.get("authorization", "")
        return httpx.Response(418, text=f"{authorization} {KEY} {FOREIGN} {SENDING} {WRONG}")


def test_a_session_writes_three_files_and_names_them(play: Play, tmp_path: Path) -> None:
    session = play(None, "--operation=list_things")
    for suffix in ("json", "html", "xml"):
        path = tmp_path / "reports" / f"contract.{suffix}"
        assert path.exists()
        assert session.says(f"report: {path}")
    row = session.report["operations"]["list_things"]
    assert "kept" in row["parameters"]["query limit"]["keywords"]["maximum 100"]
    assert row["timing"]["calls"] >= row["through_client"] + row["raw"] > 0
    assert row["seconds"] > 0
    assert not session.report["whole"]


def test_a_breach_comes_with_request_and_response(play: Play) -> None:
    rows = play(FAULTY, "--operation=update_thing").report["operations"]["update_thing"]["broken"]
    rows = [row for row in rows if row["breach"] == "ResponseInvalid"]
    assert rows
    for row in rows:
        assert row["request"].startswith("PUT /v3/own.example.test/things/")
        assert row["response"].startswith("418 ")


def test_no_key_gets_into_what_a_session_writes(play: Play, tmp_path: Path) -> None:
    session = play(Echoing())
    written = [path.read_text() for path in (tmp_path / "reports").iterdir()]
    assert "$MAILGUN_API_KEY" in written[0]
    for text in [*written, *session.lines]:
        for key in (KEY, FOREIGN, SENDING, WRONG):
            assert key not in text


def test_a_session_is_compared_with_the_one_before(
    play: Play, truth: Truth, tmp_path: Path
) -> None:
    path = tmp_path / "reports" / "contract.json"
    report.write(reports.document(truth, reports.bad(truth)), path)
    found = play(FAULTY).report
    assert "update_thing: conformance" in found["trend"]["broke"]
    assert found["trend"]["mended"] == ["delete_thing: auth", "list_things: conformance"]
    assert [each["seconds"] for each in found["history"]] == [12.3]
    assert previous.load(previous.kept(path))["seconds"] == pytest.approx(12.3)


def test_a_session_is_compared_with_the_report_that_is_named(
    play: Play, truth: Truth, tmp_path: Path
) -> None:
    old = tmp_path / "old.json"
    report.write(reports.document(truth), tmp_path / "reports" / "contract.json")
    report.write(reports.document(truth, reports.bad(truth)), old)
    trend = play(None, f"--previous={old}").report["trend"]
    assert trend["mended"] == ["delete_thing: auth", "list_things: conformance"]


def test_a_previous_report_that_is_none_ends_the_session_before_it_starts(
    play: Play, tmp_path: Path
) -> None:
    old = tmp_path / "old.json"
    old.write_text(json.dumps({"format": "other"}))
    server = Server()
    session = play(server, f"--previous={old}")
    assert session.status == pytest.ExitCode.USAGE_ERROR
    assert session.says(f"ERROR: {old}: expected a contract.json that this suite wrote")
    assert server.calls == []
