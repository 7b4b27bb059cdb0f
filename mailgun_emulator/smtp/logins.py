"""Who is behind a login (sending SMTP-013, CRED-009)."""

from __future__ import annotations

from attrs import field, frozen

from mailgun_emulator.areas.credentials import CredentialStore
from mailgun_emulator.state import Account, State


@frozen
class Login:
    """A login and its password as they were given, the account and the domain they are for."""

    name: str
    password: str = field(repr=False)
    account: Account
    domain: str

    def again(self, state: State) -> Login | None:
        """The same login now; None when it would not be let in any more."""
        return find(state, self.name, self.password)


def find(state: State, name: str, password: str) -> Login | None:
    """The account that has this login with this password.

    Several accounts can have the same domain; the password tells them apart.
    """
    domain = name.rpartition("@")[2].lower()
    for account in state.accounts:
        if account.owns(domain) and state.store(account, CredentialStore).accepts(name, password):
            return Login(name, password, account, domain)
    return None
