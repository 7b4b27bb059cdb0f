"""`specs/sources.toml`: where each vendored spec came from and where to refresh it.

[send]
url = "https://..."        official download address, used when `make vendor` names no source
source = "mailgun.yaml"    file name or url that was vendored last
version = "3.0.0"          info.version of the description
retrieved = "2026-03-01"   day on which the upstream file was taken
sha256 = "..."             of the upstream file
operations = 222
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from pipeline.errors import SourceError
from pipeline.load import is_url, shown

FILE = "sources.toml"
_HEAD = "# Written by `make vendor`; `url` is kept and may be edited.\n"


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """The records by spec name; empty when the folder has none yet."""
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise SourceError(f"{path}: expected TOML, found {error}") from error


def render(records: dict[str, dict[str, Any]]) -> str:
    """The file's text, specs in alphabetical order."""
    blocks = []
    for name in sorted(records):
        lines = [f"[{name}]"]
        lines += [f"{key} = {_value(value)}" for key, value in records[name].items()]
        blocks.append("\n".join(lines) + "\n")
    return _HEAD + "\n" + "\n".join(blocks)


def check_name(name: str) -> None:
    """Refuse what is no plain file name and no bare key of TOML."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        raise SourceError(f"{name}: expected a spec name of small letters, digits, - and _")


def address(folder: Path, name: str) -> str:
    """The official download address of the spec `name`."""
    known = read(folder)
    url = known.get(name, {}).get("url")
    if not url:
        names = ", ".join(sorted(known)) or "none"
        raise SourceError(
            f"{folder / FILE}: expected a url for {name!r}, found only: {names}; give SOURCE="
        )
    return str(url)


def public(source: str) -> str:
    """What may be recorded of a source: a url without credentials, or a bare file name."""
    return shown(source) if is_url(source) else Path(source).name


def _value(value: Any) -> str:
    # TOML has no \u escapes for surrogate pairs, and a user may write dates of TOML's own kind.
    return json.dumps(value, ensure_ascii=False, default=str)
