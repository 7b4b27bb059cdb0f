"""The domains of an account by name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from attrs import define, field

from mailgun_emulator.areas.domains import dns
from mailgun_emulator.areas.domains.records import ACTIVE, Domain
from mailgun_emulator.state import Account, State


@define
class DomainStore:
    """The records of the domains that the account owns.

    The domains named in `misconfigured` have wrong DNS records; `checks` are the times of the
    verifications in the current window.
    """

    domains: dict[str, Domain] = field(factory=dict)
    misconfigured: set[str] = field(factory=set)
    checks: list[datetime] = field(factory=list)
    _made: int = 0

    @classmethod
    def open(cls, state: State, account: Account) -> DomainStore:
        """Domains that are there at start are active, with every DNS record in place."""
        store = cls()
        for name in sorted(account.domains):
            # Not from state.ids: opening a store must not change what comes after it.
            number = hashlib.sha256(f"{account.id} {name}".encode()).hexdigest()[:24]
            domain = Domain(name, number, state.clock.now(), store.number(), name)
            store.domains[name] = domain
            store.activate(name)
        return store

    def activate(self, name: str) -> None:
        """Let every DNS record of a domain be in place, so that it may send."""
        domain = self.find(name)
        if domain is not None:
            dns.check(domain, [], misconfigured=False)
            domain.state = ACTIVE

    def number(self) -> int:
        """The number of the next domain."""
        self._made += 1
        return self._made

    def find(self, name: str) -> Domain | None:
        """The domain of this name, whatever its case."""
        return self.domains.get(name.lower())

    def newest_first(self) -> list[Domain]:
        """All domains in the order of an unsorted list (platform DOM-023)."""
        return sorted(self.domains.values(), key=lambda domain: -domain.number)

    def root_of(self, name: str) -> Domain | None:
        """The topmost domain of the account that `name` is a subdomain of."""
        parents = (d for d in self.domains.values() if name.endswith(f".{d.name}"))
        return min(parents, key=lambda domain: len(domain.name), default=None)

    def signed_by(self, host: str) -> list[Domain]:
        """The domains whose mail the keys of `host` sign."""
        return [domain for domain in self.domains.values() if domain.dkim_host == host]

    def tracked_at(self, host: str) -> Domain | None:
        """The domain that a tracking host belongs to, by the longest name that fits."""
        return _longest(d for d in self.domains.values() if host.endswith(f".{d.name}"))

    def forget_domain(self, name: str) -> None:
        """The domain is gone."""
        self.domains.pop(name, None)
        self.misconfigured.discard(name)


def _longest(domains: Iterable[Domain]) -> Domain | None:
    return max(domains, key=lambda domain: len(domain.name), default=None)
