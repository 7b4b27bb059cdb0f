"""A message on its way through: what was asked, what is in it, and the copies that are sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import define, field, frozen

from mailgun_emulator.areas.messages.addresses import Address
from mailgun_emulator.forms import Upload

Headers = list[tuple[str, str]]


@frozen
class Content:
    """The heavy part of a message: its bodies and files, or ready-made MIME in `raw`."""

    text: str | None = None
    html: str | None = None
    amp: str | None = None
    attachments: tuple[Upload, ...] = field(default=(), repr=False)
    inline: tuple[Upload, ...] = field(default=(), repr=False)
    raw: bytes | None = field(default=None, repr=False)


@frozen
class Template:
    """The stored template that a message uses; `variables` are no part of events (TSEND-003)."""

    name: str
    version: str = ""
    text: bool = False
    variables: Mapping[str, Any] | None = field(default=None, repr=False)


@define(eq=False)
class Draft:
    """A message as one call handed it in.

    `id` is the Message-Id with angle brackets; `envelope` the sender that servers see; `unreadable`
    says that some variables were no JSON; `batch` holds the recipient variables, None outside
    batch mode; `origin` is the IP address of the caller, empty when it is not known.
    """

    id: str
    domain: str
    accepted_at: datetime
    sender: Address | None
    envelope: str
    subject: str | None
    to: list[Address]
    cc: list[Address]
    bcc: list[Address]
    headers: Headers = field(factory=list, repr=False)
    tags: tuple[str, ...] = ()
    variables: dict[str, Any] = field(factory=dict, repr=False)
    unreadable: bool = False
    template: Template | None = None
    batch: Mapping[str, Any] | None = field(default=None, repr=False)
    batch_id: str = ""
    files: list[dict[str, Any]] = field(factory=list, repr=False)
    test: bool = False
    amp: bool = False
    deliver_at: float | None = None
    sending_ip: str = ""
    key_id: str = ""
    origin: str = ""

    @property
    def people(self) -> list[Address]:
        """Everybody who gets the mail."""
        return [*self.to, *self.cc, *self.bcc]
