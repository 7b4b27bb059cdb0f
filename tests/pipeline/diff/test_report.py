"""The three forms of a report, and `python -m pipeline diff` as its users meet it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from pipeline.__main__ import main
from pipeline.diff import compare, report
from tests.pipeline.diff.conftest import Json, base, post, schema

HARMLESS, BREAKING = "harmless.yaml", "breaking.yaml"


def edited() -> Json:
    new = base()
    del schema(new, "Inner")["properties"]["at"]
    post(new)["parameters"][0]["required"] = True
    post(new)["operationId"] = "make_it"
    new["paths"]["/more"] = {"get": {"responses": {"200": {"description": "OK"}}}}
    return new


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with specs/send.yaml and two later versions of it, which is where we are."""
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/send.yaml").write_text(yaml.safe_dump(base()))
    (tmp_path / BREAKING).write_text(yaml.safe_dump(edited()))
    harmless = base()
    harmless["paths"]["/more"] = edited()["paths"]["/more"]
    (tmp_path / HARMLESS).write_text(yaml.safe_dump(harmless))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def diff(*words: str) -> Result:
    return CliRunner().invoke(main, ["diff", *words])


def test_text_goes_by_operation_and_marks_what_breaks() -> None:
    lines = report.text(compare(base(), edited(), names=("old", "new"))).splitlines()
    assert lines[:3] == [
        "old (1) -> new (1)",
        "3 breaking, 2 non-breaking changes",
        "operations: 1 added, 0 removed, 0 moved, 2 changed, 0 unchanged",
    ]
    assert "  GET /more: operation added [operation-added]" in lines
    own = lines.index("POST /things/{id}")
    assert lines[own + 1 : own + 3] == [
        "!   query parameter q: became required [parameter-became-required]",
        "    also S1 (breaking)",
    ]
    shared = lines.index("schemas that several operations use")
    assert lines[shared + 1 : shared + 3] == [
        "! S1 Inner.at: field removed: string [response-field-removed]",
        "    in 2 operations, first POST /things/{id}",
    ]
    assert lines[-1] == ("  POST /things/{id}: operationId make -> make_it [operation-id-changed]")


def test_markdown_says_the_same() -> None:
    text = report.markdown(compare(base(), edited()))
    assert "| **breaking** | 3 |" in text
    assert "- `GET /more`\n" in text
    assert "- **breaking**: `query parameter q`: became required" in text
    assert "- `GET /things/{id}`: S1 (breaking)" in text
    assert "- S1: **breaking**, `Inner.at`: field removed: string" in text
    assert "operationId make → make\\_it" in text


def test_neighbours_with_the_same_change_share_a_line() -> None:
    new = base()
    for name in ("x", "when"):
        schema(new, "In")["properties"][name]["deprecated"] = True
    text = report.markdown(compare(base(), new))
    assert "`body (multipart/form-data) › {x, when}`: deprecated" in text


def test_markdown_is_cut_at_a_line_and_says_so() -> None:
    new = base()
    for number in range(200):
        new["paths"][f"/more/{number}"] = {"get": {"responses": {}}}
    found = compare(base(), new)
    whole, cut = report.markdown(found), report.markdown(found, 2000)
    assert len(whole) > 2000 >= len(cut)
    kept = cut.splitlines()[:-2]
    assert whole.splitlines()[: len(kept)] == kept
    missing = len(whole.splitlines()) - len(kept)
    assert cut.splitlines()[-1] == f"{missing} more lines are left off here."


def test_json_has_every_change_and_counts_that_agree() -> None:
    found = json.loads(report.json_text(compare(base(), edited(), names=("a", "b"))))
    assert found["old"] == {"name": "a", "title": "Things", "version": "1", "operations": 2}
    summary, changes = found["summary"], found["changes"]
    assert summary["breaking"] == sum(change["breaking"] for change in changes) == 3
    assert summary["non_breaking"] == sum(not change["breaking"] for change in changes) == 2
    assert sum(summary["rules"].values()) == len(changes)
    assert summary["distinct"] == 4
    assert {
        "rule": "parameter-became-required",
        "breaking": True,
        "operation": "POST /things/{id}",
        "operation_id": "make",
        "places": ["query parameter q"],
        "text": "became required",
        "old": "#/paths/~1things~1{id}/post/parameters/0",
        "new": "#/paths/~1things~1{id}/post/parameters/0",
    } in changes


@pytest.mark.parametrize(
    ("old", "new", "fail_on", "status"),
    [
        ("send", "specs/send.yaml", "any", 0),
        ("send", HARMLESS, "breaking", 0),
        ("send", HARMLESS, "any", 1),
        (HARMLESS, "send", "breaking", 1),
        ("send", BREAKING, "breaking", 1),
        ("send", BREAKING, "never", 0),
    ],
)
def test_exit_status(folder: Path, old: str, new: str, fail_on: str, status: int) -> None:
    assert folder
    for form in ("text", "markdown", "json"):
        result = diff(old, new, "--fail-on", fail_on, "--format", form)
        assert result.exit_code == status
        assert result.stdout


def test_breaking_is_what_fails_by_default(folder: Path) -> None:
    assert diff("send", str(folder / HARMLESS)).exit_code == 0
    assert diff("send", str(folder / BREAKING)).exit_code == 1


@pytest.mark.parametrize(
    "source", ["nothing", "no/such.yaml", "HEAD:send", "-x:send", "swagger.yaml", "text.yaml"]
)
def test_bad_input_is_one_line_and_status_2(folder: Path, source: str) -> None:
    (folder / "swagger.yaml").write_text("swagger: '2.0'\npaths: {}\n")
    (folder / "text.yaml").write_text("just text\n")
    result = CliRunner().invoke(main, ["diff", "send", "--", source])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"error: {source.partition(':')[0]}")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_revision_of_git(folder: Path) -> None:
    def git(*words: str) -> None:
        author = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        subprocess.run(["git", *author, *words], cwd=folder, check=True, capture_output=True)

    git("init", "--quiet")
    git("add", "specs")
    git("commit", "--quiet", "--message", "one")
    shutil.copy(folder / BREAKING, folder / "specs/send.yaml")
    for old in ("HEAD:send", "HEAD:specs/send.yaml"):
        result = diff(old, "send")
        assert result.exit_code == 1
        assert result.stdout.startswith(f"{old} (1) -> send (1)\n3 breaking, 2 non-breaking")
    assert diff("HEAD:send", "HEAD:send").exit_code == 0
