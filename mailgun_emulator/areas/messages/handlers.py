"""Sending, stored messages, and sending stored ones again (sending MSG, MIME, STORE)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.areas.mailing_lists.store import MailingListStore
from mailgun_emulator.areas.messages import compose, problems
from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.delivery import accept, reject
from mailgun_emulator.areas.messages.limits import (
    RECIPIENTS_LIMIT,
    TOO_MANY_RECIPIENTS,
    Standing,
    check_options,
    check_size,
    check_template,
)
from mailgun_emulator.areas.messages.records import Content, Draft
from mailgun_emulator.areas.messages.store import RETENTION, MessageStore
from mailgun_emulator.areas.messages.stored import RAW_TYPE, show_parsed, show_raw
from mailgun_emulator.areas.templates.store import TemplateStore
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import operation
from mailgun_emulator.reply import ApiError

COVERS = ("messages",)

QUEUED = "Queued. Thank you."
NOT_FOUND = "Message not found"


@operation("send_message", invalid=problems.of_message)
def send_message(call: Call) -> dict[str, Any]:
    """MSG-001 to MSG-044: a message by its parts."""
    return _send(call, *compose.by_parts(call))


@operation("send_mime_message", invalid=problems.of_message)
def send_mime_message(call: Call) -> dict[str, Any]:
    """MIME-001 to MIME-006: a message as it stands."""
    if call.content_type == "application/x-www-form-urlencoded":
        raise ApiError(400, problems.WRONG_TYPE)
    files = call.uploads("message")
    if not files:
        raise ApiError(400, problems.NO_FILE)
    return _send(call, *compose.from_mime(call, files[0].data))


@operation("get_stored_message")
def get_stored_message(call: Call) -> dict[str, Any]:
    """STORE-004, STORE-005: taken apart, or whole as MIME when asked for."""
    copy = _stored(call)
    if call.header("accept") == RAW_TYPE:
        return show_raw(copy)
    return show_parsed(copy, call.url())


@operation("resend_message", invalid=problems.of_message)
def resend_message(call: Call) -> dict[str, Any]:
    """STORE-009: the stored MIME again, to others."""
    return _send(call, *compose.from_mime(call, _stored(call).mime()))


def _send(call: Call, draft: Draft, content: Content) -> dict[str, Any]:
    """Take a message in, when its sender may send it."""
    domain, lists = call.store(DomainStore).find(call.domain), call.store(MailingListStore)
    refusal = call.store(Standing).refusal(domain, draft, lists)
    if refusal is not None:
        if refusal.recorded:
            reject(call, draft, refusal.reason)
        raise refusal.error(call.domain)
    check_options(call.form)
    check_size(len(call.request.body))
    if len(draft.people) > RECIPIENTS_LIMIT:
        raise ApiError(400, TOO_MANY_RECIPIENTS)
    check_template(draft, call.store(TemplateStore))
    accept(call, draft, content)
    return {"id": draft.id, "message": QUEUED}


def _stored(call: Call) -> Copy:
    domain = call.store(DomainStore).find(call.domain)
    kept = timedelta(seconds=domain.message_ttl) if domain and domain.message_ttl else RETENTION
    key = str(call.path["storage_key"])
    copy = call.store(MessageStore).find(call.domain, key, call.now, kept)
    if copy is None:
        raise ApiError(404, NOT_FOUND)
    return copy
