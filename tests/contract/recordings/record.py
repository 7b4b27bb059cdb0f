"""Records a target: every operation with its documented success, and what leads there."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

import httpx
from attrs import define, field
from schemathesis import GenerationMode

from tests.contract import cases
from tests.contract.calls import Caller, InexpressibleError
from tests.contract.cases import Cases
from tests.contract.recordings.exchange import Recorded
from tests.contract.recordings.tape import Tape, scrubbed
from tests.contract.recordings.wire import Reader
from tests.contract.safety.errors import HaltedError, WithheldError
from tests.contract.targets import Target
from tests.contract.truth import Operation, Truth
from tests.contract.world import UnreachableError, World

_OTHERS = 3


@define
class Session:
    """The exchanges, scrubbed; operations that had no success, or may not be called there."""

    exchanges: list[Recorded] = field(factory=list)
    missed: dict[str, str] = field(factory=dict)
    withheld: dict[str, str] = field(factory=dict)


def record(
    truth: Truth,
    target: Target,
    draws: Cases,
    wanted: Iterable[Operation],
    *,
    date: str,
    each: int,
    progress: Callable[[str], None] = lambda _: None,
) -> Session:
    """Call the operations through the client and keep at most `each` exchanges by status."""
    chosen = list(wanted)
    tape = Tape(target.transport, Reader(truth, target.name, date), each)
    target.transport = tape
    session = Session()
    prepared = target.prepare(draws)
    caller = Caller(truth, target, target.key)
    world = World(truth, prepared, caller, target.domain, target.apart)
    for operation in chosen:
        if reason := target.withholds(operation.id):
            session.withheld[operation.id] = reason
            continue
        progress(operation.id)
        try:
            target.reset()
            world.restart(anew=target.control)
            world.succeed(operation)
            _others(truth, world, prepared, operation)
        except WithheldError as error:
            session.withheld[operation.id] = str(error)[:200]
        except HaltedError as error:
            session.missed[operation.id] = str(error)[:200]
            break
        except (UnreachableError, InexpressibleError, httpx.TransportError) as error:
            session.missed[operation.id] = str(error)[:200]
    names = {operation.id for operation in chosen}
    kept = [found for found in tape.kept if found.operation in names]
    keys = {target.key, target.foreign_key, target.sending_key, target.wrong_key} - {""}
    salt = f"{target.key} {target.domain}".encode()
    session.exchanges = scrubbed(truth, kept, salt, keys)
    return session


def _others(truth: Truth, world: World, draws: Cases, operation: Operation) -> None:
    """Some more valid calls, with the names that they were drawn with: mostly of nothing."""
    positive = GenerationMode.POSITIVE
    own = {("path", name): world.domain for name in operation.domain_parameters}
    for case in itertools.islice(draws.boundary(operation, positive), _OTHERS):
        cases.substitute(case, own)
        world.caller.call(operation, cases.values(truth, operation, case))
