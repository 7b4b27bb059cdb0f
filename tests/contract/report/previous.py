"""The report before this one, and what changed since."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]
_MOST = 20
_TOLD = ("started", "target", "profile", "seed", "seconds", "passed", "totals")


class PreviousError(Exception):
    """A file that was named as the previous report is none."""


def load(path: Path) -> Json:
    """The report in `path`. Raises PreviousError with what was expected and found."""
    wanted = "expected a contract.json that this suite wrote"
    try:
        found = json.loads(path.read_text())
    except OSError as error:
        raise PreviousError(f"{path}: {wanted}, found {error.strerror or error}") from None
    except ValueError as error:
        raise PreviousError(f"{path}: {wanted}, found no JSON: {error}") from None
    if not isinstance(found, dict) or found.get("format") != "mailgun-contract-report":
        raise PreviousError(f"{path}: {wanted}, found other JSON")
    if found.get("version") != 1:
        raise PreviousError(f"{path}: expected version 1, found {found.get('version')!r}")
    return found


def kept(path: Path) -> Path:
    """Where the report before the one in `path` is kept."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def last(path: Path, target: str) -> Json | None:
    """The last whole report of the same target among `path` and the one kept; None without."""
    for candidate in (path, kept(path)):
        found = _readable(candidate)
        if found is not None and found["whole"] and found["target"] == target:
            return found
    return None


def keep(path: Path) -> None:
    """Keep the report in `path`, if it is a whole one, before another takes its place."""
    found = _readable(path)
    if found is not None and found["whole"]:
        path.replace(kept(path))


def _readable(path: Path) -> Json | None:
    try:
        return load(path)
    except PreviousError:
        return None  # Nobody named it, so there is nobody to tell.


def compare(before: Json | None, now: Json) -> Json:
    """`trend` since `before` and `history`, oldest first and without `now`."""
    if before is None:
        return {"trend": None, "history": []}
    old, new = _cells(before), _cells(now)
    both = old.keys() & new.keys()
    return {
        "trend": {
            "previous": {name: before[name] for name in _TOLD},
            "broke": sorted(k for k in both if old[k] != "broken" and new[k] == "broken"),
            "mended": sorted(k for k in both if old[k] == "broken" and new[k] != "broken"),
            "still_broken": sorted(k for k in both if old[k] == new[k] == "broken"),
            "no_longer_run": sorted(k for k in both if _ran(old[k]) and not _ran(new[k])),
            "operations_added": sorted(now["operations"].keys() - before["operations"].keys())
            if before["whole"]
            else [],
            "operations_gone": sorted(before["operations"].keys() - now["operations"].keys())
            if now["whole"]
            else [],
        },
        "history": [*before["history"], {name: before[name] for name in _TOLD}][-_MOST:],
    }


def _cells(document: Json) -> dict[str, str]:
    return {
        f"{name}: {law}": cell["outcome"]
        for name, row in document["operations"].items()
        for law, cell in row["properties"].items()
    }


def _ran(outcome: str) -> bool:
    return outcome in {"passed", "deviating", "broken"}
