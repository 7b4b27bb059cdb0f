"""The actions of routes: forward, store and stop (sending ROUTE-018 to ROUTE-020, STORE-001).

An action is one call with at most one text, which a single pattern reads.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from attrs import frozen

from mailgun_emulator.areas.routes.expressions import Captures, unquoted

_TEXT = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
_ACTION = re.compile(
    rf"\s*(?:(?P<stop>stop)\(\s*\)|forward\(\s*(?P<to>{_TEXT})\s*\)"
    rf"|(?P<store>store)\(\s*(?:notify\s*=\s*(?P<notify>{_TEXT})\s*)?\))\s*",
    re.DOTALL,
)
_URL = re.compile(r"https?://", re.IGNORECASE)
# Scheme and host, in which nothing is filled in (ROUTE-018).
_HOST = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_CAPTURE = re.compile(r"\\(?:([1-9][0-9]?)|g<([1-9][0-9]?)>|g<(\w+)>)")


class BadActionError(ValueError):
    """An action that is none of those there are."""


@frozen
class Forward:
    """On to some addresses and URLs."""

    destinations: tuple[str, ...]


@frozen
class Store:
    """Keep it, and tell these URLs if there are any."""

    notify: tuple[str, ...] = ()


@frozen
class Stop:
    """No further routes."""


Action = Forward | Store | Stop


def parse(text: str, captures: Captures | None = None) -> Action:
    """The action that a text describes, with captures filled in. Raises BadActionError."""
    match = _ACTION.fullmatch(text)
    if match is None:
        raise BadActionError(f"{text!r} is not one of forward(), store() and stop()")
    if match["stop"]:
        return Stop()
    given = match["notify"] if match["store"] else match["to"]
    places = () if given is None else _places(unquoted(given), captures or Captures())
    return Store(places) if match["store"] else Forward(places)


def is_url(destination: str) -> bool:
    """Whether mail for this destination is posted, not mailed."""
    return _URL.match(destination) is not None


def _places(text: str, captures: Captures) -> tuple[str, ...]:
    """The destinations in a text, which commas separate."""
    return tuple(_filled(part, captures) for part in map(str.strip, text.split(",")) if part)


def _filled(destination: str, captures: Captures) -> str:
    """A destination with what its captures stand for; one that is not there stands for nothing."""

    def value(match: re.Match[str]) -> str:
        if match[3]:
            return captures.named.get(match[3], "")
        number = int(match[1] or match[2])
        return captures.numbered[number - 1] if number <= len(captures.numbered) else ""

    host = _HOST.match(destination)
    if host is None:
        return _CAPTURE.sub(value, destination)
    rest = destination[host.end() :]
    return host[0] + _CAPTURE.sub(lambda match: quote(value(match), safe="@"), rest)
