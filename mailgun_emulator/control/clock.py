"""Time: look at it, stop it, move it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mailgun_emulator.control.routing import ControlError, Visit, checked, control

# Far enough from the ends of what dates can be, also after some years of retries.
_LATEST = datetime(9000, 1, 1, tzinfo=UTC).timestamp()


@control("GET", "clock")
def get(visit: Visit) -> dict[str, Any]:
    """What time it is, and whether it stands still."""
    clock = visit.state.clock
    return {
        "now": clock.now().isoformat(),
        "timestamp": clock.timestamp(),
        "frozen": clock.frozen,
    }


@control("POST", "clock/freeze")
def freeze(visit: Visit) -> dict[str, Any]:
    """Stop time, where it is or `at` some moment."""
    given = checked(visit.body(), at=(str, int, float))
    visit.state.clock.freeze(moment(given["at"]) if "at" in given else None)
    return get(visit)


@control("POST", "clock/advance")
def advance(visit: Visit) -> dict[str, Any]:
    """Move time on by `seconds`, and do what is due then."""
    given = checked(visit.body(), seconds=(int, float))
    seconds = given.get("seconds")
    if seconds is None or not 0 <= seconds <= _LATEST:
        raise ControlError(400, "seconds is not a number from 0 on")
    if visit.state.clock.timestamp() + seconds > _LATEST:
        raise ControlError(400, "there is no such time")
    visit.state.clock.advance(seconds)
    visit.state.settle()
    return get(visit)


@control("POST", "clock/resume")
def resume(visit: Visit) -> dict[str, Any]:
    """Let time run on from where it stands."""
    visit.state.clock.resume()
    return get(visit)


def moment(value: str | float) -> float:
    """Epoch seconds of a time in ISO 8601 (UTC unless it says otherwise) or in epoch seconds.

    Raises ControlError.
    """
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
        else:
            seconds = float(value)
    except (ValueError, OverflowError):
        raise ControlError(400, f"{value!r} is no time") from None
    if not 0 <= seconds <= _LATEST:
        raise ControlError(400, f"{value!r} is no time")
    return seconds
