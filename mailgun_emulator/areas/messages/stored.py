"""A stored message as the API shows it (sending STORE-004 to STORE-006, STORE-011)."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from typing import Any

from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.mime import canonical

# sending DIFF-039: the type is not the registered one and has to be written like this.
RAW_TYPE = "message/rfc2822"


def show_raw(copy: Copy) -> dict[str, Any]:
    """The whole MIME text with what one wants to know of it."""
    raw = copy.mime()
    headers = {name.lower(): value for name, value in _headers(message_from_bytes(raw))}
    return {
        "sender": copy.draft.envelope,
        "recipients": ", ".join(copy.recipients),
        "from": headers.get("from", copy.draft.envelope),
        "subject": headers.get("subject", ""),
        "body-mime": raw.decode(errors="replace"),
    }


def show_parsed(copy: Copy, url: str) -> dict[str, Any]:
    """The message taken apart; `url` is where it was found."""
    message = message_from_bytes(copy.mime())
    headers = list(_headers(message))
    shown: dict[str, Any] = dict(reversed(headers))
    shown["sender"] = copy.draft.envelope
    shown["recipients"] = ", ".join(copy.recipients)
    shown["message-headers"] = [[name, value] for name, value in headers]
    plain, html, files = [], [], []
    for part in _leaves(message):
        kind = part.get_content_type()
        if part.get_content_disposition() or part.get_content_maintype() != "text":
            files.append(part)
        elif kind == "text/html":
            html.append(_text(part))
        elif kind == "text/plain":
            plain.append(_text(part))
    if plain:
        shown["body-plain"] = shown["stripped-text"] = "".join(plain)
        shown["stripped-signature"] = ""
    if html:
        shown["body-html"] = shown["stripped-html"] = "".join(html)
    if files:
        shown["attachments"] = [
            _file(part, f"{url}/attachments/{n}") for n, part in enumerate(files)
        ]
    return shown


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something, in order; a message inside is one of them."""
    pending: list[Any] = [message]
    while pending:
        part = pending.pop()
        inner = part.get_payload()
        if isinstance(inner, list) and part.get_content_maintype() != "message":
            pending.extend(reversed(inner))
        elif isinstance(part, Message):
            yield part


def _headers(message: Message) -> Iterator[tuple[str, str]]:
    for name, value in message.items():
        yield canonical(name), _decoded(value)


def _decoded(value: Any) -> str:
    text = str(value).replace("\r", "").replace("\n", "")
    try:
        return str(make_header(decode_header(text))) if "=?" in text else text
    except (LookupError, ValueError, HeaderParseError):
        return text


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        return data.decode(part.get_content_charset() or "utf-8", errors="replace")
    except LookupError:
        return data.decode(errors="replace")


def _file(part: Message, url: str) -> dict[str, Any]:
    data = part.get_payload(decode=True)
    return {
        "name": part.get_filename() or "",
        "content-type": part.get_content_type(),
        "size": len(data) if isinstance(data, bytes) else _size(part),
        "url": url,
    }


def _size(part: Message) -> int:
    inner = part.get_payload()
    return sum(len(str(item)) for item in inner) if isinstance(inner, list) else len(str(inner))
