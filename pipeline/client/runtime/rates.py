"""What a response says about limits: how many calls are left, and when to call again.

The API names its limits in three sets of headers: `X-RateLimit-*` (sending), `X-Request-*`
(suppressions, verification of domains) and `X-Recipient-*` (sending, counted by recipient). A reset
is a Unix time in milliseconds, UTC. Many services send none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from attrs import frozen

LIMITED = frozenset({420, 429})
"""Statuses by which the API refuses a call because there were too many; 420 counts recipients."""

_MAYBE = re.compile(r"try again after (?:(?P<seconds>\d+) seconds?\b|(?P<date>.+))")


@frozen
class RateLimit:
    """A limit as the headers of one response tell it; what they leave out is None.

    Attributes:
        limit: calls (or recipients) in one window.
        remaining: those that are left in the current window.
        reset: the end of the window, in UTC.
    """

    limit: int | None
    remaining: int | None
    reset: datetime | None

    @classmethod
    def read(cls, headers: Mapping[str, str], *prefixes: str) -> RateLimit | None:
        """The first limit that the headers name by one of these prefixes, such as `X-Request`."""
        for prefix in prefixes:
            limit = _number(headers.get(f"{prefix}-Limit"))
            remaining = _number(headers.get(f"{prefix}-Remaining"))
            reset = _moment(headers.get(f"{prefix}-Reset"))
            if limit is not None or remaining is not None or reset is not None:
                return cls(limit, remaining, reset)
        return None


def calls(headers: Mapping[str, str]) -> RateLimit | None:
    """The limit of calls."""
    return RateLimit.read(headers, "X-RateLimit", "X-Request")


def recipients(headers: Mapping[str, str]) -> RateLimit | None:
    """The limit of recipients."""
    return RateLimit.read(headers, "X-Recipient")


def retry_after(
    status: int, headers: Mapping[str, str], content: bytes, now: datetime
) -> float | None:
    """Seconds from `now` until the server wants to be called again; None if it does not say.

    By the header Retry-After (seconds or a date), else by the reset of a used up limit, else by the
    words of the body (`retry-seconds`, `try again after ...`).
    """
    value = headers.get("Retry-After")
    told = _after(value, now) if value else None
    if told is None and status in LIMITED:
        told = _reset(headers, now)
        if told is None:
            told = _words(content, now)
    return told


def _after(text: str, now: datetime) -> float | None:
    seconds = _number(text)
    if seconds is not None:
        return float(seconds)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    # A date without a zone is meant to be UTC.
    return _until(moment if moment.tzinfo else moment.replace(tzinfo=UTC), now)


def _reset(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until the end of every window that is used up; of any if none is known to be."""
    limits = [limit for limit in (calls(headers), recipients(headers)) if limit]
    used = [limit for limit in limits if limit.remaining == 0] or limits
    return max((_until(limit.reset, now) for limit in used if limit.reset), default=None)


def _words(content: bytes, now: datetime) -> float | None:
    try:
        body: Any = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    seconds = body.get("retry-seconds")
    if isinstance(seconds, int | float) and not isinstance(seconds, bool):
        return max(float(seconds), 0.0)
    found = _MAYBE.search(str(body.get("message", "")))
    if found is None:
        return None
    return float(found["seconds"]) if found["seconds"] else _after(found["date"], now)


def _until(moment: datetime, now: datetime) -> float:
    return max((moment - now).total_seconds(), 0.0)


def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    # `isdecimal` takes digits of other scripts too; the length keeps out what no clock can hold.
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _moment(text: str | None) -> datetime | None:
    milliseconds = _number(text)
    if milliseconds is None:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
