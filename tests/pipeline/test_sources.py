"""The record of where each spec came from."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline import sources
from pipeline.errors import SourceError


@pytest.mark.parametrize(
    "record",
    [
        {"url": "https://a.test/a.yaml", "source": "a.yaml", "operations": 3},
        {"source": 'quote " and \\ and é and \U0001f4e6'},
        {"version": "1.0", "checked": True, "ratio": 0.5},
        {},
    ],
)
def test_rendered_text_reads_back(record: dict[str, Any], tmp_path: Path) -> None:
    records = {"send": record, "a-b_2": {"version": "2"}}
    (tmp_path / sources.FILE).write_text(sources.render(records), encoding="utf-8")
    assert sources.read(tmp_path) == records


def test_specs_are_in_alphabetical_order() -> None:
    text = sources.render({"send": {"version": "1"}, "inspect": {"version": "2"}})
    assert list(tomllib.loads(text)) == ["inspect", "send"]
    assert text == sources.render({"inspect": {"version": "2"}, "send": {"version": "1"}})


def test_a_date_that_a_user_wrote_survives() -> None:
    text = sources.render({"send": {"retrieved": date(2026, 3, 1)}})
    assert tomllib.loads(text) == {"send": {"retrieved": "2026-03-01"}}


def test_no_file_means_no_records(tmp_path: Path) -> None:
    assert sources.read(tmp_path) == {}


@pytest.mark.parametrize("data", [b"[send", b"\xff"])
def test_a_broken_file_is_named(data: bytes, tmp_path: Path) -> None:
    (tmp_path / sources.FILE).write_bytes(data)
    with pytest.raises(SourceError, match=r"sources\.toml: expected TOML, found "):
        sources.read(tmp_path)


def test_address(tmp_path: Path) -> None:
    (tmp_path / sources.FILE).write_text('[send]\nurl = "https://a.test"\n[own]\nsource = "x"\n')
    assert sources.address(tmp_path, "send") == "https://a.test"
    for name in ("own", "other"):
        with pytest.raises(SourceError, match=rf"expected a url for '{name}', .* own, send"):
            sources.address(tmp_path, name)
    with pytest.raises(SourceError, match=r"found only: none"):
        sources.address(tmp_path / "empty", "send")


@pytest.mark.parametrize(
    ("source", "recorded"),
    [
        ("/home/ann/specs/mailgun.yaml", "mailgun.yaml"),
        ("../mailgun.yaml", "mailgun.yaml"),
        ("https://a.test/b/c.yaml?d=e", "https://a.test/b/c.yaml?d=e"),
        ("https://ann:p@ss@a.test/c.yaml", "https://a.test/c.yaml"),
        ("https://token@a.test/c.yaml", "https://a.test/c.yaml"),
    ],
)
def test_no_folder_and_no_credentials_are_recorded(source: str, recorded: str) -> None:
    assert sources.public(source) == recorded


@pytest.mark.parametrize("name", ["", "../up", "a.b", "a b", "A", "-a", "a/b", "[a]"])
def test_names_that_are_no_file_or_no_toml_key(name: str) -> None:
    sources.check_name("a-b_2")
    with pytest.raises(SourceError, match="expected a spec name"):
        sources.check_name(name)
