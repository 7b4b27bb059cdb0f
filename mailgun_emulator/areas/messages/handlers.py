"""Sending, stored messages, sending stored ones again, queues (sending MSG, MIME, STORE, QUEUE)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.areas.mailing_lists.store import MailingListStore
from mailgun_emulator.areas.messages import compose, problems
from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.delivery import accept, reject
from mailgun_emulator.areas.messages.handling import check_horizon
from mailgun_emulator.areas.messages.limits import (
    RECIPIENTS_LIMIT,
    TOO_MANY_RECIPIENTS,
    Standing,
    check_options,
    check_size,
    check_template,
    refusal,
)
from mailgun_emulator.areas.messages.mime import split_head, template_marks
from mailgun_emulator.areas.messages.parsed import parse
from mailgun_emulator.areas.messages.queues import QueueStore, show
from mailgun_emulator.areas.messages.quotas import Quotas
from mailgun_emulator.areas.messages.records import Content, Draft
from mailgun_emulator.areas.messages.store import MessageStore
from mailgun_emulator.areas.messages.stored import RAW_TYPE, show_parsed, show_raw
from mailgun_emulator.areas.templates.store import TemplateStore
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import operation
from mailgun_emulator.ownership import CAPITAL_TEXT
from mailgun_emulator.reply import ApiError, Reply

COVERS = ("messages",)

URLENCODED = "application/x-www-form-urlencoded"
QUEUED = "Queued. Thank you."
NOT_FOUND = "Message not found"
# Ours: only that of a message is known.
NO_ATTACHMENT = "Attachment not found"


def may_send(call: Call) -> None:
    """ERR-052: the state of account and domain comes before the input."""
    reason = call.store(Standing).closed(call.store(DomainStore).find(call.domain))
    if reason:
        raise refusal(call.domain, reason)


def may_send_mime(call: Call) -> None:
    """ERR-043: the wrong kind of form is not looked into."""
    may_send(call)
    if call.content_type == URLENCODED:
        raise ApiError(400, problems.WRONG_TYPE)


@operation("send_message", before=may_send, invalid=problems.of_message)
def send_message(call: Call) -> dict[str, Any]:
    """MSG-001 to MSG-044: a message by its parts."""
    return send(call, *compose.by_parts(call))


@operation("send_mime_message", before=may_send_mime, invalid=problems.of_message)
def send_mime_message(call: Call) -> dict[str, Any]:
    """MIME-001 to MIME-006: a message as it stands.

    ERR-044 refuses a `message` that is no file. Clients in use send it as a plain field and get
    through, so that is refused only when it is no message either: without a single header.
    """
    files = call.uploads("message")
    raw = files[0].data if files else call.form.get("message").encode()
    if not files and not split_head(raw)[0]:
        raise ApiError(400, problems.NO_FILE)
    return send(call, *compose.from_mime(call, raw))


@operation("get_stored_message")
def get_stored_message(call: Call) -> dict[str, Any]:
    """STORE-004, STORE-005: taken apart, or whole as MIME when asked for."""
    copy = _stored(call)
    if call.header("accept") == RAW_TYPE:
        return show_raw(copy)
    return show_parsed(copy, call.url())


@operation("get_stored_attachment")
def get_stored_attachment(call: Call) -> Reply:
    """STORE-006: a file of a stored message; how its type is told is ours."""
    files = parse(_stored(call).mime()).files
    number = call.path["attachment_number"]
    if number >= len(files):
        raise ApiError(404, NO_ATTACHMENT)
    file = files[number]
    name = quote(file.name or f"attachment-{number + 1}", safe="")
    headers = (("content-disposition", f"attachment; filename*=utf-8''{name}"),)
    return Reply(200, file.data, headers=headers)


@operation("resend_message", before=may_send, invalid=problems.of_message)
def resend_message(call: Call) -> dict[str, Any]:
    """STORE-009: the stored MIME again, to others; a template in it has been filled in already."""
    draft, content = compose.from_mime(call, _stored(call).mime())
    draft.headers += template_marks(draft)
    draft.template = None
    return send(call, draft, content)


@operation("get_sending_queues", foreign_domain=CAPITAL_TEXT)
def get_sending_queues(call: Call) -> dict[str, Any]:
    """QUEUE-001; QUEUE-002 writes the refusal with a capital, unlike its neighbours."""
    halted = call.store(QueueStore).halted
    return {
        queue: show(halted.get((call.domain, queue)), call.now)
        for queue in ("regular", "scheduled")
    }


@operation("clear_queued_messages")
def clear_queued_messages(call: Call) -> dict[str, Any]:
    """QUEUE-003: no delivered event follows for what was dropped."""
    call.store(QueueStore).clear(call.domain)
    return {"message": "done"}


def send(call: Call, draft: Draft, content: Content) -> dict[str, Any]:
    """Take a message in, when it may go where it wants to; a refusal for that leaves an event.

    Raises ApiError.
    """
    standing = call.store(Standing)
    if reason := standing.unauthorized(draft, call.store(MailingListStore)):
        reject(call, draft, content, reason)
        raise refusal(call.domain, reason)
    check_options(call.form)
    check_size(content.size)
    if len(draft.people) > RECIPIENTS_LIMIT:
        raise ApiError(400, TOO_MANY_RECIPIENTS)
    standing.check(draft)
    check_template(draft, call.store(TemplateStore))
    check_horizon(
        draft, call.store(DomainStore).find(draft.domain), call.state.settings.message_age
    )
    call.store(Quotas).spend(
        draft.domain, len(draft.people), content.size, draft.accepted_at.timestamp()
    )
    accept(call, draft, content)
    return {"id": draft.id, "message": QUEUED}


def _stored(call: Call) -> Copy:
    domain = call.store(DomainStore).find(call.domain)
    kept = timedelta(seconds=domain.message_ttl) if domain and domain.message_ttl else None
    key = str(call.path["storage_key"])
    copy = call.store(MessageStore).find(call.domain, key, call.now, kept)
    if copy is None:
        raise ApiError(404, NOT_FOUND)
    return copy
