"""The stages from specs and overlays to the documents."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import build
from pipeline.errors import LintError, MergeError, OverlayError
from pipeline.load import parse
from tests.pipeline.conftest import SPEC, Project

ROOT = Path(__file__).parents[2]


def test_names_then_facts_then_docs_then_links(project: Project) -> None:
    project.mend()
    for number, stage in enumerate(("facts", "docs", "links")):
        project.overlay(
            f"{stage}/order.yaml",
            f"""
            - target: $.paths['/things/{{id}}'].get
              update: {{x-order: [{number}]}}
            - target: $.components.schemas.Thing
              update: {{x-stage: {stage}}}
            """,
        )
    truth = build.merged(project.specs, project.overlays)
    operation = truth["paths"]["/things/{id}"]["get"]
    assert (operation["operationId"], operation["tags"]) == ("get_thing", ["things"])
    assert operation["x-order"] == [0, 1, 2]
    assert truth["components"]["schemas"]["Thing"]["x-stage"] == "links"
    reference = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert reference == {"$ref": "#/components/schemas/Thing"}


def test_names_overlays_belong_to_one_spec_each(project: Project) -> None:
    project.mend()
    other = SPEC.replace("/things/", "/others/").replace("get", "delete")
    (project.specs / "inspect.yaml").write_text(other)
    project.overlay(
        "names/inspect.yaml",
        """
        - target: $.paths['/others/{id}'].delete
          update: {operationId: delete_other}
        - target: $.components.schemas['things.test-Thing']
          update: {title: Thing}
        """,
    )
    truth = build.merged(project.specs, project.overlays)
    assert truth["paths"]["/things/{id}"]["get"]["operationId"] == "get_thing"
    assert truth["paths"]["/others/{id}"]["delete"]["operationId"] == "delete_other"
    assert list(truth["components"]["schemas"]) == ["Thing", "Owner"]


def test_a_names_overlay_of_no_spec_is_refused(project: Project) -> None:
    project.overlay("names/sned-more.yaml", "- {target: $.info, update: {x: 1}}")
    with pytest.raises(OverlayError, match=r"overlays/names/sned-more\.yaml: expected a file name"):
        build.merged(project.specs, project.overlays)


def test_overlay_problems_name_the_file_from_the_root(project: Project) -> None:
    project.overlay("facts/areas/a.yaml", "- {target: $.nowhere, remove: true}")
    with pytest.raises(OverlayError) as caught:
        build.merged(project.specs, project.overlays)
    assert caught.value.problems == (
        "overlays/facts/areas/a.yaml: actions[0] $.nowhere: matches nothing",
    )


def test_marks_are_no_part_of_the_truth(project: Project) -> None:
    assert "x-quirks" in SPEC
    assert "x-quirks" not in json.dumps(build.merged(project.specs, project.overlays))


def test_a_dangling_reference_fails_until_an_overlay_mends_it(project: Project) -> None:
    with pytest.raises(LintError) as caught:
        build.contract(project.specs, project.overlays)
    assert caught.value.problems == ("dangling reference #/components/schemas/Owner",)
    project.mend()
    assert "Owner" in build.contract(project.specs, project.overlays).truth["components"]["schemas"]


def test_generator_overlays_are_for_the_client_only(project: Project) -> None:
    project.mend()
    project.overlay("generator/a.yaml", "- {target: $.info, update: {x-workaround: true}}")
    contract = build.contract(project.specs, project.overlays)
    assert "x-workaround" not in contract.truth["info"]
    assert contract.client == contract.truth | {"info": contract.client["info"]}
    assert contract.client["info"] == contract.truth["info"] | {"x-workaround": True}


def test_no_specs_at_all(tmp_path: Path) -> None:
    with pytest.raises(MergeError, match="no specs"):
        build.merged(tmp_path, tmp_path)


def test_rendered_document_is_marked_and_reads_back() -> None:
    document = {"b": "é", "a": [1, 1.5, None]}
    data = build.render(document)
    assert data.endswith(b"}\n")
    assert "é".encode() in data
    marked = parse(data.decode(), "x")
    assert list(marked.items()) == [
        ("x-generated", build.MARKER),
        ("b", "é"),
        ("a", [1, 1.5, None]),
    ]


def test_the_contract_does_not_depend_on_hash_or_folder(project: Project, tmp_path: Path) -> None:
    project.mend()
    contents = set()
    folders = ["--specs", str(project.specs), "--overlays", str(project.overlays)]
    for seed in ("1", "2"):
        target = tmp_path / seed / "truth.json"
        subprocess.run(
            [sys.executable, "-m", "pipeline", "contract", "--to", str(target), *folders],
            env=os.environ | {"PYTHONHASHSEED": seed},
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        contents.add(target.read_bytes())
    assert len(contents) == 1
