"""The two ways in which posts are signed.

Send signs `timestamp` and `token` only: HMAC-SHA256, in lower-case hexadecimal digits, keyed with
the HTTP webhook signing key of the account, which is no API key (`get_webhook_signing_key`). The
event itself is not covered: whoever reads one post could put another event beside its signature.
HTTPS, the age check and the replay check stand against that. Alerts are signed as a whole, in the
header `X-Sign`, with a key of their own.

Sources: documentation page user-manual/events/webhooks; inboxready/alerts-ir.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from .errors import Malformed

Keys = str | Iterable[str]
"""A signing key, or several while one takes the place of another."""

# Ten digits until the year 2286. Were the length free, moving a digit from the token to the
# timestamp would give another pair with the same signature.
_TIMESTAMP = re.compile(r"[0-9]{10}", re.ASCII)
_NAMES = ("timestamp", "token", "signature")


@frozen
class Signature:
    """What proves that a post comes from the API.

    Attributes:
        timestamp: when it was signed, in seconds since 1970.
        token: 50 random characters, of which no two posts have the same.
        signature: 64 lower-case hexadecimal digits.
    """

    timestamp: str
    token: str = field(repr=False)
    signature: str = field(repr=False)

    @classmethod
    def read(cls, source: object) -> Signature:
        """A signature from a JSON object or the fields of a form. Raises Malformed."""
        if not isinstance(source, Mapping):
            raise Malformed("the signature is no object")
        values: list[str] = []
        for name in _NAMES:
            value: Any = source.get(name)
            if name == "timestamp" and type(value) is int:
                value = str(value)
            if not isinstance(value, str) or not value:
                raise Malformed(f"the signature has no {name}")
            values.append(value)
        if not _TIMESTAMP.fullmatch(values[0]):
            raise Malformed("the timestamp is no number of seconds since 1970")
        return cls(*values)

    def fits(self, keys: Iterable[bytes]) -> bool:
        """Whether it was made with one of the keys."""
        return _matches(keys, _utf8(self.timestamp + self.token), self.signature)


def verify(timestamp: str | int, token: str, signature: str, *, signing_key: Keys) -> bool:
    """Whether a signature of Send is right, whenever it was made.

    Args:
        timestamp, token, signature: as they were posted.
        signing_key: the HTTP webhook signing key of the account, or several.

    Raises:
        Malformed: one of them is empty or of another form.
        ValueError: no key.
    """
    fields = {"timestamp": timestamp, "token": token, "signature": signature}
    return Signature.read(fields).fits(key_bytes(signing_key))


def verify_alert(body: bytes, x_sign: str, *, signing_key: Keys) -> bool:
    """Whether the header `X-Sign` of an alert belongs to the body, byte for byte as it came.

    Args:
        body: the body of the request, before anything was parsed.
        x_sign: the value of the header.
        signing_key: the signing key of the alerts, or several. Raises ValueError without any.
    """
    return _matches(key_bytes(signing_key), body, x_sign)


def key_bytes(keys: Keys) -> tuple[bytes, ...]:
    """The keys as they are used. Raises ValueError for none or an empty one, TypeError for what is
    no text."""
    if isinstance(keys, bytes | bytearray):
        raise TypeError(f"signing key: expected text, found {type(keys).__name__}")
    found = (keys,) if isinstance(keys, str) else tuple(keys)
    for key in found:
        if not isinstance(key, str):
            raise TypeError(f"signing key: expected text, found {type(key).__name__}")
    # With an empty key anybody could sign.
    if not found or not all(found):
        raise ValueError("signing key: expected the key as text, found nothing")
    return tuple(key.encode() for key in found)


def _matches(keys: Iterable[bytes], message: bytes, given: str) -> bool:
    """In constant time, and with every key, so that time does not tell which one it is."""
    sent = _utf8(given)
    found = [
        hmac.compare_digest(hmac.new(key, message, "sha256").hexdigest().encode(), sent)
        for key in keys
    ]
    return any(found)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
