"""Property 4: valid input is accepted, invalid input is refused, and a refusal leaves no trace."""

from __future__ import annotations

import json

import httpx
import pytest
from attrs import define

from tests.suite.conftest import Benches
from tests.suite.faults import Altered, Credulous, Leaking, Refusing, instead
from tests.suite.server import Call, Server, problem, query_of


def _inactive(call: Call) -> bool:
    return ("active", "false") in query_of(call.request)


def _second_batch(call: Call) -> bool:
    return "2" in call.request.headers.get_list("x-batch")


def _tagged(call: Call) -> bool:
    return bool(json.loads(call.request.content).get("tags"))


@pytest.mark.parametrize(
    ("operation", "when"),
    [("list_things", _inactive), ("update_thing", _second_batch), ("update_thing", _tagged)],
)
def test_valid_input_that_is_refused_is_reported(
    bench: Benches, operation: str, when: object
) -> None:
    server = Refusing(operation=operation, when=when)  # type: ignore[arg-type]
    assert bench(server).breaches("valid", operation) == {"ValidRejected"}


@pytest.mark.parametrize("status", [400, 401, 404])
def test_no_refusal_without_a_reason_outside_of_schemas_is_tolerated(
    bench: Benches, status: int
) -> None:
    server = Refusing(operation="list_things", status=status, when=_inactive)
    assert "ValidRejected" in bench(server).breaches("valid", "list_things")


@pytest.mark.parametrize("status", [403, 409, 429])
def test_refusals_on_a_fresh_state_need_a_deviation(bench: Benches, status: int) -> None:
    server = Refusing(operation="list_things", status=status, when=_inactive)
    assert "ValidRejected" in bench(server).breaches("valid", "list_things")


@define
class Deaf(Server):
    """Its fingerprint never changes."""

    def digest(self) -> str:
        return ""


@pytest.mark.parametrize("operation", ["create_thing", "update_thing", "delete_thing", "add_note"])
def test_a_fingerprint_that_never_changes_is_noticed(bench: Benches, operation: str) -> None:
    assert bench(Deaf()).breaches("valid", operation) == {"WriteUntraced"}


@define
class Counting(Server):
    """Counts what is read as part of its state."""

    def list_things(self, call: Call) -> httpx.Response:
        self.notes[f"read {len(self.notes)}"] = {"id": 0, "text": ""}
        return Server.list_things(self, call)


def test_a_trace_of_reading_is_noticed(bench: Benches) -> None:
    assert bench(Counting()).breaches("valid", "list_things") == {"StateChanged"}


def test_a_failing_case_is_made_as_small_as_it_can_be(bench: Benches) -> None:
    server = Refusing(operation="list_things", when=_inactive)
    rows = bench(server).run("valid", "list_things").broken
    assert [row["curl"].split("?")[1].split(" ")[0] for row in rows] == ["active=false'"]


def test_what_is_needed_stays_in_a_smaller_case(bench: Benches) -> None:
    rows = bench(Refusing(operation="update_thing", when=_tagged)).run("valid", "update_thing")
    sent = json.loads(rows.broken[0]["curl"].partition("--data-binary ")[2].strip("'"))
    assert sent.keys() == {"active", "tags"}


def test_existing_resources_have_to_be_found(bench: Benches) -> None:
    server = Refusing(operation="update_thing", status=404)
    assert "ValidRejected" in bench(server).breaches("valid", "update_thing")


def test_unknown_resources_need_not_be_found(bench: Benches) -> None:
    entry = bench().run("valid", "update_thing")
    assert entry.statuses[404] > 0
    assert entry.broken == []


@define
class Unique(Server):
    """A name can be taken only once."""

    def create_thing(self, body: dict[str, object]) -> httpx.Response:
        if any(thing["name"] == body["name"] for thing in self.things.values()):
            return problem(400, "the name is taken")
        return Server.create_thing(self, body)


def test_a_refusal_that_an_earlier_case_brought_about_is_no_breach(bench: Benches) -> None:
    entry = bench(Unique()).run("valid", "create_thing")
    assert entry.statuses[400] > 0
    assert entry.broken == []


def test_invalid_input_that_is_accepted_is_reported(bench: Benches) -> None:
    judge = bench(Credulous(operation="list_things"))
    assert judge.breaches("invalid", "list_things") == {"InvalidAccepted"}


def test_the_report_says_what_was_invalid(bench: Benches) -> None:
    server = Credulous(operation="list_things")
    details = bench(server).details("invalid", "list_things", "InvalidAccepted")
    assert "status 200: limit: Value greater than maximum" in details


def test_input_that_is_valid_once_sent_may_be_accepted(bench: Benches) -> None:
    entry = bench().run("invalid", "create_thing")
    assert entry.raw_statuses[200] > 0
    assert entry.broken == []


def test_a_redirect_counts_as_accepted(bench: Benches) -> None:
    server = Altered(operation="list_things", status=400, change=instead(302))
    assert "InvalidAccepted" in bench(server).breaches("invalid", "list_things")


@pytest.mark.parametrize("operation", ["create_thing", "update_thing", "add_note"])
def test_a_refused_call_that_leaves_a_trace_is_reported(bench: Benches, operation: str) -> None:
    assert bench(Leaking()).breaches("invalid", operation) == {"StateChanged"}


@define
class Once(Server):
    """Lists any domain, but only once."""

    listed: bool = False

    def reset(self) -> None:
        self.listed = False
        Server.reset(self)

    def refuse_key(self, call: Call) -> httpx.Response | None:
        return None if call.id == "list_things" else Server.refuse_key(self, call)

    def list_things(self, call: Call) -> httpx.Response:
        if self.listed:
            return problem(400, "once is enough")
        self.listed = True
        return Server.list_things(self, call)


def test_names_as_drawn_get_a_fresh_state_too(bench: Benches) -> None:
    entry = bench(Once()).run("valid", "list_things")
    assert entry.statuses[400] > 3
    assert entry.broken == []


@define
class Fleeting(Server):
    """A thing is gone once it was updated, whatever the update was."""

    def refuse_input(self, call: Call) -> httpx.Response | None:
        if call.id != "update_thing":
            return Server.refuse_input(self, call)
        gone = self.things.pop(call.names["thing_id"], None)
        return problem(404, "no such thing") if gone is None else None

    def update_thing(self, thing_id: str, body: dict[str, object]) -> httpx.Response:
        return httpx.Response(200, json={"message": f"updated {thing_id}", "thing": body})

    def body(self, call: Call) -> object:
        return {} if call.id == "update_thing" else Server.body(self, call)


def test_an_accepted_call_that_took_its_resource_does_not_hide_the_next(bench: Benches) -> None:
    entry = bench(Fleeting()).run("invalid", "update_thing")
    assert entry.raw_statuses[200] > 10
    assert entry.raw_statuses[404] == 0


def test_a_call_that_cannot_be_sent_at_all_is_counted(
    bench: Benches, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = bench()
    monkeypatch.setattr(type(judge.suite), "raw", lambda _suite, _case: None)
    entry = judge.run("invalid", "list_things")
    assert entry.misdrawn == 30
    assert not entry.ran
