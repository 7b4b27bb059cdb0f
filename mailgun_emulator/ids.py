"""Identifiers and random values from one seedable source."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from random import Random
from typing import TypeVar

from attrs import define, field

T = TypeVar("T")
_URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@define
class Ids:
    """Values that look random and repeat for the same seed (None: never repeat)."""

    seed: int | str | None = None
    random: Random = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start the sequence again."""
        self.random = Random(self.seed)  # noqa: S311 (must repeat, not be secret)

    def hex(self, length: int = 16) -> str:
        """Lower-case hexadecimal digits."""
        return f"{self.random.getrandbits(4 * length):0{length}x}"

    def uuid(self) -> str:
        """A version 4 UUID."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def token(self, length: int = 34) -> str:
        """Opaque URL-safe text, as storage keys and page tokens are (sending EVT-018)."""
        return "".join(self.random.choices(_URL_SAFE, k=length))

    def key_id(self) -> str:
        """The id of an API key, `<8hex>-<8hex>` (platform GEN-006)."""
        return f"{self.hex(8)}-{self.hex(8)}"

    def secret(self) -> str:
        """A key or password as the API generates them (platform CRED-002)."""
        return f"{self.hex(32)}-{self.hex(8)}-{self.hex(8)}"

    def choice(self, options: Sequence[T]) -> T:
        """One of `options`."""
        return self.random.choice(options)
