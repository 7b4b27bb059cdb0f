"""Making recipients react to a message."""

from __future__ import annotations

from typing import Any

from mailgun_emulator.areas.events.records import Event
from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.failures import PERMANENT, TEMPORARY, Failure
from mailgun_emulator.areas.messages.reactions import (
    CLICKED,
    COMPLAINED,
    FAILED,
    OPENED,
    UNSUBSCRIBED,
    Reactions,
    Visitor,
)
from mailgun_emulator.control.messages import find, recipient_of
from mailgun_emulator.control.routing import ControlError, Visit, checked, control
from mailgun_emulator.reply import Reply

_KINDS = (OPENED, CLICKED, UNSUBSCRIBED, COMPLAINED, FAILED)
_VISITOR = ("ip", "user_agent", "geolocation", "client_info", "utc_offset")
_FAILURE = ("severity", "reason", "code", "message", "description")


@control("POST", "messages/{key}/events")
def trigger_event(visit: Visit) -> Reply:
    """Record what a recipient, or a receiving server, did with a message."""
    given = checked(
        visit.body(),
        event=str,
        recipient=str,
        url=str,
        tags=list,
        ip=str,
        user_agent=str,
        geolocation=dict,
        client_info=dict,
        utc_offset=(int, float),
        severity=str,
        reason=str,
        code=int,
        message=str,
        description=str,
    )
    found = find(visit)
    event = _react(Reactions(visit.state, found.account), found.copy, given)
    return Reply(201, event.show(visit.request.base_url))


def _react(reactions: Reactions, copy: Copy, given: dict[str, Any]) -> Event:
    kind, recipient = given.get("event"), recipient_of(copy, given.get("recipient"))
    visitor = Visitor(**{name: given[name] for name in _VISITOR if name in given})
    if kind == OPENED:
        return reactions.opened(copy, recipient, visitor)
    if kind == CLICKED:
        if not given.get("url"):
            raise ControlError(400, "url is missing")
        return reactions.clicked(copy, recipient, visitor, given["url"])
    if kind == UNSUBSCRIBED:
        tags = tuple(str(tag) for tag in given.get("tags", ()))
        if not tags:
            return reactions.unsubscribed(copy, recipient, visitor)
        return reactions.unsubscribed(copy, recipient, visitor, tags)
    if kind == COMPLAINED:
        return reactions.complained(copy, recipient)
    if kind == FAILED:
        failure = Failure(**{name: given[name] for name in _FAILURE if name in given})
        if failure.severity not in (PERMANENT, TEMPORARY):
            raise ControlError(400, f"severity is neither {PERMANENT} nor {TEMPORARY}")
        return reactions.failed(copy, recipient, failure)
    raise ControlError(400, f"event is none of {', '.join(_KINDS)}")
