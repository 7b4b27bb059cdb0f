"""The HTTP signing key of an account, and signatures with it (platform ACCT-003, HOOK-034 to 036).

Webhooks nest a signature in their JSON, forwards of routes put its parts into the form.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from attrs import define

from mailgun_emulator.call import Call
from mailgun_emulator.handlers import operation
from mailgun_emulator.ids import Ids
from mailgun_emulator.state import Account, State

REGENERATED = "regenerated HTTP signing key for account"
TOKEN_LENGTH = 50


@define
class SigningKeyStore:
    """The signing key of one account; it is not an API key (HOOK-036)."""

    key: str

    @classmethod
    def open(cls, state: State, account: Account) -> SigningKeyStore:  # noqa: ARG003
        """Every account has a key from the start."""
        return cls(new_key(state.ids))


def new_key(ids: Ids) -> str:
    """A key as the API makes them (ACCT-003)."""
    return f"key-{ids.hex(32)}"


def signature(key: str, timestamp: str, token: str) -> str:
    """HMAC-SHA256 of timestamp and token, in lower-case hexadecimal digits (HOOK-035)."""
    return hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()


def sign(state: State, account: Account, moment: float) -> dict[str, str]:
    """A fresh `timestamp`, `token` and `signature` for something posted at `moment`."""
    timestamp, token = str(int(moment)), state.ids.hex(TOKEN_LENGTH)
    key = state.store(account, SigningKeyStore).key
    return {"timestamp": timestamp, "token": token, "signature": signature(key, timestamp, token)}


@operation("get_webhook_signing_key")
def get_webhook_signing_key(call: Call) -> dict[str, Any]:
    """ACCT-003."""
    return {"http_signing_key": call.store(SigningKeyStore).key}


@operation("regenerate_webhook_signing_key")
def regenerate_webhook_signing_key(call: Call) -> dict[str, Any]:
    """ACCT-004: the old key signs nothing from now on."""
    store = call.store(SigningKeyStore)
    store.key = new_key(call.state.ids)
    return {"message": REGENERATED, "http_signing_key": store.key}
