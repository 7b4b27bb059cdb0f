"""Recordings on disk: one YAML file per operation, always written the same way."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from attrs import evolve

from tests.contract.recordings.errors import FormatError, NothingError
from tests.contract.recordings.exchange import KINDS, Body, Part, Recorded, Request, Response

FORMAT = 1
TARGETS = ("emulator", "url", "live", "cassette")
_HEAD = "# Recorded and scrubbed; the format is described in tests/contract/recordings.\n"
_PART = {"name", "filename", "type", "text", "bytes"}
Json = dict[str, Any]


class _Dumper(yaml.CSafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def read(folder: Path) -> list[Recorded]:
    """All exchanges below `folder`. FormatError names what is wrong in which file."""
    if not folder.is_dir():
        raise NothingError(f"recordings: expected a folder, found none at {folder}")
    found = [each for path in sorted(folder.rglob("*.yaml")) for each in read_file(path)]
    if not found:
        raise NothingError(f"recordings: expected *.yaml below {folder}, found none with exchanges")
    return found


def read_file(path: Path) -> list[Recorded]:
    document = load(path, yaml.CSafeLoader)
    where = path.name
    _keys(document, {"format", "operation", "exchanges"}, where)
    if document["format"] != FORMAT:
        raise FormatError(f"{where}: expected format {FORMAT}, found {document['format']!r:.40}")
    operation = _typed(document["operation"], str, f"{where}: operation")
    exchanges = _typed(document["exchanges"], list, f"{where}: exchanges")
    return [
        _recorded(operation, each, f"{where}: exchange {number}")
        for number, each in enumerate(exchanges, 1)
    ]


def load(path: Path, loader: Any) -> Any:
    """The YAML of a file; FormatError in one line if there is none."""
    try:
        return yaml.load(path.read_bytes(), loader)
    except OSError as error:
        raise FormatError(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}:" if mark else ""
        problem = getattr(error, "problem", None) or type(error).__name__
        raise FormatError(f"{path.name}:{line} expected YAML, found: {problem}") from None


def write(folder: Path, exchanges: Iterable[Recorded], *, replacing: str = "") -> list[Path]:
    """Add the exchanges to the files of their operations, one by one and sorted.

    `replacing` is a kind of target whose earlier exchanges with these operations go. One that is
    there already keeps its date, so that a file changes only when an answer does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    new: dict[str, list[Recorded]] = {}
    for each in exchanges:
        new.setdefault(each.operation, []).append(each)
    paths = []
    for operation, found in sorted(new.items()):
        path = folder / f"{operation}.yaml"
        old = read_file(path) if path.exists() else []
        dates = {_key(each): each.date for each in reversed(old)}
        kept = [each for each in old if not replacing or each.target != replacing]
        merged = {
            _key(each): evolve(each, date=dates.get(_key(each), each.date))
            for each in [*kept, *found]
        }
        rows = [_plain(each) for _, each in sorted(merged.items())]
        path.write_text(render(operation, rows), encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


def render(operation: str, rows: list[Json]) -> str:
    document = {"format": FORMAT, "operation": operation, "exchanges": rows}
    return _HEAD + yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )


def _key(each: Recorded) -> str:
    """What makes an exchange the one it is, in the order of the file."""
    row = _plain(evolve(each, date=""))
    status = row["response"]["status"]
    return f"{status:03d} {row['request']['path']} {json.dumps(row, sort_keys=True)}"


def _plain(each: Recorded) -> Json:
    request, response = each.request, each.response
    sent: Json = {"method": request.method, "path": request.path}
    if request.query:
        sent["query"] = [{name: text} for name, text in request.query]
    came: Json = {"status": response.status}
    for row, message in ((sent, request), (came, response)):
        if message.headers:
            row["headers"] = dict(sorted(message.headers.items()))
        if message.body is not None:
            row["body"] = _plain_body(message.body)
    return {"target": each.target, "date": each.date, "request": sent, "response": came}


def _plain_body(body: Body) -> Json:
    if body.kind == "form":
        return {"form": [{name: text} for name, text in body.value]}
    if body.kind == "parts":
        return {"parts": [_plain_part(part) for part in body.value]}
    if body.kind == "json":
        text = json.dumps(body.value, sort_keys=True)
        # YAML has no half a surrogate pair, which JSON may have: then it stays text.
        return {"json": json.loads(text)} if _writable(body.value) else {"text": text}
    return {body.kind: body.value}


def _writable(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _plain_part(part: Part) -> Json:
    row: Json = {"name": part.name}
    if part.filename is not None:
        row["filename"] = part.filename
    if part.media_type:
        row["type"] = part.media_type
    return row | {"bytes" if isinstance(part.content, int) else "text": part.content}


def _recorded(operation: str, row: Any, where: str) -> Recorded:
    _keys(row, {"target", "date", "request", "response"}, where)
    if row["target"] not in TARGETS:
        raise FormatError(
            f"{where}: target: expected one of {', '.join(TARGETS)}, found {row['target']!r:.40}"
        )
    try:
        date.fromisoformat(str(row["date"]))
    except ValueError:
        raise FormatError(f"{where}: date: expected YYYY-MM-DD") from None
    sent, came = row["request"], row["response"]
    _keys(sent, {"method", "path"}, f"{where}: request", {"query", "headers", "body"})
    _keys(came, {"status"}, f"{where}: response", {"headers", "body"})
    path = _typed(sent["path"], str, f"{where}: path")
    if not path.startswith("/") or not path.isascii() or set(path) & set(" ?#"):
        raise FormatError(f"{where}: path: expected one with / first, percent-encoded")
    status = _typed(came["status"], int, f"{where}: status")
    if not 100 <= status <= 599:
        raise FormatError(f"{where}: status: expected 100 to 599, found {status}")
    request = Request(
        _typed(sent["method"], str, f"{where}: method"),
        path,
        _pairs(sent.get("query", []), f"{where}: query"),
        _headers(sent.get("headers", {}), f"{where}: request headers"),
        _body(sent.get("body"), f"{where}: request body"),
    )
    response = Response(
        status,
        _headers(came.get("headers", {}), f"{where}: response headers"),
        _body(came.get("body"), f"{where}: response body"),
    )
    return Recorded(operation, row["target"], str(row["date"]), request, response)


def _body(row: Any, where: str) -> Body | None:
    if row is None:
        return None
    if not isinstance(row, dict) or len(row) != 1 or not {*row} <= set(KINDS):
        raise FormatError(f"{where}: expected one of {', '.join(KINDS)}, found {_shown(row)}")
    kind, value = next(iter(row.items()))
    if kind == "json":
        _json(value, where)
    elif kind == "text":
        _typed(value, str, where)
    elif kind == "bytes":
        _length(value, where)
    elif kind == "form":
        value = _pairs(value, where)
    elif kind == "parts":
        parts = _typed(value, list, where)
        value = tuple(_part(each, f"{where}: part {n}") for n, each in enumerate(parts, 1))
    return Body(kind, value)


def _json(value: Any, where: str) -> None:
    try:
        same = json.loads(json.dumps(value)) == value
    except (TypeError, ValueError, RecursionError):
        same = False
    if not same:
        raise FormatError(f"{where}: expected JSON; dates, say, need quotes")


def _part(row: Any, where: str) -> Part:
    if not isinstance(row, dict) or "name" not in row or len({"text", "bytes"} & {*row}) != 1:
        raise FormatError(f"{where}: expected name and text or bytes, found {_shown(row)}")
    if unknown := {*row} - _PART:
        raise FormatError(f"{where}: expected {', '.join(sorted(_PART))}, found {_shown(unknown)}")
    texts = {n: _typed(v, str, f"{where}: {n}") for n, v in row.items() if n != "bytes"}
    content = texts["text"] if "text" in texts else _length(row["bytes"], where)
    return Part(texts["name"], content, texts.get("filename"), texts.get("type"))


def _length(value: Any, where: str) -> int:
    number: int = _typed(value, int, where)
    if not 0 <= number <= 100_000_000:
        raise FormatError(f"{where}: bytes: expected a length, found {number}")
    return number


def _pairs(rows: Any, where: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for number, row in enumerate(_typed(rows, list, where), 1):
        if not isinstance(row, dict) or len(row) != 1:
            raise FormatError(f"{where}: {number}: expected one `name: text`, found {_shown(row)}")
        for name, text in row.items():
            place = f"{where}: {number}"
            pairs.append((_typed(name, str, place), _typed(text, str, place)))
    return tuple(pairs)


def _headers(rows: Any, where: str) -> dict[str, str]:
    found: dict[str, str] = _typed(rows, dict, where)
    for name, text in found.items():
        _typed(name, str, where)
        _typed(text, str, f"{where}: {name}")
    return found


def _keys(row: Any, needed: set[str], where: str, more: Iterable[str] = ()) -> None:
    if not isinstance(row, dict) or not needed <= {*row} <= needed | {*more}:
        names = ", ".join(sorted(needed))
        raise FormatError(f"{where}: expected the keys {names}, found {_shown(row)}")


def _typed(value: Any, kind: type, where: str) -> Any:
    if type(value) is not kind:
        raise FormatError(f"{where}: expected {kind.__name__}, found {_shown(value)}")
    return value


def _shown(value: Any) -> str:
    """Names only: a broken file may hold what nobody should see in a log."""
    if isinstance(value, dict | set):
        return ", ".join(sorted(str(name)[:40] for name in value)) or "none"
    return "nothing" if value is None else type(value).__name__
