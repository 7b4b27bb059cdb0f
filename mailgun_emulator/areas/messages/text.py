"""The variables of a batch: what stands for them in the copy of one recipient (sending BATCH)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from mailgun_emulator.areas.messages.addresses import Address

_VARIABLE = re.compile(r"%recipient(?:_(email|name|fname|lname)|\.([^%]+))?%")


@frozen
class Expansion:
    """Fills in the variables of one recipient; one that is not known stays as it is (BATCH-012)."""

    recipient: Address
    variables: Mapping[str, Any]

    def __call__(self, text: str) -> str:
        """The text for this recipient."""
        return _VARIABLE.sub(self._value, text) if "%recipient" in text else text

    def _value(self, match: re.Match[str]) -> str:
        built_in, name = match.groups()
        if name is not None:
            return _plain(self.variables[name]) if name in self.variables else match[0]
        if built_in is None:
            return self.recipient.text
        if built_in == "email":
            return self.recipient.address
        words = self.recipient.name.split()
        if built_in == "name":
            return " ".join(words)
        return " ".join(words[:1] if built_in == "fname" else words[1:])


def unchanged(text: str) -> str:
    """What an expansion does outside batch mode."""
    return text


def expansion(recipient: Address, batch: Mapping[str, Any]) -> Expansion:
    """The expansion for a recipient; addresses compare without case (BATCH-004)."""
    found = batch.get(recipient.address.lower(), {})
    return Expansion(recipient, found if isinstance(found, dict) else {})


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
