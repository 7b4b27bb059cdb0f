"""How late events are seen."""

from __future__ import annotations

from typing import Any

from mailgun_emulator.areas.events.store import EventStore
from mailgun_emulator.control.routing import ControlError, Visit, checked, control

_LONGEST = 86_400.0


@control("GET", "events")
def get_lateness(visit: Visit) -> dict[str, Any]:
    """The longest delay with which an event is seen, in seconds."""
    return {"late": max((store.late for store in _stores(visit)), default=0.0)}


@control("POST", "events")
def set_lateness(visit: Visit) -> dict[str, Any]:
    """Let events be seen up to `late` seconds after they happened, each after its own time."""
    late = checked(visit.body(), late=(int, float)).get("late")
    if late is None or not 0 <= late <= _LONGEST:
        raise ControlError(400, f"late is not between 0 and {_LONGEST:g} seconds")
    for store in _stores(visit):
        store.late = float(late)
    return get_lateness(visit)


def _stores(visit: Visit) -> list[EventStore]:
    return [visit.state.store(account, EventStore) for account in visit.accounts()]
