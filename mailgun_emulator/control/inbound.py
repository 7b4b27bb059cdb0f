"""Handing mail in as if it came from outside."""

from __future__ import annotations

import json
import math
from typing import Any

from mailgun_emulator import decode
from mailgun_emulator.areas.inbound import spam
from mailgun_emulator.areas.inbound.reception import UnknownRecipientError, receive, shown
from mailgun_emulator.areas.messages import compose, mime
from mailgun_emulator.areas.messages.addresses import Address, distinct, one, parse
from mailgun_emulator.areas.messages.records import Content, Draft
from mailgun_emulator.areas.messages.text import unchanged
from mailgun_emulator.control.routing import ControlError, Visit, control
from mailgun_emulator.forms import Form
from mailgun_emulator.reply import ApiError

_RAW = "message/rfc822"
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_NAMES = frozenset({"sender", "recipient", "mime", "from", "to", "cc", "subject", "text", "html"})
_NAMES |= {"attachment", "inline", "spam-score", "spf", "dkim"}


@control("POST", "inbound")
def inject(visit: Visit) -> dict[str, Any]:
    """Take mail in, whole or in parts, and tell what became of it."""
    form = _form(visit)
    unknown = [n for n in (*form.fields, *form.files) if n not in _NAMES and n[:2] != "h:"]
    if unknown:
        raise ControlError(400, f"there is no {unknown[0]!r} here")
    recipients = distinct(parse(form.all("recipient") or form.all("to")))
    if not recipients or not all("@" in entry.address for entry in recipients):
        raise ControlError(400, "recipient is no address")
    author = one(form.get("from"))
    sender = form.get("sender") or (author.address if author else "")
    raw = _raw(form)
    if raw is None:
        raw = _composed(visit, form, author, recipients)
    try:
        told = receive(
            visit.state,
            " ".join(sender.split()),
            [entry.address for entry in recipients],
            raw,
            _findings(form),
            visit.accounts(),
        )
    except UnknownRecipientError as error:
        raise ControlError(404, f"nobody has the domain of {error}") from None
    return {"message": "received", "recipients": list(shown(told))}


def _form(visit: Visit) -> Form:
    """What was given, as fields: from a form, from a JSON object, or from the query."""
    kind = visit.request.headers.get("content-type", "")
    plain = kind.partition(";")[0].strip().lower()
    if plain == _RAW:
        fields = {name: [text] for name, text in visit.query.items() if name in _NAMES}
        return Form({**fields, "mime": [visit.request.body.decode("utf-8", "surrogateescape")]})
    if plain in _FORMS:
        try:
            return decode.parse_form(visit.request.body, kind)
        except ApiError as error:
            raise ControlError(error.status, error.message) from None
    return Form({name: _texts(value) for name, value in visit.body().items() if value is not None})


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [item if isinstance(item, str) else json.dumps(item) for item in values]


def _raw(form: Form) -> bytes | None:
    """The whole message, when it was given as such."""
    for upload in form.uploads("mime"):
        return upload.data
    if "mime" in form.fields:
        text = form.get("mime")
        try:
            return text.encode("utf-8", "surrogateescape")
        except UnicodeError:
            return text.encode(errors="replace")
    return None


def _composed(visit: Visit, form: Form, author: Address | None, people: list[Address]) -> bytes:
    """A message made of the parts that were given."""
    state = visit.state
    now = state.clock.now()
    host = (author or people[0]).domain
    texts = {name: form.get(name) if name in form.fields else None for name in ("text", "html")}
    content = Content(
        texts["text"],
        texts["html"],
        attachments=tuple(form.uploads("attachment")),
        inline=tuple(form.uploads("inline")),
    )
    draft = Draft(
        id=compose.new_id(state.ids, now, host),
        domain=host.lower(),
        accepted_at=now,
        sender=author,
        envelope=form.get("sender"),
        subject=form.get("subject"),
        to=distinct(parse(form.all("to"))) or people,
        cc=distinct(parse(form.all("cc"))),
        bcc=[],
        headers=[(n, text) for n, all_ in form.prefixed("h:").items() for text in all_],
    )
    to = ", ".join(entry.text for entry in draft.to)
    return mime.assemble(draft, content, state.ids.hex(32), to, unchanged)


def _findings(form: Form) -> spam.Findings:
    """What the spam filter shall find. Raises ControlError."""
    score = None
    if "spam-score" in form.fields:
        try:
            score = float(form.get("spam-score"))
        except ValueError:
            score = math.nan
        if not math.isfinite(score):
            raise ControlError(400, "spam-score is not a number")
    spf, dkim = form.get("spf", "Pass"), form.get("dkim") or None
    if spf not in spam.SPF:
        raise ControlError(400, f"spf is none of {', '.join(spam.SPF)}")
    if dkim is not None and dkim not in spam.DKIM:
        raise ControlError(400, f"dkim is none of {', '.join(spam.DKIM)}")
    return spam.Findings(score, spf, dkim)
