"""The mail that was sent: search it, and look at what its recipients got."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from typing import Any

from attrs import frozen

from mailgun_emulator.areas.events.records import Event
from mailgun_emulator.areas.events.store import EventStore
from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.mime import canonical
from mailgun_emulator.areas.messages.outcomes import Delivered
from mailgun_emulator.areas.messages.parsed import parse
from mailgun_emulator.areas.messages.store import MessageStore
from mailgun_emulator.areas.messages.transit import delivered
from mailgun_emulator.areas.tracking.tracked import tracked
from mailgun_emulator.control.routing import ControlError, Visit, control
from mailgun_emulator.reply import HTML, TEXT, Reply
from mailgun_emulator.state import Account

_RAW = "message/rfc822"


@frozen
class Found:
    """A copy and whose it is."""

    account: Account
    copy: Copy

    def shown(self) -> dict[str, Any]:
        """The message in a list."""
        copy = self.copy
        draft = copy.sent
        return {
            "key": copy.key,
            "account": self.account.id,
            "domain": draft.domain,
            "message-id": draft.id.strip("<>"),
            "from": draft.sender.text if draft.sender else draft.envelope,
            "to": copy.to,
            "recipients": list(copy.recipients),
            "subject": None if draft.subject is None else copy.expand(draft.subject),
            "tags": list(draft.tags),
            "user-variables": copy.variables(),
            "test": draft.test,
            "accepted-at": draft.accepted_at.timestamp(),
        }


def find(visit: Visit) -> Found:
    """The message that the path names. Raises ControlError."""
    key = visit.path["key"]
    for account in visit.accounts():
        copy = visit.state.store(account, MessageStore).get(key)
        if copy is not None:
            return Found(account, copy)
    raise ControlError(404, f"no message {key!r}")


@control("GET", "messages")
def list_messages(visit: Visit) -> dict[str, Any]:
    """The messages that fit, newest first."""
    found = [item for item in _all(visit) if _fits(item.copy, visit.query)]
    found.sort(key=lambda item: item.copy.draft.accepted_at)
    skip, limit = visit.number("skip", 0, 10**9), visit.number("limit", 100)
    page = found[::-1][skip : skip + limit]
    return {"total": len(found), "messages": [item.shown() for item in page]}


@control("DELETE", "messages")
def clear_messages(visit: Visit) -> dict[str, Any]:
    """Forget messages, all or of one domain."""
    wanted = visit.query.get("domain")
    for account in visit.accounts():
        store = visit.state.store(account, MessageStore)
        for name in {copy.draft.domain for copy in store}:
            if wanted is None or wanted.lower() == name:
                store.forget_domain(name)
    return {"message": "cleared"}


@control("GET", "messages/{key}")
def get_message(visit: Visit) -> dict[str, Any]:
    """A message with its headers, bodies, attachments and events."""
    found = find(visit)
    raw = _tracked(visit, found)
    parsed = parse(raw)
    events = visit.state.store(found.account, EventStore).of(found.copy.draft.domain)
    shown = [event.show(visit.request.base_url) for event in events]
    return {
        **found.shown(),
        "size": found.copy.size,
        "options": dict(found.copy.draft.options),
        "headers": [[canonical(name), value] for name, value in parsed.headers],
        "text": parsed.plain,
        "html": parsed.bodies.get("html"),
        "attachments": _files_shown(message_from_bytes(raw)),
        "events": [event for event in shown if _about(event, found.copy)],
    }


@control("GET", "messages/{key}/html")
def get_html(visit: Visit) -> Reply:
    """The HTML body."""
    html = parse(_tracked(visit, find(visit))).bodies.get("html")
    if html is None:
        raise ControlError(404, "the message has no HTML body")
    return Reply(200, html, HTML)


@control("GET", "messages/{key}/text")
def get_text(visit: Visit) -> Reply:
    """The text body."""
    return Reply(200, parse(_tracked(visit, find(visit))).plain, TEXT)


@control("GET", "messages/{key}/raw")
def get_raw(visit: Visit) -> Reply:
    """The MIME text as it goes out, or with `recipient` as that one's server gets it."""
    found, state = find(visit), visit.state
    if "recipient" not in visit.query:
        return Reply(200, _tracked(visit, found), _RAW)
    address = recipient_of(found.copy, visit.query["recipient"])
    happened = state.store(found.account, EventStore).of(found.copy.draft.domain)
    times = [e.timestamp for e in happened if _arrived(e, found.copy, address)]
    at = times[0] if times else state.clock.timestamp()
    base_url = visit.request.base_url
    return Reply(200, delivered(state, found.account, found.copy, address, at, base_url), _RAW)


@control("GET", "messages/{key}/attachments")
def list_attachments(visit: Visit) -> dict[str, Any]:
    """The attached and inline files."""
    return {"attachments": _files_shown(_mime(find(visit)))}


@control("GET", "messages/{key}/attachments/{number}")
def get_attachment(visit: Visit) -> Reply:
    """One file, as its own media type."""
    text, files = visit.path["number"], list(_files(_mime(find(visit))))
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) < len(files)):
        raise ControlError(404, f"no attachment {text!r}")
    part = files[int(text)]
    return Reply(200, _content(part), part.get_content_type())


def _arrived(event: Event, copy: Copy, recipient: str) -> bool:
    details = event.details
    mine = isinstance(details, Delivered) and details.copy is copy
    return mine and event.kind == "delivered" and event.recipient == recipient


def _all(visit: Visit) -> Iterator[Found]:
    for account in visit.accounts():
        for copy in visit.state.store(account, MessageStore):
            yield Found(account, copy)


def _fits(copy: Copy, query: dict[str, str]) -> bool:
    draft = copy.draft
    texts = {
        "from": draft.sender.text if draft.sender else draft.envelope,
        "to": " ".join((copy.to, *copy.recipients)),
        "subject": copy.subject or "",
        "message-id": draft.id,
    }
    if any(
        query[name].lower() not in text.lower() for name, text in texts.items() if name in query
    ):
        return False
    if query.get("domain", draft.domain).lower() != draft.domain:
        return False
    if "tag" in query and query["tag"].lower() not in {tag.lower() for tag in draft.tags}:
        return False
    return "q" not in query or _mentions(copy, query["q"].lower())


def _mentions(copy: Copy, wanted: str) -> bool:
    parsed = parse(copy.mime())
    bodies = (parsed.plain, parsed.bodies.get("html", ""), copy.subject or "")
    return any(wanted in body.lower() for body in bodies)


def _about(event: dict[str, Any], copy: Copy) -> bool:
    """Whether an event is of this copy; some events name only the message."""
    key = (event.get("storage") or {}).get("key")
    if key:
        return bool(key == copy.key)
    named = ((event.get("message") or {}).get("headers") or {}).get("message-id")
    return bool(named == copy.draft.id.strip("<>")) and event.get("recipient") in copy.recipients


def _tracked(visit: Visit, found: Found) -> bytes:
    """What the recipient that the query names, or the first one, gets. Raises ControlError."""
    recipient = recipient_of(found.copy, visit.query.get("recipient"))
    return tracked(visit.state, found.account, found.copy, recipient, visit.request.base_url)


def recipient_of(copy: Copy, wanted: str | None) -> str:
    """The recipient that is named, or the first one. Raises ControlError."""
    if wanted is None:
        return copy.recipients[0]
    for recipient in copy.recipients:
        if recipient.lower() == wanted.lower():
            return recipient
    raise ControlError(404, f"the message did not go to {wanted!r}")


def _mime(found: Found) -> Message:
    return message_from_bytes(found.copy.mime())


def _files(message: Message) -> Iterator[Message]:
    """The parts that are files, in order; a message inside is one."""
    if message.is_multipart() and message.get_content_maintype() != "message":
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _files(part)
    elif message.get_content_disposition() or message.get_content_maintype() != "text":
        yield message


def _files_shown(message: Message) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "name": part.get_filename() or "",
            "content-type": part.get_content_type(),
            "disposition": part.get_content_disposition() or "",
            "content-id": str(part.get("content-id", "")).strip("<>"),
            "size": len(_content(part)),
        }
        for number, part in enumerate(_files(message))
    ]


def _content(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    if isinstance(data, bytes):
        return data
    inner = part.get_payload()
    whole = b"".join(bytes(item) for item in inner if isinstance(item, Message))
    # The parser takes a message inside for plain text, whatever its encoding.
    encoded = str(part.get("content-transfer-encoding", "")).strip().lower() == "base64"
    return base64.b64decode(whole) if encoded else whole
