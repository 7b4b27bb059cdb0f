"""A stored message as the API shows it (sending STORE-004 to STORE-006, STORE-011)."""

from __future__ import annotations

from typing import Any

from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.mime import canonical
from mailgun_emulator.areas.messages.parsed import parse

# sending DIFF-039: the type is not the registered one and has to be written like this.
RAW_TYPE = "message/rfc2822"


def show_raw(copy: Copy) -> dict[str, Any]:
    """The whole MIME text with what one wants to know of it."""
    raw = copy.mime()
    parsed = parse(raw)
    return {
        "sender": copy.draft.envelope,
        "recipients": ", ".join(copy.recipients),
        "from": parsed.header("from") or copy.draft.envelope,
        "subject": parsed.header("subject"),
        "body-mime": raw.decode(errors="replace"),
    }


def show_parsed(copy: Copy, url: str) -> dict[str, Any]:
    """The message taken apart; `url` is where it was found."""
    parsed = parse(copy.mime())
    headers = [(canonical(name), value) for name, value in parsed.headers]
    shown: dict[str, Any] = dict(reversed(headers))
    shown["sender"] = copy.draft.envelope
    shown["recipients"] = ", ".join(copy.recipients)
    shown["message-headers"] = [[name, value] for name, value in headers]
    shown |= parsed.fields()
    if parsed.files:
        shown["attachments"] = [
            file.show(f"{url}/attachments/{number}") for number, file in enumerate(parsed.files)
        ]
    if ids := parsed.content_ids():
        shown["content-id-map"] = ids
    return shown
