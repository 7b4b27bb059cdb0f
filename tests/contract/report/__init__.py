"""The report of a run: JSON, one HTML page and JUnit, all made of the same document.

document.py    the ledger and the truth as one document, the shape of contract.json
previous.py    the last report, which is kept, and what became of it
page.py        the page: page.html.jinja with page.css and page.js in it
junit.py       one test case per operation and property
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from tests.contract.report import junit, page, previous


class ReportError(Exception):
    """The reports cannot be written where they shall be."""


def check(path: Path) -> None:
    """Raises ReportError unless `write` can write to `path`; a run should know that beforehand."""
    for file in (path, *map(path.with_suffix, (".html", ".xml"))):
        if file.is_dir():
            raise ReportError(f"{file}: expected a file to write the report to, found a folder")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise ReportError(
            f"{path.parent}: expected a folder to write reports to, found {error.strerror or error}"
        ) from None


def write(document: dict[str, Any], path: Path) -> list[Path]:
    """Write contract.json as `path`, the others beside it; a whole report there is kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    previous.keep(path)
    files = {
        path: json.dumps(document, indent=1),
        path.with_suffix(".html"): page.render(document),
        path.with_suffix(".xml"): junit.render(document),
    }
    for file, text in files.items():
        # A lone surrogate can come from a server's text; no file may hold it.
        file.write_bytes(text.encode("utf-8", "backslashreplace"))
    return list(files)
