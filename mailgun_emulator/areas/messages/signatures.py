"""DKIM signatures of delivered mail (sending MSG-030, MSG-031, MSG-038).

The body hash is a true one. The signature itself is synthesised, as the keys are (see dkim.der): it
has the right form and verifies nowhere.
"""

from __future__ import annotations

import base64
import hashlib
import re

from attrs import frozen

from mailgun_emulator.areas.dkim import der
from mailgun_emulator.areas.messages.records import Headers

LIFETIME = 7_200
# Named once more than they occur, so that nobody can add another one (MSG-031).
_TWICE = ("subject", "from", "to", "sender")
_SIGNED = frozenset(
    {"cc", "content-transfer-encoding", "content-type", "date", "message-id", "mime-version"}
    | {"reply-to", *_TWICE}
)
_BITS = 2048
_BLANKS = re.compile(rb"[ \t]+")


@frozen
class Signer:
    """Whose key signs, and by which name it is found."""

    domain: str
    selector: str

    def sign(self, headers: Headers, body: bytes, moment: float) -> str:
        """The value of a DKIM-Signature header for the moment of delivery."""
        names = [name for name, _ in headers if name.lower() in _SIGNED]
        names += [name for name, _ in headers if name.lower() in _TWICE]
        names.sort(key=str.lower)
        now = int(moment)
        tags = (
            "a=rsa-sha256; v=1; c=relaxed/relaxed; "
            f"d={self.domain}; q=dns/txt; s={self.selector}; t={now}; x={now + LIFETIME}; "
            f"h={': '.join(names)}; bh={_hash(body)}; "
        )
        number = der.modulus(tags, _BITS).to_bytes(_BITS // 8)
        return f"{tags}b={base64.b64encode(number).decode()}"


def _hash(body: bytes) -> str:
    """The hash of a relaxed body (RFC 6376, 3.4.4)."""
    lines = [_BLANKS.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    plain = b"".join(line + b"\r\n" for line in lines)
    return base64.b64encode(hashlib.sha256(plain).digest()).decode()
