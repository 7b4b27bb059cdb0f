"""Everything one app knows: time, ids, accounts with their keys and domains, and the stores.

An area declares its store as an attrs class and asks for it with `state.store(account, Store)`;
there is one instance per account. Two methods of a store are optional:
`open(state, account)`, a classmethod that makes a store with something in it, and
`forget_domain(name)`, called when a domain is deleted. What only speeds up reading, or counts it,
is a field with `eq=False`: the digest leaves it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from attrs import define, field, frozen

from mailgun_emulator.clock import Clock
from mailgun_emulator.fingerprint import fingerprint
from mailgun_emulator.ids import Ids
from mailgun_emulator.outbox import Outbox
from mailgun_emulator.rates import Rates
from mailgun_emulator.rules import Rules
from mailgun_emulator.schedule import Schedule
from mailgun_emulator.settings import Settings

S = TypeVar("S")

DEFAULT_KEY = "key-test"
DEFAULT_DOMAIN = "sandbox.example.test"
SENDING_ROLE = "sending"


@frozen
class ApiKey:
    """A key of an account.

    `kind` is `primary`, `user`, `web` or `domain`; `role` is `admin`, `basic` (analyst),
    `developer`, `support` or `sending`; a sending key belongs to `domain_name`.
    """

    id: str
    secret: str = field(repr=False)
    kind: str = "primary"
    role: str = "admin"
    domain_name: str | None = None
    expires_at: datetime | None = None


@define(eq=False)
class Account:
    """An account: its id, and the names of the domains it owns (lower case).

    The domains area keeps `domains` in step with its records; the core only asks it who owns what.
    `first_key` is the API key that the account started with, also when that is no longer good.
    """

    id: str
    domains: set[str] = field(factory=set)
    first_key: str = field(default="", repr=False)

    def owns(self, domain: str) -> bool:
        """Whether the account has this domain; names compare without case."""
        return domain.lower() in self.domains


@define
class State:
    """The state of one app.

    `owners` gives each API key its domains. Every key is an account of its own; accounts share
    nothing, so the same domain name may exist in several of them. `base_url` is where the app was
    called last: addresses in what is posted without a request begin with it. `tracking_hosts` lets
    links in mail lead to the tracking host of their domain, as they do with the API. `rules` decide
    what becomes of mail.
    """

    owners: Mapping[str, tuple[str, ...]] = field(repr=False)
    clock: Clock = field(factory=Clock)
    ids: Ids = field(factory=Ids)
    schedule: Schedule = field(factory=Schedule)
    outbox: Outbox = field(factory=Outbox)
    base_url: str = "http://localhost"
    tracking_hosts: bool = False
    settings: Settings = field(factory=Settings)
    rules: Rules = field(init=False, repr=False)
    accounts: list[Account] = field(factory=list, init=False)
    _keys: dict[str, tuple[Account, ApiKey]] = field(factory=dict, init=False, repr=False)
    _stores: dict[Account, dict[type, Any]] = field(factory=dict, init=False, repr=False)
    _fresh: dict[tuple[str, type], str] = field(factory=dict, init=False, repr=False)
    _rates: dict[str, Rates] = field(factory=dict, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self.rules = Rules(self.settings.named_recipients)
        self._start()

    def reset(self) -> None:
        """Back to the start: accounts as configured, no data, ids from their seed; time stays."""
        self._stores.clear()
        self._fresh.clear()
        self._rates.clear()
        self._keys.clear()
        self.accounts.clear()
        self.schedule.clear()
        self.rules.clear()
        self.outbox.clear()
        self.ids.reset()
        self._start()

    def store(self, account: Account, kind: type[S]) -> S:
        """The account's store of this class, made on first use."""
        try:
            held: S = self._stores[account][kind]
        except KeyError:
            opener = getattr(kind, "open", None)
            held = opener(self, account) if opener else kind()
            self._stores.setdefault(account, {})[kind] = held
            self._fresh[account.id, kind] = fingerprint(held)
        return held

    def rates(self, account: Account) -> Rates:
        """What the account has used of its limits; not part of what is kept."""
        return self._rates.setdefault(account.id, Rates())

    def account_of(self, secret: str) -> tuple[Account, ApiKey] | None:
        """Who a key belongs to; None for a key that is unknown or expired."""
        found = self._keys.get(secret)
        if found is None:
            return None
        expires = found[1].expires_at
        return None if expires is not None and expires <= self.clock.now() else found

    def keys(self, account: Account) -> list[ApiKey]:
        """The account's keys, oldest first."""
        return [key for owner, key in self._keys.values() if owner is account]

    def add_key(self, account: Account, key: ApiKey) -> None:
        """Let `key` act for `account` from now on."""
        self._keys[key.secret] = (account, key)

    def remove_key(self, account: Account, key_id: str) -> bool:
        """Refuse this key from now on; whether there was one."""
        for key in self.keys(account):
            if key.id == key_id:
                del self._keys[key.secret]
                return True
        return False

    def forget_domain(self, account: Account, domain: str) -> None:
        """Take the domain from the account, and its data from every store that keeps any."""
        account.domains.discard(domain.lower())
        for store in list(self._stores.get(account, {}).values()):
            forget = getattr(store, "forget_domain", None)
            if forget is not None:
                forget(domain.lower())

    def settle(self) -> None:
        """Do what has become due."""
        self.schedule.run_due(self.clock.timestamp())

    def digest(self) -> str:
        """A fingerprint of accounts, keys and stores as they are now.

        Contents count, not how they came about; a store counts once it holds something else than
        at its start. So reading changes nothing, nor does what is undone again.
        """
        self.settle()
        changed = {
            (account.id, f"{kind.__module__}.{kind.__qualname__}", held)
            for account, stores in self._stores.items()
            for kind, store in stores.items()
            if (held := fingerprint(store)) != self._fresh[account.id, kind]
        }
        return fingerprint((self.accounts, self._keys, changed))

    def _start(self) -> None:
        for secret, domains in self.owners.items():
            account = Account(self.ids.hex(24), {name.lower() for name in domains}, secret)
            self.accounts.append(account)
            self.add_key(account, ApiKey(self.ids.key_id(), secret))


def owners(
    api_keys: Iterable[str], domains: Iterable[str] | Mapping[str, Iterable[str]]
) -> dict[str, tuple[str, ...]]:
    """Which key starts with which domains: plain names go to every key, a mapping to its keys."""
    if isinstance(domains, Mapping):
        return {key: tuple(domains.get(key, ())) for key in api_keys}
    names = tuple(domains)
    return dict.fromkeys(api_keys, names)
