"""MIME with the recipient variables in it: `multipart/mailgun-variables` (sending BATCH-009)."""

from __future__ import annotations

import json
from email import message_from_bytes
from email.message import Message
from email.policy import SMTP
from typing import Any

from attrs import field, frozen

_TYPE = "multipart/mailgun-variables"
_MARK = _TYPE.encode()


@frozen
class Container:
    """The message that is sent, and the variables by recipient."""

    raw: bytes = field(repr=False)
    variables: dict[str, Any]


def unpack(raw: bytes) -> Container | None:
    """What a container holds; None for every other message, and for one of another shape."""
    if _MARK not in raw.lower():
        return None
    whole = message_from_bytes(raw)
    parts = _parts(whole)
    if whole.get_content_type() != _TYPE or len(parts) < 2:
        return None
    held, wrapped = parts[0], parts[1]
    variables, inner = _object(held), _parts(wrapped)
    if variables is None or not inner or wrapped.get_content_type() != "message/rfc822":
        return None
    return Container(inner[0].as_bytes(policy=SMTP.clone(max_line_length=None)), variables)


def _parts(message: Message) -> list[Message]:
    inner = message.get_payload()
    return [part for part in inner if isinstance(part, Message)] if isinstance(inner, list) else []


def _object(part: Message) -> dict[str, Any] | None:
    data = part.get_payload(decode=True)
    if part.get_content_type() != "application/json":
        return None
    try:
        found = json.loads(data if isinstance(data, bytes) else b"")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
