"""The real API, within the limits of tests/contract/safety/policy.toml.

    MAILGUN_API_KEY          the account's key
    MAILGUN_DOMAIN           a domain of the account, or its sandbox
    MAILGUN_REGION           us or eu, where the account lives
    MAILGUN_RECIPIENTS       optional: addresses for test messages, separated by commas; those of a
                             sandbox have to be authorised there
    MAILGUN_FOREIGN_API_KEY  optional: a key of another account
    MAILGUN_SENDING_API_KEY  optional: a key that may only send from the domain
    CONTRACT_BUDGET          optional: calls that a run may send (or --budget)
    CONTRACT_STATE           optional: the folder of the run ledgers, .contract unless set

`rehearsal` is the same target with the emulator in this process in place of the real API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

import httpx
from attrs import define, field
from mailgun_client._servers import SERVERS

from tests.contract import truth as truths
from tests.contract.asgi import AsgiTransport
from tests.contract.safety import belongings as ledgers
from tests.contract.safety.belongings import Belongings
from tests.contract.safety.guard import SafeTransport
from tests.contract.safety.limits import Limited
from tests.contract.safety.marks import BATCH, MarkedCases, Marks
from tests.contract.safety.policy import Names, Policy, new_prefix
from tests.contract.safety.policy import load as load_policy
from tests.contract.safety.removal import Removal
from tests.contract.targets import emulator
from tests.contract.targets.network import Network
from tests.contract.targets.probe import probe as ask
from tests.contract.targets.settings import WRONG_KEY, Settings, TargetError, Variables
from tests.contract.targets.target import Target
from tests.contract.truth import Truth

BUDGET: Final = 10_000
RECIPIENT: Final = "somebody@example.com"
_HINT: Final = "; or the account lives in another region: set MAILGUN_REGION"
_GAPS: Final = (
    "traces of refused calls: the API gives no fingerprint of its state",
    "every test on a state as new: only what the run made is removed",
    f"batches of more than {BATCH}: each thing that was made costs a call to remove",
)


def settings(environment: Mapping[str, str]) -> Settings:
    """Raises TargetError."""
    read = Variables("live", environment)
    key = read.need("MAILGUN_API_KEY", "the key of the account; keep it out of files and options")
    region = read.need("MAILGUN_REGION", "us or eu").lower()
    if region not in SERVERS:
        raise TargetError(f"MAILGUN_REGION: expected {' or '.join(SERVERS)}, found {region!r}")
    recipients = environment.get("MAILGUN_RECIPIENTS", "").split(",")
    return Settings(
        target="live",
        base_url=SERVERS[region],
        domain=read.domain("MAILGUN_DOMAIN"),
        key=key,
        foreign_key=read.get("MAILGUN_FOREIGN_API_KEY"),
        sending_key=read.get("MAILGUN_SENDING_API_KEY"),
        recipients=tuple(filter(None, map(str.strip, recipients))),
        budget=read.budget(BUDGET),
        key_from="MAILGUN_API_KEY",
        domain_from="MAILGUN_DOMAIN",
    )


def rehearsing(environment: Mapping[str, str]) -> Settings:
    """The same for the emulator; nothing has to be set."""
    return Settings(
        target="rehearsal",
        base_url=emulator.BASE_URL,
        domain=emulator.DOMAIN,
        key=emulator.KEY,
        foreign_key=emulator.FOREIGN,
        recipients=(RECIPIENT,),
        budget=Variables("rehearsal", environment).budget(BUDGET),
    )


def probe(environment: Mapping[str, str]) -> None:
    """Raises TargetError."""
    ask(settings(environment), hint=_HINT)


def make(environment: Mapping[str, str]) -> Target:
    """Raises TargetError."""
    return Session.open(settings(environment), Network(), folder(environment)).target()


def rehearse(environment: Mapping[str, str]) -> Target:
    """The emulator behind the guard; its clock stands still, so nothing is due."""
    network = AsgiTransport(emulator.app())
    return Session.open(rehearsing(environment), network, folder(environment)).target()


def folder(environment: Mapping[str, str]) -> Path:
    """Where runs keep their ledgers; `make clean` leaves it alone."""
    return Path(environment.get("CONTRACT_STATE") or ".contract")


@define
class Session:
    """One run on an account: its guard, its limits, what it made."""

    told: Settings
    truth: Truth = field(repr=False)
    policy: Policy = field(repr=False)
    names: Names
    belongings: Belongings = field(repr=False)
    guard: SafeTransport = field(repr=False)
    limited: Limited = field(repr=False)

    @classmethod
    def open(
        cls,
        told: Settings,
        network: httpx.BaseTransport,
        state: Path | None,
        belongings: Belongings | None = None,
    ) -> Session:
        """A new run, or the one that `belongings` are of."""
        truth, policy = truths.load(), load_policy()
        prefix = belongings.prefix if belongings else new_prefix()
        names = Names(prefix, told.domain)
        if belongings is None:
            run = {"prefix": prefix, "target": told.target, "url": told.base_url}
            path = state / f"{told.target}-{prefix}.jsonl" if state else None
            belongings = Belongings({**run, "domain": told.domain}, path)
        guard = SafeTransport(
            network, truth, policy, told.base_url, names, frozenset(told.recipients), belongings
        )
        limited = Limited(guard, told.budget)
        if told.target == "rehearsal":
            limited.pauses = ()  # Its time stands still: waiting changes nothing.
        return cls(told, truth, policy, names, belongings, guard, limited)

    def target(self) -> Target:
        told = self.told
        gaps = list(_GAPS)
        for value, what in (
            (told.recipients, "messages: MAILGUN_RECIPIENTS is not set"),
            (told.foreign_key, "keys of other accounts: MAILGUN_FOREIGN_API_KEY is not set"),
            (told.sending_key, "keys for sending only: MAILGUN_SENDING_API_KEY is not set"),
        ):
            if not value:
                gaps.append(what)
        marks = Marks(self.policy, self.names, told.recipients)
        return Target(
            name=told.target,
            base_url=told.base_url,
            domain=told.domain,
            key=told.key,
            foreign_key=told.foreign_key,
            wrong_key=WRONG_KEY,
            transport=self.limited,
            sending_key=told.sending_key,
            differs_as="emulator" if told.target == "rehearsal" else "",
            control=False,
            complete=False,
            makes_keys=False,
            gaps=tuple(gaps),
            apart=frozenset(
                name for name, rule in self.policy.rules.items() if rule.of == "domain"
            ),
            withheld=self.guard.withheld,
            withholds=self.withholds,
            prepare=partial(MarkedCases.made, marks=marks),
            clear=lambda: self._remove(print_nothing),
            halted=lambda: self.limited.halted,
            finish=self.finish,
        )

    def withholds(self, operation: str) -> str:
        """Why the operation is never sent; empty when some of its calls may be."""
        rule = self.policy.rule(operation)
        if rule.verdict == "never":
            return f"never: {rule.reason}"
        kind = self.policy.kinds.get(rule.makes or rule.of)
        if kind is not None and self.names.sandbox and not kind.sandbox:
            return "own: a sandbox has no subdomains to do it in"
        if rule.sends and not self.told.recipients:
            return "own: MAILGUN_RECIPIENTS is not set"
        return ""

    def finish(self) -> list[str]:
        """Remove all that the run made; lines about what is left and why."""
        said: list[str] = []
        self.limited.unlimited()
        self._remove(said.append)
        self.belongings.close()
        return said

    def _remove(self, say: Callable[[str], None]) -> None:
        told = self.told
        Removal(
            self.truth,
            self.policy,
            told.base_url,
            told.key,
            self.limited,
            self.belongings,
            self.names,
        ).run(say)


def print_nothing(_line: str) -> None:
    """What is left now is removed, or told, at the end."""


def clean(told: Settings, network: httpx.BaseTransport, state: Path) -> tuple[int, list[str]]:
    """Finish interrupted runs from their ledgers: how many there were, and what is left.

    Ledgers of another server or domain are not touched.
    """
    said: list[str] = []
    paths = sorted(state.glob(f"{told.target}-*.jsonl"))
    for path in paths:
        try:
            found = ledgers.read(path)
        except (ValueError, LookupError, TypeError) as error:
            said.append(f"{path.name}: cannot be read: {error}")
            continue
        if (found.run.get("url"), found.run.get("domain")) != (told.base_url, told.domain):
            said.append(
                f"{path.name}: of {found.run.get('domain')} at {found.run.get('url')}; "
                "set region and domain to these and clean again"
            )
            continue
        said += [f"{path.name}: {line}" for line in _finish(told, network, found)]
    return len(paths), said


def _finish(told: Settings, network: httpx.BaseTransport, found: Belongings) -> list[str]:
    return Session.open(told, network, None, found).finish()
