"""How a run is shared out among worker processes."""

from __future__ import annotations

from typing import Any

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
        name = nodeid.rpartition("[")[2].removesuffix("]")
        return self._truth.operations[name].tag if name in self._truth.operations else nodeid
