"""What faulty servers do, seen from outside; and which part of the matrix a sample is."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from attrs import define

from tests.contract.cases import Cases
from tests.contract.truth import Truth
from tests.mutants import schemas
from tests.mutants.fault import Dice, Fault
from tests.mutants.harness import EXCLUDED, Harness
from tests.mutants.lapses import WriteLost, with_key
from tests.mutants.sample import sampled
from tests.mutants.schemas import ABSENT
from tests.mutants.switch import Recogniser, Switch
from tests.suite import package
from tests.suite.conftest import PROFILE, SEED
from tests.suite.server import BASE, DOMAIN, KEY, Server, target

THINGS = f"{BASE}/v3/{DOMAIN}/things"


def switch(truth: Truth, fault: type[Fault], operation: str) -> Switch:
    dice = Dice(0, "mutant", operation)
    made = fault(truth, truth.operations[operation], dice)
    return Switch(Server(), Recogniser(truth), lambda _: False, made)


def ask(subject: httpx.BaseTransport, method: str, url: str, json: object = None) -> httpx.Response:
    response = subject.handle_request(with_key(httpx.Request(method, url, json=json), KEY))
    response.read()
    return response


def make(subject: httpx.BaseTransport, name: str) -> httpx.Response:
    parts = [("name", (None, name.encode())), ("attachment", ("a", b"x"))]
    request = httpx.Request("POST", THINGS, files=parts)
    request.read()
    response = subject.handle_request(with_key(request, KEY))
    response.read()
    return response


def test_a_lost_creation_is_answered_and_not_there(truth: Truth) -> None:
    subject = switch(truth, WriteLost, "create_thing")
    assert make(subject, "one").status_code == 200
    assert ask(subject, "GET", THINGS).json() == {"items": []}


def test_a_lost_deletion_leaves_all_else_as_it_was(truth: Truth) -> None:
    subject = switch(truth, WriteLost, "delete_thing")
    first, second = make(subject, "one").json()["thing"], make(subject, "two").json()["thing"]
    assert ask(subject, "DELETE", f"{THINGS}/{first['id']}").status_code == 204
    assert ask(subject, "GET", THINGS).json() == {"items": [first, second]}


def test_a_refused_write_is_not_lost(truth: Truth) -> None:
    subject = switch(truth, WriteLost, "delete_thing")
    assert ask(subject, "DELETE", f"{THINGS}/7").status_code == 404
    assert subject.fault is not None
    assert subject.fault.fired == 0


def test_a_reset_clears_what_would_be_sent_again(truth: Truth) -> None:
    subject = switch(truth, WriteLost, "delete_thing")
    make(subject, "one")
    ask(subject, "POST", f"{BASE}/_emulator/reset")
    thing = make(subject, "two").json()["thing"]
    ask(subject, "DELETE", f"{THINGS}/{thing['id']}")
    assert ask(subject, "GET", THINGS).json() == {"items": [thing]}


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/v1/notes", "list_notes"),
        ("GET", "/v1/notes/a%2Fb?x=1", "get_note"),
        ("GET", "/v1/notes/", None),
        ("PATCH", "/v1/notes", None),
        ("GET", "/_emulator/digest", None),
    ],
)
def test_a_call_is_recognised(truth: Truth, method: str, path: str, operation: str | None) -> None:
    assert Recogniser(truth).find(httpx.Request(method, BASE + path)) == operation


def test_literal_segments_are_recognised_first(truth: Truth) -> None:
    literal = truth.operations["get_note"].raw
    document = {**truth.document, "paths": {}}
    operations = {
        name: type(truth.operations["get_note"])(name, "GET", path, literal)
        for name, path in (("any", "/v1/{id}/x"), ("one", "/v1/one/x"), ("late", "/v1/one/{id}"))
    }
    found = Recogniser(Truth(document, operations, {}))
    assert found.find(httpx.Request("GET", f"{BASE}/v1/one/x")) == "one"
    assert found.find(httpx.Request("GET", f"{BASE}/v1/two/x")) == "any"
    assert found.find(httpx.Request("GET", f"{BASE}/v1/one/y")) == "late"


def test_the_dice_depend_on_what_is_there_and_on_nothing_else() -> None:
    dice = Dice(0, "mutant", "operation")
    names = ["a", "b", "c", "d"]
    chosen = dice.first(names)
    assert dice.first(names[::-1]) == chosen
    assert dice.first([each for each in names if each != chosen]) != chosen
    assert len({Dice(seed, "mutant", "operation").first(names) for seed in range(20)}) > 1
    assert dice.first([]) is None


def test_places_are_those_that_a_value_has(truth: Truth) -> None:
    schema = {"$ref": "#/components/schemas/ThingList"}
    thing = {"id": "1", "name": "one", "tags": ["a", "b"], "active": True, "size": None}
    names = {place.name for place in schemas.places(truth, schema, {"items": [thing, thing]})}
    item = {f"items/[]/{name}" for name in thing}
    assert names == {"", "items", "items/[]", "items/[]/tags/[]"} | item


def test_an_edit_leaves_the_original_alone() -> None:
    value = {"a": [{"b": 1, "c": 2}]}
    assert schemas.edited(value, ("a", 0, "b"), None) == {"a": [{"b": None, "c": 2}]}
    assert schemas.edited(value, ("a", 0, "b"), ABSENT) == {"a": [{"c": 2}]}
    assert value == {"a": [{"b": 1, "c": 2}]}


@define
class _Sample:
    harness: Harness

    def of(self, seed: int) -> list[tuple[str, frozenset[str]]]:
        names = frozenset(each.name for each in self.harness.mutants)
        return sampled(self.harness, names, Dice(seed, "sample", ""), operations=2, each=1)


@pytest.fixture
def sample(
    truth: Truth, draws: Cases, client_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> _Sample:
    package.install(monkeypatch)
    return _Sample(Harness.of(truth, target(Server()), PROFILE, [], SEED, draws))


def test_a_sample_has_every_class_that_applies_anywhere(sample: _Sample, truth: Truth) -> None:
    plan = sample.of(0)
    drawn = set()
    for name, mutants in plan:
        for mutant in sample.harness.mutants:
            if mutant.name in mutants and not mutant.excluded(truth, truth.operations[name]):
                drawn.add(mutant.name)
    everywhere = {
        mutant.name
        for mutant in sample.harness.mutants
        if any(not mutant.excluded(truth, each) for each in truth.operations.values())
    }
    assert drawn == everywhere
    assert sum(len(mutants) == len(sample.harness.mutants) for _, mutants in plan) >= 2


def test_a_sample_depends_on_the_seed(sample: _Sample) -> None:
    assert sample.of(0) == sample.of(0)
    assert len({str(sample.of(seed)) for seed in range(6)}) > 1


def test_made_up_answers_keep_nothing_that_could_be_lost(
    truth: Truth, draws: Cases, client_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @define
    class MadeUp(Server):
        def create_thing(self, body: dict[str, object]) -> httpx.Response:
            response = Server.create_thing(self, body)
            self.things.clear()
            response.headers["x-emulator-synthesised"] = "1"
            return response

    package.install(monkeypatch)
    subject = Harness.of(truth, target(MadeUp()), PROFILE, [], SEED, draws)
    (lost,) = (each for each in subject.mutants if each.name == "create lost")
    operation = truth.operations["create_thing"]
    _, ignored = subject.control(operation)
    found = subject.try_out(lost, operation, ignored)
    assert (found.outcome, found.why) == (
        EXCLUDED,
        "the target makes its answers up and keeps nothing",
    )
