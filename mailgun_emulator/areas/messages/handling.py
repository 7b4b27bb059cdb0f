"""When and how a message is to be delivered, as far as its sender says (sending SCHED, TLS)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import frozen

from mailgun_emulator.areas.domains.records import Domain
from mailgun_emulator.areas.messages.habits import HabitStore
from mailgun_emulator.areas.messages.records import Draft
from mailgun_emulator.reply import ApiError

# sending SCHED-003; the text is ours.
HORIZON = timedelta(days=3)
LONG_HORIZON = timedelta(days=7)
TOO_FAR = "{value} is too far in the future: messages can be scheduled up to {days} ahead"

_WITHIN = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})([ap]m)?", re.IGNORECASE)
_PERIOD = re.compile(r"(\d+)h")
_NAMES = (
    "o:deliver-within",
    "o:deliverytime-optimize-period",
    "o:time-zone-localize",
    "o:require-tls",
    "o:skip-verification",
)


@frozen
class Handling:
    """What a message asks of its delivery.

    `within` is how many seconds delivery may be tried, `optimize` within how many it may wait for a
    good hour, `local_minute` the minute of the recipient's day to deliver at; None where nothing
    was asked. `require_tls` and `skip_verification` go before those of the domain (TLS-004).
    """

    within: float | None = None
    optimize: float | None = None
    local_minute: int | None = None
    require_tls: bool | None = None
    skip_verification: bool | None = None

    def begin(self, habits: HabitStore, recipient: str, moment: float) -> float:
        """When to deliver to a recipient, in epoch seconds: at `moment`, or later than that.

        A local time goes before a good hour. Without data the mail goes at once (SCHED-007, 008).
        """
        if self.local_minute is not None:
            offset = habits.offset(recipient)
            return moment if offset is None else _local(moment, self.local_minute, offset)
        if self.optimize is not None:
            hour = habits.best_hour(recipient)
            return moment if hour is None else _at_hour(moment, hour, self.optimize)
        return moment


def read(given: Mapping[str, Any]) -> Handling | None:
    """What options say of delivery; None when that is nothing. What is unreadable is not said."""
    texts = {name: str(given[name]) for name in _NAMES if name in given}
    if not texts:
        return None
    within = _WITHIN.fullmatch(texts.get("o:deliver-within", ""))
    hours, minutes = within.groups(default="0") if within else ("0", "0")
    period = _PERIOD.fullmatch(texts.get("o:deliverytime-optimize-period", ""))
    return Handling(
        float(int(hours) * 3_600 + int(minutes) * 60) or None,
        int(period[1]) * 3_600.0 if period else None,
        _minute(texts.get("o:time-zone-localize", "")),
        _switch(texts.get("o:require-tls")),
        _switch(texts.get("o:skip-verification")),
    )


def check_horizon(draft: Draft, domain: Domain | None, kept: float) -> None:
    """Raises ApiError 400 for a time too far ahead (SCHED-003).

    `kept` is how many seconds mail is stored: seven days or more allow to schedule as far.
    """
    if draft.deliver_at is None:
        return
    horizon = LONG_HORIZON if kept >= LONG_HORIZON.total_seconds() else HORIZON
    if domain is not None and domain.message_ttl:
        horizon = timedelta(seconds=domain.message_ttl)
    if draft.deliver_at > (draft.accepted_at + horizon).timestamp():
        wanted = datetime.fromtimestamp(draft.deliver_at, UTC).isoformat()
        raise ApiError(400, TOO_FAR.format(value=wanted, days=horizon))


def _minute(text: str) -> int | None:
    """The minute of the day; None for what is no time."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2]), (found[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def _switch(text: str | None) -> bool | None:
    return None if text is None else text.strip().lower() in ("yes", "true")


def _local(moment: float, minute: int, offset: float) -> float:
    """The next time that clocks ahead of UTC by `offset` seconds show this minute of the day."""
    wait = (minute * 60 - (moment + offset)) % 86_400
    return moment + wait


def _at_hour(moment: float, hour: int, period: float) -> float:
    """The next begin of an hour of the day in UTC; now when that is on, or not in the period."""
    if moment % 86_400 // 3_600 == hour:
        return moment
    wait = (hour * 3_600 - moment) % 86_400
    return moment + wait if wait <= period else moment
