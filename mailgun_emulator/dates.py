"""Dates in the RFC 2822 variants of the services (sending ERR-017, DIFF-030; platform GEN-014).

The suffix is stable per service: `GMT` domains, routes, subaccounts; `UTC` suppressions,
templates, stats; `-0000` mailing lists; `+0000` metrics, credentials, analytics tags.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH = re.compile(r"[0-9]{1,12}(\.[0-9]+)?")


# A page of a list has a hundred of them, mostly the same ones from page to page.
@lru_cache(4096)
def rfc2822(moment: datetime, zone: str) -> str:
    """`Sun, 15 Oct 2023 15:33:22 <zone>`, with the moment taken in UTC."""
    at = moment.astimezone(UTC)
    return (
        f"{_DAYS[at.weekday()]}, {at.day:02d} {_MONTHS[at.month - 1]} {at.year:04d} "
        f"{at.hour:02d}:{at.minute:02d}:{at.second:02d} {zone}"
    )


def gmt(moment: datetime) -> str:
    """Domains, routes, subaccounts."""
    return rfc2822(moment, "GMT")


def utc(moment: datetime) -> str:
    """Suppressions, templates, stats."""
    return rfc2822(moment, "UTC")


def minus_zero(moment: datetime) -> str:
    """Mailing lists."""
    return rfc2822(moment, "-0000")


def plus_zero(moment: datetime) -> str:
    """Metrics, SMTP credentials, analytics tags."""
    return rfc2822(moment, "+0000")


def iso_seconds(moment: datetime) -> str:
    """API keys: `2006-01-02T15:04:05`, UTC without a zone (platform KEY-009)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def parse(text: str) -> datetime | None:
    """An input date as the API takes it: RFC 2822 or epoch seconds; None when it is neither."""
    text = text.strip()
    try:
        if _EPOCH.fullmatch(text):
            return datetime.fromtimestamp(float(text), UTC)
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None
