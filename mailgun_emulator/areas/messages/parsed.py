"""MIME taken apart: headers, bodies by kind, files (sending INB-003 to INB-012)."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from functools import cached_property
from typing import Any

from attrs import define, field, frozen

from mailgun_emulator.areas.messages import quotes
from mailgun_emulator.areas.messages.mime import decoded
from mailgun_emulator.areas.messages.plain import plain_text
from mailgun_emulator.areas.messages.records import Headers


@frozen
class File:
    """An attachment or an inline file; `content_id` with its angle brackets, empty without one."""

    name: str
    content_type: str
    data: bytes = field(repr=False)
    content_id: str = ""

    def show(self, url: str) -> dict[str, Any]:
        """What is told of it (STORE-006)."""
        kind = self.content_type
        return {"name": self.name, "content-type": kind, "size": len(self.data), "url": url}


@define(slots=False)
class Parsed:
    """A message in parts.

    `headers` are decoded, under the names and in the order that they came in; `bodies` are texts by
    subtype, parts of one kind joined.
    """

    headers: Headers = field(factory=list)
    bodies: dict[str, str] = field(factory=dict, repr=False)
    files: list[File] = field(factory=list)

    def values_of(self, header: str) -> list[str]:
        """The values of a header, whatever its case."""
        wanted = header.lower()
        return [value for name, value in self.headers if name.lower() == wanted]

    def header(self, name: str) -> str:
        """The first value of a header, empty when it is not there."""
        return next(iter(self.values_of(name)), "")

    @cached_property
    def plain(self) -> str:
        """The text; made from the HTML when there is none (INB-003)."""
        if "plain" in self.bodies:
            return self.bodies["plain"]
        return plain_text(self.bodies["html"]) if "html" in self.bodies else ""

    def fields(self) -> dict[str, str]:
        """`body-plain`, other bodies under `body-` and their kind, and what is without quotes."""
        named = {f"body-{kind}": text for kind, text in self.bodies.items()}
        named["body-plain"] = self.plain
        text, signature = quotes.stripped_text(self.plain)
        named["stripped-text"] = text
        if signature:
            named["stripped-signature"] = signature
        if "html" in self.bodies:
            html = quotes.stripped_html(self.bodies["html"])
            if html is not None:
                named["stripped-html"] = html
        return named

    def content_ids(self) -> dict[str, str]:
        """Where the files with a content id are found, as `attachment-1` and so on (INB-007)."""
        return {
            file.content_id: f"attachment-{number}"
            for number, file in enumerate(self.files, 1)
            if file.content_id
        }


def parse(raw: bytes) -> Parsed:
    """The parts of a message; whatever is broken in it is taken as it is."""
    message = message_from_bytes(raw)
    found = Parsed([(name, decoded(_utf8(value))) for name, value in message.raw_items()])
    texts: dict[str, list[str]] = {}
    for part in _leaves(message):
        if part.get_content_maintype() == "text" and not _is_file(part):
            texts.setdefault(part.get_content_subtype(), []).append(_text(part))
        else:
            found.files.append(_file(part))
    found.bodies = {kind: "".join(some) for kind, some in texts.items()}
    return found


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


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _utf8(value: str) -> str:
    """A header value as it came, which servers that speak UTF-8 need not encode (RFC 6532)."""
    return value.encode(errors="surrogateescape").decode(errors="replace")


def _text(part: Message) -> str:
    data = _data(part)
    try:
        return data.decode(part.get_content_charset() or "utf-8", errors="replace")
    except LookupError:
        return data.decode(errors="replace")


def _file(part: Message) -> File:
    return File(
        name=decoded(part.get_filename() or ""),
        content_type=part.get_content_type(),
        data=_data(part),
        content_id=str(part.get("Content-Id", "")).strip(),
    )


def _data(part: Message) -> bytes:
    inner = part.get_payload()
    if isinstance(inner, list):
        return b"".join(bytes(item) for item in inner if isinstance(item, Message))
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""
