"""Property 4 on invalid cases, which go raw: refused as documented, and nothing changes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from schemathesis import Case, GenerationMode

from tests.contract import cases, checks
from tests.contract.breaches import Breach, InvalidAccepted, NeverSucceeded, StateChanged
from tests.contract.checks import Exchange
from tests.contract.evidence import evidence
from tests.contract.ledger import Entry
from tests.contract.scene import Scene
from tests.contract.shrink import Shrinker
from tests.contract.truth import Operation
from tests.contract.wire import valid_on_the_wire
from tests.contract.world import UnreachableError


def check(scene: Scene, operation: Operation, entry: Entry) -> None:
    shrinker = Shrinker(scene, operation)
    try:
        known, _ = scene.world.known(operation)
        before = scene.digest(operation)
        for case in itertools.islice(_cases(scene, operation), scene.profile.invalid):
            again = cases.copy(case)
            cases.substitute(case, known)
            exchange = scene.raw(case)
            if exchange is None:
                entry.misdrawn += 1
                continue
            scene.count_raw(entry, exchange, "inputs")
            after = scene.digest(operation) if exchange.status >= 400 else ""
            changed = exchange.status >= 400 and after != before
            found = _breaches(scene, operation, case, exchange, changed=changed)
            fresh = exchange.status < 400 and operation.writes
            if any(not entry.knows(each) and not scene.excused(operation, each) for each in found):
                found = shrinker.shrink(again, found, lambda each: _fresh(scene, operation, each))
                fresh = True
            scene.judge(entry, found)
            if fresh:
                # The resource may be gone or renamed: a 404 for it would prove nothing.
                scene.start()
                known, _ = scene.world.known(operation)
                after = scene.digest(operation)
            before = after
    except UnreachableError as error:
        scene.judge(entry, [NeverSucceeded(str(error), error.evidence)])


def _cases(scene: Scene, operation: Operation) -> Iterator[Case]:
    boundary = scene.draws.boundary(operation, GenerationMode.NEGATIVE)
    return (case for case in boundary if not cases.is_auth_probe(case))


def _breaches(
    scene: Scene, operation: Operation, case: Case, exchange: Exchange, *, changed: bool
) -> list[Breach]:
    breaches: list[Breach] = list(checks.conformance(case, exchange))
    what = f"status {exchange.status}: {cases.describe(case)}"
    if (
        exchange.status < 400
        and not cases.is_shape_probe(case)
        and not valid_on_the_wire(scene.truth, operation, exchange.request)
    ):
        breaches.append(InvalidAccepted(what, evidence(exchange.request)))
    if changed:
        breaches.append(StateChanged(what, evidence(exchange.request)))
    return breaches


def _fresh(scene: Scene, operation: Operation, case: Case) -> list[Breach]:
    """What the case alone breaks on a state as new."""
    scene.start()
    try:
        known, _ = scene.world.known(operation)
    except UnreachableError:
        return []
    cases.substitute(case, known)
    before = scene.digest(operation)
    exchange = scene.raw(case)
    if exchange is None:
        return []
    changed = exchange.status >= 400 and scene.digest(operation) != before
    return _breaches(scene, operation, case, exchange, changed=changed)
