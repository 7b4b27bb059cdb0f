"""Reading YAML and JSON by one set of rules, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import SourceError
from pipeline.load import parse, read, read_bytes, shown


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("OFF", "OFF"),
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00Z"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("=", "="),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-7", -7),
        ("010", 10),
        ("089", 89),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("-.5", -0.5),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, value: Any) -> None:
    found = parse(f"a: {text}\n", "x")["a"]
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize("key", ["200", "true", "on", "null", "1.5", "2024-01-01", "~"])
def test_keys_are_text(key: str) -> None:
    assert parse(f"{key}: 1\n", "x") == {key: 1}


def test_json_and_yaml_of_the_same_content_are_equal() -> None:
    value = {"a": [1, 1.5, True, None, "yes", {"200": "on"}], "b": {}}
    assert parse(json.dumps(value), "x") == value
    assert parse("a: [1, 1.5, true, null, yes, {200: on}]\nb: {}\n", "x") == value


def test_merge_keys_give_way_to_own_keys_at_any_depth() -> None:
    text = """
    deep: {deeper: {base: &base {<<: &root {a: 1, b: 1}, b: 2}}}
    top: {<<: *base, c: 3}
    """
    assert parse(text, "x") == {
        "deep": {"deeper": {"base": {"a": 1, "b": 2}}},
        "top": {"a": 1, "b": 2, "c": 3},
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "a: 1\nb: 2\na: 3\n",
            "expected YAML or JSON, found the key 'a' occurs twice in one mapping",
        ),
        ("a:\n- b: {200: 1, '200': 2}\n", "the key '200' occurs twice in one mapping (line 2"),
        ("a: &x {b: 1}\nc: {<<: *x, d: 1, d: 2}\n", "the key 'd' occurs twice"),
        ('{"a": {"b": 1, "b": 1}}', "the key 'b' twice in one object"),
        ("a: [", "expected YAML or JSON"),
        ('{"a": ', "expected YAML or JSON"),
        ("a: &x {b: *x}", "an alias inside what it stands for"),
        ("? [a]\n: 1\n", "a mapping key that is no text"),
        ("a: !made-up 1\n", "expected YAML or JSON"),
        ("a: !!python/name:os.system\n", "expected YAML or JSON"),
        ("a: 1\n---\nb: 2\n", "expected YAML or JSON"),
        ("a: \x00\n", "expected YAML or JSON"),
        ('{"a":' * 100_000, "expected YAML or JSON"),
        ("just text\n", "expected a mapping at the top, found str"),
        ("- a\n", "expected a mapping at the top, found list"),
        ('["a"]', "expected a mapping at the top, found list"),
        ("", "expected a mapping at the top, found NoneType"),
        ("<!doctype html><p>Not here</p>", "expected a mapping at the top, found str"),
    ],
)
def test_refused_in_one_line(text: str, problem: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse(text, "file.yaml")
    message = str(caught.value)
    assert message.startswith("file.yaml: expected ")
    assert problem in message
    assert "\n" not in message


def test_files_are_utf_8_text(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_bytes("a: né\n".encode())
    (tmp_path / "bad.yaml").write_bytes("a: né\n".encode("latin-1"))
    assert read(tmp_path / "good.yaml") == {"a": "né"}
    with pytest.raises(SourceError, match=r"bad\.yaml: expected UTF-8 text, found byte 0xe9 at 4"):
        read_bytes(str(tmp_path / "bad.yaml"))


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_unreadable_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="cannot be read: "):
        read_bytes(str(tmp_path / name))


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("https://api.test/a.yaml", "https://api.test/a.yaml"),
        ("https://ann:secret@api.test/a.yaml", "https://api.test/a.yaml"),
        ("http://ann:p@ss@api.test:8080?a=b@c", "http://api.test:8080?a=b@c"),
        ("https://api.test/people/@ann", "https://api.test/people/@ann"),
        ("folder/a@b.yaml", "folder/a@b.yaml"),
    ],
)
def test_a_url_is_shown_without_user_and_password(source: str, seen: str) -> None:
    assert shown(source) == seen
