"""A whole session: its exit status, its summary and its report tell what the run was worth."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import define, frozen

from tests.contract.breaches import PROPERTIES
from tests.contract.cases import Cases
from tests.contract.ledger import Ledger
from tests.suite import package, plugin
from tests.suite.faults import Altered, Refusing, instead
from tests.suite.server import Call, Server

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
OPTIONS = ["-c", str(ROOT / "pyproject.toml"), f"--rootdir={ROOT}", "-p", "no:cacheprovider"]
# Rewriting the assertions of plugins takes longer than all the rest.
OPTIONS += ["--assert=plain"]
DEVIATION = """
[[deviation]]
target = "emulator"
operation = "get_note"
law = "{law}"
breach = "{breach}"
detail = "not today"
reason = "Seeded."
evidence = "none"
since = 2026-11-21
"""
OUT_OF_REACH = DEVIATION.format(law="reach", breach="NeverSucceeded")
UNREADABLE = DEVIATION.format(law="state", breach="CreatedDiffers")
REFUSED = DEVIATION.format(law="inputs", breach="ValidRejected")


@frozen
class Session:
    """A session that has ended."""

    status: int
    lines: list[str]
    report: dict[str, Any]

    def says(self, text: str) -> bool:
        return any(line.startswith(text) for line in self.lines)


Play = Callable[..., Session]


@pytest.fixture
def play(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    client_folder: Path,
    draws: Cases,
    tmp_path: Path,
) -> Play:
    """Runs a session in this process; `draws` have loaded what each would load for itself."""

    def played(server: Server | None = None, *arguments: str, differences: str = "") -> Session:
        plugin.write(tmp_path, differences)
        plugin.stage(monkeypatch, tmp_path, server or Server())
        package.install(monkeypatch)
        report = tmp_path / "reports" / "contract.json"
        suite = str(ROOT / "tests" / "contract")
        result = pytester.runpytest_inprocess(
            suite, *OPTIONS, "--profile=ci", f"--contract-report={report}", *arguments
        )
        found = json.loads(report.read_text()) if report.exists() else {}
        return Session(int(result.ret), [*result.outlines, *result.errlines], found)

    return played


def test_a_session_without_fault_passes_and_counts_everything(play: Play) -> None:
    session = play()
    assert session.status == pytest.ExitCode.OK
    assert session.says("operations: 9 of 9")
    taking_part = {"auth": 8, "state": 8, "paging": 2}
    assert session.report["properties"] == {
        law: {"run": taking_part.get(law, 9), "passed": taking_part.get(law, 9)}
        for law in PROPERTIES
    }
    assert [session.report[kind] for kind in ("unreached", "unrun", "stale_deviations")] == [[]] * 3


def test_entries_of_worker_processes_reach_the_report(tmp_path: Path) -> None:
    plugin.write(tmp_path)
    package.write(tmp_path, "mailgun_client")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "tests/contract", *OPTIONS]
    options = ["-p", "tests.suite.plugin", "-n", "1", f"--contract-report={tmp_path / 'r.json'}"]
    result = subprocess.run(
        [*command, *options],
        cwd=ROOT,
        env=kept | {"PYTHONPATH": str(tmp_path), "THINGS": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == pytest.ExitCode.OK, result.stdout + result.stderr
    assert "operations: 9 of 9" in result.stdout
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["operations"]["delete_thing"]["statuses"]["204"] > 0


def test_an_operation_that_never_succeeds_fails_the_session_and_is_named(play: Play) -> None:
    session = play(Refusing(operation="get_note"))
    assert session.status == pytest.ExitCode.TESTS_FAILED
    assert session.says("never succeeded: get_note")
    assert session.report["unreached"] == ["get_note"]


def test_a_breach_fails_the_session_and_shows_how_to_repeat_it(play: Play) -> None:
    session = play(Altered(operation="get_status", change=instead(202)), "--operation=get_status")
    assert session.status == pytest.ExitCode.TESTS_FAILED
    assert session.says("get_status: 1 breach(es), seed 0")
    assert session.says("    curl -i -X GET http://things.example.test/v1/status")


@define(kw_only=True)
class Silent(Server):
    """Hangs up in the middle of calls of one operation."""

    error: Exception
    operation: str = "get_note"

    def answer(self, call: Call) -> httpx.Response:
        if call.id == self.operation:
            raise self.error
        return Server.answer(self, call)


def test_a_server_that_hangs_up_is_a_breach_with_the_call(play: Play) -> None:
    gone = httpx.RemoteProtocolError("hung up")
    session = play(Silent(error=gone), "--operation=get_note")
    assert session.status == pytest.ExitCode.TESTS_FAILED
    rows = session.report["operations"]["get_note"]["broken"]
    assert {(row["breach"], row["detail"]) for row in rows} == {
        ("Unanswered", "no response: RemoteProtocolError: hung up")
    }
    assert all("GET http://things.example.test/v1/notes/" in row["curl"] for row in rows)
    assert session.report["crashed"] == []


def test_an_error_of_the_suite_itself_fails_the_report_too(play: Play) -> None:
    wrong = KeyError("a mistake with key-own")
    session = play(Silent(error=wrong, operation="get_status"), "-k", "auth or get_status")
    assert session.status == pytest.ExitCode.TESTS_FAILED
    assert not session.report["passed"]
    said = " ".join(session.report["crashed"])
    assert "test_refuses_invalid_input[get_status]: KeyError: 'a mistake with $" in said
    assert "key-own" not in said
    assert session.says("ended without a verdict: test_refuses_invalid_input[get_status]: KeyError")


def test_an_excused_operation_may_stay_out_of_reach(play: Play) -> None:
    session = play(Refusing(operation="get_note"), differences=OUT_OF_REACH + REFUSED + UNREADABLE)
    assert session.status == pytest.ExitCode.OK
    assert session.report["properties"]["reach"] == {"run": 9, "passed": 8, "deviating": 1}
    assert session.report["operations"]["get_note"]["excused"]


def test_a_deviation_that_excuses_nothing_fails_the_session(play: Play) -> None:
    session = play(differences=REFUSED)
    assert session.status == pytest.ExitCode.TESTS_FAILED
    assert session.says("stale deviation, remove it: get_note inputs ValidRejected 'not today'")


def test_a_deviation_that_depends_on_the_draws_may_excuse_nothing(play: Play) -> None:
    assert play(differences=f"{REFUSED}drawn = true\n").status == pytest.ExitCode.OK


def test_a_session_of_few_cases_does_not_call_a_deviation_stale(play: Play) -> None:
    assert play(None, "--profile=quick", differences=REFUSED).status == pytest.ExitCode.OK


def test_a_session_of_one_operation_judges_only_that(play: Play) -> None:
    server = Refusing(operation="get_note")
    session = play(server, "--operation=list_things", differences=REFUSED)
    assert session.status == pytest.ExitCode.OK
    assert session.says("operations: 1 of 9")


def test_a_session_of_some_tests_judges_only_those(play: Play) -> None:
    session = play(Refusing(operation="get_note"), "-k", "accepts and list_things")
    assert session.status == pytest.ExitCode.OK


def test_a_session_that_recorded_nothing_fails(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ledger, "add", lambda _ledger, _entry: None)
    session = play()
    assert session.status == pytest.ExitCode.TESTS_FAILED
    assert session.says("never succeeded: create_thing")
    assert session.says("never came under: create_thing: fidelity")


def test_an_unknown_operation_is_an_error(play: Play) -> None:
    session = play(None, "--operation=list_thing")
    assert session.status == pytest.ExitCode.USAGE_ERROR
    assert session.says("ERROR: no such operation: list_thing")


def test_listing_the_tests_is_no_failed_session(play: Play) -> None:
    assert play(None, "--collect-only").status == pytest.ExitCode.OK
