"""SMTP credentials of a domain (platform CRED-001 to CRED-010, sending CRED-001 to CRED-009).

Every domain has `postmaster@<domain>` from the start, which stays; the other logins come and go.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import define, field

from mailgun_emulator.call import Call
from mailgun_emulator.dates import plus_zero
from mailgun_emulator.handlers import Problem, operation
from mailgun_emulator.paging import clamp, skip_page
from mailgun_emulator.reply import ApiError
from mailgun_emulator.state import Account, State

COVERS = ("credentials",)

TOO_SHORT = "Password is too short. It must be between 5 and 32 characters."
# The text for a long password is not recorded; this is the same sentence.
TOO_LONG = "Password is too long. It must be between 5 and 32 characters."
NO_LOGIN = "Parameter 'login' is missing"
NOT_FOUND = "Credentials not found"
BIG_LIMIT = "Limit parameter can't be larger than 1000"
NOTE = "Please store your new password(s) now. You won't be able to see it anymore."
SYSTEM_LOGIN = "postmaster"


@define
class Credential:
    """A login and its password."""

    login: str
    password: str = field(repr=False)
    created_at: datetime

    def show(self) -> dict[str, Any]:
        """The credential in a list (platform CRED-006)."""
        return {
            "mailbox": self.login,
            "login": self.login,
            "created_at": plus_zero(self.created_at),
            "size_bytes": None,
        }


@define
class CredentialStore:
    """The credentials of each domain by login, oldest first."""

    domains: dict[str, dict[str, Credential]] = field(factory=dict)

    @classmethod
    def open(cls, state: State, account: Account) -> CredentialStore:
        """The system login of the domains that are there at start.

        Its password is the key that the account started with, so that it is known from outside.
        """
        store = cls()
        for name in sorted(account.domains):
            store.put(name, f"{SYSTEM_LOGIN}@{name}", account.first_key, state.clock.now())
        return store

    def put(self, domain: str, login: str, password: str, now: datetime) -> None:
        """Add a credential, or give it a new password."""
        held = self.domains.setdefault(domain, {})
        if login in held:
            held[login].password = password
        else:
            held[login] = Credential(login, password, now)

    def of(self, domain: str) -> dict[str, Credential]:
        """The credentials of a domain by login."""
        return self.domains.get(domain, {})

    def accepts(self, login: str, password: str) -> bool:
        """Whether a SMTP login is good now (sending CRED-009)."""
        login = login.lower()
        held = self.of(login.rpartition("@")[2]).get(login)
        return held is not None and held.password == password != ""

    def clear(self, domain: str) -> int:
        """Remove all but the system login; how many that were."""
        held = self.of(domain)
        gone = [login for login in held if not _is_system(login)]
        for login in gone:
            del held[login]
        return len(gone)

    def forget_domain(self, name: str) -> None:
        """The domain is gone, and its logins with it."""
        self.domains.pop(name, None)


def refused(problem: Problem) -> str | None:
    """The API's own texts (platform CRED-004 to CRED-006)."""
    place = problem.name.partition(".")[0]
    if place == "limit" and problem.kind == "maximum":
        return BIG_LIMIT
    if place == "password":
        return {"minLength": TOO_SHORT, "maxLength": TOO_LONG}.get(problem.kind)
    return NO_LOGIN if place in ("", "login", "mailbox") else None


@operation("list_credentials", invalid=refused)
def list_credentials(call: Call) -> dict[str, Any]:
    """Platform CRED-006; the total counts all credentials of the domain."""
    held = list(call.store(CredentialStore).of(call.domain).values())
    limit = clamp(call.query.get("limit"), default=100, highest=1000)
    page = skip_page(held, skip=call.query.get("skip", 0), limit=limit)
    return {"items": [item.show() for item in page], "total_count": len(held)}


@operation("create_credential", invalid=refused)
def create_credential(call: Call) -> dict[str, Any]:
    """Platform CRED-001 to CRED-004: passwords go to the logins in order, the rest is made up."""
    given = [*call.values.get("login", []), *call.values.get("mailbox", [])]
    logins = [_login(text, call.domain) for text in given]
    passwords = call.values.get("password", [])
    made = {login: call.state.ids.secret() for login in logins[len(passwords) :]}
    store = call.store(CredentialStore)
    for login, password in {**dict(zip(logins, passwords, strict=False)), **made}.items():
        store.put(call.domain, login, password, call.now)
    return _answer(f"Created {len(logins)} credentials pair(s)", made)


@operation("update_credential", invalid=refused)
def update_credential(call: Call) -> dict[str, Any]:
    """Platform CRED-007."""
    credential = _find(call)
    password = call.values.get("password")
    made = {} if password else {credential.login: call.state.ids.secret()}
    credential.password = password or made[credential.login]
    return _answer("Password changed", made)


@operation("delete_credential", invalid=refused)
def delete_credential(call: Call) -> dict[str, Any]:
    """Platform CRED-008, CRED-009."""
    credential = _find(call)
    if _is_system(credential.login):
        raise ApiError(400, f"Cannot delete system mailbox: {credential.login}")
    del call.store(CredentialStore).of(call.domain)[credential.login]
    return {"message": "Credentials have been deleted", "spec": credential.login}


@operation("clear_credentials", invalid=refused)
def clear_credentials(call: Call) -> dict[str, Any]:
    """Platform CRED-010."""
    count = call.store(CredentialStore).clear(call.domain)
    return {"message": "All domain credentials have been deleted", "count": count}


def _answer(message: str, made: dict[str, str]) -> dict[str, Any]:
    """Passwords are shown only when they were made up (platform CRED-002)."""
    return {"message": message, "note": NOTE, "credentials": made} if made else {"message": message}


def _find(call: Call) -> Credential:
    held = call.store(CredentialStore).of(call.domain)
    found = held.get(_full(call.path["spec"], call.domain))
    if found is None:
        raise ApiError(404, NOT_FOUND)
    return found


def _login(text: str, domain: str) -> str:
    """A login with its domain (platform CRED-003). Raises ApiError for one of another domain."""
    login = _full(text, domain)
    local, _, host = login.partition("@")
    if not local or host != domain:
        raise ApiError(400, "invalid login", field="login")
    return login


def _full(text: str, domain: str) -> str:
    login = text.lower()
    return login if "@" in login else f"{login}@{domain}"


def _is_system(login: str) -> bool:
    return login.partition("@")[0] == SYSTEM_LOGIN
