"""Property 5: only the right key gets through."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from attrs import define, field

from tests.suite.conftest import Benches
from tests.suite.faults import Leaking, Open
from tests.suite.server import (
    BASIC,
    EXPIRED,
    FOREIGN,
    KEY,
    SENDING,
    WRONG,
    Call,
    Server,
    key_of,
    problem,
)

KEYS = {
    "missing": "",
    "wrong": WRONG,
    "foreign": FOREIGN,
    "sending": SENDING,
    "basic": BASIC,
    "expired": EXPIRED,
}
OPERATIONS = ["create_thing", "list_things", "update_thing", "delete_thing"]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", KEYS)
def test_a_key_that_gets_through_is_reported(bench: Benches, name: str, operation: str) -> None:
    details = bench(Open(keys=(KEYS[name],))).details("auth", operation, "AuthIgnored")
    if (name, operation) == ("basic", "list_things"):
        assert details == []  # Reading is what the role is for.
        return
    assert len(details) == 1
    assert details[0].startswith(f"{name} key: status ")


def test_only_the_keys_that_get_through_are_reported(bench: Benches) -> None:
    details = bench(Open(keys=("", WRONG))).details("auth", "get_note", "AuthIgnored")
    assert [detail.partition(" ")[0] for detail in details] == ["missing", "wrong"]


def test_every_key_is_tried(bench: Benches) -> None:
    assert bench().run("auth", "delete_thing").ran["auth"] == len(KEYS)


@pytest.mark.parametrize(("operation", "more"), [("get_note", 0), ("list_notes", -1)])
def test_keys_of_others_are_tried_where_a_domain_or_a_resource_is_named(
    bench: Benches, operation: str, more: int
) -> None:
    assert bench().run("auth", operation).ran["auth"] == len(KEYS) + more


def test_a_foreign_key_that_reads_a_resource_by_its_id_is_reported(bench: Benches) -> None:
    details = bench(Open(keys=(FOREIGN,))).details("auth", "get_note", "AuthIgnored")
    assert details == ["foreign key: status 200"]


def test_a_key_that_is_refused_what_its_role_may_do_is_reported(bench: Benches) -> None:
    assert bench(Hiding(key=BASIC, status=403)).breaches("auth", "get_thing") == {"KeyRefused"}


def test_a_public_operation_is_not_tried_with_other_keys(bench: Benches) -> None:
    assert bench().run("auth", "get_status").ran["auth"] == 0


@define(kw_only=True)
class Hiding(Server):
    """Answers 404 to a key, or another status."""

    key: str
    status: int = 404

    def refuse_key(self, call: Call) -> httpx.Response | None:
        if key_of(call.request) == self.key:
            return problem(self.status, "nothing here")
        return Server.refuse_key(self, call)


@pytest.mark.parametrize("name", ["missing", "wrong", "sending"])
def test_nothing_found_is_no_refusal_of_a_key(bench: Benches, name: str) -> None:
    assert bench(Hiding(key=KEYS[name])).breaches("auth", "list_things") == {"AuthIgnored"}


def test_what_others_own_may_be_hidden(bench: Benches) -> None:
    assert bench(Hiding(key=FOREIGN)).breaches("auth", "list_things") == set()


@pytest.mark.parametrize("key", [WRONG, FOREIGN, SENDING])
def test_a_trace_of_a_refused_key_is_reported(bench: Benches, key: str) -> None:
    assert bench(Leaking(keys=(key,))).breaches("auth", "update_thing") == {"StateChanged"}


@define
class Exhausted(Server):
    """Lets the right key through once per operation."""

    used: set[str] = field(factory=set)

    def refuse_key(self, call: Call) -> httpx.Response | None:
        if call.id == "list_things" and key_of(call.request) == KEY:
            if call.id in self.used:
                return problem(403, "enough")
            self.used.add(call.id)
        return Server.refuse_key(self, call)


def test_refusals_prove_nothing_where_the_right_key_is_refused_too(bench: Benches) -> None:
    details: list[Any] = bench(Exhausted()).details("auth", "list_things", "NeverSucceeded")
    assert details == ["the right key does not get through either: status 403"]


def test_an_operation_out_of_reach_is_reported_and_not_passed(bench: Benches) -> None:
    entry = bench(Hiding(key=KEY)).run("auth", "list_things")
    assert [row["breach"] for row in entry.broken] == ["NeverSucceeded"]
    assert entry.ran["auth"] == 0
