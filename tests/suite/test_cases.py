"""Cases: the same for the same seed, changed in place, given to the client as plain values."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from schemathesis import GenerationMode
from schemathesis.core import NOT_SET

from tests.contract import cases
from tests.contract.cases import Cases
from tests.contract.links import OFFERED
from tests.contract.truth import Truth
from tests.contract.values import NO_BODY, Values, same

POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


def shown(drawn: Iterable[Any]) -> list[str]:
    return [f"{case.path_parameters} {case.query} {case.headers} {case.body}" for case in drawn]


def test_the_same_seed_draws_the_same_cases(truth: Truth) -> None:
    operation = truth.operations["create_thing"]
    first, second, other = (Cases.of(truth, seed) for seed in (1, 1, 2))
    drawn = shown(first.fuzzed(operation, POSITIVE, 8))
    assert drawn == shown(second.fuzzed(operation, POSITIVE, 8))
    assert drawn != shown(other.fuzzed(operation, POSITIVE, 8))
    assert shown(first.boundary(operation, POSITIVE)) == shown(other.boundary(operation, POSITIVE))


def test_other_code_that_is_loaded_does_not_change_the_draws(
    truth: Truth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hypothesis would draw the constants of every module outside of site-packages."""
    operation = truth.operations["create_thing"]
    before = shown(Cases.of(truth, 1).fuzzed(operation, POSITIVE, 200))
    told = [f"{number:x}told" for number in range(400)]
    (tmp_path / "telling.py").write_text(f"WORDS = {told!r}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(sys.modules, "telling", importlib.import_module("telling"))
    assert shown(Cases.of(truth, 1).fuzzed(operation, POSITIVE, 200)) == before


def test_reseeded_draws_are_others(truth: Truth, draws: Cases) -> None:
    operation = truth.operations["create_thing"]
    again = draws.reseeded(1).fuzzed(operation, POSITIVE, 8)
    assert shown(again) != shown(draws.fuzzed(operation, POSITIVE, 8))


@pytest.mark.parametrize("mode", [POSITIVE, NEGATIVE])
def test_each_kind_of_case_comes_once_before_any_comes_twice(
    truth: Truth, draws: Cases, mode: GenerationMode
) -> None:
    drawn = list(draws.boundary(truth.operations["create_thing"], mode))
    kinds = [cases.describe(case) for case in drawn]
    first = len(set(kinds))
    assert len(set(kinds[:first])) > 0.8 * first
    assert first < len(kinds)


def test_a_case_says_which_parameter_makes_it_invalid(truth: Truth, draws: Cases) -> None:
    drawn = draws.boundary(truth.operations["list_things"], NEGATIVE)
    told = {cases.describe(case) for case in drawn}
    assert {"limit: Incorrect type", "tag: Incorrect type"} <= told
    assert "Incorrect type" not in told


def test_boundary_values_outside_of_json_get_their_type(truth: Truth, draws: Cases) -> None:
    operation = truth.operations["list_things"]
    values = [
        cases.values(truth, operation, case).query for case in draws.boundary(operation, POSITIVE)
    ]
    assert {type(query["limit"]) for query in values if "limit" in query} == {int}
    assert {type(query["active"]) for query in values if "active" in query} == {bool}
    assert {type(text) for query in values for text in query.get("tag", ())} == {str}


def test_path_values_are_given_plain_and_files_as_bytes(truth: Truth, draws: Cases) -> None:
    operation = truth.operations["create_thing"]
    given = Values({"domain": "a/b%c"}, body={"attachment": "x"}, media_type="multipart/form-data")
    values = cases.values(truth, operation, draws.blank(operation, given))
    assert values.path == {"domain": "a/b%c"}
    assert values.body == {"attachment": b"x"}


def test_a_case_without_body_gives_none(truth: Truth, draws: Cases) -> None:
    operation = truth.operations["list_things"]
    blank = draws.blank(operation, Values({"domain": "d"}))
    assert blank.body is NOT_SET
    assert cases.values(truth, operation, blank).body is NO_BODY


@pytest.mark.parametrize("text", ["..", ".", "a/b", "a?b#c", "%2F", "a b", "é", "a.b"])
def test_a_quoted_value_is_one_segment_that_no_url_resolves(
    truth: Truth, draws: Cases, text: str
) -> None:
    quoted = cases.quoted(text)
    assert quoted not in {".", ".."}
    assert not set(quoted) & set("/?# ")
    operation = truth.operations["list_things"]
    case = draws.blank(operation, Values({"domain": text}))
    assert cases.values(truth, operation, case).path == {"domain": text}


def test_existing_names_replace_valid_ones(truth: Truth, draws: Cases) -> None:
    operation = truth.operations["add_note"]
    case = next(draws.boundary(operation, POSITIVE))
    cases.substitute(case, {}, {"thing": "7"})
    assert cases.values(truth, operation, case).body["thing"] == "7"


def test_existing_names_do_not_replace_invalid_ones(truth: Truth, draws: Cases) -> None:
    operation = truth.operations["list_things"]
    case = next(draws.boundary(operation, NEGATIVE))
    before = dict(case.query)
    cases.substitute(case, {("query", "tag"): ["7"], ("path", "domain"): "own"})
    assert case.query == before
    assert case.path_parameters["domain"] == "own"


def test_an_offered_value_replaces_a_drawn_one_and_adds_none(truth: Truth, draws: Cases) -> None:
    operation = truth.operations["list_things"]
    cases_ = list(draws.boundary(operation, POSITIVE))
    before = [dict(case.query or {}) for case in cases_]
    for case in cases_:
        cases.substitute(case, {(OFFERED, "active"): "offered"})
    assert {"active" in query for query in before} == {True, False}
    for query, case in zip(before, cases_, strict=True):
        assert dict(case.query or {}) == {
            k: "offered" if k == "active" else v for k, v in query.items()
        }
    wrong = next(case for case in draws.boundary(operation, NEGATIVE) if "active" in case.query)
    kept = dict(wrong.query)
    cases.substitute(wrong, {(OFFERED, "active"): "offered"})
    assert wrong.query == kept


def test_a_copy_is_changed_alone(truth: Truth, draws: Cases) -> None:
    operation = truth.operations["create_thing"]
    case = next(draws.boundary(operation, POSITIVE))
    twin = cases.copy(case)
    cases.substitute(twin, {("path", "domain"): "twin"}, {"name": "twin"})
    assert case.path_parameters["domain"] != "twin"
    assert cases.values(truth, operation, case).body["name"] != "twin"


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, 1, True),
        (1, True, False),
        (0, False, False),
        ([1], [True], False),
        ({"a": {"b": 0}}, {"a": {"b": False}}, False),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1, 2], [1], False),
        ("1", 1, False),
        (None, "", False),
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, True),
    ],
)
def test_json_values_are_the_same_by_json_rules(left: Any, right: Any, equal: bool) -> None:
    assert same(left, right) is equal
    assert same(right, left) is equal


@pytest.mark.parametrize("mode", [POSITIVE, NEGATIVE])
def test_draws_do_not_depend_on_what_is_drawn_in_between(
    truth: Truth, mode: GenerationMode
) -> None:
    names = ["create_thing", "list_things", "update_thing"]
    whole, mixed = Cases.of(truth, 1), Cases.of(truth, 1)
    expected = {name: shown(whole.boundary(truth.operations[name], mode)) for name in names}
    sources = {name: mixed.boundary(truth.operations[name], mode) for name in names}
    found: dict[str, list[str]] = {name: [] for name in names}
    for _ in range(max(map(len, expected.values()))):
        for name, source in sources.items():
            found[name] += shown(itertools.islice(source, 1))
    assert found == expected


def test_what_is_changed_is_not_drawn_again(truth: Truth, draws: Cases) -> None:
    operation = truth.operations["list_things"]
    next(draws.boundary(operation, POSITIVE)).query["limit"] = 99
    assert next(draws.boundary(operation, POSITIVE)).query.get("limit") != 99
