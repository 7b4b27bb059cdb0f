"""API keys: making, listing and removing them; what a key may do is the core's matter (auth.py).

Sources: platform KEY-001 to KEY-011, sending AUTH-016.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import define, field, frozen

from mailgun_emulator.call import Call
from mailgun_emulator.dates import iso_seconds
from mailgun_emulator.handlers import Problem, operation
from mailgun_emulator.reply import ApiError
from mailgun_emulator.state import SENDING_ROLE, Account, ApiKey, State

COVERS = ("keys",)

BAD_KIND = "expected `kind` param to be one of [domain user web] or absent"
TOO_MANY = "could not create key, account limit reached"
NOT_FOUND = "no key matching id"
USER, WEB, DOMAIN = "user", "web", "domain"
# platform KEY-006 does not say how many; plans differ.
LIMIT = 1000
_DAY = 24 * 60 * 60
# The last moment that four digits of a year can name.
_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@frozen
class KeyRecord:
    """What is known of a key, all but its secret."""

    id: str
    kind: str
    role: str
    created_at: datetime
    description: str = ""
    domain_name: str | None = None
    requestor: str | None = None
    user_name: str | None = None
    expires_at: datetime | None = None

    def show(self) -> dict[str, Any]:
        """The key in an answer (platform KEY-001, KEY-009)."""
        shown: dict[str, Any] = {
            "id": self.id,
            "description": self.description,
            "kind": self.kind,
            "role": self.role,
            "created_at": iso_seconds(self.created_at),
            "updated_at": iso_seconds(self.created_at),
            "requestor": self.requestor,
            "user_name": self.user_name,
            "domain_name": self.domain_name,
            "is_disabled": False,
        }
        if self.expires_at is not None:
            shown["expires_at"] = iso_seconds(self.expires_at)
        return shown


@define
class KeyStore:
    """What is known of the account's keys, by id, and its public key.

    Which keys there are is the core's knowledge; the records here only describe them.
    """

    since: datetime
    records: dict[str, KeyRecord] = field(factory=dict)
    public: str = ""
    limit: int = LIMIT

    @classmethod
    def open(cls, state: State, _account: Account) -> KeyStore:
        """The keys that are there at start have no record; they date from now."""
        return cls(state.clock.now())

    def describe(self, key: ApiKey) -> KeyRecord:
        """The record of a key; one that was there at start is a key of the account's user."""
        return self.records.get(key.id) or KeyRecord(key.id, USER, key.role, self.since)


def refused(problem: Problem) -> str | None:
    """Platform KEY-002: the literal text for another kind."""
    return BAD_KIND if problem.name == "kind" else None


@operation("list_api_keys", invalid=refused)
def list_api_keys(call: Call) -> dict[str, Any]:
    """Platform KEY-001, KEY-002."""
    kind, domain = call.query.get("kind"), call.query.get("domain_name")
    store, domain = call.store(KeyStore), domain and domain.lower()
    records = [store.describe(key) for key in call.state.keys(call.account)]
    items = [
        record.show()
        for record in records
        if kind in (None, record.kind) and domain in (None, record.domain_name)
    ]
    return {"total_count": len(items), "items": items}


@operation("create_api_key", invalid=refused)
def create_api_key(call: Call) -> dict[str, Any]:
    """Platform KEY-003 to KEY-006: the key works from now on."""
    store, values = call.store(KeyStore), call.values
    if len(call.state.keys(call.account)) >= store.limit:
        raise ApiError(403, TOO_MANY)
    secret = call.state.ids.secret()
    kind = values.get("kind", USER)
    record = KeyRecord(
        # The id is the part of the secret that may be shown.
        id=secret.partition("-")[2],
        kind=kind,
        role=values["role"],
        created_at=call.now,
        description=values.get("description", ""),
        domain_name=values["domain_name"].lower() if "domain_name" in values else None,
        requestor=values.get("email"),
        user_name=values.get("user_name"),
        expires_at=_end(call.now, kind, values.get("expiration")),
    )
    store.records[record.id] = record
    call.state.add_key(call.account, _usable(record, secret))
    return {"message": "great success", "key": {**record.show(), "secret": secret}}


@operation("delete_api_key")
def delete_api_key(call: Call) -> dict[str, Any]:
    """Platform KEY-007, KEY-008: the key is refused from now on."""
    if not call.state.remove_key(call.account, call.path["key_id"]):
        raise ApiError(404, NOT_FOUND)
    call.store(KeyStore).records.pop(call.path["key_id"], None)
    return {"message": "key deleted"}


@operation("regenerate_public_api_key")
def regenerate_public_api_key(call: Call) -> dict[str, Any]:
    """Platform KEY-010."""
    store = call.store(KeyStore)
    store.public = f"pubkey-{call.state.ids.hex(32)}"
    message = "The public API key has been successfully regenerated."
    return {"key": store.public, "message": message}


def revoke_domain_keys(state: State, account: Account, domain: str) -> None:
    """Remove the keys that could only send for a domain that is being deleted."""
    records = state.store(account, KeyStore).records
    for key in state.keys(account):
        if key.role == SENDING_ROLE and (key.domain_name or "").lower() == domain:
            state.remove_key(account, key.id)
            records.pop(key.id, None)


def _end(now: datetime, kind: str, seconds: int | None) -> datetime | None:
    """When a key stops working (platform KEY-005); None for never."""
    if kind == WEB:
        seconds = min(seconds or _DAY, _DAY)
    if seconds is None:
        return None
    longest = int((_END - now).total_seconds())
    return now + timedelta(seconds=min(seconds, longest))


def _usable(record: KeyRecord, secret: str) -> ApiKey:
    """The key as the core knows it: what belongs to a domain may only send (KEY-004, KEY-011)."""
    role = SENDING_ROLE if record.kind == DOMAIN else record.role
    domain = record.domain_name if role == SENDING_ROLE else None
    return ApiKey(record.id, secret, record.kind, role, domain, record.expires_at)
