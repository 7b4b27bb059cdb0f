"""Known differences: an entry excuses exactly what it names, and a wrong entry is an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from tests.contract import deviations
from tests.contract.breaches import Breach, InvalidAccepted, ValidRejected
from tests.contract.deviations import Deviation
from tests.contract.ledger import Entry, Ledger
from tests.suite.conftest import Benches
from tests.suite.faults import Refusing
from tests.suite.server import Call, query_of

KNOWN = ["list_things", "get_note"]
ENTRY = {
    "target": '"emulator"',
    "operation": '"list_things"',
    "law": '"inputs"',
    "breach": '"ValidRejected"',
    "detail": '"status 400"',
    "reason": '"Nobody knows."',
    "evidence": '"sending:ERR-035"',
    "since": "2026-11-21",
}
DEVIATION = Deviation(
    target="emulator",
    operation="list_things",
    law="inputs",
    breach="ValidRejected",
    detail="status 400",
    reason="Nobody knows.",
    evidence="sending:ERR-035",
    since="2026-11-21",
)


def loaded(folder: Path, *entries: dict[str, str], target: str = "emulator") -> list[Deviation]:
    path = folder / "deviations.toml"
    tables = ("\n".join(f"{key} = {value}" for key, value in entry.items()) for entry in entries)
    path.write_text("".join(f"[[deviation]]\n{table}\n" for table in tables))
    return deviations.load(target, KNOWN, path)


def test_entries_are_those_of_the_target(tmp_path: Path) -> None:
    (found,) = loaded(tmp_path, ENTRY)
    assert evolve(found, since="2026-11-21") == DEVIATION
    assert loaded(tmp_path, ENTRY, target="live") == []


@pytest.mark.parametrize("key", ENTRY)
def test_an_entry_without_one_of_the_keys_is_an_error(tmp_path: Path, key: str) -> None:
    entry = {name: value for name, value in ENTRY.items() if name != key}
    with pytest.raises(ValueError, match=r"deviations\.toml: entry 0: expected the keys"):
        loaded(tmp_path, entry)


@pytest.mark.parametrize("key", [key for key in ENTRY if key != "since"])
def test_an_entry_with_an_empty_value_is_an_error(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match=r"entry 1: expected the keys .* all filled in"):
        loaded(tmp_path, ENTRY, ENTRY | {key: '""'})


def test_an_entry_that_depends_on_the_draws_says_so(tmp_path: Path) -> None:
    (found,) = loaded(tmp_path, ENTRY | {"drawn": "true"})
    assert found.drawn
    with pytest.raises(ValueError, match=r"entry 0: .* drawn where it is true"):
        loaded(tmp_path, ENTRY | {"drawn": "false"})


def test_an_entry_with_another_key_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"entry 0: expected the keys .* found .*'until'"):
        loaded(tmp_path, ENTRY | {"until": "2027-01-01"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": '"emulater"'},
        {"operation": '"list_thing"'},
        {"law": '"input"'},
        {"law": '"auth"'},
        {"breach": '"ValidRejectd"'},
        {"breach": '"Breach"'},
    ],
    ids=str,
)
def test_an_entry_for_what_does_not_exist_is_an_error(
    tmp_path: Path, wrong: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=r"deviations\.toml: entry 0: no such thing: "):
        loaded(tmp_path, ENTRY | wrong)


def test_a_table_of_another_name_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "deviations.toml"
    path.write_text('[[deviations]]\ntarget = "emulator"\n')
    with pytest.raises(
        ValueError, match=r"expected \[\[deviation\]\] only, found \['deviations'\]"
    ):
        deviations.load("emulator", KNOWN, path)


def test_a_breach_with_the_detail_is_excused() -> None:
    assert DEVIATION.excuses("list_things", ValidRejected('status 400: {"message":"no"}'))


@pytest.mark.parametrize(
    ("operation", "breach"),
    [
        ("get_note", ValidRejected("status 400")),
        ("list_things", ValidRejected("status 404")),
        ("list_things", InvalidAccepted("status 400")),
    ],
)
def test_any_other_breach_is_not_excused(operation: str, breach: Breach) -> None:
    assert not DEVIATION.excuses(operation, breach)


def test_an_excused_breach_is_kept_apart_and_names_its_excuse() -> None:
    entry = Entry("list_things")
    assert not entry.judge(ValidRejected("status 400"), [DEVIATION])
    assert entry.broken == []
    assert [row["deviation"] for row in entry.excused] == [DEVIATION.name]


def test_an_excuse_leaves_other_breaches_of_the_operation_standing() -> None:
    entry = Entry("list_things")
    assert entry.judge(ValidRejected("status 404"), [DEVIATION])
    assert [row["detail"] for row in entry.broken] == ["status 404"]
    assert entry.excused == []


def test_an_excuse_that_was_used_is_known_to_the_ledger() -> None:
    entry, ledger = Entry("list_things"), Ledger("emulator", "ci", 0)
    entry.judge(ValidRejected("status 400"), [DEVIATION])
    assert ledger.excused == set()
    ledger.add(entry.plain())
    assert ledger.excused == {DEVIATION.name}


def test_the_suite_excuses_by_its_deviations(bench: Benches) -> None:
    def limited(call: Call) -> bool:
        return ("limit", "2") in query_of(call.request)

    server = Refusing(operation="list_things", when=limited)
    excused = bench(server, deviations=[DEVIATION]).run("valid", "list_things")
    assert excused.broken == []
    assert excused.excused
    other = evolve(DEVIATION, detail="status 422")
    assert bench(server, deviations=[other]).run("valid", "list_things").broken
