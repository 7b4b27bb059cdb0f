"""What the four lists hold, and how the API shows it (sending SUPP-006, SUPP-016)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any

from attrs import frozen

from mailgun_emulator.dates import utc

EVERYTHING = "*"  # the tag that stands for all mail of a domain


@frozen
class Record(ABC):
    """An entry of a list: what it is about, as it was written, and when it came there."""

    value: str
    created_at: datetime

    @abstractmethod
    def shown(self) -> dict[str, Any]:
        """The entry as JSON."""


@frozen
class Bounce(Record):
    """An address that bounced for good; `code` is text and may be anything (BOUNCE-002)."""

    code: str
    error: str

    def shown(self) -> dict[str, Any]:
        """The entry as JSON."""
        return {
            "address": self.value,
            "code": self.code,
            "error": self.error,
            "created_at": utc(self.created_at),
        }


@frozen
class Unsubscribe(Record):
    """An address that left some tags, or all mail of the domain."""

    tags: tuple[str, ...]

    def shown(self) -> dict[str, Any]:
        """The entry as JSON."""
        return {
            "address": self.value,
            "tags": list(self.tags),
            "created_at": utc(self.created_at),
        }


@frozen
class Complaint(Record):
    """An address whose owner called a message spam."""

    def shown(self) -> dict[str, Any]:
        """The entry as JSON."""
        return {"address": self.value, "created_at": utc(self.created_at)}


@frozen
class Allowed(Record):
    """An address or a whole domain that hard bounces do not suppress."""

    type: str

    def shown(self) -> dict[str, Any]:
        """The entry as JSON; only this list writes its keys in camel case (WL-003)."""
        return {
            "type": self.type,
            "value": self.value,
            "reason": "",
            "createdAt": utc(self.created_at),
        }
