"""How much a domain may send in how much time (sending ERR-011, ERR-012).

There are no limits unless they are set; what is refused does not count.
"""

from __future__ import annotations

from datetime import UTC, datetime

from attrs import define, field, frozen
from attrs.validators import gt, in_

from mailgun_emulator.dates import utc
from mailgun_emulator.reply import ApiError

REQUESTS, RECIPIENTS, BYTES = "requests", "recipients", "bytes"
_REFUSED = "Domain {domain} is not allowed to send: {what} limit exceeded, try again after {when}"
# ERR-012: this one was seen with a status of its own.
_STATUS = {REQUESTS: 429, RECIPIENTS: 420, BYTES: 429}


@frozen
class Quota:
    """So many `requests`, `recipients` or `bytes` in so many seconds, for each domain."""

    what: str = field(validator=in_(_STATUS))
    most: int = field(validator=gt(0))
    seconds: float = field(default=60.0, validator=gt(0))


@define
class _Window:
    ends: float
    used: int = 0


@define
class Quotas:
    """The limits of an account, and what its domains have used of them."""

    limits: tuple[Quota, ...] = ()
    _windows: dict[tuple[str, Quota], _Window] = field(factory=dict, init=False)

    def spend(self, domain: str, recipients: int, size: int, now: float) -> None:
        """Count one message. Raises ApiError 429 or 420, and counts nothing, above a limit."""
        if not self.limits:
            return
        amounts = {REQUESTS: 1, RECIPIENTS: recipients, BYTES: size}
        open_windows: list[tuple[_Window, int]] = []
        for quota in self.limits:
            window = self._windows.get((domain, quota))
            if window is None or window.ends <= now:
                window = self._windows[domain, quota] = _Window(now + quota.seconds)
            amount = amounts[quota.what]
            if window.used + amount > quota.most:
                raise _refusal(domain, quota.what, window.ends, now)
            open_windows.append((window, amount))
        for window, amount in open_windows:
            window.used += amount

    def forget_domain(self, name: str) -> None:
        """The domain is gone, and what it used."""
        self._windows = {key: window for key, window in self._windows.items() if key[0] != name}


def _refusal(domain: str, what: str, ends: float, now: float) -> ApiError:
    """The current text for requests; the older one, with a date, was seen for the others."""
    if what == REQUESTS:
        name, when = "account-requests-per-sec", f"{max(1, round(ends - now))} seconds"
    else:
        name = "recipient" if what == RECIPIENTS else what
        when = utc(datetime.fromtimestamp(ends, UTC))
    return ApiError(_STATUS[what], _REFUSED.format(domain=domain, what=name, when=when))
