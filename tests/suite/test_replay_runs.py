"""Whole sessions of target replay: exit status and summary, and the recordings that we ship."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.contract import truth as truths
from tests.contract.__main__ import main
from tests.contract.cases import Cases
from tests.contract.ledger import Entry
from tests.contract.recordings import files
from tests.contract.recordings.record import record
from tests.contract.recordings.replay import Replay
from tests.contract.targets import replay as replays
from tests.contract.truth import Truth
from tests.suite import package, plugin
from tests.suite.server import Server, target

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
OPTIONS = ["-c", str(ROOT / "pyproject.toml"), f"--rootdir={ROOT}", "-p", "no:cacheprovider"]
OPTIONS += ["--assert=plain", "--target=replay", "--profile=ci"]
DIFFERENCE = """
[[deviation]]
target = "replay"
operation = "get_note"
law = "conformance"
breach = "ResponseInvalid"
detail = "299"
reason = "Seeded."
evidence = "none"
since = 2026-11-21
"""
Play = Callable[..., tuple[int, str]]


@pytest.fixture
def recordings(
    truth: Truth,
    draws: Cases,
    client_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Path:
    """What the faultless server answers."""
    package.install(monkeypatch)
    operations = truth.operations.values()
    session = record(truth, target(Server()), draws, operations, date="2026-11-21", each=2)
    files.write(tmp_path / "recordings", session.exchanges)
    return tmp_path / "recordings"


@pytest.fixture
def play(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, recordings: Path, tmp_path: Path
) -> Play:
    def played(differences: str = "") -> tuple[int, str]:
        monkeypatch.setenv("CONTRACT_RECORDINGS", str(recordings))
        plugin.write(tmp_path, differences)
        plugin.stage(monkeypatch, tmp_path, Server())
        package.install(monkeypatch)
        monkeypatch.setattr("tests.contract.targets.make", lambda _name: replays.make({}))
        suite = str(ROOT / "tests" / "contract")
        result = pytester.runpytest_inprocess(suite, *OPTIONS)
        return int(result.ret), "\n".join([*result.outlines, *result.errlines])

    return played


def _spoil(recordings: Path) -> None:
    path = recordings / "get_note.yaml"
    path.write_text(path.read_text().replace("status: 200", "status: 299"))


def test_recordings_without_difference_pass(play: Play) -> None:
    status, told = play()
    assert status == pytest.ExitCode.OK
    assert "operations: 9 of 9" in told
    assert "contract: target replay" in told


def test_a_difference_fails_the_session(play: Play, recordings: Path) -> None:
    _spoil(recordings)
    status, told = play()
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "conformance: ResponseInvalid" in told


def test_a_listed_difference_is_excused(play: Play, recordings: Path) -> None:
    _spoil(recordings)
    assert play(DIFFERENCE)[0] == pytest.ExitCode.OK


def test_a_listed_difference_that_is_none_fails_the_session(play: Play) -> None:
    status, told = play(DIFFERENCE)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "stale deviation, remove it: get_note" in told


def test_operations_without_recording_are_no_fault(play: Play, recordings: Path) -> None:
    for path in sorted(recordings.iterdir())[1:]:
        path.unlink()
    status, told = play()
    assert status == pytest.ExitCode.OK
    assert "operations: 1 of 9" in told


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "expected *.yaml below"),
        ("a: [", "get_note.yaml: line 2: expected YAML"),
        ("format: 1\noperation: x\nexchanges: {}", "get_note.yaml: exchanges: expected list"),
    ],
)
def test_broken_recordings_are_one_line_and_status_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, says: str
) -> None:
    if content is not None:
        (tmp_path / "get_note.yaml").write_text(content)
    monkeypatch.setenv("CONTRACT_RECORDINGS", str(tmp_path))
    result = CliRunner().invoke(main, ["--target", "replay"])
    assert result.exit_code == 2
    assert says in result.output
    assert result.output.count("\n") == 1


def test_the_shipped_recordings_keep_to_the_truth_and_the_client() -> None:
    the_truth = truths.load()
    recorded = replays.recorded({}, the_truth)
    replay = Replay(the_truth, Cases.of(the_truth, 0), [], recorded)
    assert len(recorded) > 20
    for name in recorded:
        entry = Entry(name)
        replay.run(the_truth.operations[name], entry)
        assert entry.broken == []
        assert entry.ran["parsing"] == len(recorded[name])


def test_the_shipped_recordings_are_as_the_recorder_writes_them(tmp_path: Path) -> None:
    folder = replays.folder({})
    for path in sorted(folder.rglob("*.yaml")):
        files.write(tmp_path, files.read_file(path))
        assert (tmp_path / path.name).read_text() == path.read_text()
