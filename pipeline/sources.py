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

FILE = "sources.toml"
_HEAD = "# Written by `make vendor`; `url` is kept and may be edited.\n"


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """The records by spec name; empty when the folder has none yet."""
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"{path}: expected TOML, found {error}") from error


def render(records: dict[str, dict[str, Any]]) -> str:
    """The file's text, specs in alphabetical order."""
    blocks = []
    for name in sorted(records):
        lines = [f"[{name}]"]
        lines += [f"{key} = {_value(value)}" for key, value in records[name].items()]
        blocks.append("\n".join(lines) + "\n")
    return _HEAD + "\n" + "\n".join(blocks)


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
    if re.match(r"https?://", source):
        return re.sub(r"//[^/@]*@", "//", source)
    return Path(source).name


def _value(value: Any) -> str:
    return str(value) if isinstance(value, int) else json.dumps(value)
