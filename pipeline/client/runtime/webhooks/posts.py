"""What the API posts: events, alerts, incoming mail."""

# ruff: noqa: TID252 (the generated package may have another name)
from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from ..models.event import Event
from .errors import Malformed
from .events import read_event
from .forms import Form, Upload
from .signatures import Signature


@frozen
class EventPost:
    """A webhook of Send: one event.

    Attributes:
        event: the event, of the class for its type (`mailgun_client.webhooks.events`).
        signature: the signature that was checked, or `signature` of the body where none was.
        document: the whole body as it came, also with what no model has.
    """

    event: Event
    signature: Signature
    document: Mapping[str, Any] = field(repr=False)


@frozen
class LegacyEventPost:
    """A webhook in the form that came before JSON: one event as the fields of a form.

    Attributes:
        event: such as `delivered`, `bounced`, `dropped`, `opened`, `clicked`, `complained`,
            `unsubscribed`.
        recipient: whom the message was for; empty when it was not told.
        domain: the sending domain; empty when it was not told.
        message_id: the id of the message, without angle brackets; empty when it was not told.
        form: every field and file; custom variables are fields among them.
        signature: what proves where it comes from.
    """

    event: str
    recipient: str
    domain: str
    message_id: str
    form: Form = field(repr=False)
    signature: Signature


@frozen
class AlertPost:
    """A webhook of Alerts (Optimize, and alerts of Send).

    Attributes:
        event_type: such as `ip_listed` or `validation_job`; None when it was not told.
        data: the object `event_data`; what is in it depends on the type of event.
        timestamp: when it was signed, in seconds since 1970; None when it was not told.
        token: what no two posts have in common; None when it was not told.
        document: the whole body.
    """

    event_type: str | None
    data: Mapping[str, Any] = field(repr=False)
    timestamp: float | None
    token: str | None = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)


@frozen
class StoredFile:
    """A file of a message that the API keeps; fetch it with the API key from its address.

    Attributes:
        name: what the sender calls it; never use it as a path as it is.
        url: where it is.
        content_type: what the sender says that it is.
        size: its size in bytes.
    """

    name: str
    url: str
    content_type: str
    size: int


@frozen(kw_only=True)
class InboundPost:
    """A mail that a route forwards to a URL, or tells of (then it is a StoredPost).

    Everything in it but `recipient` and the signature was written by whoever sent the mail.

    Attributes:
        recipient: the address that the mail was for.
        sender: the address that it came from (SMTP `MAIL FROM`); empty for a bounce.
        from_: the header `From`.
        subject: the header `Subject`.
        body_plain: its text. None when the whole mail was asked for (a URL that ends in `mime`).
        body_html: its HTML, if any.
        body_mime: the mail as it came, when that was asked for.
        stripped_text: the text without quoted parts and signature, if it could be told apart.
        stripped_html: the HTML without quoted parts, if it could be told apart.
        stripped_signature: the signature below the text, if it could be told apart.
        message_headers: every header in its order, as name and value.
        attachments: its files.
        content_ids: Content-ID, in angle brackets, of an inline file -> name of its form field.
        form: every field of the form; each header of the mail is one as well.
        signature: what proves where it comes from.

    Source: documentation page user-manual/receive-forward-store/receive-http.
    """

    recipient: str
    sender: str
    from_: str
    subject: str
    body_plain: str | None = field(repr=False)
    body_html: str | None = field(repr=False)
    body_mime: str | None = field(repr=False)
    stripped_text: str | None = field(repr=False)
    stripped_html: str | None = field(repr=False)
    stripped_signature: str | None = field(repr=False)
    message_headers: tuple[tuple[str, str], ...] = field(repr=False)
    attachments: tuple[Upload, ...]
    content_ids: Mapping[str, str] = field(repr=False)
    form: Form = field(repr=False)
    signature: Signature

    def header(self, name: str) -> str | None:
        """The first header of that name, in upper or lower case; None without any."""
        wanted = name.lower()
        return next((text for own, text in self.message_headers if own.lower() == wanted), None)


@frozen(kw_only=True)
class StoredPost(InboundPost):
    """A notice of the route action `store(notify=...)`: the API keeps the mail for three days.

    Attributes:
        domain: the domain that received it.
        message_url: where the mail is; fetch it with the API key.
        stored_files: its files, which stay with the API; `attachments` is empty.

    Source: documentation page user-manual/receive-forward-store/store-retreive.
    """

    domain: str
    message_url: str
    stored_files: tuple[StoredFile, ...]


Post = EventPost | LegacyEventPost | AlertPost | InboundPost
"""Whatever the API posts; a StoredPost is an InboundPost."""


def event_post(document: Mapping[str, Any], signature: Signature) -> EventPost:
    """Raises Malformed."""
    return EventPost(read_event(document.get("event-data")), signature, document)


def alert_post(document: Mapping[str, Any]) -> AlertPost:
    """Raises Malformed."""
    data = document.get("event_data")
    if not isinstance(data, Mapping):
        raise Malformed("the alert has no event_data")
    signed = document.get("signature")
    signed = signed if isinstance(signed, Mapping) else {}
    stamp, token = signed.get("timestamp"), signed.get("token")
    kinds = (document.get("event_type"), data.get("event_type"), data.get("event"))
    return AlertPost(
        event_type=next((kind for kind in kinds if isinstance(kind, str)), None),
        data=data,
        timestamp=_seconds(stamp),
        token=token if isinstance(token, str) and token else None,
        document=document,
    )


def form_post(form: Form, signature: Signature) -> LegacyEventPost | InboundPost:
    """Mail if it has a sender, otherwise an event. Raises Malformed."""
    values = form.values()
    if "sender" in values and "recipient" in values:
        return _inbound(form, values, signature)
    if "event" not in values:
        raise Malformed("the form is neither mail nor an event")
    identity = values.get("Message-Id") or values.get("message-id") or ""
    return LegacyEventPost(
        event=values["event"],
        recipient=values.get("recipient", ""),
        domain=values.get("domain", ""),
        message_id=identity.strip("<>"),
        form=form,
        signature=signature,
    )


def _inbound(form: Form, values: Mapping[str, str], signature: Signature) -> InboundPost:
    common: dict[str, Any] = {
        "recipient": values["recipient"],
        "sender": values["sender"],
        "from_": values.get("from", values.get("From", "")),
        "subject": values.get("subject", values.get("Subject", "")),
        "body_plain": values.get("body-plain"),
        "body_html": values.get("body-html"),
        "body_mime": values.get("body-mime"),
        "stripped_text": values.get("stripped-text"),
        "stripped_html": values.get("stripped-html"),
        "stripped_signature": values.get("stripped-signature"),
        "message_headers": _json(values, "message-headers", _header_list, ()),
        "attachments": form.files,
        "content_ids": _json(values, "content-id-map", _texts, {}),
        "form": form,
        "signature": signature,
    }
    if "message-url" not in values:
        return InboundPost(**common)
    return StoredPost(
        **common,
        domain=values.get("domain", ""),
        message_url=values["message-url"],
        stored_files=_json(values, "attachments", _stored_files, ()),
    )


def _json(values: Mapping[str, str], name: str, read: Callable[[Any], Any], absent: Any) -> Any:
    if name not in values:
        return absent
    try:
        return read(json.loads(values[name]))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise Malformed(f"the field {name} is of another shape") from None


def _header_list(value: list[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(text)) for name, text in value)


def _texts(value: Any) -> dict[str, str]:
    return {str(name): str(text) for name, text in value.items()}


def _stored_files(value: list[Any]) -> tuple[StoredFile, ...]:
    return tuple(
        StoredFile(str(f["name"]), str(f["url"]), str(f["content-type"]), int(f["size"]))
        for f in value
    )


def _seconds(value: Any) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise Malformed("the timestamp is no number") from None
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise Malformed("the timestamp is no number")
    return float(value)
