"""Properties 1 to 4 and 8 on valid cases, boundary values first."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial

from attrs import define
from schemathesis import Case, GenerationMode

from tests.contract import cases, checks
from tests.contract.breaches import (
    Breach,
    NeverSucceeded,
    RequestDiffers,
    StateChanged,
    ValidRejected,
    WriteUntraced,
)
from tests.contract.calls import InexpressibleError
from tests.contract.cases import Cases
from tests.contract.checks import Exchange
from tests.contract.evidence import evidence
from tests.contract.fidelity import differences
from tests.contract.laws import twins
from tests.contract.ledger import Entry
from tests.contract.profiles import Profile
from tests.contract.safety.errors import WithheldError
from tests.contract.scene import Scene
from tests.contract.shrink import Shrinker
from tests.contract.truth import Operation, Truth
from tests.contract.wire import body_valid, valid_on_the_wire, value_valid
from tests.contract.world import UnreachableError

# What a trace of an earlier case can bring about; 404 only for resources that shall exist.
_CONFLICTS = frozenset({400, 403, 404, 409, 429})
# Names as drawn belong to nobody, or to somebody else.
_UNKNOWN = frozenset({401, 403, 404})
_ODD_NAMES = ("..", "a/b?c#d%2F e")
# Names of fields that are hard to put into the head of a part; messages take some prefixes only.
_ODD_FIELDS = ('v:"odd"; \\name=é', '"odd"; \\name=é')


def check(scene: Scene, operation: Operation, entry: Entry) -> None:
    trace = _Trace(scene, operation)
    twin = twins.Twins(scene, operation)
    shrinker = Shrinker(scene, operation)
    for case, existing in drawn(scene.truth, scene.draws, scene.profile, operation):
        if not body_valid(scene.truth, operation, case):
            entry.misdrawn += 1  # Boundary cases may overlook a composition of the body.
            continue
        again = cases.copy(case)
        try:
            exchange = trace.call(case, entry, existing=existing)
            if exchange.status in (_CONFLICTS if existing else _CONFLICTS - _UNKNOWN):
                # The trace of an earlier case may be in the way: the name is taken, the resource
                # renamed or gone. On a fresh state only the case itself counts.
                scene.start()
                case = cases.copy(again)
                exchange = trace.call(case, entry, existing=existing)
        except UnreachableError as error:
            scene.judge(entry, [NeverSucceeded(str(error), error.evidence)])
            return
        except WithheldError:
            continue
        except InexpressibleError as error:
            scene.judge(entry, [RequestDiffers(f"the client cannot say it: {error}")])
            continue
        found = _breaches(scene, operation, case, exchange, existing=existing)
        found += twin.breaches(case, exchange, entry)
        if any(not entry.knows(each) and not scene.excused(operation, each) for each in found):
            judge = partial(_fresh, scene, operation, existing=existing)
            found = shrinker.shrink(again, found, judge)
        scene.judge(entry, found)
        for name in ("fidelity", "conformance", "parsing", "inputs"):
            entry.ran[name] += 1
    trace.insist(entry)
    scene.judge(entry, trace.breaches(entry))


def drawn(
    truth: Truth, draws: Cases, profile: Profile, operation: Operation
) -> Iterator[tuple[Case, bool]]:
    """Valid cases, and whether they shall name resources that exist."""
    positive = GenerationMode.POSITIVE
    usual = itertools.chain(
        itertools.islice(draws.boundary(operation, positive), profile.boundary),
        draws.fuzzed(operation, positive, profile.fuzzed),
    )
    first, longer, named = None, None, None
    for number, case in enumerate(usual):
        first = first or cases.copy(case)
        longer = longer or _longer(truth, operation, case)
        # Schemathesis draws no names that are hard to put into a form, so one case gets such; a
        # copy of it would not do, for what it makes exists by then.
        if number and named is None:
            named = _named(truth, operation, case)
            case = named or case
        # One in four keeps the names it was drawn with: unknown resources are valid input.
        yield case, number % 4 != 3
    # One value is the same however lists are written, and most drawn lists have one. A link may
    # give the list too, so the names stay as drawn.
    if longer is not None:
        yield longer, False
    # Nor does schemathesis ever draw the names that are hard to put into a path.
    for name in _ODD_NAMES:
        if first is None:
            return
        odd = cases.copy(first)
        free = {
            ("path", parameter): name
            for parameter, raw in operation.parameters("path").items()
            if value_valid(truth, raw["schema"], name)
        }
        if free:
            cases.substitute(odd, free)
            yield odd, False


def _named(truth: Truth, operation: Operation, case: Case) -> Case | None:
    """`case` with a field of an odd name in its form, if it has one and its names are free."""
    if case.media_type != "multipart/form-data" or not isinstance(case.body, dict):
        return None
    for name in _ODD_FIELDS:
        named = cases.copy(case)
        named.body = {**case.body, name: "x"}
        if body_valid(truth, operation, named):
            return named
    return None


def _longer(truth: Truth, operation: Operation, case: Case) -> Case | None:
    """`case` with its lists of one value made lists of two, if there are any and they may be."""
    longer = cases.copy(case)
    groups = [longer.query, longer.body if isinstance(longer.body, dict) else {}]
    found = False
    for group in groups:
        for name, value in (group or {}).items():
            if isinstance(value, list) and len(value) == 1:
                group[name] = value * 2
                found = True
    valid = body_valid(truth, operation, longer) and all(
        value_valid(truth, raw["schema"], longer.query[name])
        for name, raw in operation.parameters("query").items()
        if isinstance((longer.query or {}).get(name), list)
    )
    return longer if found and valid else None


def _breaches(
    scene: Scene, operation: Operation, case: Case, exchange: Exchange, *, existing: bool
) -> list[Breach]:
    values = cases.values(scene.truth, operation, case)
    sent = exchange.request
    differing = [*differences(operation, values, sent, scene.target.key)]
    if exchange.requests != 1:
        differing.append(f"{exchange.requests} requests for one call")
    documented = str(exchange.status) in operation.raw["responses"]
    return [
        *(RequestDiffers(line, evidence(sent)) for line in differing),
        *checks.conformance(case, exchange),
        *checks.parsing(exchange, documented=documented),
        *_acceptance(scene, operation, exchange, existing=existing),
    ]


def _acceptance(
    scene: Scene, operation: Operation, exchange: Exchange, *, existing: bool
) -> list[Breach]:
    tolerated = operation.successes | (frozenset() if existing else _UNKNOWN)
    if exchange.status < 400 or exchange.status in tolerated:
        return []
    if not valid_on_the_wire(scene.truth, operation, exchange.request):
        return []  # A form has no empty list, so what was valid as data is not as a request.
    text = exchange.response.text[:200]
    return [ValidRejected(f"status {exchange.status}: {text}", evidence(exchange.request))]


def _fresh(scene: Scene, operation: Operation, case: Case, *, existing: bool) -> list[Breach]:
    """What the case alone breaks on a state as new; nothing for a case that is not valid."""
    if not body_valid(scene.truth, operation, case):
        return []
    scene.start()
    try:
        exchange = scene.call(operation, case, Entry(operation.id), existing=existing)
    except (UnreachableError, InexpressibleError, WithheldError):
        return []
    return _breaches(scene, operation, case, exchange, existing=existing)


@define
class _Trace:
    """Whether successes leave a trace, as they have to where an operation writes, and only there.

    A fingerprint that never changes would make every look at the state worthless. Where the target
    has none, there is nothing to look at.
    """

    scene: Scene
    operation: Operation
    seen: int = 0
    traced: bool = False

    def call(self, case: Case, entry: Entry, *, existing: bool) -> Exchange:
        """As `Scene.call`, with a look at the state before and after while it can tell more."""
        if existing:
            # What the call needs is made first: its making is not the call's own trace.
            cases.substitute(case, *self.scene.world.known(self.operation))
        blind = not self.scene.target.control
        if blind or self.traced or (self.seen and not self.operation.changes):
            return self.scene.call(self.operation, case, entry, existing=False)
        kept = self.scene.target.digest()
        exchange = self.scene.call(self.operation, case, entry, existing=False)
        done = exchange.status in self.operation.successes and exchange.status < 400
        if done and not self.scene.target.makes_up(exchange.response):
            self.seen += 1
            self.traced = self.scene.target.digest() != kept
        return exchange

    def insist(self, entry: Entry) -> None:
        """Look for a trace among more cases: the first ones may write what is there already."""
        if self.traced or not self.seen or not self.operation.changes:
            return
        try:
            for case in self.scene.world.candidates(self.operation):
                self.call(case, entry, existing=True)
                if self.traced:
                    return
        except (UnreachableError, InexpressibleError, WithheldError):
            return

    def breaches(self, entry: Entry) -> Iterator[Breach]:
        what = f"{self.seen} successful call(s)"
        if self.traced and not self.operation.changes:
            yield StateChanged(f"a call that only reads left a trace ({what})")
        if self.operation.changes and self.seen and not self.traced:
            yield WriteUntraced(f"no trace of {what} of {entry.operation}")
