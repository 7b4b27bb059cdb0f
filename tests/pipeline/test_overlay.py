"""Overlay semantics, as folders of input, overlay and output, and the guarantees around them."""

from __future__ import annotations

import json
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from pipeline import overlay
from pipeline.errors import OverlayError, SourceError
from pipeline.load import read
from pipeline.overlay import Overlay

CASES = sorted(path for path in (Path(__file__).parent / "overlay_cases").iterdir())


def overlays_of(case: Path) -> list[Overlay]:
    return [Overlay(path.name, read(path)) for path in sorted(case.glob("overlay*.yaml"))]


def exact(value: Any) -> str:
    """Text that differs when values, their types or their order do."""
    return json.dumps(value, indent=1)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path) -> None:
    document = read(case / "input.yaml")
    before = exact(document)
    if (case / "output.yaml").exists():
        patched = overlay.apply(document, overlays_of(case))
        assert exact(patched) == exact(read(case / "output.yaml"))
        assert exact(overlay.apply(document, overlays_of(case))) == exact(patched)
    else:
        with pytest.raises(OverlayError) as caught:
            overlay.apply(document, overlays_of(case))
        expected = (case / "error.txt").read_text().splitlines()
        for want, got in zip_longest(expected, str(caught.value).splitlines(), fillvalue=""):
            # The words after a ": *" are the JSONPath library's.
            assert got.startswith(want[:-1]) if want.endswith(": *") else got == want
    assert exact(document) == before


def test_every_case_has_one_outcome() -> None:
    assert len(CASES) >= 25
    for case in CASES:
        assert (case / "output.yaml").exists() != (case / "error.txt").exists(), case.name


def test_result_shares_nothing_with_its_inputs() -> None:
    document: Any = {"a": {"list": [{}]}}
    update: Any = {"b": {"list": [{}]}}
    action = {"target": "$.a", "description": "Why", "x-evidence": "E-1", "update": update}
    first = Overlay("one.yaml", {"overlay": "1.1.0", "actions": [action]})
    patched = overlay.apply(document, [first])
    patched["a"]["list"][0]["changed"] = True
    patched["a"]["b"]["list"][0]["changed"] = True
    assert document == {"a": {"list": [{}]}}
    assert update == {"b": {"list": [{}]}}


def test_load_is_in_path_order_and_names_files_from_the_root(tmp_path: Path) -> None:
    for name in ("facts/b.yaml", "facts/a/z.yaml", "facts/a/a.yaml", "docs/a.yaml", "facts/n.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("overlay: 1.1.0\n")
    named = overlay.load(tmp_path / "facts", root=tmp_path)
    assert [entry.name for entry in named] == ["facts/a/a.yaml", "facts/a/z.yaml", "facts/b.yaml"]
    assert [entry.name for entry in overlay.load(tmp_path / "docs")] == ["a.yaml"]
    assert overlay.load(tmp_path / "missing") == []


def test_load_names_the_file_that_is_no_yaml(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("actions: [")
    with pytest.raises(SourceError, match=r"broken\.yaml: expected YAML or JSON"):
        overlay.load(tmp_path)
