"""Recordings on disk: written the same way whatever came first, and refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.recordings import files
from tests.contract.recordings.errors import FormatError, NothingError
from tests.contract.recordings.exchange import (
    Body,
    Part,
    Recorded,
    Request,
    Response,
    body_of,
    response_to_httpx,
    to_httpx,
)

RIGHT = """\
format: 1
operation: get_note
exchanges:
- target: live
  date: '2026-11-21'
  request:
    method: GET
    path: /v1/notes/1
  response:
    status: 200
    headers:
      content-type: application/json
    body:
      json:
        a: 1
"""
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_UTF8 = st.text(st.characters(codec="utf-8"))
_PAIRS = st.lists(st.tuples(_UTF8, _UTF8), max_size=3).map(tuple)
_PART = st.builds(Part, _UTF8, _UTF8 | st.integers(0, 99), st.none() | _UTF8)
_BODY = st.none() | st.one_of(
    st.builds(Body, st.just("text"), _UTF8),
    st.builds(Body, st.just("form"), _PAIRS),
    st.builds(Body, st.just("parts"), st.lists(_PART, max_size=3).map(tuple)),
    st.builds(Body, st.just("bytes"), st.integers(0, 99)),
)


def _made(number: int, target: str = "live", date: str = "2026-11-21") -> Recorded:
    request = Request("GET", f"/v1/notes/{number}")
    response = Response(200 + number % 2, {}, Body("json", {"b": 1, "a": number}))
    return Recorded("get_note", target, date, request, response)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(body=_BODY | st.builds(Body, st.just("json"), _JSON), query=_PAIRS)
def test_whatever_is_written_reads_the_same(
    tmp_path_factory: pytest.TempPathFactory, body: Body | None, query: tuple[tuple[str, str], ...]
) -> None:
    folder = tmp_path_factory.mktemp("recordings")
    made = evolve(_made(1), request=Request("POST", "/v1/notes", query, {}, body))
    made = evolve(made, response=Response(200, {"x": "y"}, body))
    files.write(folder, [made])
    (found,) = files.read(folder)
    assert to_httpx(found.request).content == to_httpx(made.request).content or (
        body is not None and body.kind == "json"
    )
    assert (
        response_to_httpx(found.response).json() == body.value
        if (body is not None and body.kind == "json")
        else found == made
    )


def test_the_order_of_what_comes_does_not_matter(tmp_path: Path) -> None:
    for name, numbers in (("a", [1, 2, 3, 4]), ("b", [4, 2, 3, 1, 2])):
        files.write(tmp_path / name, map(_made, numbers))
    written = [(tmp_path / name / "get_note.yaml").read_bytes() for name in "ab"]
    assert written[0] == written[1]
    statuses = [each.response.status for each in files.read(tmp_path / "a")]
    assert statuses == [200, 200, 201, 201]


def test_a_new_recording_of_a_target_replaces_its_old_one(tmp_path: Path) -> None:
    files.write(tmp_path, [_made(1), _made(2), _made(3, "cassette")])
    later = [_made(2, date="2027-01-01"), _made(4, date="2027-01-01")]
    files.write(tmp_path, later, replacing="live")
    found = {(each.request.path[-1], each.target): each.date for each in files.read(tmp_path)}
    # What is as it was keeps its date, or every file would change each time.
    assert found == {
        ("2", "live"): "2026-11-21",
        ("3", "cassette"): "2026-11-21",
        ("4", "live"): "2027-01-01",
    }


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("format: 1", "format: 2", "expected format 1, found 2"),
        ("operation: get_note\n", "", "expected the keys exchanges, format, operation"),
        ("target: live", "target: moon", "target: expected one of emulator, url"),
        ("'2026-11-21'", "soon", "date: expected YYYY-MM-DD"),
        ("method: GET", "method: 1", "method: expected str, found int"),
        ("path: /v1/notes/1", "path: /v1/no tes", "path: expected one with / first"),
        ("status: 200", "status: '200'", "status: expected int, found str"),
        ("status: 200", "status: 99", "status: expected 100 to 599, found 99"),
        ("json:", "yaml:", "response body: expected one of json, text, form, parts, bytes"),
        ("a: 1", "a: 2026-11-21", "expected JSON; dates, say, need quotes"),
        ("content-type: application/json", "- x", "headers: expected dict, found list"),
        ("exchanges:", "exchanges: [", "expected YAML, found"),
        ("a: 1", "a: !!python/object:os.system {}", "expected YAML, found"),
        ("  request:", "  extra: 1\n  request:", "exchange 1: expected the keys"),
    ],
)
def test_a_broken_file_is_named_in_one_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "get_note.yaml"
    path.write_text(RIGHT)
    assert len(files.read(tmp_path)) == 1
    assert old in RIGHT
    path.write_text(RIGHT.replace(old, new))
    with pytest.raises(FormatError) as caught:
        files.read(tmp_path)
    assert str(caught.value).startswith("get_note.yaml:")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_recordings_is_told(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(NothingError, match="expected"):
            files.read(folder)


def test_what_cannot_be_read_as_its_type_is_kept_as_what_it_is() -> None:
    assert body_of(b"", "application/json") is None
    assert body_of(b"{", "application/json") == Body("text", "{")
    assert body_of(b'{"a": 1}', "text/plain") == Body("json", {"a": 1})
    assert body_of(b"\xff\xfe", "text/plain") == Body("bytes", 2)
    assert body_of(b"--x", "multipart/form-data; boundary=y") == Body("bytes", 3)
