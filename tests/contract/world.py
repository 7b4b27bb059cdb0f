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

import httpx
from attrs import define, evolve, field
from schemathesis import Case, GenerationMode

from tests.contract import cases
from tests.contract.calls import Caller
from tests.contract.cases import Cases, Drawn, Known
from tests.contract.checks import Exchange, plain
from tests.contract.evidence import evidence
from tests.contract.links import Link
from tests.contract.safety.errors import WithheldError
from tests.contract.truth import Operation, Truth
from tests.contract.values import Values

_TRIES = 40
# Random candidates are drawn in batches: most operations need six, of which some may be of no use.
_BATCHES = (9, 9, 24, _TRIES, _TRIES)
_DOMAINS = "create_domain"


class UnreachableError(Exception):
    """No case of an operation had its documented success; `evidence` shows one."""

    def __init__(self, text: str, *requests: httpx.Request) -> None:
        super().__init__(text)
        self.evidence = evidence(*requests)


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
    _pools: dict[tuple[str, str, bool], Drawn] = field(factory=dict)
    _used: Counter[tuple[str, str, bool]] = field(factory=Counter)

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
        home = self.home(operation)
        known: Known = {("path", name): home for name in operation.domain_parameters}
        for name, parameter in operation.parameters("query").items():
            if parameter.get("x-resource") == "domain":
                known["query", name] = self.domain
        link = self.truth.links.get(operation.id)
        if link is None:
            return known, None
        values, body = self._follow(link, fresh=fresh or operation.method == "DELETE")
        return known | values, body

    def home(self, operation: Operation) -> str:
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
            if "x-fill" in link.raw:
                self._fill(self.truth.operations[link.raw["x-fill"]], found[0])
            return found
        raise UnreachableError(f"{link.consumer} needs more of {link.producer}: {missing}")

    def _fill(self, operation: Operation, known: Known) -> None:
        """Put something where a call that empties it shall have something to do."""
        for case in self.candidates(operation):
            cases.substitute(case, known)
            try:
                exchange = self.caller.call(operation, cases.values(self.truth, operation, case))
            except WithheldError:
                continue
            if exchange.status in operation.successes:
                return
        raise UnreachableError(f"{operation.id} fills nothing")

    def add(self, operation: Operation, number: int) -> None:
        """Make one more of what `operation` lists, if it is linked to what makes such things."""
        listing = (f.listed for f in self.truth.families.values() if f.listed)
        linked = self.truth.links.get(operation.id)
        link = next((each for each in listing if each.consumer == operation.id), linked)
        if link is None or not self.truth.operations[link.producer].changes:
            return
        if link.producer_body:
            body = {name: _numbered(value, number) for name, value in link.producer_body.items()}
            link = evolve(link, raw=link.raw | {"x-producer-body": body})
        producer = self.truth.operations[link.producer]
        # Where the request gives the name, the same names would come again among boundary cases.
        varied = bool(link.takes_of_requests) and not link.producer_body
        self._made[link.producer] = self.succeed(producer, link, varied=varied)

    def plainest(self, operation: Operation, produced: Produced) -> Values:
        """A call of `operation` with nothing but what it needs: filters hide, names identify."""
        known, _ = self.known(operation)
        groups: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
        given = {"path": produced.values.path, "query": produced.values.query}
        for location, group in given.items():
            for name, raw in operation.parameters(location).items():
                if raw.get("required") and name in group:
                    groups[location][name] = group[name]
        for (location, name), value in known.items():
            if operation.parameters(location).get(name, {}).get("required"):
                groups[location][name] = value
        if "requestBody" not in operation.raw:
            return Values(groups["path"], groups["query"], groups["header"])
        media_type = next(iter(operation.raw["requestBody"]["content"]))
        schema = self.truth.resolve(operation.raw["requestBody"]["content"][media_type]["schema"])
        required = schema.get("required", ())
        drawn = produced.values.body if isinstance(produced.values.body, dict) else {}
        kept = {name: drawn[name] for name in required if name in drawn}
        return Values(groups["path"], groups["query"], groups["header"], kept, media_type)

    def succeed(
        self,
        operation: Operation,
        link: Link | None = None,
        *,
        fresh: bool = False,
        varied: bool = False,
    ) -> Produced:
        """Call `operation` with its own valid cases until one has its documented success.

        With `link`, only cases that carry what the link takes from the request.
        Raises UnreachableError with the statuses that came instead.
        """
        refused: list[str] = []
        last: list[httpx.Request] = []
        known, body = self.known(operation, fresh=fresh)
        if link is not None and link.producer_body:
            body = (body or {}) | link.producer_body
        for case in self.candidates(operation, link, varied=varied):
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
            last = [exchange.request]
            refused.append(f"{exchange.status} {text} {exchange.error or ''}".strip())
        kinds = "; ".join(dict.fromkeys(refused)) or "no valid case could be drawn"
        raise UnreachableError(f"{operation.id} never succeeded: {kinds[:600]}", *last)

    def candidates(
        self, operation: Operation, link: Link | None = None, *, varied: bool = False
    ) -> Iterator[Case]:
        """Valid cases of the operation that have not been used on this state.

        With `link`, only cases that carry what the link takes from the request; with `varied`, only
        random ones, of which hardly two are the same.
        """
        # Each candidate is used once: creating the same thing twice would conflict.
        key = operation.id, link.consumer if link else "", varied
        if key not in self._pools:
            self._pools[key] = Drawn(self._stream(operation, link, varied=varied))
        for _ in range(_TRIES):
            case = self._pools[key].get(self._used[key])
            if case is None:
                return
            self._used[key] += 1
            yield case

    def _stream(self, operation: Operation, link: Link | None, *, varied: bool) -> Iterator[Case]:
        # What a link takes of a request has a name there.
        named = link is not None and link.takes_of_requests > 0
        boundary = () if varied else self.draws.boundary(operation, GenerationMode.POSITIVE)
        drawn = itertools.chain(
            boundary,
            *(
                self._fuzzed(operation, *batch, named=named)
                for batch in enumerate(_BATCHES, start=1)
            ),
        )
        for case in drawn:
            if link is not None:
                cases.substitute(case, {}, link.producer_body)
            if link is None or link.asks(cases.values(self.truth, operation, case)):
                yield case

    def _fuzzed(
        self, operation: Operation, turn: int, count: int, *, named: bool
    ) -> Iterator[Case]:
        draws = self.draws.reseeded(turn)
        yield from draws.fuzzed(operation, GenerationMode.POSITIVE, count, named=named)


def _numbered(value: Any, number: int) -> Any:
    """Another value of the same kind for each number: texts get it at their end."""
    if isinstance(value, list):
        return [_numbered(item, number) for item in value]
    return f"{value}{number}" if isinstance(value, str) else value
