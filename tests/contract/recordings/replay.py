"""Judges recorded exchanges: client and truth against what a server once said."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
from attrs import define, evolve, field
from schemathesis import GenerationMode

from tests.contract import cases, checks
from tests.contract.breaches import Breach, InvalidAccepted, RequestDiffers
from tests.contract.calls import Caller, InexpressibleError
from tests.contract.cases import Cases
from tests.contract.checks import Exchange
from tests.contract.deviations import Deviation
from tests.contract.evidence import ANSWER, evidence
from tests.contract.fidelity import differences
from tests.contract.ledger import Entry
from tests.contract.observe import Observer
from tests.contract.recordings.exchange import Recorded, response_to_httpx, to_httpx
from tests.contract.recordings.playback import Playback
from tests.contract.recordings.reread import UndeclaredError, media_of, values
from tests.contract.targets import replay
from tests.contract.truth import Operation, Truth
from tests.contract.values import Values
from tests.contract.wire import valid_on_the_wire

LAWS = ("fidelity", "conformance", "parsing", "inputs")
Judged = tuple[list[Breach], tuple[str, ...]]


@define
class Replay:
    """Recorded exchanges by operation, and how to judge them."""

    truth: Truth = field(repr=False)
    draws: Cases = field(repr=False)
    deviations: list[Deviation]
    recorded: dict[str, list[Recorded]] = field(repr=False)
    _playback: Playback = field(factory=Playback, repr=False)
    observer: Observer = field(init=False, repr=False)
    _caller: Caller = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self.observer = Observer(self._playback, self.truth)
        target = evolve(replay.make({}), transport=self.observer)
        self._caller = Caller(self.truth, target, target.key)

    def run(self, operation: Operation, entry: Entry) -> None:
        """Fill the entry with what the operation's recordings show."""
        for recorded in self.recorded[operation.id]:
            breaches, laws = self.judge(operation, recorded)
            entry.through_client += 1
            entry.statuses[recorded.response.status] += 1
            for law in laws:
                entry.ran[law] += 1
            for breach in breaches:
                if not entry.knows(breach):
                    entry.judge(breach, self.deviations)

    def judge(self, operation: Operation, recorded: Recorded) -> Judged:
        """The breaches that one exchange shows, and the properties it came under."""
        sent = to_httpx(recorded.request, media_of(operation, recorded.request))
        self._playback.response = response_to_httpx(recorded.response)
        sent.extensions[ANSWER] = self._playback.response
        valid = valid_on_the_wire(self.truth, operation, sent)
        try:
            plain = values(self.truth, operation, recorded.request)
            exchange = self._caller.call(operation, plain)
        except (InexpressibleError, UndeclaredError) as error:
            return self._unspoken(operation, recorded, sent, str(error), valid=valid)
        breaches = [
            *self._fidelity(operation, plain, sent, exchange),
            *self._response(operation, plain, exchange),
            *_accepted(recorded, sent, valid=valid),
        ]
        return breaches, LAWS

    def _fidelity(
        self, operation: Operation, plain: Values, sent: httpx.Request, exchange: Exchange
    ) -> Iterator[Breach]:
        """Both wires say the same: the recorded one and the client's."""
        lines = [*differences(operation, plain, exchange.request, self._caller.key)]
        if not lines:
            sent.headers["authorization"] = exchange.request.headers.get("authorization", "")
            lines = [
                f"recorded {each}" for each in differences(operation, plain, sent, self._caller.key)
            ]
        for line in lines:
            yield RequestDiffers(line, evidence(exchange.request))

    def _response(self, operation: Operation, plain: Values, exchange: Exchange) -> list[Breach]:
        case = self.draws.blank(operation, plain)
        documented = str(exchange.status) in operation.raw["responses"]
        return [
            *checks.conformance(case, exchange),
            *checks.parsing(exchange, documented=documented),
        ]

    def _unspoken(
        self,
        operation: Operation,
        recorded: Recorded,
        sent: httpx.Request,
        why: str,
        *,
        valid: bool,
    ) -> Judged:
        """The client cannot say the request: right for an invalid one that was refused."""
        breaches: list[Breach] = []
        refused = recorded.response.status >= 400 and not valid
        if not refused:
            breaches.append(RequestDiffers(f"the client cannot say it: {why}", evidence(sent)))
        breaches += _accepted(recorded, sent, valid=valid)
        # The response is judged all the same, as the answer to a request that can be said.
        for case in self.draws.boundary(operation, GenerationMode.POSITIVE):
            plain = cases.values(self.truth, operation, case)
            try:
                exchange = self._caller.call(operation, plain)
            except InexpressibleError:
                continue
            breaches += self._response(operation, plain, exchange)
            laws = ("conformance", "parsing", "inputs")
            return breaches, laws if refused else LAWS
        return breaches, ("fidelity", "inputs")


def _accepted(recorded: Recorded, sent: httpx.Request, *, valid: bool) -> Iterator[Breach]:
    if recorded.response.status < 400 and not valid:
        what = f"status {recorded.response.status}: recorded, though the truth calls it invalid"
        yield InvalidAccepted(what, evidence(sent))
