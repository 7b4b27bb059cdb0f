"""Make the title of each component schema its key.

Overlays can't rename a key without copying, removing and retargeting it, which is slow and merges
silently when two names collide. So an overlay gives the name as `title`, and this step moves it.
Schemas of one title must be equal once references are rewritten; they become one.
"""

from __future__ import annotations

from typing import Any

from pipeline.errors import MergeError
from pipeline.load import Json

CLASH = "different schemas under one name"
_PREFIX = "#/components/schemas/"


def rename_schemas(document: Json, where: str) -> Json:
    """A copy of `document` whose component schemas carry their titles as names.

    Raises MergeError when two different schemas have the same title.
    """
    renamed, problems = rename(document, where)
    if problems:
        raise MergeError(CLASH, problems)
    return renamed


def rename(document: Json, where: str) -> tuple[Json, list[str]]:
    """The copy, in which the first of two schemas of one title stays, and every clash."""
    schemas: Json = document.get("components", {}).get("schemas", {})
    names = {key: schema.get("title", key) for key, schema in schemas.items()}
    renamed: Json = _retarget(document, names)
    merged: Json = {}
    origin: dict[str, str] = {}
    problems = []
    for key, schema in renamed.get("components", {}).get("schemas", {}).items():
        name = names[key]
        schema.pop("title", None)  # It has become the key; the same name twice tells nothing.
        if merged.setdefault(name, schema) != schema:
            problems.append(f"{where}: {origin[name]!r} and {key!r} are both named {name!r}")
        origin.setdefault(name, key)
    if merged:
        renamed["components"]["schemas"] = merged
    return renamed, problems


def _retarget(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _retarget(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_retarget(item, names) for item in value]
    if isinstance(value, str) and value.startswith(_PREFIX):
        key, slash, inner = value.removeprefix(_PREFIX).partition("/")
        old = key.replace("~1", "/").replace("~0", "~")
        new = names.get(old, old).replace("~", "~0").replace("/", "~1")
        return f"{_PREFIX}{new}{slash}{inner}"
    return value
