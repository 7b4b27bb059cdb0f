"""A message on its way through: what was asked, what is in it, and the copies that are sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from mailgun_emulator.areas.domains.records import Tracking
from mailgun_emulator.areas.messages.addresses import Address
from mailgun_emulator.areas.templates.store import Source
from mailgun_emulator.forms import Upload

if TYPE_CHECKING:
    from mailgun_emulator.areas.messages.handling import Handling

Headers = list[tuple[str, str]]


@frozen
class Content:
    """The heavy part of a message: its bodies and files, or ready-made MIME in `raw`.

    `size` is how many bytes they have, as they came.
    """

    text: str | None = None
    html: str | None = None
    amp: str | None = None
    attachments: tuple[Upload, ...] = field(default=(), repr=False)
    inline: tuple[Upload, ...] = field(default=(), repr=False)
    raw: bytes | None = field(default=None, repr=False)

    size: int = field(init=False)

    @size.default
    def _measured(self) -> int:
        if self.raw is not None:
            return len(self.raw)
        texts = (self.text, self.html, self.amp)
        size = sum(len(t) if t.isascii() else len(t.encode(errors="replace")) for t in texts if t)
        return size + sum(len(file.data) for file in (*self.attachments, *self.inline))


@frozen
class Template:
    """The stored template that a message uses; `variables` are no part of events (TSEND-003).

    `source` is what the version said when the message came. What is ready-made without HTML is not
    `rendered` and has none.
    """

    name: str
    version: str = ""
    text: bool = False
    variables: Mapping[str, Any] | None = field(default=None, repr=False)
    rendered: bool = True
    source: Source | None = field(default=None, repr=False)


@frozen
class Mailing:
    """The mailing list that a copy is for, or has come through to one of its members.

    `list_id` and `sid` are how events call the list; `authenticated` is mail that came by API call
    or SMTP login. Copies for members have `to_member`.
    """

    address: str
    list_id: str
    sid: str
    authenticated: bool = True
    to_member: bool = False

    def shown(self) -> dict[str, str]:
        """What events say of it (sending LSEND-006)."""
        return {"address": self.address, "list-id": self.list_id, "sid": self.sid}


@frozen
class Hop:
    """How mail came in by SMTP: what the client called itself, and version and cipher of its TLS.

    Both of these are empty without TLS.
    """

    helo: str = ""
    tls: tuple[str, str] = ("", "")


@define(eq=False)
class Draft:
    """A message as one call handed it in.

    `id` is the Message-Id with angle brackets; `envelope` the sender that servers see; `unreadable`
    says that some variables were no JSON; `batch` holds the recipient variables, None outside
    batch mode; `origin` is the IP address of the caller, empty when it is not known; `mailing` is
    set when the mail is for a mailing list or one of its members; `routes` are the routes that let
    incoming mail go on, as events show them; `options` are the `o:` fields, whichever way
    they came; `handling` is None when nothing was asked of the delivery; `tracking` is what is
    tracked in it; `hop` is set for mail by SMTP.
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
    options: Mapping[str, str] = field(factory=dict, repr=False)
    handling: Handling | None = None
    key_id: str = ""
    mailing: Mailing | None = None
    origin: str = ""
    method: str = "HTTP"
    hop: Hop | None = None
    routes: tuple[Mapping[str, Any], ...] = ()
    tracking: Tracking = field(default=Tracking(), repr=False)

    def refuses(self, option: str) -> bool:
        """Whether an option that can be switched off is."""
        return self.options.get(option, "").strip().lower() in ("no", "false")

    @property
    def people(self) -> list[Address]:
        """Everybody who gets the mail."""
        return [*self.to, *self.cc, *self.bcc]
