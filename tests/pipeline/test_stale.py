"""One run of a build names every overlay action that upstream has overtaken."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from pipeline import build, overlay
from pipeline.__main__ import main
from pipeline.errors import MergeError, OverlayError
from pipeline.overlay import Overlay
from pipeline.stale import lost
from tests.pipeline.conftest import NAMES, SPEC, Project

ROOT = Path(__file__).parents[2]


@pytest.fixture
def moved(project: Project) -> Project:
    """Upstream renamed a path variable, dropped a schema and mended a fact."""
    project.mend()
    project.overlay(
        "facts/thing.yaml",
        """
        - target: $.paths['/things/{id}'].get.parameters
          update: [{name: limit, in: query}]
        - target: $.components.schemas.Thing
          update: {type: object}
        """,
    )
    project.overlay(
        "docs/thing.yaml", "- {target: $.components.schemas.Thing.properties.x, update: {}}"
    )
    project.overlay(
        "links/thing.yaml", "- {target: \"$.paths['/things/{id}'].get\", update: {x: 1}}"
    )
    project.overlay("generator/thing.yaml", "- {target: $.info, update: {title: 1}}")
    project.overlay("generator/z.yaml", "- {target: $.nowhere.at.all, remove: true}")
    spec = project.specs / "send.yaml"
    spec.write_text(spec.read_text().replace("/things/{id}", "/things/{name}"))
    return project


def test_every_stage_is_named_in_one_run(moved: Project) -> None:
    with pytest.raises(OverlayError) as caught:
        build.contract(moved.specs, moved.overlays)
    gone = "nothing at $['paths']['/things/{id}']; there is '/things/{name}'"
    assert caught.value.problems == (
        *(
            f"overlays/names/send-things.yaml: actions[{number}] "
            f"$.paths['/things/{{id}}'].get{tail}: matches nothing ({gone})"
            for number, tail in enumerate(("", ".tags", ""))
        ),
        "overlays/facts/thing.yaml: actions[0] $.paths['/things/{id}'].get.parameters: "
        f"matches nothing ({gone})",
        "overlays/facts/thing.yaml: actions[1] $.components.schemas.Thing: changes nothing",
        "overlays/docs/thing.yaml: actions[0] $.components.schemas.Thing.properties.x: "
        "matches nothing",
        f"overlays/links/thing.yaml: actions[0] $.paths['/things/{{id}}'].get: "
        f"matches nothing ({gone})",
        "overlays/generator/z.yaml: actions[0] $.nowhere.at.all: "
        "matches nothing (nothing at $['nowhere'])",
    )
    assert caught.value.summary == ("8 overlay problem(s) in 5 file(s): 7 no match, 1 no effect")


def test_the_message_ends_with_what_to_do(moved: Project, tmp_path: Path) -> None:
    words = ["build", "--specs", moved.specs, "--overlays", moved.overlays]
    result = CliRunner().invoke(main, [str(word) for word in [*words, "--to", tmp_path / "new"]])
    assert result.exit_code == 1
    assert not (tmp_path / "new").exists()
    advice = result.stderr.split("What to do:\n")[1].splitlines()
    beginnings = ("matches nothing: ", "changes nothing: ", "Mend overlays/names/", "`make diff ")
    assert len(advice) == len(beginnings)
    for line, beginning in zip(advice, beginnings, strict=True):
        assert line.startswith(f"  - {beginning}")


def test_problems_tell_their_kind() -> None:
    def action(target: str, **what: object) -> dict[str, object]:
        return {"target": target, "description": "Why", "x-evidence": "E-1", **what}

    actions = [
        action("$.a", update={"b": 1}),
        action("$.c", update={"b": 1}),
        action("$.a", update=[1]),
        action("$.a["),
        action("$[", update={}),
        {"target": "$.a", "update": {"new": 1}},
    ]
    document, problems = overlay.patch(
        {"a": {"b": 1}}, [Overlay("o.yaml", {"overlay": "1.1.0", "actions": actions})]
    )
    assert [(problem.number, problem.kind) for problem in problems] == [
        (5, "malformed"),
        (5, "malformed"),
        (0, "no effect"),
        (1, "no match"),
        (2, "refused"),
        (3, "malformed"),
        (4, "malformed"),
    ]
    assert document == {"a": {"b": 1, "new": 1}}


@pytest.mark.parametrize(
    ("target", "hint"),
    [
        ("$.paths['/b/{y}'].get", "nothing at $['paths']['/b/{y}']; there is '/b/{x}'"),
        ("$.paths['/other'].get.tags", "nothing at $['paths']['/other']"),
        ("$.paths['/b/{x}'].put", ""),
        ("$.names.SubAccount.titel", ""),
        ("$.names.Sub_Account", "nothing at $['names']['Sub_Account']; there is 'SubAccount'"),
        ("$.paths.*.post.tags", "nothing at $['paths'][*]['post']"),
        ("$.list[3]", ""),
        ("$.nope", ""),
    ],
)
def test_a_hint_says_where_a_target_gets_lost(target: str, hint: str) -> None:
    document = {"paths": {"/b/{x}": {"get": {}}}, "names": {"SubAccount": {}}, "list": [1]}
    assert lost(target, document) == hint


def test_clashes_come_after_the_overlays_that_would_solve_them(project: Project) -> None:
    project.mend()
    other = SPEC.replace("type: object", "type: array").replace("/things/", "/others/")
    (project.specs / "inspect.yaml").write_text(other)
    names = NAMES.replace("/things/", "/others/")
    project.overlay("names/inspect.yaml", names)
    with pytest.raises(MergeError, match="Thing: send and inspect differ"):
        build.contract(project.specs, project.overlays)
    project.overlay("facts/lost.yaml", "- {target: $.lost, remove: true}")
    with pytest.raises(OverlayError) as caught:
        build.contract(project.specs, project.overlays)
    assert caught.value.problems == (
        "overlays/facts/lost.yaml: actions[0] $.lost: matches nothing",
        "components schemas Thing: send and inspect differ",
    )


def test_the_project_without_one_area_names_exactly_what_rests_on_it(tmp_path: Path) -> None:
    """As if upstream had dropped the webhooks of accounts: their actions are stale."""
    specs = tmp_path / "specs"
    specs.mkdir()
    for path in (ROOT / "specs").glob("*.yaml"):
        (specs / path.name).write_bytes(path.read_bytes())
    document = yaml.load((specs / "send.yaml").read_text(), yaml.CSafeLoader)
    hooks = [path for path in document["paths"] if path.startswith("/v1/webhooks")]
    assert len(hooks) == 2
    for path in hooks:
        del document["paths"][path]
    (specs / "send.yaml").write_text(yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False))
    with pytest.raises(OverlayError) as caught:
        build.contract(specs, ROOT / "overlays")
    found = caught.value.problems
    for path in hooks:
        for file in (
            "names/send-operations.yaml",
            "facts/areas/account_webhooks.yaml",
            "docs/account_webhooks.yaml",
            "links/account_webhooks.yaml",
        ):
            if f"['{path}']" in (ROOT / "overlays" / file).read_text():
                where = f"overlays/{file}: "
                assert any(line.startswith(where) and f"['{path}']" in line for line in found)
    assert {line.split("/")[1] for line in found} >= {"names", "facts", "docs", "links"}
    assert all("webhook" in line.lower() for line in found), found
