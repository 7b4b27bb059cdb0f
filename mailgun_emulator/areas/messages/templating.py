"""What a stored template makes of a message: its body and some headers (sending TSEND).

Nothing of it is kept. A message is rendered when it is delivered, to know whether that works, and
when somebody looks at it. Recipient variables are filled in afterwards, for every copy (TSEND-018).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email import message_from_bytes, policy
from email.header import Header
from email.message import Message
from email.utils import formataddr
from typing import Any

from attrs import evolve

from mailgun_emulator.areas.messages.addresses import one, parse
from mailgun_emulator.areas.messages.mime import split_head
from mailgun_emulator.areas.messages.plain import plain_text
from mailgun_emulator.areas.messages.records import Content, Draft, Headers
from mailgun_emulator.areas.templates.rendering import RenderingError, render, render_header

_FROM, _SUBJECT, _REPLY_TO = "from", "subject", "reply-to"
_SUPPORTED = (_FROM, _SUBJECT, _REPLY_TO)
_BODY = ("content-type", "content-transfer-encoding")
_MARKUP = re.compile(rb"content-type:\s*text/html", re.IGNORECASE)


def has_html(raw: bytes) -> bool:
    """TSEND-015: ready-made MIME takes a template only in place of HTML."""
    return _MARKUP.search(raw) is not None


def problem(draft: Draft) -> str:
    """Why the message cannot be rendered; empty when it can, or needs no rendering."""
    try:
        _headed(draft)
        _html(draft)
    except RenderingError as error:
        return str(error)
    return ""


def headed(draft: Draft) -> Draft:
    """The draft with the headers of the template that it lacks (TSEND-011, TSEND-013).

    Without them when they cannot be rendered.
    """
    try:
        return _headed(draft)
    except RenderingError:
        return draft


def filled(draft: Draft, content: Content) -> tuple[Draft, Content]:
    """The message with the body and the headers that its template gives.

    It stays as it is when one of them cannot be rendered.
    """
    try:
        return _filled(draft, content)
    except RenderingError:
        return draft, content


def _headed(draft: Draft) -> Draft:
    template = draft.template
    if template is None or template.source is None or not template.source.headers:
        return draft
    given = {name.lower() for name, _ in draft.headers}
    wanted = {
        name.lower(): text
        for name, text in template.source.headers.items()
        if name.lower() in _SUPPORTED and name.lower() not in given
    }
    if draft.sender is not None:
        wanted.pop(_FROM, None)
    if draft.subject is not None:
        wanted.pop(_SUBJECT, None)
    if not wanted:
        return draft
    variables = _variables(draft)
    made = {name: " ".join(render_header(text, variables).split()) for name, text in wanted.items()}
    headers = list(draft.headers)
    if made.get(_REPLY_TO):
        headers.append(("Reply-To", made[_REPLY_TO]))
    changed = evolve(draft, headers=headers)
    if _SUBJECT in made:
        changed.subject = made[_SUBJECT]
    if made.get(_FROM):
        changed.sender = one(made[_FROM])
    return changed


def _filled(draft: Draft, content: Content) -> tuple[Draft, Content]:
    html = _html(draft)
    if html is None:
        return draft, content
    draft = _headed(draft)
    if content.raw is not None:
        return _in_mime(draft, content.raw, html)
    text = content.text
    if text is None and draft.template and draft.template.text:
        text = plain_text(html)
    return draft, evolve(content, html=html, text=text)


def _html(draft: Draft) -> str | None:
    """The rendered body; None when nothing is rendered."""
    template = draft.template
    if template is None or template.source is None:
        return None
    return render(template.source.content, _variables(draft))


def _variables(draft: Draft) -> Mapping[str, Any]:
    """TSEND-004: the variables of the template go before those of the message."""
    own = draft.template.variables if draft.template else None
    return {**draft.variables, **(own or {})}


def _in_mime(draft: Draft, raw: bytes, html: str) -> tuple[Draft, Content]:
    """The HTML in the place of that in the MIME."""
    whole: Message = message_from_bytes(raw)
    part = next((p for p in whole.walk() if p.get_content_type() == "text/html"), None)
    if part is None:
        return draft, Content(raw=raw)
    del part["Content-Transfer-Encoding"]
    part.set_payload(html.encode(errors="replace").decode(), "utf-8")
    try:
        made = whole.as_bytes(policy=policy.compat32.clone(linesep="\r\n"))
    except (ValueError, LookupError):
        return draft, Content(raw=raw)  # MIME that is broken beyond that part
    headers, _ = split_head(made)
    structure: Headers = [header for header in headers if header[0].lower() in _BODY]
    others = [header for header in draft.headers if header[0].lower() not in _BODY]
    known = {name.lower() for name, _ in others}
    if draft.subject is not None and _SUBJECT not in known:
        others.append(("Subject", draft.subject))
    if draft.sender is not None and _FROM not in known:
        others.append(("From", draft.sender.text))
    encoded = [(name, _encoded(name, text)) for name, text in others]
    return evolve(draft, headers=[*encoded, *structure]), Content(raw=made)


def _encoded(name: str, text: str) -> str:
    """What a template gives in the form that headers of ready-made MIME have already."""
    if text.isascii() or name.lower() not in _SUPPORTED:
        return text
    if name.lower() == _SUBJECT:
        return Header(text, "utf-8", header_name=name).encode(linesep="\r\n")
    entries = parse([text])
    if not all(entry.address.isascii() for entry in entries):
        return text
    return ", ".join(formataddr((entry.name, entry.address)) for entry in entries)
