"""Work that is due later, run when somebody looks.

Before every request the app runs what has become due, in order of due time, so a frozen clock
freezes the emulator and an advanced clock catches up at once. Nothing runs in between: whatever
can be observed is observed through a request.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime

from attrs import define, field

Job = Callable[[datetime], None]


@define
class Schedule:
    """Jobs by due time; equal times run in the order they were added."""

    _jobs: list[tuple[float, int, Job]] = field(factory=list)
    _count: int = 0

    def at(self, when: datetime | float, job: Job) -> None:
        """Run `job(when)` once the clock has reached `when` (aware datetime or epoch seconds)."""
        due = when.timestamp() if isinstance(when, datetime) else when
        self._count += 1
        heapq.heappush(self._jobs, (due, self._count, job))

    def run_due(self, now: float) -> int:
        """Run everything due by `now`, also what those jobs add; the number of jobs run."""
        done = 0
        while self._jobs and self._jobs[0][0] <= now:
            due, _, job = heapq.heappop(self._jobs)
            job(datetime.fromtimestamp(due, UTC))
            done += 1
        return done

    def clear(self) -> None:
        """Forget all jobs."""
        self._jobs.clear()

    def __len__(self) -> int:
        return len(self._jobs)
