"""Being told to stop, in a way that loses nothing.

An exception out of a signal handler may come up anywhere, also where Python drops it: in a
callback of the garbage collector, in a destructor. So the first signal is only noted, and the run
ends before its next request or test. A second one is as urgent as ever.
"""

from __future__ import annotations

import signal
from types import FrameType

from attrs import define


@define
class Stopping:
    """Whether the run was told to stop."""

    told: bool = False

    def listen(self) -> None:
        """Take the signals of terminals and supervisors."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def check(self) -> None:
        """Raises KeyboardInterrupt if told to stop; once, so that what was made can be removed."""
        if self.told:
            self.told = False
            raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.told:
            signal.default_int_handler(number, frame)
        self.told = True
