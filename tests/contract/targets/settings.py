"""What a target is told from outside, and one clear message when it cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import httpx
from attrs import field, frozen

WRONG_KEY: Final = "key-of-nobody"
_WHITE = frozenset(" \t\r\n")


class TargetError(Exception):
    """The target cannot be used; the text says what to set."""


@frozen
class Settings:
    """A server, an account and what may be done there."""

    target: str
    base_url: str
    domain: str
    key: str = field(repr=False)
    foreign_key: str = field(default="", repr=False)
    sending_key: str = field(default="", repr=False)
    recipients: tuple[str, ...] = field(default=(), repr=False)
    budget: int | None = None
    # The names of the variables, for messages.
    key_from: str = ""
    domain_from: str = ""


@frozen
class Variables:
    """The environment, read under the name of a target."""

    target: str
    environment: Mapping[str, str] = field(repr=False)

    def need(self, name: str, what: str) -> str:
        """The value; raises TargetError when it is missing."""
        value = self.get(name)
        if not value:
            raise TargetError(f"target {self.target}: {name} is not set; set it to {what}")
        return value

    def get(self, name: str) -> str:
        """The value without blanks around it; raises TargetError when it has some inside."""
        value = self.environment.get(name, "").strip()
        if _WHITE & set(value):
            raise TargetError(f"target {self.target}: {name}: expected one word without blanks")
        return value

    def budget(self, default: int | None) -> int | None:
        """Calls that a run may send."""
        text = self.get("CONTRACT_BUDGET")
        if not text:
            return default
        if not text.isdecimal() or int(text) < 1:
            raise TargetError(f"CONTRACT_BUDGET: expected a number of calls, found {text!r}")
        return int(text)

    def domain(self, name: str) -> str:
        value = self.need(name, "a domain of the account").lower()
        if "." not in value or set(value) & set("/:@%?#"):
            raise TargetError(f"target {self.target}: {name}: expected a domain, found {value!r}")
        return value

    def url(self, name: str) -> str:
        """An absolute base URL without credentials, its slash at the end cut off."""
        text = self.need(name, "the base URL of a server, such as http://127.0.0.1:8025")
        try:
            url = httpx.URL(text)
        except httpx.InvalidURL:
            url = httpx.URL("")
        if url.scheme not in ("http", "https") or not url.host:
            raise TargetError(f"{name}: expected an absolute http or https URL, found {text!r}")
        if url.userinfo or url.query or url.fragment:
            raise TargetError(f"{name}: expected no user, query or fragment in the URL")
        return text.rstrip("/")
