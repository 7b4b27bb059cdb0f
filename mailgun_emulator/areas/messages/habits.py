"""When recipients look at their mail, and in which time zone they are (sending SCHED-007, 008)."""

from __future__ import annotations

from attrs import define, field

# How many opens and clicks are enough to go by is not known.
ENOUGH = 3
# The recipients seen longest ago make room.
MOST = 10_000


@define
class Habits:
    """What is known of one recipient: visits by hour of the day in UTC, seconds ahead of UTC."""

    visits: dict[int, int] = field(factory=dict)
    offset: float | None = None


@define
class HabitStore:
    """Habits by address."""

    most: int = MOST
    _known: dict[str, Habits] = field(factory=dict, init=False)

    def visited(self, address: str, moment: float, offset: float | None = None) -> None:
        """A recipient opened a message or clicked, perhaps where the time zone is known."""
        habits = self._known.pop(address.lower(), None) or Habits()
        hour = int(moment % 86_400 // 3_600)
        habits.visits[hour] = habits.visits.get(hour, 0) + 1
        if offset is not None:
            habits.offset = offset
        self._known[address.lower()] = habits
        if len(self._known) > self.most:
            del self._known[next(iter(self._known))]

    def best_hour(self, address: str) -> int | None:
        """The hour of most visits, the earliest of several; None without enough of them."""
        habits = self._known.get(address.lower())
        if habits is None or sum(habits.visits.values()) < ENOUGH:
            return None
        return min(habits.visits, key=lambda hour: (-habits.visits[hour], hour))

    def offset(self, address: str) -> float | None:
        """How far the recipient's clock is ahead of UTC, in seconds; None when nobody knows."""
        habits = self._known.get(address.lower())
        return None if habits is None else habits.offset
