"""Property 6: a resource that does not live as documented is reported, with the law that broke."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from attrs import define, field

from tests.suite.conftest import Benches
from tests.suite.faults import Altered, Refusing, instead, with_json
from tests.suite.server import Call, Json, Server, problem


def reported(bench: Benches, server: Server, family: str = "create_thing") -> set[tuple[str, str]]:
    """The kinds of breach, with the operations that they are reported for."""
    entries = bench(server).live(family)
    return {(name, row["breach"]) for name, entry in entries.items() for row in entry.broken}


@define
class Forgetful(Server):
    """Keeps another value than the one it got."""

    name: str = "size"
    value: Any = 1000

    def create_thing(self, body: Json) -> httpx.Response:
        answer = Server.create_thing(self, body)
        self.things[str(self.made)][self.name] = self.value
        return answer


@pytest.mark.parametrize(("name", "value"), [("size", 1000), ("name", "-"), ("tags", ["-"])])
def test_what_is_read_back_otherwise_is_reported(bench: Benches, name: str, value: Any) -> None:
    assert ("get_thing", "CreatedDiffers") in reported(bench, Forgetful(name=name, value=value))


def test_what_cannot_be_read_after_creation_is_reported(bench: Benches) -> None:
    assert reported(bench, Refusing(operation="get_thing", status=404)) == {
        ("get_thing", "CreatedDiffers"),
        ("get_thing", "UpdateLost"),
    }


@define(kw_only=True)
class Listing(Server):
    """Lists what there is so many times."""

    times: int

    def window(self, items: list[Json], start: int, size: int) -> list[Json]:
        return (items * self.times)[start : start + size]


@pytest.mark.parametrize("times", [0, 2])
@pytest.mark.parametrize(
    ("family", "listing"), [("create_thing", "list_things"), ("add_note", "list_notes")]
)
def test_what_is_not_listed_once_is_reported(
    bench: Benches, family: str, listing: str, times: int
) -> None:
    assert reported(bench, Listing(times=times), family) == {(listing, "NotListedOnce")}


@define
class Idle(Server):
    """Updates nothing, and says that it did."""

    def update_thing(self, thing_id: str, body: Json) -> httpx.Response:  # noqa: ARG002
        return Server.update_thing(self, thing_id, {})


def test_a_lost_update_is_reported(bench: Benches) -> None:
    assert reported(bench, Idle()) == {("get_thing", "UpdateLost")}


@define
class Spreading(Server):
    """An update changes the name too."""

    def update_thing(self, thing_id: str, body: Json) -> httpx.Response:
        return Server.update_thing(self, thing_id, body | {"name": "another"})


def test_an_update_that_changes_more_is_reported(bench: Benches) -> None:
    assert reported(bench, Spreading()) == {("update_thing", "UpdateSpread")}


def test_an_update_that_is_never_accepted_is_reported(bench: Benches) -> None:
    server = Refusing(operation="update_thing", status=400)
    assert reported(bench, server) == {("update_thing", "StepFailed")}


@define
class Keeping(Server):
    """Deletes nothing, and says that it did."""

    def delete_thing(self, thing_id: str) -> httpx.Response:
        found = thing_id in self.things
        return httpx.Response(204) if found else problem(404, "no such thing")


def test_what_remains_after_its_deletion_is_reported(bench: Benches) -> None:
    assert reported(bench, Keeping()) == {
        ("get_thing", "DeletedRemains"),
        ("list_things", "DeletedRemains"),
        ("delete_thing", "GoneNotRefused"),
    }


@define
class Shadow(Server):
    """What was deleted is still listed, though no more readable."""

    def window(self, items: list[Json], start: int, size: int) -> list[Json]:
        gone = [{**thing, "id": "1"} for thing in self.shadows()]
        return (items + gone)[start : start + size]

    def shadows(self) -> list[Json]:
        kept = {"name": "x", "tags": [], "active": True, "size": None}
        return [] if "1" in self.things else [kept]


def test_what_is_listed_after_its_deletion_is_reported(bench: Benches) -> None:
    assert reported(bench, Shadow()) == {("list_things", "DeletedRemains")}


def test_deleting_twice_has_to_be_refused(bench: Benches) -> None:
    server = Altered(operation="delete_thing", status=404, change=instead(204, b""))
    assert reported(bench, server) == {("delete_thing", "GoneNotRefused")}


def test_what_cannot_be_deleted_is_reported(bench: Benches) -> None:
    server = Refusing(operation="delete_thing", status=403)
    assert reported(bench, server) == {("delete_thing", "StepFailed")}


def test_a_creation_without_what_the_links_take_is_reported(bench: Benches) -> None:
    server = Altered(
        operation="create_thing", change=with_json(lambda it: it["thing"].update(id=""))
    )
    assert ("create_thing", "StepFailed") in reported(bench, server)


def test_a_family_that_cannot_begin_is_reported(bench: Benches) -> None:
    server = Refusing(operation="create_thing")
    assert reported(bench, server) == {("create_thing", "NeverSucceeded")}


def test_the_report_names_law_and_step_and_repeats_all_steps(bench: Benches) -> None:
    row = bench(Idle()).live("create_thing")["get_thing"].broken[0]
    assert row["detail"].startswith("updated: ")
    assert row["detail"].endswith("(step 5 of create_thing)")
    methods = re.findall(r"^(?:base64 .*)?curl -i -X (\w+)", row["curl"], re.MULTILINE)
    assert methods == ["POST", "GET", "GET", "PUT", "GET"]


@define
class Noting(Server):
    """Notes what it is asked."""

    asked: list[str] = field(factory=list)

    def recognise(self, request: httpx.Request) -> Call | None:
        boundary = request.headers.get("content-type", "").rpartition("boundary=")[2]
        content = request.content.replace(boundary.encode() or b"-", b"")
        self.asked.append(f"{request.method} {request.url} {content!r}")
        return Server.recognise(self, request)


def test_the_same_seed_lives_the_same_lives(bench: Benches) -> None:
    servers = Noting(), Noting()
    for server in servers:
        bench(server).live("create_thing")
    assert servers[0].asked == servers[1].asked != []


@define
class MadeUp(Server):
    """Says that it keeps nothing."""

    def answer(self, call: Call) -> httpx.Response:
        response = Server.answer(self, call)
        response.headers["x-emulator-synthesised"] = "true"
        return response


def test_where_nothing_is_kept_nothing_is_judged(bench: Benches) -> None:
    entries = bench(MadeUp()).live("create_thing")
    assert all(entry.unkept == ["state"] and not entry.broken for entry in entries.values())
    entry = bench(MadeUp()).run("paging", "list_things")
    assert entry.unkept == ["paging"]
    assert not entry.ran["paging"]
