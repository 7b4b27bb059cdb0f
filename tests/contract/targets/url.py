"""Any server by its base URL: another emulator, a staging gateway.

    CONTRACT_URL              its base URL (or --base-url)
    CONTRACT_DOMAIN           a domain of the account (or --domain)
    CONTRACT_API_KEY          the account's key
    CONTRACT_FOREIGN_API_KEY  optional: a key of another account
    CONTRACT_SENDING_API_KEY  optional: a key that may only send from the domain
    CONTRACT_BUDGET           optional: calls that a run may send (or --budget)

The server must be there for tests: everything is sent to it, also what destroys.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import httpx

from tests.contract.safety.limits import Limited
from tests.contract.safety.marks import MarkedCases, Marks
from tests.contract.safety.policy import Names, new_prefix
from tests.contract.safety.policy import load as load_policy
from tests.contract.targets.network import Network
from tests.contract.targets.probe import probe as ask
from tests.contract.targets.settings import WRONG_KEY, Settings, TargetError, Variables
from tests.contract.targets.target import NOW, Target, as_drawn

_REAL = (".mailgun.net", ".mailgun.org", ".mailgun.com")
_BLIND = (
    "traces of refused calls: no control API, so no fingerprint of the state",
    "every test on a state as new: no control API, so no reset",
)


def settings(environment: Mapping[str, str]) -> Settings:
    """Raises TargetError."""
    read = Variables("url", environment)
    base_url = read.url("CONTRACT_URL")
    if f".{httpx.URL(base_url).host.rstrip('.')}".endswith(_REAL):
        raise TargetError(
            "CONTRACT_URL is the real API, where this target could destroy; TARGET=live"
        )
    return Settings(
        target="url",
        base_url=base_url,
        domain=read.domain("CONTRACT_DOMAIN"),
        key=read.need("CONTRACT_API_KEY", "the key of the account"),
        foreign_key=read.get("CONTRACT_FOREIGN_API_KEY"),
        sending_key=read.get("CONTRACT_SENDING_API_KEY"),
        budget=read.budget(None),
        key_from="CONTRACT_API_KEY",
        domain_from="CONTRACT_DOMAIN",
    )


def probe(environment: Mapping[str, str]) -> None:
    """Raises TargetError."""
    ask(settings(environment))


def make(environment: Mapping[str, str]) -> Target:
    """Raises TargetError."""
    return build(settings(environment), Network())


def build(told: Settings, network: httpx.BaseTransport) -> Target:
    """The target of `told` through `network`."""
    transport = Limited(network, told.budget)
    control = _has_control(told.base_url, transport)
    if control:
        transport.pauses = ()  # Its time stands still: waiting changes nothing.
    gaps = [] if control else list(_BLIND)
    if not told.foreign_key:
        gaps.append("keys of other accounts: CONTRACT_FOREIGN_API_KEY is not set")
    # Without a reset no name may come twice, in this run or a later one.
    names = Names(new_prefix(), told.domain)
    marks = Marks(load_policy(), names, (), names_only=True)
    prepare = as_drawn if control else partial(MarkedCases.made, marks=marks)
    return Target(
        name="url",
        base_url=told.base_url,
        domain=told.domain,
        key=told.key,
        foreign_key=told.foreign_key,
        wrong_key=WRONG_KEY,
        transport=transport,
        sending_key=told.sending_key,
        control=control,
        gaps=tuple(gaps),
        prepare=prepare,
        halted=lambda: transport.halted,
        differs_as="emulator" if control else "",
    )


def _has_control(base_url: str, transport: httpx.BaseTransport) -> bool:
    """Whether the server has the emulator's control API; if so its time stops."""
    health = transport.handle_request(httpx.Request("GET", f"{base_url}/_emulator/health"))
    health.read()
    if health.status_code != 200:
        return False
    freeze = httpx.Request(
        "POST", f"{base_url}/_emulator/clock/freeze", json={"at": NOW.timestamp()}
    )
    frozen = transport.handle_request(freeze)
    frozen.read()
    return frozen.status_code == 200
