"""From a call to a message: by its parts, or from ready-made MIME."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import evolve

from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.areas.events.records import opaque
from mailgun_emulator.areas.messages import parsed
from mailgun_emulator.areas.messages.addresses import Address, distinct, one, parse
from mailgun_emulator.areas.messages.containers import unpack
from mailgun_emulator.areas.messages.mime import split_head
from mailgun_emulator.areas.messages.options import Options, add_recipients, read
from mailgun_emulator.areas.messages.records import Content, Draft, Headers
from mailgun_emulator.areas.messages.templating import has_html
from mailgun_emulator.call import Call
from mailgun_emulator.forms import Form
from mailgun_emulator.ids import Ids

Message = tuple[Draft, Content]

# Given as headers they would break the structure that the parts get.
_STRUCTURE = frozenset({"content-type", "content-transfer-encoding", "mime-version"})
_SINGLE = frozenset(
    {"bcc", "cc", "date", "from", "in-reply-to", "message-id"}
    | {"references", "reply-to", "sender", "subject", "to"}
)


def by_parts(call: Call) -> Message:
    """The message in a form of parts (sending MSG)."""
    form = call.form
    headers: Headers = []
    given_id = ""
    for name, texts in form.fields.items():
        if name.startswith("h:") and _is_header(name[2:]):
            low = name[2:].lower()
            if low == "message-id":
                given_id = texts[0].strip()
            elif low not in _STRUCTURE:
                headers += [(name[2:], text) for text in texts]
    options, headers = read(call.values, headers)
    sender = one(form.get("from"))
    content = Content(
        _optional(form, "text"),
        _optional(form, "html"),
        _optional(form, "amp-html"),
        # sending MSG-018: a file without a name is dropped; as a text field it is no file at all.
        tuple(file for file in form.uploads("attachment") if file.filename),
        tuple(file for file in form.uploads("inline") if file.filename),
    )
    draft = Draft(
        id=_message_id(given_id) or new_id(call.state.ids, call.now, call.domain),
        domain=call.domain,
        accepted_at=call.now,
        sender=sender,
        envelope=envelope(sender, call.domain),
        subject=_optional(form, "subject"),
        to=distinct(parse(form.all("to"))),
        cc=distinct(parse(form.all("cc"))) if "cc" in form else [],
        bcc=distinct(parse(form.all("bcc"))) if "bcc" in form else [],
        headers=headers,
        amp=content.amp is not None,
    )
    if content.attachments:
        draft.files = [
            {"filename": file.filename, "content-type": file.content_type, "size": len(file.data)}
            for file in content.attachments
        ]
    _apply(draft, options, call)
    return draft, content


def from_mime(call: Call, raw: bytes) -> Message:
    """The message in a MIME text, for the `to` of the form only (sending MIME-001 to MIME-006).

    The text may be a container of variables (BATCH-009, BATCH-010).
    """
    container = unpack(raw)
    if container is not None:
        raw = container.raw
    headers, _ = split_head(raw)
    options, headers = read(call.values, _with(headers, call.form))
    if container is not None:
        add_recipients(options.given, container.variables)
    known = {name.lower(): value for name, value in reversed(headers)}
    sender = one(known.get("from", ""))
    own_id = _message_id(known.get("message-id", ""))
    draft = Draft(
        id=own_id or new_id(call.state.ids, call.now, call.domain),
        domain=call.domain,
        accepted_at=call.now,
        sender=sender,
        envelope=envelope(sender, call.domain),
        subject=known.get("subject"),
        to=distinct(parse(call.form.all("to"))),
        cc=[],
        bcc=[],
        headers=headers,
    )
    if not own_id:
        draft.headers = [*headers, ("Message-Id", draft.id)]
    if not known.get("content-type", "text/").lower().startswith("text/"):
        draft.files = _attached(raw)
    _apply(draft, options, call)
    if draft.template is not None:
        draft.template = evolve(draft.template, rendered=has_html(raw))
    return draft, Content(raw=raw)


def _attached(raw: bytes) -> list[dict[str, Any]]:
    """The attachments in a MIME text; what its bodies show by its id is none (MSG-017, MSG-019)."""
    return [
        {"filename": file.name, "content-type": file.content_type, "size": len(file.data)}
        for file in parsed.parse(raw).files
        if file.name and not file.content_id
    ]


def _with(headers: Headers, form: Form) -> Headers:
    """The headers of a MIME text with those of `h:` fields (MIME-003).

    A header that a message has only once (RFC 5322) is replaced.
    """
    own = [
        (name[2:], text)
        for name, texts in form.fields.items()
        if name.startswith("h:") and _is_header(name[2:]) and name[2:].lower() not in _STRUCTURE
        for text in texts
    ]
    replaced = {name.lower() for name, _ in own} & _SINGLE
    return [*(pair for pair in headers if pair[0].lower() not in replaced), *own]


def new_id(ids: Ids, now: datetime, domain: str) -> str:
    """A Message-Id: the time of acceptance, 16 hexadecimal digits, the domain (MSG-003)."""
    # Written out, because strftime costs ten times as much and every send is here.
    day = f"{now.year:04d}{now.month:02d}{now.day:02d}"
    return f"<{day}{now.hour:02d}{now.minute:02d}{now.second:02d}.{ids.hex(16)}@{domain}>"


def envelope(sender: Address | None, domain: str) -> str:
    """Who servers see as the sender: always an address of the sending domain (MSG-013)."""
    if sender is not None and sender.domain.lower() == domain:
        return sender.address
    return f"postmaster@{domain}"


def _apply(draft: Draft, options: Options, call: Call) -> None:
    draft.tags = tuple(options.tags)
    draft.variables = options.variables
    draft.unreadable = options.unreadable
    domain = call.store(DomainStore).find(call.domain)
    if domain is not None:
        draft.tracking = options.tracking(domain.tracking)
    draft.key_id = call.key.id if call.key else ""
    draft.origin = call.request.client
    if not options.given:
        return
    draft.options = options.asked
    draft.template = options.template
    draft.test = options.test
    draft.sending_ip = options.sending_ip
    draft.handling = options.handling
    if "o:deliverytime" in options.given:
        draft.deliver_at = options.deliver_at
    batch = options.batch
    if batch is not None:
        draft.batch = batch
        draft.batch_id = opaque(call.state.ids, 22)


def _is_header(name: str) -> bool:
    """Whether this can be the name of a header; a field with another one is not understood."""
    return bool(name) and ":" not in name


def _message_id(text: str) -> str:
    """A Message-Id with its brackets; empty when there is none."""
    text = " ".join(text.split())
    return text if not text or text.startswith("<") else f"<{text}>"


def _optional(form: Form, name: str) -> str | None:
    values = form.fields.get(name)
    return values[0] if values else None
