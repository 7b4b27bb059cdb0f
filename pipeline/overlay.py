"""Apply OpenAPI Overlay 1.0 and 1.1 documents, strictly.

The standard lets an action that selects nothing succeed. Here that is an error, and so is an action
that changes nothing: both mean that upstream moved and the patch is stale. `x-optional: true` on an
action opts out. `patch` goes on after a problem, so that one run of a build names the problems of
every file of every stage; `pipeline.stale` says what to do about them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import jsonpath_rfc9535 as jsonpath
from attrs import field, frozen

from pipeline.errors import OverlayError
from pipeline.load import Json, read
from pipeline.stale import lost

Location = tuple[str | int, ...]
Kind = Literal["no match", "no effect", "refused", "malformed"]


@frozen
class Overlay:
    """One overlay document and the name it goes by in errors."""

    name: str
    document: Json = field(repr=False)

    @property
    def actions(self) -> list[Json]:
        found = self.document.get("actions")
        return [item if isinstance(item, dict) else {} for item in found or ()]


def load(folder: Path, *, root: Path | None = None) -> list[Overlay]:
    """All overlay documents below `folder`, in path order, named relative to `root`."""
    base = root or folder
    paths = sorted(folder.rglob("*.yaml"), key=lambda path: path.relative_to(folder).as_posix())
    return [Overlay(path.relative_to(base).as_posix(), read(path)) for path in paths]


@frozen
class Problem:
    """What is wrong with one action, or with a whole document (`number` is None).

    `kind`: "no match" and "no effect" are actions that upstream has overtaken; "refused" is one
    that does not fit what it selects; "malformed" is an author's mistake. `hint` says where the
    target gets lost.
    """

    file: str
    reason: str
    kind: Kind = "malformed"
    number: int | None = None
    target: str | None = None
    hint: str = ""

    def __str__(self) -> str:
        where = "" if self.number is None else f" actions[{self.number}] {self.target}:"
        return f"{self.file}:{where} {self.reason}{f' ({self.hint})' if self.hint else ''}"


def patch(document: Json, overlays: Iterable[Overlay]) -> tuple[Json, list[Problem]]:
    """A patched copy of `document`, and every action that is malformed, unmatched, ineffective or
    incompatible; those are left out of the copy."""
    patched: Json = _copy(document)
    problems: list[Problem] = []
    for overlay in overlays:
        problems += _check(overlay)
        for number, action in enumerate(overlay.actions):
            try:
                _act(patched, action)
            except _RefusedError as refused:
                target = str(action.get("target"))
                problems.append(
                    Problem(
                        file=overlay.name,
                        reason=str(refused),
                        kind=refused.kind,
                        number=number,
                        target=target,
                        hint=lost(target, patched) if refused.kind == "no match" else "",
                    )
                )
    return patched, problems


def apply(document: Json, overlays: Iterable[Overlay]) -> Json:
    """A patched copy of `document`.

    Raises OverlayError naming file, action number and target of every malformed, unmatched,
    ineffective or incompatible action.
    """
    patched, problems = patch(document, overlays)
    if problems:
        raise OverlayError(f"{len(problems)} overlay problem(s)", map(str, problems))
    return patched


class _RefusedError(Exception):
    def __init__(self, reason: str, kind: Kind = "refused") -> None:
        super().__init__(reason)
        self.kind = kind


def _check(overlay: Overlay) -> Iterator[Problem]:
    """Malformed documents and actions without a reason or evidence."""
    name, document, info = overlay.name, overlay.document, overlay.document.get("info") or {}
    if not str(document.get("overlay", "")).startswith(("1.0.", "1.1.")):
        yield Problem(name, f"expected overlay 1.0.x or 1.1.x, found {document.get('overlay')!r}")
    if not overlay.actions:
        yield Problem(name, "has no actions")
    for number, action in enumerate(overlay.actions):
        for key in ("description", "x-evidence"):
            if not (action.get(key) or info.get(key)):
                target = str(action.get("target"))
                yield Problem(name, f"has no {key}", number=number, target=target)


def _act(document: Json, action: Json) -> None:
    removes = action.get("remove") is True
    if ("update" in action) + ("copy" in action) + removes != 1:
        raise _RefusedError("expected exactly one of update, copy and remove: true", "malformed")
    nodes = _find(str(action.get("target")), document)
    if not nodes:
        if not action.get("x-optional"):
            raise _RefusedError("matches nothing", "no match")
        return
    if removes:
        _remove(document, [location for location, _ in nodes])
        return
    if "copy" in action:
        sources = _find(str(action["copy"]), document)
        if len(sources) != 1:
            raise _RefusedError(f"copy selects {len(sources)} nodes, expected 1")
        update = _copy(sources[0][1])
    else:
        update = action.get("update")
    if len({_kind(value) for _, value in nodes}) > 1:
        raise _RefusedError("selects objects, arrays and primitives together")
    changed = [_update(document, location, value, update) for location, value in nodes]
    if not any(changed) and not action.get("x-optional"):
        raise _RefusedError("changes nothing", "no effect")


def _find(query: str, document: Json) -> list[tuple[Location, Any]]:
    try:
        nodes = jsonpath.find(query, document)
    except jsonpath.JSONPathError as error:
        raise _RefusedError(f"is not a JSONPath (RFC 9535): {error}", "malformed") from error
    return [(tuple(node.location), node.value) for node in nodes]


def _remove(document: Json, locations: list[Location]) -> None:
    # Deepest and last first: earlier indices and outer nodes stay valid while inner ones go.
    for location in sorted(set(locations), key=_position, reverse=True):
        if not location:
            raise _RefusedError("cannot remove the root")
        parent = _at(document, location[:-1])
        del parent[location[-1]]


def _position(location: Location) -> list[tuple[bool, str | int]]:
    return [(isinstance(part, str), part) for part in location]


def _update(document: Json, location: Location, value: Any, update: Any) -> bool:
    kind = _kind(value)
    if kind == "object":
        if not isinstance(update, dict):
            raise _RefusedError(f"merges {_kind(update)} into an object")
        return _merge(value, update, "$")
    if kind == "array":
        added = update if isinstance(update, list) else [update]
        value.extend(_copy(added))
        return bool(added)
    if _kind(update) != "primitive":
        raise _RefusedError(f"merges {_kind(update)} into a primitive")
    if not location:
        raise _RefusedError("cannot replace the root")
    parent = _at(document, location[:-1])
    parent[location[-1]] = update
    return not _same(value, update)


def _merge(target: Json, update: Json, where: str) -> bool:
    changed = False
    for key, value in update.items():
        if key not in target:
            target[key] = _copy(value)
            changed = True
            continue
        old, at = target[key], f"{where}.{key}"
        if _kind(old) != _kind(value):
            raise _RefusedError(f"{at}: merges {_kind(value)} into {_kind(old)}")
        if isinstance(old, dict):
            changed |= _merge(old, value, at)
        elif isinstance(old, list):
            old.extend(_copy(value))
            changed |= bool(value)
        elif not _same(old, value):
            target[key] = value
            changed = True
    return changed


def _copy(value: Any) -> Any:
    """Like deepcopy, but what a YAML alias made one object becomes several, each patched alone."""
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value


def _same(left: Any, right: Any) -> bool:
    return type(left) is type(right) and bool(left == right)


def _at(document: Any, location: Location) -> Any:
    for part in location:
        document = document[part]
    return document


def _kind(value: Any) -> str:
    return (
        "object" if isinstance(value, dict) else "array" if isinstance(value, list) else "primitive"
    )
