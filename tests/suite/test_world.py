"""Resources are made by following links, from the start of a chain, and only when needed."""

from __future__ import annotations

import pytest
from attrs import evolve

from tests.contract.cases import Cases
from tests.contract.links import Link
from tests.contract.truth import Operation
from tests.contract.world import UnreachableError, World
from tests.suite.conftest import Bench, Benches
from tests.suite.faults import Refusing
from tests.suite.server import BASE, DOMAIN, Server


def operation(judge: Bench, name: str) -> Operation:
    return judge.suite.truth.operations[name]


def calls(judge: Bench) -> list[str]:
    assert isinstance(judge.server, Server)
    return judge.server.calls


def test_a_domain_in_the_path_is_the_target_s_own(bench: Benches) -> None:
    judge = bench()
    assert judge.suite.world.known(operation(judge, "create_thing")) == (
        {("path", "domain"): DOMAIN},
        None,
    )
    assert calls(judge) == []


def test_an_id_comes_from_the_answer_of_its_producer(bench: Benches) -> None:
    judge = bench()
    known, body = judge.suite.world.known(operation(judge, "update_thing"))
    assert (known, body) == ({("path", "domain"): DOMAIN, ("path", "thing_id"): "1"}, None)
    assert calls(judge) == ["create_thing"]


def test_a_body_can_name_a_resource(bench: Benches) -> None:
    judge = bench()
    assert judge.suite.world.known(operation(judge, "add_note")) == ({}, {"thing": "1"})


def test_a_chain_is_made_from_its_start(bench: Benches) -> None:
    judge = bench()
    known, _ = judge.suite.world.known(operation(judge, "get_note"))
    assert calls(judge) == ["create_thing", "add_note"]
    assert known == {("path", "note_id"): 2}


def test_what_was_made_is_used_again(bench: Benches) -> None:
    judge = bench()
    for name in ("update_thing", "add_note", "update_thing"):
        judge.suite.world.known(operation(judge, name))
    assert calls(judge) == ["create_thing"]


def test_a_delete_gets_a_resource_of_its_own_each_time(bench: Benches) -> None:
    judge = bench()
    judge.suite.world.known(operation(judge, "update_thing"))
    found = [judge.suite.world.known(operation(judge, "delete_thing"))[0] for _ in range(2)]
    assert [known["path", "thing_id"] for known in found] == ["2", "3"]


def test_what_has_to_be_fresh_is_made_from_the_start_of_its_chain(bench: Benches) -> None:
    judge = bench()
    for fresh in (False, True):
        judge.suite.world.known(operation(judge, "get_note"), fresh=fresh)
    assert calls(judge) == ["create_thing", "add_note"] * 2


def test_a_producer_s_request_carries_what_the_link_prescribes(bench: Benches) -> None:
    judge = bench()
    link = judge.suite.truth.links["get_note"]
    world = judge.suite.world
    prescribing = evolve(link, raw=link.raw | {"x-producer-body": {"text": "fixed"}})
    world.truth = evolve(world.truth, links={**world.truth.links, "get_note": prescribing})
    world.known(operation(judge, "get_note"))
    assert isinstance(judge.server, Server)
    assert [note["text"] for note in judge.server.notes.values()] == ["fixed"]


def made(judge: Bench) -> list[str]:
    """The things there are, without their ids."""
    assert isinstance(judge.server, Server)
    return [str({**thing, "id": ""}) for thing in judge.server.things.values()]


def test_no_candidate_is_used_twice_on_one_state(bench: Benches) -> None:
    judge = bench()
    for _ in range(5):
        judge.suite.world.known(operation(judge, "delete_thing"))
    produced = [judge.suite.world.succeed(operation(judge, "create_thing")) for _ in range(5)]
    bodies = [str(sorted(each.values.body.items())) for each in produced]
    assert len(set(bodies)) == len(bodies)


def test_after_a_restart_the_same_candidates_come_in_the_same_order(bench: Benches) -> None:
    judge = bench()
    seen = []
    for _ in range(2):
        judge.suite.start()
        for _ in range(3):
            judge.suite.world.known(operation(judge, "delete_thing"))
        seen.append(made(judge))
    assert seen[0] == seen[1]
    assert len(set(seen[0])) == 3


def test_the_first_success_counts_whatever_came_before(bench: Benches) -> None:
    tried: list[str] = []

    def third(_call: object) -> bool:
        tried.append("")
        return len(tried) < 3

    judge = bench(Refusing(operation="create_thing", when=third))
    known, _ = judge.suite.world.known(operation(judge, "update_thing"))
    assert known["path", "thing_id"] == "1"
    assert len(tried) == 3


def test_a_producer_that_never_succeeds_is_named_with_what_came(bench: Benches) -> None:
    judge = bench(Refusing(operation="add_note", status=409))
    with pytest.raises(UnreachableError, match=r"add_note never succeeded: 409 .*not today") as it:
        judge.suite.world.known(operation(judge, "get_note"))
    assert it.value.evidence.curl.startswith(f"curl -i -X POST {BASE}/v1/notes ")


def test_a_success_without_what_the_link_takes_is_named(bench: Benches) -> None:
    judge = bench()
    raw = {"parameters": {"path.note_id": "$response.body#/nothing"}}
    world = judge.suite.world
    links = {**world.truth.links, "get_note": Link("add_note", "get_note", raw)}
    world.truth = evolve(world.truth, links=links)
    with pytest.raises(UnreachableError, match=r"get_note needs more of add_note: .*#/nothing"):
        world.known(operation(judge, "get_note"))


def test_a_producer_is_asked_again_until_its_request_has_what_the_link_takes(
    bench: Benches,
) -> None:
    judge = bench()
    raw = {"parameters": {"path.note_id": "$request.body#/tag/0"}}
    world = judge.suite.world
    links = {**world.truth.links, "get_note": Link("add_note", "get_note", raw)}
    world.truth = evolve(world.truth, links=links)
    known, _ = world.known(operation(judge, "get_note"))
    assert isinstance(known["path", "note_id"], str)


def test_tries_come_to_an_end(bench: Benches) -> None:
    judge = bench(Refusing(operation="create_thing"))
    with pytest.raises(UnreachableError):
        judge.suite.world.succeed(operation(judge, "create_thing"))
    assert 10 < len(calls(judge)) <= 40


def test_a_world_of_the_same_seed_makes_the_same_things(bench: Benches, draws: Cases) -> None:
    judge = bench()
    suite = judge.suite
    seen = []
    for _ in range(2):
        suite.target.reset()
        world = World(suite.truth, draws, suite.caller, DOMAIN)
        for _ in range(12):
            world.succeed(operation(judge, "create_thing"))
        seen.append(made(judge))
    assert seen[0] == seen[1]
