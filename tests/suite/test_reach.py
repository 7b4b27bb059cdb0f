"""No vacuous green: an operation that never has its documented success is reported."""

from __future__ import annotations

import httpx
import pytest

from tests.contract.truth import Operation
from tests.suite.conftest import Benches
from tests.suite.faults import Altered, Refusing, instead
from tests.suite.wreck import only


def test_an_operation_that_never_succeeds_is_reported_with_what_came(bench: Benches) -> None:
    judge = bench(Refusing(operation="list_things", status=400))
    (detail,) = judge.details("reach", "list_things", "NeverSucceeded")
    assert detail.startswith('list_things never succeeded: 400 {"message":"not today"}')


def test_one_success_is_enough(bench: Benches) -> None:
    calls: list[int] = []

    def after_three(_call: object) -> bool:
        calls.append(1)
        return len(calls) < 4

    entry = bench(Refusing(operation="list_things", when=after_three)).run("reach", "list_things")
    assert entry.broken == []
    assert entry.statuses == {200: 1}


def test_another_success_than_the_documented_one_does_not_count(bench: Benches) -> None:
    server = Altered(operation="list_things", change=instead(202))
    assert bench(server).breaches("reach", "list_things") == {"NeverSucceeded"}


def test_a_success_that_the_client_cannot_read_does_not_count(bench: Benches) -> None:
    server = Altered(operation="list_things", change=instead(200, b"["))
    assert bench(server).breaches("reach", "list_things") == {"NeverSucceeded"}


@pytest.mark.parametrize("check", ["reach", "valid", "invalid", "auth"])
def test_a_producer_out_of_reach_is_reported_for_each_check(bench: Benches, check: str) -> None:
    judge = bench(Refusing(operation="create_thing"))
    (detail,) = judge.details(check, "get_note", "NeverSucceeded")
    assert detail.startswith("create_thing never succeeded: 400")


@pytest.mark.parametrize("check", ["reach", "valid"])
def test_nothing_passes_where_the_resource_cannot_be_made(bench: Benches, check: str) -> None:
    entry = bench(Refusing(operation="create_thing")).run(check, "get_note")
    assert entry.through_client == 0
    assert not entry.statuses


def test_an_operation_that_is_switched_off_has_to_say_so() -> None:
    raw = {"responses": {"200": {}, "410": {}}, "x-gone": True}
    assert Operation("old", "GET", "/old", raw).successes == {410}
    del raw["x-gone"]
    assert Operation("old", "GET", "/old", raw).successes == {200}


def test_a_call_that_the_client_refuses_to_make_is_reported(bench: Benches) -> None:
    def refuse(request: httpx.Request) -> httpx.Request:
        raise ValueError(f"not to {request.url.path}")

    judge = bench(rewrite=only("get_status", refuse))
    (detail,) = judge.details("valid", "get_status", "RequestDiffers")
    assert detail.startswith("the client cannot say it: get_status: ValueError")
