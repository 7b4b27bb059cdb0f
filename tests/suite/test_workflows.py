"""Workflows and the recipe call only what is there, and hand out no more than they need."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "docs" / "ci.md"
_FENCE = re.compile(r"^```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)
_MAKE = re.compile(r"\bmake ([a-z-]+)")
_SECRET = "${{ secrets."


def _workflows() -> dict[str, Any]:
    found = {path.name: path.read_text() for path in (ROOT / ".github/workflows").glob("*.yaml")}
    found |= {
        f"{RECIPE.name} {n}": text for n, text in enumerate(_FENCE.findall(RECIPE.read_text()))
    }
    return {name: yaml.safe_load(text) for name, text in found.items()}


WORKFLOWS = _workflows()


def test_there_are_workflows() -> None:
    assert {"ci.yaml", "sandbox.yaml", "ci.md 0"} <= WORKFLOWS.keys()


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_asks_for_little_and_ends(name: str) -> None:
    workflow = WORKFLOWS[name]
    assert workflow["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] <= 60 for job in workflow["jobs"].values())


@pytest.mark.parametrize("name", WORKFLOWS)
def test_secrets_reach_single_steps_only(name: str) -> None:
    for job in WORKFLOWS[name]["jobs"].values():
        outside = {key: value for key, value in job.items() if key != "steps"}
        assert _SECRET not in str(outside)
        for step in job["steps"]:
            assert _SECRET not in str({key: value for key, value in step.items() if key != "env"})
            # A secret never goes to code of others.
            assert _SECRET not in str(step) or "uses" not in step


@pytest.mark.parametrize(
    "path", [RECIPE, *(ROOT / ".github").rglob("*.yaml")], ids=lambda p: p.name
)
def test_every_target_that_is_called_is_there(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = set(_MAKE.findall(path.read_text()))
    assert called
    assert called <= targets
