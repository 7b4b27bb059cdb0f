"""The addresses in MAIL and RCPT (sending SMTP-012, SMTP-017)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import field, frozen

from mailgun_emulator.areas.messages.addresses import Address

_BRACKETS = re.compile(r'(?P<name>(?:"[^"]*"|[^"<>])*)<(?P<path>(?:"[^"]*"|[^"<>])*)>(?P<more>.*)')
# A path may begin with the servers it has come by, which nobody asks for any more.
_ROUTE = re.compile(r"^@[^:]*:")
_MAILBOX = re.compile(
    r'(?:"(?:[^"\\\x00-\x1f]|\\[^\x00-\x1f])*"|[^\s"(),:;<>@\[\\\]\x00-\x1f\x7f]+)'
    r"@(?:\[[0-9A-Za-z:.]+\]|[\w-]+(?:\.[\w-]+)*)"
)


@frozen
class Path:
    """A sender or a recipient; the empty sender, `<>`, has an empty address.

    `options` are what follows, by upper-case name.
    """

    mailbox: Address
    options: Mapping[str, str] = field(factory=dict)

    @property
    def size(self) -> int:
        """The size that the sender announced, 0 when it did not."""
        text = self.options.get("SIZE", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else 0


def read(argument: str, keyword: str) -> Path | None:
    """What follows the verb, `FROM:<bob@example.com> SIZE=100`; None when it is no such thing.

    A blank after the colon and a display name are let through, and so is an address without
    brackets.
    """
    word, colon, rest = argument.partition(":")
    if not colon or word.strip().upper() != keyword:
        return None
    rest = rest.strip()
    if found := _BRACKETS.fullmatch(rest):
        address = _ROUTE.sub("", found["path"].strip(), count=1)
        name, more = found["name"].strip(), found["more"]
    else:
        address, _, more = rest.partition(" ")
        name = ""
        if not address:
            return None
    if address and not _MAILBOX.fullmatch(address):
        return None
    text = f"{name} <{address}>" if name else address
    return Path(Address(text, address), _options(more))


def _options(text: str) -> dict[str, str]:
    pairs = (word.partition("=") for word in text.split())
    return {name.upper(): value for name, _, value in pairs}
