"""Resources that exist: made through the client by following the links of the truth.

An operation that needs an id gets it from its producer's exchange, which may itself need one. Path
parameters that hold a domain name get the target's own domain. Producers are run with the suite's
own cases, so nothing here knows a body or an id of any operation.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

from attrs import define, field
from schemathesis import Case, GenerationMode

from tests.contract import cases
from tests.contract.calls import Caller
from tests.contract.cases import Cases, Known
from tests.contract.checks import Exchange, plain
from tests.contract.links import Link
from tests.contract.safety.errors import WithheldError
from tests.contract.truth import Operation, Truth
from tests.contract.values import Values

_TRIES = 40
_DOMAINS = "create_domain"
_TURNS = 6


class UnreachableError(Exception):
    """No case of an operation had its documented success."""


@define
class Produced:
    """A successful exchange and the values that led to it."""

    operation: Operation
    values: Values
    exchange: Exchange


@define
class World:
    truth: Truth
    draws: Cases
    caller: Caller
    domain: str
    # Operations that get a domain made for them, whatever else they ask for.
    apart: frozenset[str] = frozenset()
    _made: dict[str, Produced] = field(factory=dict)
    _pools: dict[tuple[str, str], Pool] = field(factory=dict)
    _used: Counter[tuple[str, str]] = field(factory=Counter)

    def restart(self, *, anew: bool = True) -> None:
        """With `anew` the target is as new: the same candidates can be used again, in order."""
        if anew:
            self._used.clear()
        self._made.clear()

    def known(self, operation: Operation, *, fresh: bool = False) -> tuple[Known, Any]:
        """Identity values for a call of `operation`, and body fields that name a resource.

        A DELETE gets a resource of its own, made anew from the start of its chain, as does `fresh`.
        Raises UnreachableError when a producer never succeeds.
        """
        home = self._home(operation)
        known: Known = {("path", name): home for name in operation.domain_parameters}
        for name, parameter in operation.parameters("query").items():
            if parameter.get("x-resource") == "domain":
                known["query", name] = self.domain
        link = self.truth.links.get(operation.id)
        if link is None:
            return known, None
        values, body = self._follow(link, fresh=fresh or operation.method == "DELETE")
        return known | values, body

    def _home(self, operation: Operation) -> str:
        """The domain that a call is about: one of the run's own where it shall not be the other."""
        if operation.id not in self.apart or operation.id in self.truth.links:
            return self.domain
        made = self._made.get(_DOMAINS) or self.succeed(self.truth.operations[_DOMAINS])
        self._made[_DOMAINS] = made
        return str(plain(made.exchange.parsed)["domain"]["name"])

    def _follow(self, link: Link, *, fresh: bool) -> tuple[Known, Any]:
        """What `link` takes from its producer, made now or before.

        Not every success of a producer has what is asked of it (a tag, say), so several are tried.
        """
        producer = self.truth.operations[link.producer]
        made = None if fresh else self._made.get(link.producer)
        missing = ""
        for _ in range(_TRIES):
            produced = made or self.succeed(producer, link, fresh=fresh)
            try:
                found = link.take(produced.values, plain(produced.exchange.parsed))
            except LookupError as error:
                missing, made = str(error), None
                continue
            self._made[link.producer] = produced
            return found
        raise UnreachableError(f"{link.consumer} needs more of {link.producer}: {missing}")

    def succeed(
        self, operation: Operation, link: Link | None = None, *, fresh: bool = False
    ) -> Produced:
        """Call `operation` with its own valid cases until one has its documented success.

        With `link`, only cases that carry what the link takes from the request.
        Raises UnreachableError with the statuses that came instead.
        """
        refused: list[str] = []
        known, body = self.known(operation, fresh=fresh)
        if link is not None and link.producer_body:
            body = (body or {}) | link.producer_body
        for case in self._draw(operation, link):
            cases.substitute(case, known, body)
            values = cases.values(self.truth, operation, case)
            try:
                exchange = self.caller.call(operation, values)
            except WithheldError as error:
                refused.append(str(error))
                continue
            if exchange.error is None and exchange.status in operation.successes:
                return Produced(operation, values, exchange)
            text = exchange.response.text[:120]
            refused.append(f"{exchange.status} {text} {exchange.error or ''}".strip())
        kinds = "; ".join(dict.fromkeys(refused)) or "no valid case could be drawn"
        raise UnreachableError(f"{operation.id} never succeeded: {kinds[:600]}")

    def _draw(self, operation: Operation, link: Link | None) -> Iterator[Case]:
        # Each candidate is used once: creating the same thing twice would conflict.
        key = operation.id, link.consumer if link else ""
        if key not in self._pools:
            self._pools[key] = Pool(self._stream(operation, link))
        for _ in range(_TRIES):
            case = self._pools[key].get(self._used[key])
            if case is None:
                return
            self._used[key] += 1
            yield case

    def _stream(self, operation: Operation, link: Link | None) -> Iterator[Case]:
        drawn = itertools.chain(
            self.draws.boundary(operation, GenerationMode.POSITIVE),
            *(self._fuzzed(operation, turn) for turn in range(1, _TURNS)),
        )
        for case in drawn:
            if link is not None:
                cases.substitute(case, {}, link.producer_body)
            if link is None or link.asks(cases.values(self.truth, operation, case)):
                yield case

    def _fuzzed(self, operation: Operation, turn: int) -> Iterator[Case]:
        yield from self.draws.reseeded(turn).fuzzed(operation, GenerationMode.POSITIVE, _TRIES)


@define
class Pool:
    """Cases drawn once and handed out again as copies."""

    source: Iterator[Case]
    drawn: list[Case] = field(factory=list)

    def get(self, number: int) -> Case | None:
        """The case with this number; None when the source has no more."""
        while len(self.drawn) <= number:
            case = next(self.source, None)
            if case is None:
                return None
            self.drawn.append(case)
        return cases.copy(self.drawn[number])
