"""How a run is shared out among worker processes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from tests.contract.truth import Truth


class ByArea(LoadScopeScheduling):  # type: ignore[misc]
    """Operations of one area share what was drawn for them, so they go to one worker.

    Not by marks of groups, which xdist 3.8 cannot read under pytest 9.2: it takes no notice of
    them, and every worker draws for every area.
    """

    def __init__(self, config: Any, log: Any, truth: Truth) -> None:
        super().__init__(config, log)
        self._truth = truth

    def _split_scope(self, nodeid: str) -> str:
        return area(self._truth, nodeid)


def area(truth: Truth, nodeid: str) -> str:
    """The area of the operation that a test is about; else the test itself."""
    name = nodeid.rpartition("[")[2].removesuffix("]")
    return truth.operations[name].tag if name in truth.operations else nodeid


def sort(truth: Truth, items: list[pytest.Item]) -> None:
    """Put areas first that take long, or a worker would be left with one of them at the end.

    Those are areas with lists, which have to be filled, and then those with many tests.
    """
    areas = {item.nodeid: area(truth, item.nodeid) for item in items}
    sizes = Counter(areas.values())
    paged = {operation.tag for operation in truth.operations.values() if operation.pages}
    items.sort(key=lambda item: (areas[item.nodeid] not in paged, -sizes[areas[item.nodeid]]))
