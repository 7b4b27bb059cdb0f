"""Plausible texts for synthesised answers, by format, pattern and name."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from functools import cached_property
from random import Random
from typing import Any

from attrs import define, field

from mailgun_emulator import dates
from mailgun_emulator.call import Call
from mailgun_emulator.contract import Json

Names = Mapping[str, Any]

_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_DOMAIN_KEYS = ("domain_name", "domain", "domain_id", "name", "authority_name")
_DEFAULT_HOST = "example.com"
_PAGE_LINKS = frozenset({"next", "previous", "first", "last"})
# What the name of a property tells about its text; the first that matches counts.
_KINDS = (
    ("uri", re.compile(r"(^|_|-)(url|uri|link|href|logo|icon)s?$")),
    ("email", re.compile(r"(^|_|-)(address|e?mail|recipient|sender|from|to|login|mailbox)s?$")),
    ("rfc2822", re.compile(r"(_at|_on|_seen|date|time|timestamp|created|updated|since|until)$")),
    ("hostname", re.compile(r"(^|_|-)(domain|host)(_?name)?s?$")),
    ("ipv4", re.compile(r"(^|_|-)ip(_?address)?(es)?s?$")),
    ("id", re.compile(r"(^|_)id$")),
)


@define(slots=False)
class Texts:
    """Texts for one answer: they name what the request named, and repeat for the same seed."""

    names: Names
    random: Random
    call: Call = field(repr=False)

    def text(self, schema: Json, name: str) -> str:
        """A text that satisfies `schema`'s format, pattern and length, and suits `name`."""
        made = self._formatted(schema.get("format", ""))
        if made:
            return made
        pattern = schema.get("pattern")
        shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
        if pattern is None:
            return self._named(name).ljust(shortest, "x")[:longest]
        for candidate in self._candidates(name):
            fitted = candidate.ljust(shortest, "x")[:longest]
            if re.search(pattern, fitted):
                return fitted
        return ""

    @cached_property
    def host(self) -> str:
        """The domain that the request is about."""
        for key in _DOMAIN_KEYS:
            value = self.names.get(key)
            if isinstance(value, str) and _DOMAIN.fullmatch(value):
                return value
        return _DEFAULT_HOST

    def _named(self, name: str) -> str:
        plain = _WORDS.sub("_", name).lower()
        if plain in _PAGE_LINKS:
            return self.call.url()
        for kind, pattern in _KINDS:
            if pattern.search(plain):
                return self._formatted(kind)
        return plain or "value"

    def _candidates(self, name: str) -> Iterator[str]:
        yield self._named(name)
        # What a pattern asks for is most often one of the date forms.
        now = self.call.now
        yield from (dates.gmt(now), dates.plus_zero(now), dates.utc(now), dates.minus_zero(now))
        yield dates.iso_seconds(now)
        yield now.strftime("%Y-%m-%dT%H:%M:%S.%f")
        yield now.strftime("%Y-%m-%d %H:%M:%S +0000 UTC")
        for kind in ("date-time", "date", "time", "uuid", "id", "email", "uri", "hostname", "ipv4"):
            yield self._formatted(kind)
        yield f"{self.random.getrandbits(128):032x}"
        yield str(self.random.randrange(10, 100))

    def _formatted(self, kind: str) -> str:
        """A text of a format; empty for one that is not known."""
        match kind:
            case "date-time":
                return self.call.now.strftime("%Y-%m-%dT%H:%M:%SZ")
            case "date":
                return self.call.now.strftime("%Y-%m-%d")
            case "time":
                return self.call.now.strftime("%H:%M:%SZ")
            case "rfc2822":
                return dates.gmt(self.call.now)
            case "duration":
                return "PT1H"
            case "email" | "idn-email":
                return f"alice@{self.host}"
            case "uri" | "url" | "uri-reference":
                return self.call.url()
            case "hostname":
                return self.host
            case _:
                return self._random(kind)

    def _random(self, kind: str) -> str:
        match kind:
            case "uuid":
                return str(uuid.UUID(int=self.random.getrandbits(128), version=4))
            case "id":
                return f"{self.random.getrandbits(96):024x}"
            case "ipv4":
                return f"192.0.2.{self.random.randrange(1, 255)}"
            case "ipv6":
                return f"2001:db8::{self.random.randrange(1, 0xFFFF):x}"
            case _:
                return ""
