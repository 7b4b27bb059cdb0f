"""A failing case made smaller: what is optional goes, one by one, while the same breach stays.

Deterministic: the order is that of the case, and every try starts from the same state.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from attrs import define
from schemathesis import Case

from tests.contract import cases
from tests.contract.breaches import Breach
from tests.contract.scene import Scene
from tests.contract.truth import Operation

Judge = Callable[[Case], list[Breach]]
# Each try is a call on a state of its own.
_TRIES = 24
_SHRUNK = 3
_VALUES = re.compile(r"'[^']*'|\"[^\"]*\"|\d+")


@define
class Shrinker:
    """Shrinks the first few failures of an operation; more would only cost time."""

    scene: Scene
    operation: Operation
    done: int = 0

    def shrink(self, case: Case, found: list[Breach], judge: Judge) -> list[Breach]:
        """The breaches of the smallest case that breaks the same as `case`, which broke `found`."""
        if self.done >= _SHRUNK:
            return found
        self.done += 1
        wanted = {signature(breach) for breach in found}
        tries, shrinking = 0, True
        while shrinking:
            shrinking = False
            for smaller in self._smaller(case):
                if tries >= _TRIES:
                    break
                tries += 1
                left = judge(cases.copy(smaller))
                if wanted <= {signature(breach) for breach in left}:
                    case, found, shrinking = smaller, left, True
                    break
        return found

    def _smaller(self, case: Case) -> Iterator[Case]:
        """Copies of the case, each without one thing that may be left out."""
        for place, location in (("query", "query"), ("headers", "header")):
            declared = self.operation.parameters(location)
            for name in getattr(case, place) or {}:
                if not declared.get(name, {}).get("required"):
                    smaller = cases.copy(case)
                    del getattr(smaller, place)[name]
                    yield smaller
        if isinstance(case.body, dict) and case.media_type:
            content = self.operation.raw["requestBody"]["content"].get(case.media_type, {})
            required = self.scene.truth.resolve(content.get("schema", {})).get("required", ())
            for name in case.body:
                if name not in required:
                    smaller = cases.copy(case)
                    smaller.body = {key: item for key, item in case.body.items() if key != name}
                    yield smaller


def signature(breach: Breach) -> tuple[str, str]:
    """What makes two breaches the same: their kind and words, whatever the values."""
    return breach.kind, _VALUES.sub("_", breach.detail)[:80]
