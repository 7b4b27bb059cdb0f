"""What a changelog must look like on the day of a release."""

from __future__ import annotations

import datetime

import pytest

from pipeline.changelog import check

TODAY = datetime.date(2026, 3, 9)
GOOD = """# Changelog

Words.

## [Unreleased]

## [1.10.0] - 2026-03-09

### Added

- A thing.

### Fixed

- Another.

## [1.9.0rc1] - 2026-03-09

- Words without a kind.

## [1.2.0] - 2025-12-31

### Removed

- It.
"""


def test_a_good_one_has_no_problems() -> None:
    assert check(GOOD, "1.10.0", TODAY) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "## [1.10.0] - 2026-03-09",
            "## [1.10.0] - 2026-03-10",
            "7: expected '## [1.10.0] - 2026-03-09', found the date 2026-03-10",
        ),
        (
            "## [1.10.0] - 2026-03-09",
            "## [1.10.0]",
            "7: expected '## [1.10.0] - 2026-03-09', found the date missing",
        ),
        (
            "## [1.10.0] - 2026-03-09",
            "## 1.10.0 (9 March 2026)",
            "7: expected '## [1.2.3] - YYYY-MM-DD', found '## 1.10.0 (9 March 2026)'",
        ),
        (
            "## [1.10.0] -",
            "## [1.11.0] -",
            "5: expected a section '## [1.10.0] - 2026-03-09', found none",
        ),
        (
            "## [Unreleased]\n",
            "## [Unreleased]\n\n- More.",
            "5: expected nothing under [Unreleased]; move it below '## [1.10.0] - 2026-03-09'",
        ),
        ("## [Unreleased]\n", "", "6: expected '## [Unreleased]' before all versions"),
        (
            "- A thing.\n\n### Fixed\n\n- Another.\n",
            "",
            "7: expected what changed in 1.10.0, found nothing",
        ),
        ("- A thing.\n", "", "9: expected changes under Added of [1.10.0], found nothing"),
        ("- Another.\n", "", "13: expected changes under Fixed of [1.10.0], found nothing"),
        ("### Fixed", "### Added", "13: expected Added once in [1.10.0]"),
        (
            "### Removed",
            "### Gone",
            "23: expected '### ' and one of Added, Changed, Deprecated, Removed, Fixed, Security, "
            "found '### Gone'",
        ),
        ("2025-12-31", "2025-13-31", "21: expected the date of [1.2.0], found 2025-13-31"),
        ("2025-12-31", "2026-12-31", "21: expected a date up to 2026-03-09, found 2026-12-31"),
        ("## [1.2.0]", "## [1.9.0]", "21: expected a version below 1.9.0rc1, found 1.9.0"),
    ],
)
def test_each_fault_is_named_with_its_line(old: str, new: str, problem: str) -> None:
    assert old in GOOD
    assert problem in check(GOOD.replace(old, new, 1), "1.10.0", TODAY)


def test_an_empty_file_lacks_both_sections() -> None:
    assert check("", "1.0.0", TODAY) == [
        "1: expected '## [Unreleased]' before all versions",
        "1: expected a section '## [1.0.0] - 2026-03-09', found none",
    ]
