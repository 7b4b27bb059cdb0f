"""One operation under the five properties, as functions that fill a ledger entry."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import requests
from attrs import define, field
from schemathesis import Case, GenerationMode

from tests.contract import cases, checks
from tests.contract.breaches import (
    AuthIgnored,
    Breach,
    InvalidAccepted,
    NeverSucceeded,
    RequestDiffers,
    StateChanged,
    ValidRejected,
)
from tests.contract.calls import Caller, InexpressibleError
from tests.contract.cases import Cases
from tests.contract.checks import Exchange, curl
from tests.contract.deviations import Deviation
from tests.contract.fidelity import differences
from tests.contract.ledger import Entry
from tests.contract.profiles import Profile
from tests.contract.safety.errors import WithheldError
from tests.contract.targets import Target
from tests.contract.truth import Operation, Truth
from tests.contract.values import Values
from tests.contract.wire import body_valid, valid_on_the_wire, value_valid
from tests.contract.world import Produced, UnreachableError, World

# A valid call may meet these for reasons that no schema can say; 404 only for unknown resources.
_TOLERATED = frozenset({403, 409, 429})
_CONFLICTS = frozenset({400, 404, 409, 429})
_REFUSED = frozenset({401, 403})
_HIDDEN = _REFUSED | {404}
_SENDING = frozenset({"send_message", "send_mime_message"})
_LISTED = 5
_ODD_NAMES = ("..", "a/b?c#d%2F e")


@define
class Suite:
    truth: Truth
    target: Target
    profile: Profile
    draws: Cases
    deviations: list[Deviation]
    world: World = field(init=False)
    caller: Caller = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.caller = Caller(self.truth, self.target, self.target.key)
        self.world = World(
            self.truth, self.draws, self.caller, self.target.domain, self.target.apart
        )

    def start(self) -> None:
        """Every test starts from the same state, whatever ran before it."""
        self.target.reset()
        self.world.restart(anew=self.target.control)

    def reach(self, operation: Operation, entry: Entry) -> Produced | None:
        """The documented success, through the client, on resources that exist."""
        entry.ran["reach"] += 1
        try:
            produced = self.world.succeed(operation)
        except UnreachableError as error:
            self._judge(entry, [NeverSucceeded(str(error))])
            return None
        entry.through_client += 1
        entry.statuses[produced.exchange.status] += 1
        return produced

    def valid(self, operation: Operation, entry: Entry) -> None:
        """Properties 1 to 4 on valid cases, boundary values first."""
        for case, existing in self._valid_cases(operation):
            if not body_valid(self.truth, operation, case):
                entry.misdrawn += 1  # Boundary cases may overlook a composition of the body.
                continue
            again = cases.copy(case)
            try:
                exchange = self._call(operation, case, entry, existing=existing)
                if exchange.status in (_CONFLICTS if existing else _CONFLICTS - {404}):
                    # The trace of an earlier case may be in the way: the name is taken, the
                    # resource renamed or gone. On a fresh state only the case itself counts.
                    self.start()
                    case = again
                    exchange = self._call(operation, case, entry, existing=existing)
            except UnreachableError as error:
                self._judge(entry, [NeverSucceeded(str(error))])
                return
            except WithheldError:
                continue
            except InexpressibleError as error:
                self._judge(entry, [RequestDiffers(f"the client cannot say it: {error}")])
                continue
            self._judge(entry, self._valid_breaches(operation, case, exchange, existing=existing))
            for name in ("fidelity", "conformance", "parsing", "inputs"):
                entry.ran[name] += 1

    def _valid_cases(self, operation: Operation) -> Iterator[tuple[Case, bool]]:
        """Valid cases, and whether they shall name resources that exist."""
        positive = GenerationMode.POSITIVE
        boundary = self.draws.boundary(operation, positive)
        drawn = itertools.chain(
            itertools.islice(boundary, self.profile.boundary),
            self.draws.fuzzed(operation, positive, self.profile.fuzzed),
        )
        first = None
        for number, case in enumerate(drawn):
            first = first or cases.copy(case)
            # One in four keeps the names it was drawn with: unknown resources are valid input.
            yield case, number % 4 != 3
        # Nor does schemathesis ever draw the names that are hard to put into a path.
        for name in _ODD_NAMES:
            if first is None:
                return
            odd = cases.copy(first)
            free = {
                ("path", parameter): name
                for parameter, raw in operation.parameters("path").items()
                if value_valid(self.truth, raw["schema"], name)
            }
            if free:
                cases.substitute(odd, free)
                yield odd, False

    def _valid_breaches(
        self, operation: Operation, case: Case, exchange: Exchange, *, existing: bool
    ) -> list[Breach]:
        values = cases.values(self.truth, operation, case)
        sent = exchange.request
        differing = [*differences(operation, values, sent, self.target.key)]
        if exchange.requests != 1:
            differing.append(f"{exchange.requests} requests for one call")
        documented = str(exchange.status) in operation.raw["responses"]
        return [
            *(RequestDiffers(line, curl(sent)) for line in differing),
            *checks.conformance(case, exchange),
            *checks.parsing(exchange, documented=documented),
            *self._acceptance(operation, exchange, existing=existing),
        ]

    def invalid(self, operation: Operation, entry: Entry) -> None:
        """Property 4 on invalid cases, which go raw: refused as documented, and nothing changes."""
        try:
            known, _ = self.world.known(operation)
            before = self._digest(operation)
            for case in itertools.islice(self._invalid_cases(operation), self.profile.invalid):
                cases.substitute(case, known)
                exchange = self._raw(case)
                if exchange is None:
                    entry.misdrawn += 1
                    continue
                self._count_raw(entry, exchange, "inputs")
                after = self._digest(operation)
                changed = exchange.status >= 400 and after != before
                self._judge(entry, self._invalid_breaches(operation, case, exchange, changed))
                if exchange.status < 400 and operation.writes:
                    # The resource may be gone or renamed: a 404 for it would prove nothing.
                    self.start()
                    known, _ = self.world.known(operation)
                before = self._digest(operation)
        except UnreachableError as error:
            self._judge(entry, [NeverSucceeded(str(error))])

    def _invalid_cases(self, operation: Operation) -> Iterator[Case]:
        boundary = self.draws.boundary(operation, GenerationMode.NEGATIVE)
        return (case for case in boundary if not cases.is_auth_probe(case))

    def _invalid_breaches(
        self, operation: Operation, case: Case, exchange: Exchange, changed: bool
    ) -> list[Breach]:
        breaches: list[Breach] = list(checks.conformance(case, exchange))
        what = f"status {exchange.status}: {cases.describe(case)}"
        if (
            exchange.status < 400
            and not cases.is_shape_probe(case)
            and not valid_on_the_wire(self.truth, operation, exchange.request)
        ):
            breaches.append(InvalidAccepted(what, curl(exchange.request)))
        if changed:
            breaches.append(StateChanged(what, curl(exchange.request)))
        return breaches

    def auth(self, operation: Operation, entry: Entry) -> None:
        """Property 5: the same valid call with a missing, wrong, foreign or sending key.

        With the right key it has to get through in the end, or the refusals prove nothing.
        """
        if operation.public:
            return
        produced = self.reach(operation, entry)
        if produced is None:
            return
        try:
            request = self._again(operation, produced)
        except UnreachableError as error:
            self._judge(entry, [NeverSucceeded(str(error))])
            return
        case = self.draws.blank(operation, produced.values)
        keys = list(self._keys(operation))
        before = self._digest(operation)
        for name, key in keys:
            exchange = self._send(_with_key(request, key))
            self._count_raw(entry, exchange, "auth")
            breaches: list[Breach] = list(checks.conformance(case, exchange))
            if exchange.status not in (_HIDDEN if name == "foreign" else _REFUSED):
                what = f"{name} key: status {exchange.status}"
                breaches.append(AuthIgnored(what, curl(exchange.request)))
            self._judge(entry, breaches)
        if self._digest(operation) != before:
            self._judge(entry, [StateChanged("calls without the right key left a trace")])
        control = self._send(request)
        if control.status not in operation.successes:
            what = f"the right key does not get through either: status {control.status}"
            self._judge(entry, [NeverSucceeded(what, curl(request))])

    def _again(self, operation: Operation, produced: Produced) -> httpx.Request:
        """The request of `produced` on a state as new: its own resources may be gone by now."""
        self.start()
        case = self.draws.blank(operation, produced.values)
        cases.substitute(case, *self.world.known(operation))
        return self.caller.request(operation, cases.values(self.truth, operation, case))

    def _keys(self, operation: Operation) -> Iterator[tuple[str, str | None]]:
        yield "missing", None
        yield "wrong", self.target.wrong_key
        if operation.domain_parameters and self.target.foreign_key:
            yield "foreign", self.target.foreign_key
        # A sending key may only send; an analyst's may only read.
        if operation.id in _SENDING and self.target.makes_keys:
            yield "basic", self._make_key("basic")
        elif operation.id not in _SENDING and (self.target.sending_key or self.target.makes_keys):
            yield "sending", self.target.sending_key or self._make_key("sending")

    def _make_key(self, role: str) -> str:
        """The secret of a new key of the target's account that may do less than `key`."""
        kind = {"kind": "domain", "domain_name": self.target.domain} if role == "sending" else {}
        body = {"role": role, "description": "contract"} | kind
        creating = self.truth.operations["create_api_key"]
        media_type = next(iter(creating.raw["requestBody"]["content"]))
        exchange = self.caller.call(creating, Values(body=body, media_type=media_type))
        return str(exchange.response.json()["key"]["secret"])

    def _call(self, operation: Operation, case: Case, entry: Entry, *, existing: bool) -> Exchange:
        if existing:
            cases.substitute(case, *self.world.known(operation))
        exchange = self.caller.call(operation, cases.values(self.truth, operation, case))
        entry.through_client += 1
        entry.statuses[exchange.status] += 1
        return exchange

    def _acceptance(
        self, operation: Operation, exchange: Exchange, *, existing: bool
    ) -> list[Breach]:
        tolerated = _TOLERATED if existing else _TOLERATED | {401, 404}
        if exchange.status < 400 or exchange.status in tolerated | operation.successes:
            return []
        if not valid_on_the_wire(self.truth, operation, exchange.request):
            return []  # A form has no empty list, so what was valid as data is not as a request.
        text = exchange.response.text[:200]
        return [ValidRejected(f"status {exchange.status}: {text}", curl(exchange.request))]

    def _raw(self, case: Case) -> Exchange | None:
        try:
            arguments = case.as_transport_kwargs(base_url=self.target.base_url)
            arguments.pop("cookies", None)
            prepared = requests.Request(**arguments).prepare()
        except (ValueError, TypeError):
            return None  # Not sendable over HTTP at all.
        content: Any = prepared.body or b""
        names = [name for name in prepared.headers if name.lower() != "content-length"]
        request = httpx.Request(
            prepared.method or "GET",
            prepared.url or "",
            headers={name: str(prepared.headers[name]) for name in names},
            content=content if isinstance(content, bytes | str) else content.read(),
        )
        try:
            return self._send(_with_key(request, self.target.key))
        except WithheldError:
            return None

    def _send(self, request: httpx.Request) -> Exchange:
        return Exchange(request, self.target.send(request))

    def _digest(self, operation: Operation) -> str:
        return self.target.digest() if operation.writes else ""

    def _count_raw(self, entry: Entry, exchange: Exchange, law: str) -> None:
        entry.raw += 1
        entry.raw_statuses[exchange.status] += 1
        for name in (law, "conformance"):
            entry.ran[name] += 1

    def _judge(self, entry: Entry, breaches: list[Breach]) -> None:
        for breach in map(self.target.scrubbed, breaches):
            if isinstance(breach, NeverSucceeded) and not self.target.complete:
                entry.unreached.append(breach.detail)
                continue
            known = {(row["breach"], row["detail"]) for row in entry.broken}
            if (breach.kind, breach.detail) not in known:
                entry.judge(breach, self.deviations)


def _with_key(request: httpx.Request, key: str | None) -> httpx.Request:
    headers = [(k, v) for k, v in request.headers.multi_items() if k.lower() != "authorization"]
    if key is not None:
        basic = base64.b64encode(f"api:{key}".encode()).decode()
        headers.append(("authorization", f"Basic {basic}"))
    return httpx.Request(request.method, request.url, headers=headers, content=request.content)


def report(entry: Entry, seed: int) -> str:
    """The text of a failed test: what broke, how often, and how to repeat it."""
    lines = [f"{entry.operation}: {len(entry.broken)} breach(es), seed {seed}"]
    for row in entry.broken[:_LISTED]:
        lines += [f"  {row['property']}: {row['breach']}: {row['detail']}", f"    {row['curl']}"]
    if len(entry.broken) > _LISTED:
        lines.append(f"  and {len(entry.broken) - _LISTED} more in the JSON report")
    return "\n".join(lines)
