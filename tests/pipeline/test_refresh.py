"""The weekly workflow and the text of its pull request."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SPEC = """
openapi: 3.1.0
info: {title: T, version: '%s'}
paths: {/a: {get: {responses: {'200': {description: OK}}}}%s}
"""


def test_it_runs_weekly_and_calls_targets_that_exist() -> None:
    text = (ROOT / ".github/workflows/refresh.yaml").read_text()
    workflow: dict[Any, Any] = yaml.safe_load(text)
    [schedule] = workflow[True]["schedule"]  # YAML 1.1 reads the key `on` as true.
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", schedule["cron"])
    assert workflow["permissions"] == {"contents": "read"}
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = set(re.findall(r"\bmake ([a-z]+)", text))
    assert {"install", "vendor", "build"} <= called <= targets
    assert all(os.access(ROOT / path, os.X_OK) for path in re.findall(r"\.github/\w+\.sh", text))


@pytest.mark.skipif(not shutil.which("bash") or not shutil.which("git"), reason="bash and git")
@pytest.mark.parametrize("status", [0, 1])
def test_the_report_names_what_changed_and_what_fails(tmp_path: Path, status: int) -> None:
    def git(*words: str) -> None:
        author = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        subprocess.run(["git", *author, *words], cwd=tmp_path, check=True, capture_output=True)

    for name in ("specs/send.yaml", "specs/inspect.yaml", "generated/openapi.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(SPEC % ("1", ""))
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "one")
    added = ", /b: {get: {responses: {'200': {description: OK}}}}"
    (tmp_path / "specs/send.yaml").write_text(SPEC % ("2", added))
    (tmp_path / "build.log").write_text("error: 1 overlay problem(s)\n" + "x\n" * 40_000)
    subprocess.run(
        ["bash", ROOT / ".github/report.sh", "build.log", str(status), "report.md", "full"],
        cwd=tmp_path,
        env=os.environ | {"PYTHON": sys.executable, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    report = (tmp_path / "report.md").read_text()
    assert "# API changes: HEAD:send (1) -> send (2)" in report
    assert "- `GET /b`" in report
    assert "inspect" not in report
    assert ("error: 1 overlay problem(s)" in report) is bool(status)
    assert len(report) < 65536
    files = {path.name for path in (tmp_path / "full").iterdir()}
    assert files == {"build.txt", "send.md", "send.json"} | (set() if status else {"contract.md"})
