"""Secrets out of everything that a run writes.

A key is written as the name of the environment variable that a reader would put it into, so that
commands stay runnable.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

KEY = "$MAILGUN_API_KEY"
HIDDEN = "$HIDDEN"
# The target's attributes that hold keys, and what stands for each.
_NAMES = {
    "key": KEY,
    "foreign_key": "$MAILGUN_FOREIGN_KEY",
    "sending_key": "$MAILGUN_SENDING_KEY",
    "wrong_key": "$MAILGUN_WRONG_KEY",
    "expired_key": "$MAILGUN_EXPIRED_KEY",
}
_SHAPES = re.compile(r"\b(?:key-[0-9a-f]{32}|[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8})\b")
# As a header, and as `evidence.curl` writes it for a key that is to be named.
_BASIC = re.compile(r"""(?P<option>-u ")?\bBasic +(?P<token>[A-Za-z0-9+/]{4,}={0,2})""")
# Fields whose values are secret whoever made them; the value may stand inside quoted JSON.
_FIELDS = re.compile(
    r"""(\\?"[a-z_]*(?:secret|password|signing_key|private_key|pem)\\?"\s*:\s*\\?")"""
    r"""((?:[^"\\]|\\[^"])+)""",
    re.IGNORECASE,
)
_SHORTEST = 6


@frozen
class Scrub:
    """Replaces the known secrets, and what looks like one, in text."""

    known: Mapping[str, str] = field(factory=dict, repr=False)

    @classmethod
    def of(cls, target: Any) -> Scrub:
        """The secrets of a target of the suite."""
        found = {getattr(target, name, ""): shown for name, shown in _NAMES.items()}
        roles = getattr(target, "role_keys", {})
        found |= {key: f"$MAILGUN_{role.upper()}_KEY" for role, key in roles.items()}
        return cls({secret: shown for secret, shown in found.items() if len(secret) >= _SHORTEST})

    def text(self, text: str) -> str:
        text = _BASIC.sub(self._basic, text)
        # The longest first: one key may be the beginning of another.
        for secret in sorted(self.known, key=len, reverse=True):
            text = text.replace(secret, self.known[secret])
        text = _SHAPES.sub(KEY, text)
        return _FIELDS.sub(rf"\g<1>{HIDDEN}", text)

    def _basic(self, found: re.Match[str]) -> str:
        before = found["option"] or "Basic "
        try:
            user, _, key = b64decode(found["token"], validate=True).decode().partition(":")
        except ValueError:
            return f"{before}{HIDDEN}"
        return f"{before}{user}:{self.known.get(key, KEY)}"
