"""What passes to a server is noted by the points of the truth that it reaches, and no others."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.contract.evidence import ANSWER, evidence
from tests.contract.observe import Observer
from tests.contract.truth import Operation, Truth
from tests.suite.conftest import Benches
from tests.suite.server import BASE, Server

THINGS = f"{BASE}/v3/own.example.test/things"


def sent(
    truth: Truth, request: httpx.Request, server: httpx.BaseTransport | None = None
) -> dict[str, set[str]]:
    observer = Observer(server or httpx.MockTransport(lambda _: httpx.Response(404)), truth)
    observer.handle_request(request)
    return {name: notes.points for name, notes in observer.taken().items()}


def test_parameters_that_were_sent_are_noted(truth: Truth) -> None:
    found = sent(truth, httpx.Request("GET", f"{THINGS}?limit=5"))["list_things"]
    assert {"path domain", "query limit"} <= found
    assert "query tag" not in found


@pytest.mark.parametrize(
    ("query", "sides"),
    [
        ("limit=1", {"minimum 1\tkept", "maximum 100\tkept", "type integer\tkept"}),
        ("limit=0", {"minimum 1\tbroken", "maximum 100\tkept", "type integer\tkept"}),
        ("limit=101", {"minimum 1\tkept", "maximum 100\tbroken", "type integer\tkept"}),
        ("limit=x", {"type integer\tbroken"}),
        ("active=true", {"type boolean\tkept"}),
        ("active=maybe", {"type boolean\tbroken"}),
    ],
)
def test_each_side_of_a_keyword_is_noted_apart(truth: Truth, query: str, sides: set[str]) -> None:
    found = sent(truth, httpx.Request("GET", f"{THINGS}?{query}"))["list_things"]
    name = f"query {query.partition('=')[0]}"
    assert {each.removeprefix(f"{name}\t") for each in found if "\t" in each} == sides


def test_items_of_repeated_parameters_are_noted(truth: Truth) -> None:
    found = sent(truth, httpx.Request("GET", f"{THINGS}?tag=a&tag=123456789"))["list_things"]
    sides = {"minLength 1\tkept", "maxLength 8\tkept", "maxLength 8\tbroken"}
    assert {f"query tag[]\t{side}" for side in sides} <= found


def test_fields_of_forms_are_noted(truth: Truth) -> None:
    data = {"name": "a", "options": '{"colour": "red"}'}
    request = httpx.Request("POST", THINGS, data=data, files={"attachment": b"\x00"})
    found = sent(truth, request)["create_thing"]
    assert {"body.name", "body.options.colour", "body.attachment"} <= found
    assert "body.name\trequired\tkept" in found
    assert not {"body.tag", "body.size"} & found


def test_a_closed_object_that_is_kept_to_is_noted(truth: Truth) -> None:
    request = httpx.Request("PUT", f"{THINGS}/1", json={"active": True})
    assert "body\tadditionalProperties\tkept" in sent(truth, request)["update_thing"]


def test_writes_that_succeeded_are_shown_before_a_breach(truth: Truth) -> None:
    """Since the state was new; the last few, for more would hide what they are for."""
    statuses = {"PUT": 404}
    observer = Observer(
        httpx.MockTransport(lambda each: httpx.Response(statuses.get(each.method, 200))), truth
    )

    def methods(method: str, url: str = THINGS) -> list[str]:
        request = httpx.Request(method, url)
        observer.handle_request(request)
        return [line.split()[3] for line in evidence(request).curl.splitlines()]

    assert methods("POST") == ["POST"]
    assert methods("PUT") == ["POST", "PUT"]
    assert methods("GET") == ["POST", "GET"]  # What was refused set nothing up.
    assert methods("DELETE") == ["POST", "DELETE"]
    assert methods("GET") == ["POST", "DELETE", "GET"]
    for _ in range(20):
        methods("PATCH")
    assert methods("GET") == ["PATCH"] * 8 + ["GET"]
    methods("POST", f"{BASE}/_emulator/reset")
    assert methods("GET") == ["GET"]
    methods("POST")
    observer.taken()
    assert methods("GET") == ["GET"]


def test_fields_of_json_are_noted_with_what_they_lack(truth: Truth) -> None:
    request = httpx.Request("PUT", f"{THINGS}/1", json={"size": "x", "odd": 1})
    found = sent(truth, request)["update_thing"]
    assert {"body.size\ttype integer\tbroken", "body.active\trequired\tbroken"} <= found
    assert "body\tadditionalProperties\tbroken" in found
    assert "body.active" not in found


def test_a_body_that_cannot_be_read_reaches_nothing(truth: Truth) -> None:
    request = httpx.Request(
        "PUT", f"{THINGS}/1", content=b"{", headers={"content-type": "application/json"}
    )
    assert not [each for each in sent(truth, request)["update_thing"] if each.startswith("body")]


def test_fields_that_came_back_are_noted_by_status(truth: Truth) -> None:
    answer = httpx.Response(200, json={"items": [{"id": "1"}, {"name": "x"}]})
    server = httpx.MockTransport(lambda _: answer)
    found = sent(truth, httpx.Request("GET", THINGS), server)["list_things"]
    assert {"200.items", "200.items[].id", "200.items[].name"} <= found
    assert "200.items[].size" not in found
    assert not [each for each in found if each.startswith("404")]


@pytest.mark.parametrize("url", [f"{BASE}/v3/things", f"{BASE}/_emulator/digest", f"{THINGS}/1/2"])
def test_calls_of_no_operation_are_passed_on_and_not_noted(truth: Truth, url: str) -> None:
    assert sent(truth, httpx.Request("GET", url)) == {}


def test_the_more_literal_path_is_the_one_meant() -> None:
    text = {"schema": {"type": "string"}}

    def operation(name: str, *names: str) -> dict[str, object]:
        parameters = [{"name": each, "in": "path"} | text for each in names]
        return {"get": {"operationId": name, "parameters": parameters, "responses": {}}}

    paths = {"/a/{b}": operation("general", "b"), "/a/match": operation("literal")}
    truth = _truth({"paths": paths, "components": {"schemas": {}}})
    assert list(sent(truth, httpx.Request("GET", "http://x/a/match"))) == ["literal"]
    assert list(sent(truth, httpx.Request("GET", "http://x/a/other"))) == ["general"]


def _truth(document: dict[str, object]) -> Truth:
    operations = {
        raw["operationId"]: Operation(raw["operationId"], "GET", path, raw)
        for path, item in document["paths"].items()  # type: ignore[attr-defined]
        for raw in item.values()
    }
    return Truth(document, operations, {})


def test_schemas_that_hold_themselves_end(truth: Truth) -> None:
    tree = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        },
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Tree"}}}
    raw = {"operationId": "grow", "responses": {"200": {"content": content}}}
    found = _truth({"paths": {"/tree": {"get": raw}}, "components": {"schemas": {"Tree": tree}}})
    answer = httpx.Response(200, json={"name": "a", "children": [{"name": "b", "children": []}]})
    reached = sent(
        found, httpx.Request("GET", "http://x/tree"), httpx.MockTransport(lambda _: answer)
    )
    assert reached["grow"] == {"200", "200.name", "200.children"}


def test_calls_are_timed_by_operation_until_the_notes_are_taken(truth: Truth) -> None:
    observer = Observer(Server(), truth)
    for url in (THINGS, f"{BASE}/v1/status", THINGS):
        observer.handle_request(httpx.Request("GET", url))
    notes = observer.taken()
    assert {name: each.calls for name, each in notes.items()} == {"list_things": 2, "get_status": 1}
    assert 0 < notes["list_things"].slowest < notes["list_things"].seconds
    assert observer.taken() == {}


def test_a_request_remembers_its_response(truth: Truth) -> None:
    request = httpx.Request("GET", f"{BASE}/v1/status")
    response = Observer(Server(), truth).handle_request(request)
    assert request.extensions[ANSWER] is response
    assert json.loads(response.content) == {"message": "up"}


def test_the_observer_does_not_change_what_the_suite_finds(truth: Truth, bench: Benches) -> None:
    plain = bench().run("valid", "create_thing")
    observer = Observer(Server(), truth)
    watched = bench(observer).run("valid", "create_thing")
    assert (watched.statuses, watched.broken) == (plain.statuses, plain.broken)
    assert "body.name\tmaxLength 20\tkept" in observer.taken()["create_thing"].points
