"""The mutation harness: faults are caught, none is none, what cannot be is not counted."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from attrs import define

from tests.contract import calls
from tests.contract.cases import Cases
from tests.contract.truth import Truth
from tests.mutants import inputs
from tests.mutants.answers import AnswerFault, replaced
from tests.mutants.catalogue import NOTHING
from tests.mutants.fault import Fault, Mutant
from tests.mutants.harness import BODIES, CAUGHT, CRASH, EXCLUDED, SURVIVED, Cell, Harness
from tests.mutants.runtime import RuntimeFault
from tests.suite import package
from tests.suite.conftest import PROFILE, SEED
from tests.suite.faults import Altered, instead
from tests.suite.server import Server, target

Harnesses = Callable[..., Harness]


@pytest.fixture
def harness(
    truth: Truth, draws: Cases, client_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Harnesses:
    """Makes a harness on the server, by default one without any fault."""

    def make(server: httpx.BaseTransport | None = None, seed: int = SEED) -> Harness:
        package.install(monkeypatch)
        return Harness.of(truth, target(server or Server()), PROFILE, [], seed, draws)

    return make


def cell(harness: Harness, mutant: str, operation: str) -> Cell:
    by_name = {each.name: each for each in harness.mutants}
    return harness.try_out(by_name[mutant], harness.suite.truth.operations[operation])


CATCHES = {
    "required dropped": ("create_thing", "conformance"),
    "type changed": ("update_thing", "conformance"),
    "null given": ("list_things", "conformance"),
    "body truncated": ("add_note", "conformance"),
    "status undocumented": ("delete_thing", "conformance"),
    "content type changed": ("get_note", "conformance"),
    "auth ignored": ("list_things", "auth"),
    "foreign key let in": ("list_things", "auth"),
    "lesser key let in": ("add_note", "auth"),
    "method changed": ("get_status", "fidelity"),
    "path unquoted": ("update_thing", "fidelity"),
    "array joined": ("list_things", "fidelity"),
    "form field renamed": ("add_note", "fidelity"),
    "query renamed": ("list_things", "fidelity"),
    "JSON key renamed": ("update_thing", "fidelity"),
    "boolean spelled": ("create_thing", "fidelity"),
    "file name lost": ("create_thing", "fidelity"),
    "file emptied": ("create_thing", "fidelity"),
    "name unescaped": ("create_thing", "fidelity"),
    "header missing": ("update_thing", "fidelity"),
    "key missing": ("get_note", "fidelity"),
    "content type missing": ("add_note", "fidelity"),
    "answer field lost": ("create_thing", "parsing"),
    "coroutine asks otherwise": ("create_thing", "twins"),
    "coroutine answers otherwise": ("get_status", "twins"),
}


@pytest.mark.parametrize("mutant", CATCHES)
def test_a_fault_is_caught_by_the_property_that_it_breaks(harness: Harnesses, mutant: str) -> None:
    operation, law = CATCHES[mutant]
    found = cell(harness(), mutant, operation)
    assert (found.outcome, found.law) == (CAUGHT, law), found
    assert found.fired > 0


@pytest.mark.parametrize(
    ("mutant", "operation"),
    [
        ("create lost", "create_thing"),
        ("update lost", "update_thing"),
        ("delete ignored", "delete_thing"),
        ("page overlap", "list_things"),
        ("page overlap", "list_notes"),
        ("page gap", "list_things"),
        ("page gap", "list_notes"),
    ],
)
def test_what_is_forgotten_or_divided_wrongly_is_caught(
    harness: Harnesses, mutant: str, operation: str
) -> None:
    found = cell(harness(), mutant, operation)
    assert (found.outcome, found.law) == (CAUGHT, "paging" if "page" in mutant else "state"), found
    assert found.fired > 0


EXCLUSIONS = {
    "required dropped": ("get_note", "no success has a JSON body"),
    "enum left": ("create_thing", "no enum in a success"),
    "content type changed": ("delete_thing", "no success has a body"),
    "auth ignored": ("get_status", "needs no key"),
    "foreign key let in": ("get_status", "needs no key"),
    "delete ignored": ("create_thing", "no DELETE"),
    "page overlap": ("create_thing", "no list in pages"),
    "path unquoted": ("get_status", "no path parameter"),
    "array joined": ("update_thing", "no list outside of JSON"),
    "boolean spelled": ("add_note", "no boolean outside of JSON"),
    "file name lost": ("add_note", "no file in a form"),
    "name unescaped": ("add_note", "no multipart form with free names"),
    "query renamed": ("get_note", "no query parameter"),
    "header missing": ("list_things", "no header parameter"),
    "answer field lost": ("delete_thing", "no success has fields"),
}


@pytest.mark.parametrize("mutant", EXCLUSIONS)
def test_a_fault_that_an_operation_cannot_have_is_not_tried(
    harness: Harnesses, mutant: str
) -> None:
    operation, why = EXCLUSIONS[mutant]
    server = Server()
    found = cell(harness(server), mutant, operation)
    assert (found.outcome, found.why) == (EXCLUDED, why)
    assert server.calls == []


def test_a_mutant_that_does_nothing_survives(harness: Harnesses) -> None:
    idle = Mutant("idle", "server", "nothing", inputs.always, Fault)
    subject = harness()
    found = [subject.try_out(idle, each) for each in subject.suite.truth.operations.values()]
    assert {(each.outcome, each.fired) for each in found} == {(SURVIVED, 0)}, found


def test_the_control_finds_what_is_wrong_without_a_fault(harness: Harnesses) -> None:
    subject = harness(Altered(operation="get_status", change=instead(418)))
    found, ignored = subject.control(subject.suite.truth.operations["get_status"])
    assert (found.mutant, found.outcome) == (NOTHING, CAUGHT)
    assert any("418" in detail or "status code" in detail.lower() for _, detail in ignored)


def test_what_is_wrong_without_a_fault_is_no_catch(harness: Harnesses) -> None:
    subject = harness(Altered(operation="get_status", change=instead(418)))
    idle = Mutant("idle", "server", "nothing", inputs.always, Fault)
    operation = subject.suite.truth.operations["get_status"]
    assert subject.try_out(idle, operation).outcome == CAUGHT
    _, ignored = subject.control(operation)
    assert subject.try_out(idle, operation, ignored).outcome == SURVIVED


def test_a_check_that_breaks_down_is_told_apart(
    harness: Harnesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no such thing")

    subject = harness()
    monkeypatch.setattr(type(subject.suite), "reach", broken)
    operation = subject.suite.truth.operations["get_status"]
    found, ignored = subject.control(operation)
    assert (found.outcome, found.law, found.breach) == (CAUGHT, CRASH, "RuntimeError")
    idle = Mutant("idle", "server", "nothing", inputs.always, Fault)
    assert subject.try_out(idle, operation, ignored).outcome == SURVIVED


def test_an_error_of_the_fault_itself_is_no_catch(harness: Harnesses) -> None:
    class Broken(Fault):
        def exchange(self, request: httpx.Request, wire: httpx.BaseTransport) -> httpx.Response:
            raise LookupError(f"{request.url} at {wire}")

    broken = Mutant("broken", "server", "broken", inputs.always, Broken)
    subject = harness()
    with pytest.raises(RuntimeError, match="the fault itself is broken: broken on get_status"):
        subject.try_out(broken, subject.suite.truth.operations["get_status"])


@define
class Renaming(RuntimeFault):
    """Breaks something that the runtime does not have, as after a change of the runtime."""

    def functions(self, sound: ModuleType) -> dict[str, Callable[..., object]]:
        return {"no_such_function": sound.outgoing}


@define
class Stumbling(RuntimeFault):
    """Cannot make a request any more."""

    def functions(self, sound: ModuleType) -> dict[str, Callable[..., object]]:
        def faulty(*_: object) -> object:
            return sound.no_such_function

        return {"outgoing": faulty}


@define
class Gone(RuntimeFault):
    """Takes what it breaks from a place where it is no longer."""

    def functions(self, sound: ModuleType) -> dict[str, Callable[..., object]]:
        return {"outgoing": sound.no_such_function}


@pytest.mark.parametrize("broken", [Renaming, Stumbling, Gone])
def test_a_client_fault_that_no_longer_fits_the_runtime_is_an_error(
    harness: Harnesses, broken: type[Fault]
) -> None:
    mutant = Mutant("misfit", "client", "misfit", inputs.always, broken)
    subject = harness()
    with pytest.raises(RuntimeError, match=r"fault itself is broken: .*no_such_function"):
        subject.try_out(mutant, subject.suite.truth.operations["get_status"])
    assert subject.switch.fault is None


@define
class Idle(RuntimeFault):
    """Is called, and does as the runtime does."""

    def functions(self, sound: ModuleType) -> dict[str, Callable[..., object]]:
        outgoing, part = sound.outgoing, sound._part
        return {
            "outgoing": lambda *rest, **named: outgoing(*rest, **named),
            "_part": lambda *rest: part(*rest),
        }


@pytest.mark.parametrize("operation", ["create_thing", "add_note", "update_thing", "list_things"])
def test_a_client_fault_counts_only_requests_that_it_changes(
    harness: Harnesses, operation: str
) -> None:
    idle = Mutant("idle", "client", "nothing", inputs.always, Idle)
    subject = harness()
    found = subject.try_out(idle, subject.suite.truth.operations[operation])
    assert (found.outcome, found.fired) == (SURVIVED, 0), found


def test_an_answer_that_stays_as_it_was_is_no_fault(harness: Harnesses) -> None:
    @define
    class Same(AnswerFault):
        def change(self, response: httpx.Response) -> httpx.Response:
            return replaced(response, status=response.status_code, content=response.content)

    same = Mutant("same", "server", "nothing", inputs.always, Same)
    subject = harness()
    found = subject.try_out(same, subject.suite.truth.operations["list_things"])
    assert (found.outcome, found.fired) == (SURVIVED, 0), found


def test_a_fault_sees_that_every_check_starts_anew(harness: Harnesses) -> None:
    resets = []

    class Watching(Fault):
        def serve(
            self, request: httpx.Request, operation: str | None, wire: httpx.BaseTransport
        ) -> httpx.Response:
            if request.url.path.endswith("/_emulator/reset"):
                resets.append(request)
            return Fault.serve(self, request, operation, wire)

    watching = Mutant("watching", "server", "nothing", inputs.always, Watching)
    subject = harness()
    subject.try_out(watching, subject.suite.truth.operations["get_status"])
    assert len(resets) >= len(BODIES) - 2


def test_nothing_of_a_fault_stays(harness: Harnesses) -> None:
    subject = harness()
    operation = subject.suite.truth.operations["update_thing"]
    module = sys.modules[calls.function_of(operation).__module__]
    before = dict(vars(module))
    assert len(list(subject.run(operation))) == len(subject.mutants) + 1
    assert dict(vars(module)) == before
    assert subject.switch.fault is None
    again, _ = subject.control(operation)
    assert again.outcome == SURVIVED


def test_the_same_seed_gives_the_same_cells(harness: Harnesses, truth: Truth) -> None:
    operation = truth.operations["update_thing"]
    first, second = (list(harness().run(operation)) for _ in range(2))
    assert first == second


def test_the_seed_chooses_the_place(harness: Harnesses) -> None:
    details = {cell(harness(seed=seed), "type changed", "update_thing").detail for seed in range(6)}
    assert len(details) > 1


def test_only_the_named_classes_are_tried(harness: Harnesses, truth: Truth) -> None:
    found = list(harness().run(truth.operations["get_status"], frozenset({"method changed"})))
    assert [each.mutant for each in found] == [NOTHING, "method changed"]
