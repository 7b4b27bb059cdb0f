"""Addresses as senders write them (sending ERR-032, ERR-033, MSG-008, MSG-009, IDN-001)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import idna
from attrs import frozen

# Quoted text, a comment, an address in angle brackets, a comma, or anything else.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)|<([^<>]*)>|(,)|[^",(<]+|.', re.DOTALL)
# One mailbox with a plain display name, which is how most are written.
_NAMED = re.compile(r'\s*[^"(),<>\r\n]*<([^<>,\s]*)>\s*')
_BREAKS = re.compile(r"[\r\n]+")


@frozen
class Address:
    """One mailbox: `text` as it was written, `address` without the display name."""

    text: str
    address: str

    @property
    def domain(self) -> str:
        """What follows the last at sign."""
        return self.address.rpartition("@")[2]

    @property
    def name(self) -> str:
        """The display name, unquoted; empty when there is none."""
        before, bracket, _ = self.text.rpartition("<")
        return before.strip().strip('"').replace("\\", "") if bracket else ""


def parse(values: Sequence[str]) -> list[Address]:
    """The addresses in some texts, each of which may hold several with commas between them."""
    found: list[Address] = []
    for value in values:
        if named := _NAMED.fullmatch(value):
            found.append(Address(value.strip(), named[1]))
        elif "<" in value or '"' in value or "(" in value:
            found += _entries(_BREAKS.sub(" ", value))
        elif "," in value:
            found += [Address(part, part) for part in map(str.strip, value.split(",")) if part]
        else:
            text = value.strip()
            found.append(Address(text, text))
    if not all(map(str.isascii, values)):
        return [_international(entry) for entry in found]
    return found


def ascii_domain(address: str) -> str:
    """An address with its domain in ASCII (IDN-001); one that has no such form stays as it is."""
    local, at, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return f"{local}{at}{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        return address


def key(address: str) -> str:
    """What addresses compare by: no case, the domain in ASCII as mail needs it (IDN-001)."""
    return (address if address.isascii() else ascii_domain(address)).lower()


def one(value: str) -> Address | None:
    """The first address in a text; None when it holds none with an at sign."""
    return next((entry for entry in parse([value]) if "@" in entry.address), None)


def distinct(addresses: list[Address]) -> list[Address]:
    """The same addresses, each once, as first written; they compare without case."""
    if len(addresses) < 2:
        return addresses
    first: dict[str, Address] = {}
    for entry in addresses:
        first.setdefault(key(entry.address), entry)
    return list(first.values())


def _international(entry: Address) -> Address:
    plain = ascii_domain(entry.address)
    if plain == entry.address:
        return entry
    return Address(plain.join(entry.text.rsplit(entry.address, 1)), plain)


def _entries(value: str) -> list[Address]:
    found: list[Address] = []
    text: list[str] = []
    inside = ""

    def flush() -> None:
        whole = "".join(text).strip()
        if whole:
            found.append(Address(whole, inside.strip() or whole))

    for token in _TOKEN.finditer(value):
        if token[2]:
            flush()
            text, inside = [], ""
            continue
        text.append(token[0])
        inside = token[1] or inside
    flush()
    return found
