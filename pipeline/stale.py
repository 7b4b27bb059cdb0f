"""Overlay actions that upstream has overtaken: where they get lost, and what to do about them."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import jsonpath_rfc9535 as jsonpath
from jsonpath_rfc9535.query import JSONPathQuery

from pipeline.errors import OverlayError
from pipeline.load import Json

_VARIABLE = re.compile(r"{[^}]*}")
_ADVICE = {
    "no match": "matches nothing: the thing is gone or has another name. Drop the action if "
    "upstream dropped the thing, else change its target.",
    "no effect": "changes nothing: upstream now says the same. Drop the action.",
    "refused": "does not fit: what it selects has another shape now. Write it anew, or drop it.",
    "malformed": "malformed: mend the action itself.",
}


class Stale(Protocol):
    """What this module needs to know of an overlay's problem."""

    @property
    def file(self) -> str: ...
    @property
    def kind(self) -> str: ...


def lost(target: str, document: Json) -> str:
    """How far a target leads: the first step that selects nothing, and a neighbour like it."""
    query = jsonpath.compile(target)
    for count in reversed(range(len(query.segments))):
        begun = JSONPathQuery(env=query.env, segments=query.segments[:count])
        nodes = begun.find(document)
        if not nodes:
            continue
        if count == len(query.segments) - 1 and count == 0:
            return ""
        missing = JSONPathQuery(env=query.env, segments=query.segments[: count + 1])
        near = _nearest(query.segments[count], [node.value for node in nodes])
        there = f"; there is {near!r}" if near else ""
        return f"nothing at {missing}{there}" if count + 1 < len(query.segments) or near else ""
    return ""


def refuse(problems: Iterable[Stale], *, also: Iterable[str] = ()) -> None:
    """Raise OverlayError with all of `problems`, counted by kind, and advice; or do nothing.

    `also`: what else went wrong in the same build, most likely because of them.
    """
    found = list(problems)
    if not found:
        return
    kinds = Counter(problem.kind for problem in found)
    files = len({problem.file for problem in found})
    counts = ", ".join(f"{kinds[kind]} {kind}" for kind in _ADVICE if kinds[kind])
    raise OverlayError(
        f"{len(found)} overlay problem(s) in {files} file(s): {counts}",
        [*map(str, found), *also],
        _advice(kinds),
    )


def _advice(kinds: Counter[str]) -> Iterator[str]:
    yield "What to do:"
    for kind, words in _ADVICE.items():
        if kinds[kind]:
            yield f"  - {words}"
    if len(kinds.keys() - {"malformed"}):
        yield (
            "  - Mend overlays/names/ first and build again: later stages rest on it, and some of "
            "their problems go with it."
        )
        yield "  - `make diff OLD=HEAD:send NEW=send` shows what changed in a spec (here: send)."


def _nearest(segment: Any, values: list[Any]) -> str:
    """The key that is most like the one name which `segment` selects; "" for none."""
    name = getattr(segment.selectors[0], "name", None) if len(segment.selectors) == 1 else None
    keys = list(dict.fromkeys(key for value in values if isinstance(value, dict) for key in value))
    if not isinstance(name, str):
        return ""
    shape = _VARIABLE.sub("{}", name)
    same = [key for key in keys if _VARIABLE.sub("{}", key) == shape]
    found: list[str] = same or difflib.get_close_matches(name, keys, 1, 0.85)
    return found[0] if found else ""
