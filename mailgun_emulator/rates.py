"""Rate headers: every answer that documents them carries them, and they count down.

Sources: sending ERR-007 to ERR-010, platform GEN-017. Only counted: nobody is refused. The reset
is in milliseconds. The window of the domain checks is not known; one minute is our choice.
"""

from __future__ import annotations

from attrs import define, field, frozen

from mailgun_emulator.contract import Operation

_VERIFYING = "domains"


@frozen
class Limit:
    """So many calls in so many seconds."""

    calls: int
    seconds: float


@define
class _Window:
    ends: float
    used: int = 0


# By the common prefix of the three headers; sends have two sets, all suppressions share one.
_LIMITS = {
    "x-ratelimit": Limit(2_000_000, 10),
    "x-recipient": Limit(1_000_000, 10),
    "x-request": Limit(2_500, 15),
}
_VERIFY = Limit(10, 60)


@define
class Rates:
    """What an account has used, by limit."""

    _windows: dict[str, _Window] = field(factory=dict)

    def headers(self, operation: Operation, status: int, now: float) -> list[tuple[str, str]]:
        """Count one call, and give the headers that the truth documents for this answer."""
        response = operation.response(status)
        shown: list[tuple[str, str]] = []
        if response is None or not response.headers:
            return shown
        for prefix, limit in _LIMITS.items():
            if f"{prefix}-remaining" not in response.headers:
                continue
            name = prefix
            if operation.tag == _VERIFYING:
                limit, name = _VERIFY, f"{prefix} {_VERIFYING}"
            window = self._windows.get(name)
            if window is None or window.ends <= now:
                window = self._windows[name] = _Window(now + limit.seconds)
            window.used += 1
            shown += [
                (f"{prefix}-limit", str(limit.calls)),
                (f"{prefix}-remaining", str(max(limit.calls - window.used, 0))),
                (f"{prefix}-reset", str(int(window.ends * 1000))),
            ]
        return shown
