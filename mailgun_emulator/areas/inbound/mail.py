"""A message that came in, for one of its recipients."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from attrs import define, field

from mailgun_emulator.areas.messages.addresses import Address, one
from mailgun_emulator.areas.messages.parsed import Parsed, parse
from mailgun_emulator.areas.messages.records import Draft, Headers


@define(eq=False, slots=False)
class Mail:
    """Mail for `recipient`, an address of `domain`; `sender` is the one of the envelope.

    `raw` is the message as it came, behind the headers that were added on its way in.
    """

    domain: str
    sender: str
    recipient: str
    received_at: datetime
    raw: bytes = field(repr=False)

    @cached_property
    def parsed(self) -> Parsed:
        """The message in parts."""
        return parse(self.raw)

    def values_of(self, header: str) -> Sequence[str]:
        """The values of a header, whatever its case; what filters of routes look at."""
        return self.parsed.values_of(header)

    def draft(self, new_id: str, to: str, routes: Sequence[dict[str, Any]] = ()) -> Draft:
        """The message on its way to `to`; `new_id` is for mail that has no Message-Id."""
        parsed = self.parsed
        own = parsed.header("message-id").strip()
        return Draft(
            id=own or new_id,
            domain=self.domain,
            accepted_at=self.received_at,
            sender=one(parsed.header("from")),
            envelope=self.sender,
            subject=parsed.header("subject"),
            to=[Address(to, to)],
            cc=[],
            bcc=[],
            headers=parsed.headers,
            files=self.files(),
            method="SMTP",
            routes=tuple(routes),
        )

    def files(self) -> list[dict[str, Any]]:
        """The attachments as events show them."""
        return [
            {"filename": file.name, "content-type": file.content_type, "size": len(file.data)}
            for file in self.parsed.files
        ]


def marked(raw: bytes, headers: Headers) -> bytes:
    """A message with more headers at its top."""
    lines = "".join(f"{name}: {' '.join(value.split())}\r\n" for name, value in headers)
    return lines.encode(errors="replace") + raw.lstrip(b" \t")
