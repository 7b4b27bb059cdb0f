"""Files that a run is given and cannot use: one line, exit status 2, and no session is started."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.contract import __main__ as command
from tests.contract import deviations, report, truth
from tests.contract.report import previous
from tests.contract.safety import policy
from tests.contract.truth import Truth
from tests.mutants.__main__ import main as mutate
from tests.suite import reports, test_session
from tests.suite.server import Server
from tests.suite.test_session import Play

pytest_plugins = ["pytester"]
play = test_session.play

OLD: dict[str, Any] = {"format": "mailgun-contract-report", "version": 0}
# Texts of files that were a report of version 1, or shall look like one.
REPORTS = {
    "old": (json.dumps(OLD), "expected version 1, found 0"),
    "cut": ('{"format": "mailgun-contr', "found no JSON"),
    "deep": ("[" * 100_000, "found no JSON"),
    "latin": ('{"format": "\xe9"}', "found no JSON"),
    "foreign": ('{"lockfileVersion": 3}', "found other JSON"),
    "hollow": (
        json.dumps(OLD | {"version": 1}),
        "as contract.schema.json has it, found at its top",
    ),
}


def written(path: Path, text: str | None) -> Path:
    """A file, or none where there is no text."""
    if text is None:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("latin-1"))
    return path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs the command up to where it would start a session."""
    monkeypatch.setattr(command, "_run", lambda *_: pytest.fail("a session was started"))

    def started(*arguments: str) -> Result:
        return CliRunner().invoke(command.main, [f"--reports={tmp_path / 'reports'}", *arguments])

    return started


def refused(result: Result, message: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.output.startswith("Error: ")
    assert message in result.output
    assert len(result.output.splitlines()) == 1


@pytest.mark.parametrize("kind", REPORTS)
def test_a_previous_report_that_is_none_is_refused(kind: str, run: Any, tmp_path: Path) -> None:
    text, message = REPORTS[kind]
    path = written(tmp_path / "old.json", text)
    result = run(f"--previous={path}")
    refused(result, message)
    assert str(path) in result.output


@pytest.mark.parametrize("kind", REPORTS)
def test_what_lies_in_the_place_of_a_report_is_passed_over_and_told(
    kind: str, tmp_path: Path
) -> None:
    text, message = REPORTS[kind]
    path = written(tmp_path / "contract.json", text)
    found, (line,) = previous.last(path, "emulator")
    assert found is None
    assert line.startswith(f"not compared with {path}: ")
    assert message in line


def test_behind_a_broken_report_the_one_that_is_kept_counts(truth: Truth, tmp_path: Path) -> None:
    path = written(tmp_path / "contract.json", "{")
    previous.kept(path).write_text(json.dumps(reports.document(truth)))
    found, ignored = previous.last(path, "emulator")
    assert found is not None
    assert len(ignored) == 1


def test_no_report_is_nothing_to_tell(tmp_path: Path) -> None:
    assert previous.last(tmp_path / "contract.json", "emulator") == (None, [])


def test_a_damaged_report_names_the_place(truth: Truth, tmp_path: Path) -> None:
    document = reports.document(truth)
    document["operations"]["list_things"]["properties"]["auth"] = {}
    path = written(tmp_path / "contract.json", json.dumps(document))
    with pytest.raises(previous.PreviousError, match="at operations/list_things/properties/auth"):
        previous.load(path)


@pytest.mark.parametrize("kind", ["old", "foreign", "hollow"])
def test_a_session_goes_on_without_a_report_that_is_none(
    kind: str, play: Play, tmp_path: Path
) -> None:
    path = written(tmp_path / "reports" / "contract.json", REPORTS[kind][0])
    session = play(None, "--operation=get_status")
    assert session.status == pytest.ExitCode.OK
    assert session.says(f"not compared with {path}: expected ")
    assert session.report["trend"] is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[deviation]", "deviations.toml: expected TOML, found: "),
        ("deviation = 3", "expected [[deviation]] tables, found 3"),
        ('[deviation]\ntarget = "live"', "expected [[deviation]] tables, found {"),
        ("deviation = [1]", "expected [[deviation]] tables, found [1]"),
        ('[[deviation]]\ntarget = "live"', "entry 0: expected the keys"),
        ("\xe9", "expected TOML"),
        (None, "expected a file of deviations, found No such file"),
    ],
)
@pytest.mark.parametrize("target", ["emulator", "rehearsal"])
def test_broken_deviations_are_refused(
    target: str,
    text: str | None,
    message: str,
    run: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = written(tmp_path / "deviations.toml", text)
    monkeypatch.setattr(deviations, "FILE", path)
    refused(run(f"--target={target}"), message)


def test_broken_deviations_beside_recordings_are_refused(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "recordings" / "deviations.toml", "[[deviation]")
    monkeypatch.setenv("CONTRACT_RECORDINGS", str(path.parent))
    refused(run("--target=replay"), f"{path}: expected TOML, found: ")


def test_broken_deviations_end_a_session_before_it_starts(play: Play) -> None:
    server = Server()
    session = play(server, differences="[[deviation]")
    assert session.status == pytest.ExitCode.USAGE_ERROR
    assert len([line for line in session.lines if "deviations.toml" in line]) == 1
    assert server.calls == []


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("operation", "[]", "expected the keys"),
        ("operation", '["list_things"]', "operation: expected text, found ['list_things']"),
        ("detail", "400", "detail: expected text, found 400"),
        ("since", "12", "since: expected a date, found 12"),
        ("drawn", '"yes"', "drawn: expected true, found 'yes'"),
    ],
)
def test_values_of_another_type_are_named(
    key: str, value: str, message: str, tmp_path: Path
) -> None:
    entry = dict(
        line.split(" = ", 1) for line in test_session.REFUSED.splitlines() if " = " in line
    )
    lines = [f"{name} = {text}" for name, text in (entry | {key: value}).items()]
    path = written(tmp_path / "deviations.toml", "\n".join(["[[deviation]]", *lines]))
    with pytest.raises(deviations.DeviationsError) as raised:
        deviations.load("emulator", ["get_note"], path)
    assert f"{path}: entry 0: " in str(raised.value)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[own", "policy.toml: expected TOML, found: "),
        ("own = 3", "policy.toml: own: expected a table, found 3"),
        ("[own]\na = 3", "a: expected a table, found 3"),
        ('[kinds.a]\nmark = "x"', "a: mark: expected a list of texts, found str"),
        ("[kinds.a]\nmark = [1, 2]", "a: mark: expected a list of texts, found list"),
        ('[own.a]\nreason = "why"\nsends = "yes"', "a: sends: expected true or false, found str"),
        ('[kinds.a]\nmark = ["body.x"]\nidentity = []\nremove = "b"', "a: 'mark' has to be"),
        ('[kinds.a]\nmark = ["x", "y"]\nidentity = []\nremove = "b"', "expected path.NAME"),
        (None, "expected the policy, found No such file"),
    ],
)
@pytest.mark.parametrize("arguments", [["--target=rehearsal"], ["--target=live", "--plan"]])
def test_a_broken_policy_is_refused(
    arguments: list[str],
    text: str | None,
    message: str,
    run: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = written(tmp_path / "policy.toml", text)
    monkeypatch.setattr(policy, "load", partial(policy.load, path))
    refused(run(*arguments), message)


@pytest.mark.parametrize("text", [None, "{", "{}", "[]", '{"paths": {"/x": 3}}'])
def test_a_missing_or_broken_truth_is_refused(
    text: str | None, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "openapi.json", text)
    monkeypatch.setattr(truth, "load", partial(truth.load, path))
    for result in (run(), run("--plan")):
        refused(result, f"{path}: expected the truth, which `make build` writes, found ")


def test_a_folder_that_takes_no_report_is_refused(run: Any, tmp_path: Path) -> None:
    path = written(tmp_path / "file", "")
    refused(run(f"--reports={path / 'reports'}"), "expected a folder to write reports to, found")
    (tmp_path / "reports" / "contract.html").mkdir(parents=True)
    refused(run(), "contract.html: expected a file to write the report to, found a folder")


def test_looking_whether_a_report_can_be_written_leaves_nothing(tmp_path: Path) -> None:
    report.check(tmp_path / "reports" / "contract.json")
    assert list((tmp_path / "reports").iterdir()) == []


@pytest.mark.parametrize("jobs", ["two", "-1", "1.5", "", "\N{SUPERSCRIPT TWO}"])
def test_a_wrong_number_of_workers_is_refused(jobs: str, run: Any) -> None:
    refused(run(f"--jobs={jobs}"), f"--jobs: expected a number or auto or logical, found {jobs!r}")


def test_mutants_need_sound_files_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "deviations.toml", "[[deviation]")
    monkeypatch.setattr(deviations, "FILE", path)
    result = CliRunner().invoke(mutate, ["--reports", str(tmp_path / "reports")])
    assert result.exit_code == 2
    assert f"Error: {path}: expected TOML" in result.output
