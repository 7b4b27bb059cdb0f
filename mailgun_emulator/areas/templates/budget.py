"""A bound on what rendering one text may cost, whoever wrote the template.

The library bounds how deep blocks go, but not how often a loop within a loop runs, and a template
of a hundred kilobytes can ask for years of work. So the calls that it makes are counted, and the
characters that they give back. Counting is done by a trace function, which neither needs another
thread nor reads a clock: what is refused once is refused always.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from attrs import define, field

# About half a second of work, and twice the largest message in characters.
CALLS = 200_000
CHARACTERS = 50_000_000

Trace = Callable[[FrameType, str, Any], Any]


class Spent(Exception):  # noqa: N818
    """There was more to do than the budget allows."""


@define
class Budget:
    """Counts what happens inside of it; as a context manager raises Spent when it is too much."""

    calls: int = CALLS
    characters: int = CHARACTERS
    _before: Any = field(default=None, init=False, repr=False)

    def __enter__(self) -> Budget:
        self._before = sys.gettrace()
        sys.settrace(self._call)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        sys.settrace(self._before)

    def _call(self, frame: FrameType, event: str, value: Any) -> Trace:  # noqa: ARG002
        self.calls -= 1
        if self.calls < 0:
            raise Spent
        frame.f_trace_lines = False
        return self._return

    def _return(self, frame: FrameType, event: str, value: Any) -> Trace:  # noqa: ARG002
        if isinstance(value, str):
            self.characters -= len(value)
            if self.characters < 0:
                raise Spent
        return self._return
