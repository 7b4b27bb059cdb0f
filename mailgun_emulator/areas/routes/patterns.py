"""Patterns of filters: the syntax of Python, in bounded time and memory (sending ROUTE-014).

A filter comes from outside, and a match of Python's own `re` that runs away cannot be stopped. Two
libraries can be: RE2 promises time in proportion to text and pattern, but that is ten seconds for a
thousand captures over a subject of four thousand characters, and it knows neither lookaround nor
backreferences, which a Python-style pattern may have. So this is `regex`, which takes a time limit.
What it does not bound itself is bounded here: the space of counted repetitions.
"""

from __future__ import annotations

import logging
import re
import time
import warnings

import regex  # type: ignore[import-untyped]
from attrs import define, frozen

log = logging.getLogger("mailgun_emulator")

# Seconds of the processor that all patterns together get for one message, and what one has left
# when others have used that up: ours. Patterns that do not run away need microseconds.
FOR_A_MESSAGE = 0.1
FOR_THE_REST = 0.001
# How many places a pattern may have when its counted repetitions are written out; each takes
# up to a kilobyte.
LARGEST = 20_000

_PIECE = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(?=[\d,])(?P<least>\d*)(?:,(?P<most>\d*))?\}|.", re.DOTALL
)


class BadPatternError(ValueError):
    """A pattern that cannot be used; the text says why."""


@define
class Allowance:
    """The time that is left for the patterns that look at one message."""

    left: float = FOR_A_MESSAGE


@frozen
class Compiled:
    """A pattern that fits from the start of a text, in any case."""

    text: str
    _compiled: regex.Pattern

    def match(self, text: str, allowance: Allowance) -> regex.Match | None:
        """The match; None also when it takes more time than there is."""
        begun = time.process_time()
        try:
            return self._compiled.match(text, timeout=max(allowance.left, FOR_THE_REST))
        except TimeoutError:
            log.warning("the pattern %r takes too long and counts as no match", self.text)
            return None
        finally:
            allowance.left -= time.process_time() - begun


def compiled(text: str) -> Compiled:
    """A pattern ready for use. Raises BadPatternError."""
    try:
        with warnings.catch_warnings():
            # Odd but valid patterns make Python warn its own programmers.
            warnings.simplefilter("ignore")
            # Only what Python knows: `regex` has a syntax of its own besides.
            re.compile(text, re.IGNORECASE)
            pieces = list(_PIECE.finditer(text))
            if _places(pieces) > LARGEST:
                raise BadPatternError(f"bad pattern {text!r}: too large")
            return Compiled(text, regex.compile(_plain(pieces), regex.IGNORECASE | regex.VERSION0))
    except (re.error, regex.error, OverflowError, RecursionError) as error:
        reason = getattr(error, "msg", "too complex")
        raise BadPatternError(f"bad pattern {text!r}: {reason}") from None


def _plain(pieces: list[re.Match[str]]) -> str:
    """The pattern with every brace escaped that counts nothing: `regex` would read more in it."""
    return "".join("\\{" if piece[0] == "{" else piece[0] for piece in pieces)


def _places(pieces: list[re.Match[str]]) -> int:
    """How large the pattern is with its repetitions written out.

    Read from the end, so that a count comes before what it counts.
    """
    total, times, factors = 0, 1, [1]
    for piece in reversed(pieces):
        if piece["least"] is not None:
            times *= max(1, *(int(number or 0) for number in piece.group("least", "most")))
        elif piece[0] == ")":
            factors.append(factors[-1] * times)
            times = 1
        elif piece[0] == "(" and len(factors) > 1:
            factors.pop()
        elif not piece[0].isspace():
            total += factors[-1] * times
            times = 1
    return total
