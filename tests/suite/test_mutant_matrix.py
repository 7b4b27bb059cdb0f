"""The matrix of mutants: what is counted, what is listed, and when a run fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner

from tests.mutants import inputs, survivors
from tests.mutants.__main__ import main
from tests.mutants.catalogue import NOTHING
from tests.mutants.fault import Fault, Mutant
from tests.mutants.harness import CAUGHT, EXCLUDED, SURVIVED, Cell
from tests.mutants.matrix import Matrix
from tests.mutants.survivors import Survivors

CLASS = Mutant("odd", "server", "something odd", inputs.always, Fault)
CATCH = Cell("odd", "one", CAUGHT, law="fidelity", breach="RequestDiffers", fired=1)
SURVIVAL = Cell("odd", "two", SURVIVED, fired=3)
DORMANT = Cell("odd", "three", SURVIVED)
EXCLUSION = Cell("odd", "four", EXCLUDED, "no path parameter")
CLEAN = Cell(NOTHING, "one", SURVIVED)
UNCLEAN = Cell(NOTHING, "one", CAUGHT, law="inputs", breach="ValidRejected", detail="400")


def matrix(*cells: Cell, listed: Survivors | None = None) -> Matrix:
    return Matrix((CLASS,), listed or {}, 0, "ci", True, list(cells))


def test_the_rate_is_of_what_applies() -> None:
    (row,) = matrix(CLEAN, CATCH, SURVIVAL, DORMANT, EXCLUSION).rows()
    assert (row["applicable"], row["caught"], row["survived"]) == (3, 1, 2)
    assert row["rate"] == pytest.approx(1 / 3)
    assert row["by"] == {"fidelity": 1}
    assert row["not_applicable"] == {"no path parameter": 1}


def test_a_class_that_nowhere_applies_has_no_rate() -> None:
    assert matrix(EXCLUSION).rows()[0]["rate"] is None


def test_all_caught_is_no_error() -> None:
    assert matrix(CLEAN, CATCH, EXCLUSION).errors() == []


def test_a_survivor_has_to_be_listed() -> None:
    assert matrix(CATCH, SURVIVAL).errors() == [
        "two: odd: survived, and is not listed (fired 3 times)"
    ]
    assert matrix(CATCH, DORMANT).errors() == [
        "three: odd: survived, and is not listed (never provoked)"
    ]
    assert matrix(CATCH, SURVIVAL, listed={("odd", "two"): "why"}).errors() == []


def test_a_listed_mutant_has_to_survive() -> None:
    (caught,) = matrix(CATCH, listed={("odd", "one"): "why"}).errors()
    assert "caught by fidelity" in caught
    (moot,) = matrix(CATCH, EXCLUSION, listed={("odd", "four"): "why"}).errors()
    assert "not applicable" in moot


def test_a_listed_mutant_that_was_not_tried_is_no_error() -> None:
    assert matrix(CATCH, listed={("odd", "elsewhere"): "why"}).errors() == []


def test_what_breaks_without_a_fault_is_an_error() -> None:
    assert matrix(UNCLEAN, CATCH).errors() == [
        "one: not clean without any fault: ValidRejected: 400"
    ]


def test_a_catch_of_a_fault_that_changed_nothing_is_an_error() -> None:
    assert matrix(CATCH, evolve(CATCH, operation="two", fired=0)).errors() == [
        "two: odd: caught by fidelity (RequestDiffers), and the fault changed nothing: it is broken"
    ]


def test_a_run_that_catches_nothing_is_an_error() -> None:
    assert matrix(CLEAN, EXCLUSION).errors() == ["no mutant was caught at all"]


def test_the_reports_say_the_same() -> None:
    subject = matrix(CLEAN, CATCH, SURVIVAL, EXCLUSION, listed={("odd", "two"): "hard to see"})
    document = json.loads(subject.json(1.0))
    assert document["classes"] == subject.rows()
    assert [each["reason"] for each in document["survivors"]] == ["hard to see"]
    assert document["operations"] == 3
    page = subject.markdown()
    assert "| odd | server | something odd | 2 | 1 | 1 | 50.0% | fidelity 1 |" in page
    assert "- two: odd (fired 3 times): hard to see" in page
    assert "| odd | no path parameter | 1 |" in page


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[[survivor]]\nmutants = ["odd"]\noperations = ["one"]\n', "expected the keys"),
        ('[[survivor]]\nmutants = ["odd"]\noperations = []\nreason = "x"\n', "all filled in"),
        (
            '[[survivor]]\nmutants = ["even"]\noperations = ["one"]\nreason = "x"\n',
            "no such mutants",
        ),
        (
            '[[survivor]]\nmutants = ["odd"]\noperations = ["no"]\nreason = "x"\n',
            "no such operations",
        ),
        (
            '[[survivor]]\nmutants = ["odd"]\noperations = ["one", "one"]\nreason = "x"\n',
            "odd on one is there twice",
        ),
        ("[other]\n", "expected [[survivor]] only"),
    ],
)
def test_a_wrong_list_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "survivors.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"survivors\.toml: ") as raised:
        survivors.load({"odd"}, {"one"}, path)
    assert complaint in str(raised.value)


def test_a_list_gives_the_reason_of_each(tmp_path: Path) -> None:
    path = tmp_path / "survivors.toml"
    path.write_text(
        '[[survivor]]\nmutants = ["odd"]\noperations = ["one", "two"]\nreason = "why"\n'
    )
    expected = {("odd", "one"): "why", ("odd", "two"): "why"}
    assert survivors.load({"odd"}, {"one", "two"}, path) == expected


@pytest.mark.parametrize(
    ("option", "value"), [("--operation", "no_such"), ("--mutant", "nothing of the kind")]
)
def test_an_unknown_name_is_refused_before_anything_runs(
    tmp_path: Path, option: str, value: str
) -> None:
    result = CliRunner().invoke(main, [option, value, "--reports", str(tmp_path / "reports")])
    assert result.exit_code == 2
    assert f"{option}: no such name: {value}" in result.output
    assert not list(tmp_path.rglob("*.*"))
