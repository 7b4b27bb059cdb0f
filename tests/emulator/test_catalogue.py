"""The catalogue of behaviours against the tests that show them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from mailgun_emulator import catalogue
from mailgun_emulator.catalogue import Behaviour, Id
from mailgun_emulator.errors import CatalogueError

TESTS = Path(__file__).parents[1]
# What tests have to show of each section. Most general rules are about regions, subaccounts and
# limits of calls, none of which one account on one host has.
SHARE = 0.9
OTHERWISE = {"platform:GEN": 0.8}


@pytest.fixture(scope="module")
def known() -> Mapping[Id, Behaviour]:
    return catalogue.catalogue()


@pytest.fixture(scope="module")
def shown() -> Mapping[Id, list[str]]:
    return catalogue.shown(TESTS)


def test_tests_name_behaviours_that_exist(
    known: Mapping[Id, Behaviour], shown: Mapping[Id, list[str]]
) -> None:
    covered = {(key.part, key.section) for key in known}
    strangers = {
        str(key): where
        for key, where in shown.items()
        if (key.part, key.section) in covered and key not in known
    }
    assert not strangers


def test_what_no_test_shows_has_a_reason_and_nothing_else_has_one(
    known: Mapping[Id, Behaviour], shown: Mapping[Id, list[str]]
) -> None:
    silent = [str(key) for key, entry in known.items() if key not in shown and not entry.unshown]
    outdated = [str(key) for key, entry in known.items() if key in shown and entry.unshown]
    assert not silent
    assert not outdated


def test_every_section_is_shown_but_for_a_tenth(
    known: Mapping[Id, Behaviour], shown: Mapping[Id, list[str]]
) -> None:
    rows = catalogue.sections(known.values(), frozenset(shown))
    assert rows
    low = {
        f"{row.part}:{row.name}": row.counts()
        for row in rows
        if len(row.behaviours) - len(row.missing)
        < OTHERWISE.get(f"{row.part}:{row.name}", SHARE) * len(row.behaviours)
    }
    assert not low


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MSG-004: it is.", "sending:MSG-004"),
        ("MSG-004.", "sending:MSG-004"),
        ("MSG-004, unlike MSG-005.", "sending:MSG-004"),
        ("EVT-010 and more: it is.", ""),
        ("platform:EVT-001, HOOK-002: it is.", "platform:EVT-001 platform:HOOK-002"),
        ("EVT-001;\nplatform:EVT-002: it is.", "sending:EVT-001 platform:EVT-002"),
        ("EVT-001 to EVT-003: it is.", "sending:EVT-001 sending:EVT-002 sending:EVT-003"),
        ("As EVT-001 says.", ""),
        ("", ""),
    ],
)
def test_a_docstring_begins_with_the_ids(text: str, expected: str) -> None:
    assert " ".join(map(str, catalogue.named(text))) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "a mapping"),
        ("MSG-1: short", "no id of MSG"),
        ("EVT-001: another section's", "no id of MSG"),
        ("MSG-001: {says: it is}", "needs a sentence"),
        ("MSG-001: {says: it is, unshown: no way, more: 1}", "needs a sentence"),
        ("MSG-001: [", "not YAML"),
    ],
)
def test_a_malformed_file_is_named(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "sending").mkdir()
    (tmp_path / "sending" / "MSG.yaml").write_text(text)
    with pytest.raises(CatalogueError, match=f"sending/MSG.yaml.*{said}"):
        catalogue.catalogue(tmp_path)
