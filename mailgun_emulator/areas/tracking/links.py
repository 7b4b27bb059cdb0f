"""The links that stand in tracked mail: what they say, signed (sending TRACK-009, OPEN-004).

A link carries all that following it needs, so that nothing is kept for it. The API's own encoding
is not known; this one is JSON, packed and signed by itsdangerous.
"""

from __future__ import annotations

from typing import Any

from attrs import field, frozen
from itsdangerous import BadData, URLSafeSerializer

from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.store import MessageStore
from mailgun_emulator.state import Account, State

OPEN, CLICK, UNSUBSCRIBE = "o", "c", "u"
# What an unsubscribe link is for: all mail of the domain, the tags of the mail, the mailing list.
DOMAIN, TAGS, LIST = "domain", "tags", "list"
# sending TRACK-018: the local part of addresses that unsubscribe whoever writes there.
LOCAL_PART = "u+"


@frozen
class Found:
    """What a link says: the mail that it stood in and whose copy that was.

    `target` is the address of a click, or what an unsubscribe is for. `copy` is None when the mail
    has gone.
    """

    account: Account
    copy: Copy | None
    recipient: str
    target: str = ""


@frozen
class Links:
    """The links in the mail of one recipient; they begin with `base`."""

    state: State = field(repr=False)
    account: Account = field(repr=False)
    copy: Copy = field(repr=False)
    recipient: str
    base: str

    @property
    def pixel(self) -> str:
        """Where the picture is whose loading is an open."""
        return self._url(OPEN)

    def click(self, url: str) -> str:
        """The way to `url`; links that are ours already stay."""
        return url if url.startswith(f"{self.base}/{UNSUBSCRIBE}/") else self._url(CLICK, url)

    def unsubscribe(self, what: str = DOMAIN) -> str:
        """The link by which the recipient leaves."""
        return self._url(UNSUBSCRIBE, what)

    def address(self, what: str = DOMAIN) -> str:
        """The mail address by which the recipient leaves."""
        return f"{LOCAL_PART}{self._token(UNSUBSCRIBE, what)}@{self.copy.draft.domain}"

    def _url(self, kind: str, target: str = "") -> str:
        return f"{self.base}/{kind}/{self._token(kind, target)}"

    def _token(self, kind: str, target: str) -> str:
        said = [self.account.id, self.copy.key, self.recipient]
        return str(_serializer(self.state, kind).dumps([*said, target] if target else said))


def read(state: State, kind: str, token: str) -> Found | None:
    """What a link says; None for one that this emulator has not made."""
    try:
        said: Any = _serializer(state, kind).loads(token)
    except (BadData, ValueError):
        return None
    account_id, key, recipient, *rest = said
    account = next((held for held in state.accounts if held.id == account_id), None)
    if account is None:
        return None
    copy = state.store(account, MessageStore).get(key)
    return Found(account, copy, recipient, *rest)


def read_address(state: State, address: str) -> Found | None:
    """What an address that unsubscribes says; None for any other one."""
    local, _, domain = address.rpartition("@")
    if not local.startswith(LOCAL_PART):
        return None
    found = read(state, UNSUBSCRIBE, local.removeprefix(LOCAL_PART))
    if found is None or found.copy is None or found.copy.draft.domain != domain.lower():
        return None
    return found


def _serializer(state: State, kind: str) -> URLSafeSerializer:
    # The keys that the emulator was started with are its only secret, and stay when it is reset.
    return URLSafeSerializer("\n".join(state.owners), salt=kind)
