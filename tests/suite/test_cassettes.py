"""Cassettes of others become recordings; what cannot is told, and broken ones end at once."""

from __future__ import annotations

import gzip
from base64 import b64encode
from pathlib import Path

import pytest

from tests.contract import truth as truths
from tests.contract.recordings import __main__ as command
from tests.contract.recordings import cassettes, files
from tests.contract.recordings.errors import FormatError
from tests.contract.truth import Truth

VCRPY = """\
interactions:
- request:
    body: '{"active": true}'
    headers:
      Authorization: [Basic YXBpOmtleS1vZi1zb21lYm9keQ==]
      Content-Type: [application/json]
    method: PUT
    uri: https://api.mailgun.net/v3/mg.acme.io/things/7?
  response:
    body: {string: '{"message": "updated by jo@acme.io"}'}
    headers:
      Content-Type: [application/json; charset=utf-8]
      Date: ['Fri, 20 Nov 2026 08:00:00 GMT']
      Set-Cookie: [session=1]
    status: {code: 200, message: OK}
- request:
    body: null
    headers: {}
    method: GET
    uri: https://api.eu.mailgun.net/v9/jo@acme.io?key=1
  response:
    body: {string: ''}
    headers: {Date: ['Fri, 20 Nov 2026 08:00:00 GMT']}
    status: {code: 404, message: Not Found}
version: 1
"""
RUBY = """\
---
http_interactions:
- request:
    method: post
    uri: https://api:<KEY>@api.mailgun.net/v1/notes
    body:
      encoding: US-ASCII
      string: thing=1&text=call%20%2B4915112345678
    headers:
      Content-Type:
      - application/x-www-form-urlencoded
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type:
      - application/json
      Content-Encoding:
      - gzip
    body:
      encoding: ASCII-8BIT
      base64_string: {packed}
  recorded_at: Sat, 21 Nov 2026 09:00:00 GMT
recorded_with: VCR 6
"""
GO = """\
version: 2
interactions:
- id: 0
  request:
    body: ""
    form: {}
    headers: {}
    url: http://staging.acme.io/mailgun/v3/mg.acme.io/things?limit=5
    method: GET
  response:
    body: !!binary eyJpdGVtcyI6IFtdfQ==
    headers: {Content-Type: [application/json], X-Total-Count: ["0"]}
    status: 200 OK
    code: 200
    duration: 1ms
"""


def _write(folder: Path, text: str, name: str = "cassette.yaml") -> Path:
    path = folder / name
    packed = b64encode(gzip.compress(b'{"id": 1, "text": "x"}')).decode()
    path.write_text(text.replace("{packed}", packed))
    return path


def test_vcrpy(truth: Truth, tmp_path: Path) -> None:
    found = cassettes.take(truth, [_write(tmp_path, VCRPY)])
    (taken,) = found.exchanges
    assert (taken.operation, taken.target, taken.date) == ("update_thing", "cassette", "2026-11-20")
    assert taken.request.body is not None
    assert taken.request.body.value == {"active": True}
    assert taken.request.headers == {"content-type": "application/json"}
    assert taken.response.headers == {"content-type": "application/json; charset=utf-8"}
    (left,) = found.unmatched
    assert (left.number, left.reason) == (2, "no operation has this path")


def test_ruby(truth: Truth, tmp_path: Path) -> None:
    (taken,) = cassettes.take(truth, [_write(tmp_path, RUBY)]).exchanges
    assert (taken.operation, taken.date) == ("add_note", "2026-11-21")
    assert taken.request.body is not None
    assert taken.request.body.value == (("thing", "1"), ("text", "call +4915112345678"))
    assert taken.response.body is not None
    assert taken.response.body.value == {"id": 1, "text": "x"}


def test_go(truth: Truth, tmp_path: Path) -> None:
    path = _write(tmp_path, GO)
    found = cassettes.take(truth, [path], hosts=["acme.io"], date="2026-11-01")
    (taken,) = found.exchanges
    assert (taken.operation, taken.date) == ("list_things", "2026-11-01")
    assert taken.request.path == "/v3/mg.acme.io/things"
    assert taken.request.query == (("limit", "5"),)
    assert taken.response.headers["x-total-count"] == "0"


def test_other_hosts_and_days_have_to_be_named(truth: Truth, tmp_path: Path) -> None:
    path = _write(tmp_path, GO)
    (left,) = cassettes.take(truth, [path], date="2026-11-01").unmatched
    assert "--host" in left.reason
    (left,) = cassettes.take(truth, [path], hosts=["acme.io"]).unmatched
    assert "--date" in left.reason


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "found nothing"),
        ("a: 1", "found a"),
        ("interactions: 5", "expected a VCR cassette"),
        ("interactions: [", "expected YAML"),
        ("interactions: [!!python/object:os.system {}]", "expected YAML"),
        ("interactions: [1]", "interaction 1: expected a request"),
        ("interactions: [{request: {}, response: {}}]", "expected method and uri"),
        (VCRPY.replace("code: 200", "code: x"), "interaction 1: expected a status code"),
        (VCRPY.replace("code: 200", "code: 42"), "interaction 1: expected a status code, found 42"),
        (VCRPY.replace("body: null", "body: [1]"), "interaction 2: request: body: expected text"),
        (VCRPY.replace("headers: {}", "headers: [1]"), "expected headers by name, found list"),
        (RUBY.replace("{packed}", "H4sI"), "expected gzip or deflate content"),
        (RUBY.replace("{packed}", "[]"), "body: expected base64"),
        (RUBY.replace("{packed}", "'eA@@=='"), "body: expected base64"),
    ],
)
def test_a_broken_cassette_is_one_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    path = _write(tmp_path, text)
    with pytest.raises(SystemExit) as ended:
        command.run(["import", str(path), "--to", str(tmp_path / "out")])
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert told.startswith("error: cassette.yaml: ")
    assert says in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_missing_cassette_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.run(["import", str(tmp_path / "none.yaml")])
    assert ended.value.code == 2
    assert "cannot be read: No such file" in capsys.readouterr().err
    with pytest.raises(FormatError):
        cassettes.take(Truth({}, {}, {}), [tmp_path])


def test_the_command_scrubs_and_reports(
    truth: Truth,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(truths, "load", lambda: truth)
    folder = tmp_path / "cassettes"
    folder.mkdir()
    _write(folder, VCRPY, "one.yml")
    _write(folder, RUBY, "two.yaml")
    with pytest.raises(SystemExit) as ended:
        command.run(["import", str(folder), "--to", str(tmp_path / "out")])
    told = capsys.readouterr().out
    assert ended.value.code == 1
    assert "imported: 2 of 3 interactions" in told
    assert "not taken: one.yml #2: GET /v9/user-" in told
    written = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    assert len(files.read(tmp_path / "out")) == 2
    for private in ("acme", "jo@", "4915112345678", "key-of", "YXBp", "session"):
        assert private not in written + told


def test_nothing_to_import_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _write(tmp_path, GO)
    with pytest.raises(SystemExit) as ended:
        command.run(["import", str(path), "--to", str(tmp_path / "out")])
    assert ended.value.code == 2
    assert "none could be matched" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_unknown_operation_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.run(["record", "--operation", "send_massage"])
    assert ended.value.code == 2
    assert "no such operation: send_massage" in capsys.readouterr().err
