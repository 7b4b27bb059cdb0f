"""The events API: a range with filters, and the pages behind its links (platform EVT)."""

from __future__ import annotations

import json
from typing import Any

from mailgun_emulator import decode
from mailgun_emulator.areas.events.filters import FIELDS
from mailgun_emulator.areas.events.pages import DEFAULT_LIMIT, Page, Place, Query, read_token, token
from mailgun_emulator.areas.events.pages import page as page_of
from mailgun_emulator.areas.events.store import EventStore
from mailgun_emulator.call import Call
from mailgun_emulator.dates import parse
from mailgun_emulator.handlers import operation
from mailgun_emulator.paging import token_links
from mailgun_emulator.reply import PLAIN_JSON, ApiError, Reply

COVERS = ("events",)

# The statuses are those of the catalogue, the texts are ours: none is known.
NO_DIRECTION = "a range with 'begin' needs 'end' or 'ascending'"
CONTRADICTION = "'ascending' contradicts the order of 'begin' and 'end'"
NO_PAGE = "Page not found"


@operation("list_events")
def list_events(call: Call) -> dict[str, Any] | Reply:
    """EVT-001: the first page of a range."""
    return _answer(call, _query(call), Place())


@operation("get_legacy_event_page")
def get_legacy_event_page(call: Call) -> dict[str, Any] | Reply:
    """EVT-014: another page; the token holds range, filters, direction and limit."""
    try:
        query, place = read_token(str(call.path["token"]))
    except ValueError:
        raise ApiError(404, NO_PAGE) from None
    return _answer(call, query, place)


def _answer(call: Call, query: Query, place: Place) -> dict[str, Any] | Reply:
    found: Page = page_of(
        call.store(EventStore),
        call.domain,
        query,
        place,
        now=call.now.timestamp(),
        base_url=call.request.base_url,
    )
    tokens = {word: token(query, other) for word, other in found.others.items()}
    path = f"/v3/{call.domain}/events"
    answer = {"items": found.items, "paging": token_links(call, path, tokens)}
    if call.query.get("pretty") == "no":  # EVT-022
        return Reply(200, json.dumps(answer, sort_keys=True), PLAIN_JSON)
    return answer


def _query(call: Call) -> Query:
    """What was asked for; EVT-004 to EVT-009 say in which direction."""
    begin, end = _moment(call, "begin"), _moment(call, "end")
    asked = call.query.get("ascending")
    if begin is not None and end is None and asked is None:
        raise ApiError(400, NO_DIRECTION)
    ascending = asked == "yes"
    if begin is not None and end is not None and begin != end:
        ascending = end > begin
        if asked is not None and ascending is not (asked == "yes"):
            raise ApiError(400, CONTRADICTION)
    if begin is None and not ascending:
        begin = call.now.timestamp()
    return Query(begin, end, ascending, call.query.get("limit", DEFAULT_LIMIT), _filters(call))


def _moment(call: Call, name: str) -> float | None:
    text = call.query.get(name)
    if text is None:
        return None
    moment = parse(text)
    if moment is None:
        raise ApiError(400, f"{name} parameter is not a valid date")
    return moment.timestamp()


def _filters(call: Call) -> tuple[tuple[str, str], ...]:
    """Every filter; a field given twice counts twice (EVT-025)."""
    if not call.request.query:
        return ()
    given = decode.parse_pairs(call.request.query.encode(), strict=False)
    return tuple((name, text) for name in FIELDS for text in given.get(name, ()))
