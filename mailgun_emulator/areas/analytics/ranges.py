"""Ranges of time: dates and durations of a query, and the steps that its answer counts in."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta

from attrs import frozen

from mailgun_emulator.dates import parse
from mailgun_emulator.reply import ApiError

OLDEST = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_MONTHS = 12 * 200
_LONGEST = timedelta(days=366 * 200)
_LENGTHS = {"h": timedelta(hours=1), "d": timedelta(days=1)}


@frozen
class Span:
    """From `start` to `end`, both taken in whole steps."""

    start: datetime
    end: datetime
    resolution: str = "day"

    @property
    def first(self) -> datetime:
        """The beginning of the first step (METRIC-004)."""
        return floor(self.start, self.resolution)

    @property
    def last(self) -> datetime:
        """The beginning of the last step."""
        return floor(self.end, self.resolution)

    def bounds(self) -> tuple[float, float]:
        """The times in it, epoch seconds, inclusive."""
        return self.first.timestamp(), after(self.last, self.resolution).timestamp() - 1e-6


def floor(moment: datetime, resolution: str) -> datetime:
    """The beginning of the hour, day or month in UTC."""
    at = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if resolution == "hour":
        return at
    at = at.replace(hour=0)
    return at.replace(day=1) if resolution == "month" else at


def after(step: datetime, resolution: str) -> datetime:
    """The beginning of the next step."""
    if resolution == "hour":
        return step + timedelta(hours=1)
    days = monthrange(step.year, step.month)[1] if resolution == "month" else 1
    return step + timedelta(days=days)


def before(end: datetime, duration: str) -> datetime:
    """`12h`, `7d` or `2m` before `end`; `m` are calendar months (METRIC-002)."""
    digits, unit = duration[:-1].lstrip("0"), duration[-1]
    count = int(digits[:9] or "0")
    if unit != "m":
        length = _LENGTHS[unit]
        return max(end - length * min(count, _LONGEST // length), OLDEST)
    months = end.year * 12 + end.month - 1 - min(count, _MOST_MONTHS)
    year, month = divmod(months, 12)
    if year < OLDEST.year:
        return OLDEST
    return end.replace(year=year, month=month + 1, day=min(end.day, monthrange(year, month + 1)[1]))


def read(text: object, name: str) -> datetime | None:
    """A date of the query. Raises ApiError when it is none."""
    if text is None:
        return None
    moment = parse(str(text))
    if moment is None:
        raise ApiError(400, f"invalid {name}")
    return moment


def within(
    values: dict[str, object], now: datetime, default: timedelta
) -> tuple[datetime, datetime]:
    """Start and end of a query; a duration counts back from the end and beats the start."""
    end = read(values.get("end"), "end") or now
    if values.get("duration"):
        return before(end, str(values["duration"])), end
    return read(values.get("start"), "start") or max(end - default, OLDEST), end
