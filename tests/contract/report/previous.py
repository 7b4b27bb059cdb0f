"""The report before this one, and what changed since."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import jsonschema_rs

Json = dict[str, Any]
SCHEMA: Final = Path(__file__).with_name("contract.schema.json")
_MOST = 20
_TOLD = ("started", "target", "profile", "seed", "seconds", "passed", "totals")


class PreviousError(Exception):
    """A file that was named as the previous report is none."""


def load(path: Path) -> Json:
    """The report in `path`. Raises PreviousError with what was expected and found."""
    wanted = "expected a contract.json that this suite wrote"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PreviousError(f"{path}: {wanted}, found {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise PreviousError(f"{path}: {wanted}, found no JSON: {error}") from None
    if not isinstance(found, dict) or found.get("format") != "mailgun-contract-report":
        raise PreviousError(f"{path}: {wanted}, found other JSON")
    if found.get("version") != 1:
        raise PreviousError(f"{path}: expected version 1, found {found.get('version')!r}")
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    if wrong := next(jsonschema_rs.Draft202012Validator(schema).iter_errors(found), None):
        place = "/".join(map(str, wrong.instance_path)) or "its top"
        raise PreviousError(
            f"{path}: expected version 1 as {SCHEMA.name} has it, found at {place}: "
            f"{wrong.message:.120}"
        )
    return found


def kept(path: Path) -> Path:
    """Where the report before the one in `path` is kept."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def last(path: Path, target: str) -> tuple[Json | None, list[str]]:
    """The last whole report of the same target among `path` and the one kept; None without.

    Also a line for each of these files that is there and no report: nobody named it, so it is
    passed over.
    """
    ignored: list[str] = []
    for candidate in (path, kept(path)):
        try:
            found = load(candidate) if candidate.exists() else None
        except PreviousError as error:
            ignored.append(f"not compared with {error}")
            continue
        if found is not None and found["whole"] and found["target"] == target:
            return found, ignored
    return None, ignored


def keep(path: Path) -> None:
    """Keep the report in `path`, if it is a whole one, before another takes its place."""
    with suppress(PreviousError):
        if load(path)["whole"]:
            path.replace(kept(path))


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
