"""DKIM keys by signing domain and selector, and the automatic rotation of domains."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime, timedelta

from attrs import define, field, frozen

from mailgun_emulator.areas.dkim import der
from mailgun_emulator.state import Account, State

# platform DOM-007: the evidence has several names for the first selector.
FIRST_SELECTOR = "mx"
DEFAULT_BITS = 1024
UNKNOWN, VALID, INVALID = "unknown", "valid", "invalid"
# platform DKIM-014.
ROTATING = ("pdk1", "pdk2")
DEFAULT_INTERVAL = "120d"

BAD_PEM = "failed to import domain key: failed to parse PEM"
NOT_PKCS1 = "failed to import domain key: key must be PKCS1 format"
_PEM = re.compile(r"\s*-----BEGIN ([A-Z0-9 ]+)-----(.+?)-----END \1-----\s*", re.DOTALL)
_UNITS = {"d": "days", "h": "hours"}


class KeyImportError(Exception):
    """A private key that can't be imported; its text is the API's message."""


@define
class DkimKey:
    """A key of a signing domain; `public` is the base64 of its SubjectPublicKeyInfo."""

    signing_domain: str
    selector: str
    public: str = field(repr=False)
    number: int
    active: bool = False
    valid: str = UNKNOWN

    @property
    def host(self) -> str:
        """The name of its DNS record."""
        return f"{self.selector}._domainkey.{self.signing_domain}"

    @property
    def value(self) -> str:
        """The text of its DNS record (platform DOM-006)."""
        return f"k=rsa; p={self.public}"


@frozen
class Rotation:
    """How a domain's keys rotate: `turn` counts the rotations up to `since`."""

    enabled: bool
    interval: str
    since: datetime
    turn: int = 0

    def at(self, now: datetime) -> Rotation:
        """The same rotation once everything due by `now` has been done."""
        step = _interval(self.interval)
        turns = (now - self.since) // step if self.enabled else 0
        if turns <= 0:
            return self
        return Rotation(self.enabled, self.interval, self.since + turns * step, self.turn + turns)

    def rotated(self, now: datetime) -> Rotation:
        """After a rotation out of turn; the next one is a full interval away."""
        return Rotation(self.enabled, self.interval, now, self.at(now).turn + 1)

    @property
    def active(self) -> str:
        """The selector that signs."""
        return ROTATING[self.turn % len(ROTATING)]


@define
class DkimStore:
    """All keys of an account, in the order they were made, and its rotating domains by name."""

    keys: dict[tuple[str, str], DkimKey] = field(factory=dict)
    rotations: dict[str, Rotation] = field(factory=dict)
    _made: int = 0

    @classmethod
    def open(cls, _state: State, account: Account) -> DkimStore:
        """Domains that are active at start sign with a key of their own."""
        store = cls()
        for name in sorted(account.domains):
            key = store.add(name, FIRST_SELECTOR, generate(f"{account.id} {name}", DEFAULT_BITS))
            key.active, key.valid = True, VALID
        return store

    def add(self, signing_domain: str, selector: str, public: str) -> DkimKey:
        """A new key, which does not sign yet."""
        self._made += 1
        key = DkimKey(signing_domain, selector, public, self._made)
        self.keys[signing_domain, selector] = key
        return key

    def of(self, signing_domain: str) -> list[DkimKey]:
        """The keys of a signing domain, oldest first."""
        found = (key for key in self.keys.values() if key.signing_domain == signing_domain)
        return sorted(found, key=lambda key: key.number)

    def shown(self, signing_domain: str) -> list[DkimKey]:
        """The keys whose records a domain asks for: those that sign, else the oldest."""
        keys = self.of(signing_domain)
        return [key for key in keys if key.active] or keys[:1]

    def remove(self, key: DkimKey) -> None:
        """Forget a key for good."""
        del self.keys[key.signing_domain, key.selector]

    def rename(self, key: DkimKey, selector: str) -> None:
        """Give a key another selector; its DNS record is a new one then (platform DKIM-012)."""
        if selector != key.selector:
            self.remove(key)
            key.selector, key.valid = selector, UNKNOWN
            self.keys[key.signing_domain, selector] = key

    def forget_domain(self, name: str) -> None:
        """The domain is gone, and what signed for it too."""
        for key in self.of(name):
            self.remove(key)
        self.rotations.pop(name, None)


def generate(seed: str, bits: int) -> str:
    """The public half of a synthesised key, in base64."""
    return base64.b64encode(der.public_key(der.modulus(seed, bits))).decode()


def import_pem(text: str) -> str:
    """The public half of a private key in PEM form, in base64. Raises KeyImportError."""
    match = _PEM.fullmatch(text)
    if match is None:
        raise KeyImportError(BAD_PEM)
    if match[1] != "RSA PRIVATE KEY":
        raise KeyImportError(NOT_PKCS1)
    try:
        data = base64.b64decode("".join(match[2].split()), validate=True)
        numbers = der.private_key_numbers(data)
    except (binascii.Error, ValueError):
        raise KeyImportError(BAD_PEM) from None
    except TypeError:
        raise KeyImportError(NOT_PKCS1) from None
    return base64.b64encode(der.public_key(*numbers)).decode()


def _interval(text: str) -> timedelta:
    """`5d` or `120h` as a span of time."""
    return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
