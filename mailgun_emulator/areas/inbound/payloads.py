"""What is posted to the URLs of routes (sending INB-001 to INB-009, STORE-002)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
from attrs import field, frozen

from mailgun_emulator.areas.inbound.mail import Mail
from mailgun_emulator.areas.messages.parsed import File

Fields = list[tuple[str, str | bytes]]

# INB-008: how a URL asks for the message as it came; `raw-mime` ends so as well.
_WHOLE = "mime"
_BODIES = ("body-plain", "body-html")


@frozen
class Payload:
    """The body of a POST, all but its signature."""

    fields: Fields = field(repr=False)
    files: tuple[File, ...] = ()
    multipart: bool = False

    def encode(self, signed: Mapping[str, str]) -> tuple[bytes, str]:
        """Bytes and content type; `signed` are the fields of the signature (HOOK-004)."""
        fields = [*self.fields, *signed.items()]
        if not self.multipart:
            data = [(_bytes(name), _bytes(value)) for name, value in fields]
            return urlencode(data).encode(), "application/x-www-form-urlencoded"
        # The token is as random as a boundary has to be, and repeats with the seed.
        kind = f"multipart/form-data; boundary={signed['token']}"
        parts: list[tuple[str, Any]] = [(name, (None, _bytes(value))) for name, value in fields]
        for number, file in enumerate(self.files, 1):
            name = file.name or f"attachment-{number}"
            parts.append((f"attachment-{number}", (name, file.data, file.content_type)))
        request = httpx.Request("POST", "http://-/", files=parts, headers={"content-type": kind})
        return request.read(), kind


def forwarded(mail: Mail, url: str) -> Payload:
    """What `forward` posts."""
    parsed = mail.parsed
    fields = _base(mail)
    if url.endswith(_WHOLE):
        fields += [(k, v) for k, v in parsed.fields().items() if k not in _BODIES]
        return Payload([*fields, ("body-mime", mail.raw)])
    fields += parsed.fields().items()
    files = parsed.files
    if not files:
        return Payload(fields)
    fields.append(("attachment-count", str(len(files))))
    if ids := parsed.content_ids():
        fields.append(("content-id-map", json.dumps(ids)))
    return Payload(fields, tuple(files), multipart=True)


def notified(mail: Mail, message_url: str) -> Payload:
    """What `store` posts: where the message is, and what files it has, without them."""
    parsed = mail.parsed
    fields: Fields = [("domain", mail.domain), ("message-url", message_url), *_base(mail)]
    fields += parsed.fields().items()
    shown = [file.show(f"{message_url}/attachments/{n}") for n, file in enumerate(parsed.files)]
    if shown:
        fields.append(("attachments", json.dumps(shown)))
    if ids := parsed.content_ids():
        fields.append(("content-id-map", json.dumps(ids)))
    return Payload(fields, multipart=bool(shown))


def _base(mail: Mail) -> Fields:
    """Sender and recipient, and every header by its own name and in one list (INB-005, INB-006)."""
    parsed = mail.parsed
    base: dict[str, str] = {
        "recipient": mail.recipient,
        "sender": mail.sender,
        "subject": parsed.header("subject"),
        "from": parsed.header("from"),
    }
    own = _without(parsed.headers, base)
    return [*base.items(), *own, ("message-headers", json.dumps(parsed.headers))]


def _without(headers: Iterable[tuple[str, str]], names: Mapping[str, str]) -> Fields:
    """The headers as fields; one that is written just like another field gives way to it."""
    return [(name, value) for name, value in headers if name not in names]


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode(errors="replace")
