"""What is wrong with a post to a webhook.

    MailgunError
    └── WebhookError
        ├── Malformed           it is no post of the API, whoever sent it
        ├── InvalidSignature    nobody who has the signing key sent it
        ├── Expired             it was signed too long ago, or for a later time
        └── Replayed            the same post was taken before

Answer the first three with status 406, after which the API does not try again, and Replayed with
200. Messages never hold a key, nor a signature that would have been right.
"""

# ruff: noqa: TID252 (the generated package may have another name)
from __future__ import annotations

from typing import Any

from ..errors import MailgunError


class WebhookError(MailgunError):
    """A post that must not be acted on."""


class Malformed(WebhookError):  # noqa: N818 (named for what came, as the others)
    """The body is not what the API posts: no JSON object, no such form, a field missing."""


class InvalidSignature(WebhookError):  # noqa: N818
    """The signature does not belong to the post and any of the keys."""


class Expired(WebhookError):  # noqa: N818
    """The signature is right, but not for now.

    Attributes:
        age: seconds since it was signed; negative when it claims to come from the future.
        tolerance: how many of them are accepted, in both directions.
    """

    def __init__(self, age: float, tolerance: float) -> None:
        self.age = age
        self.tolerance = tolerance
        super().__init__(f"signed {age:.0f} s ago; up to {tolerance:.0f} s are accepted")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.age, self.tolerance)


class Replayed(WebhookError):  # noqa: N818
    """The signature is right, and was used before."""
