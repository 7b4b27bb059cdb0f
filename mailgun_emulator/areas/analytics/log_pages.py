"""Pages of logs and their tokens (LOG-003, LOG-005).

A token names a place between two entries, so that it leads to the same page again; the query is
sent with it every time.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from attrs import frozen

from mailgun_emulator.areas.analytics.facts import Fact

DEFAULT_LIMIT = 100
DEFAULT_SORT = "timestamp:desc"

Place = tuple[str, float, int]
Order = Callable[[Fact], Place]

_WORDS = ("first", "previous", "next", "last")


@frozen
class Cut:
    """Where a page begins: the word of its token, and the entry that it is before or behind."""

    word: str = "first"
    edge: Place | None = None


def token(cut: Cut) -> str:
    """The text that leads to a page."""
    text = json.dumps([cut.word, cut.edge], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_token(text: str) -> Cut:
    """The place that a token leads to. Raises ValueError when it is none of ours."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        word, edge = json.loads(raw)
        if word not in _WORDS:
            raise ValueError(word)
        return Cut(str(word), None if edge is None else _edge(*edge))
    except (TypeError, OverflowError, RecursionError) as error:
        raise ValueError("not a page token") from error


def page(
    found: Iterable[Fact], back: Iterable[Fact], order: Order, cut: Cut, limit: int, *, down: bool
) -> tuple[list[Fact], dict[str, str]]:
    """The entries of a page, and the tokens of the others when there are any.

    `found` are the entries in order, `back` the same from the end.
    """
    turned = cut.word in ("previous", "last")
    walk = iter(back if turned else found)
    if cut.edge is not None:
        walk = _beyond(walk, order, cut.edge, up=down is turned)
    elif cut.word == "previous":
        walk = iter(())
    chosen = list(islice(walk, limit + 1))
    more = len(chosen) > limit
    del chosen[limit:]
    if turned:
        chosen.reverse()
    if cut == Cut() and not more:
        return chosen, {}
    before = order(chosen[0]) if chosen else cut.edge
    after = order(chosen[-1]) if chosen else cut.edge
    cuts = (Cut("previous", before), Cut("next", after), Cut("first"), Cut("last"))
    return chosen, {cut.word: token(cut) for cut in cuts}


def _beyond(walk: Iterator[Fact], order: Order, edge: Place, *, up: bool) -> Iterator[Fact]:
    for fact in walk:
        if (order(fact) > edge) if up else (order(fact) < edge):
            yield fact


def _edge(value: Any, timestamp: Any, number: Any) -> Place:
    moment = float(timestamp)
    if isinstance(value, str) and type(number) is int and math.isfinite(moment):
        return value, moment, number
    raise ValueError("not an edge")
