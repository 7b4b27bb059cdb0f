"""What every law needs: the truth, a target, cases for it, and an entry to write into."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import httpx
import requests
from attrs import define, field
from schemathesis import Case

from tests.contract import cases
from tests.contract.breaches import Breach
from tests.contract.calls import Caller
from tests.contract.cases import Cases
from tests.contract.checks import Exchange
from tests.contract.deviations import Deviation
from tests.contract.ledger import Entry
from tests.contract.profiles import Profile
from tests.contract.targets import Target
from tests.contract.truth import Operation, Truth
from tests.contract.world import World


@define
class Scene:
    truth: Truth
    target: Target
    profile: Profile
    draws: Cases
    deviations: list[Deviation]
    world: World = field(init=False)
    caller: Caller = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.caller = Caller(self.truth, self.target, self.target.key)
        self.world = World(self.truth, self.draws, self.caller, self.target.domain)

    def start(self) -> None:
        """Every test starts from the same state, whatever ran before it."""
        self.target.reset()
        self.world.restart()

    def call(self, operation: Operation, case: Case, entry: Entry, *, existing: bool) -> Exchange:
        """Call through the client; with `existing`, on resources that exist.

        Raises UnreachableError and InexpressibleError.
        """
        if existing:
            cases.substitute(case, *self.world.known(operation))
        exchange = self.caller.call(operation, cases.values(self.truth, operation, case))
        self.count(entry, exchange)
        return exchange

    def raw(self, case: Case) -> Exchange | None:
        """Send what the client can't express; None for what HTTP can't carry either."""
        try:
            arguments = case.as_transport_kwargs(base_url=self.target.base_url)
            arguments.pop("cookies", None)
            prepared = requests.Request(**arguments).prepare()
        except (ValueError, TypeError):
            return None
        content: Any = prepared.body or b""
        names = [name for name in prepared.headers if name.lower() != "content-length"]
        request = httpx.Request(
            prepared.method or "GET",
            prepared.url or "",
            headers={name: str(prepared.headers[name]) for name in names},
            content=content if isinstance(content, bytes | str) else content.read(),
        )
        return self.send(with_key(request, self.target.key))

    def send(self, request: httpx.Request) -> Exchange:
        return Exchange(request, self.target.send(request))

    def digest(self, operation: Operation) -> str:
        """The fingerprint of the state, where `operation` could change it."""
        return self.target.digest() if operation.writes else ""

    def count(self, entry: Entry, exchange: Exchange) -> None:
        entry.through_client += 1
        entry.statuses[exchange.status] += 1
        if self.target.makes_up(exchange.response):
            entry.made_up += 1

    def count_raw(self, entry: Entry, exchange: Exchange, law: str) -> None:
        entry.raw += 1
        entry.raw_statuses[exchange.status] += 1
        for name in (law, "conformance"):
            entry.ran[name] += 1

    def judge(self, entry: Entry, breaches: Iterable[Breach]) -> list[Breach]:
        """Record what is new; those that no deviation excuses are returned."""
        return [
            breach
            for breach in breaches
            if not entry.knows(breach) and entry.judge(breach, self.deviations)
        ]

    def excused(self, operation: Operation, breach: Breach) -> bool:
        return any(deviation.excuses(operation.id, breach) for deviation in self.deviations)


def with_key(request: httpx.Request, key: str | None) -> httpx.Request:
    """The request with another key, or with none."""
    headers = [(k, v) for k, v in request.headers.multi_items() if k.lower() != "authorization"]
    if key is not None:
        basic = base64.b64encode(f"api:{key}".encode()).decode()
        headers.append(("authorization", f"Basic {basic}"))
    return httpx.Request(request.method, request.url, headers=headers, content=request.content)
