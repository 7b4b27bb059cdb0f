"""Synthesised answers: valid for every operation, the same for the same request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.call import Call, Request
from mailgun_emulator.contract import Operation

from .conftest import Connect
from .small import MESSAGE, OBJECT, answers, emulator, form_body, json_body, operation, parameter


def calls(app: Emulator, op: Operation) -> Iterator[Call]:
    """A call that says nothing, and one whose values have the names of properties."""
    named = dict.fromkeys(
        ("domain", "name", "id", "address", "message", "limit", "items", "created_at"),
        "sandbox.example.test",
    )
    for extra in ({}, named):
        yield Call(
            operation=op,
            request=Request(op.method, op.path, headers={"host": "mg.test"}),
            state=app.state,
            account=app.state.accounts[0],
            key=None,
            path={p.name: "sandbox.example.test" for p in op.parameters if p.where == "path"},
            query=dict(extra),
        )


def test_every_operation_of_the_truth_has_a_valid_answer(app: Emulator) -> None:
    dispatcher = app.dispatcher
    broken = {
        op.id: breach
        for op in app.contract.operations.values()
        if op.success < 300
        for call in calls(app, op)
        if (breach := dispatcher.breach(op, dispatcher.blueprint.synthesiser.reply(call)))
    }
    assert broken == {}


def synthesised(connect: Connect, schema: dict[str, Any], **more: Any) -> httpx.Client:
    """A client for one operation, `GET|POST /{name}`, that answers with `schema`."""
    op = operation("do_it", responses={"200": json_body(schema)}, **more)
    app = emulator({"/{name}": {"post": op}}, {"Node": NODE})
    app.state.clock.freeze(1697384002)
    return connect(app)


NODE = {
    "type": "object",
    "properties": {
        "label": {"type": "string"},
        "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
    },
    "required": ["label", "children"],
}


def properties(**schemas: Any) -> dict[str, Any]:
    return {"type": "object", "properties": schemas}


TEXT = {"type": "string"}


class TestValues:
    def test_values_of_the_request_come_back(self, connect: Connect) -> None:
        schema = properties(
            name=TEXT,
            limit={"type": "integer"},
            address=TEXT,
            list=properties(address=TEXT),
            on={"type": "integer"},
        )
        client = synthesised(
            connect,
            schema,
            parameters=[parameter("limit", {"type": "integer"})],
            requestBody=form_body(properties(address=TEXT, on={"type": "boolean"})),
        )
        made = client.post("/thing?limit=7", data={"address": "me@a.test", "on": "yes"}).json()
        assert (made["name"], made["limit"], made["address"]) == ("thing", 7, "me@a.test")
        assert made["list"] == {"address": "me@a.test"}
        # Where the type does not fit, the value stays out.
        assert type(made["on"]) is int

    def test_repeats_for_the_same_request_only(self, connect: Connect) -> None:
        schema = properties(
            id=TEXT, n={"type": "integer", "maximum": 10**6}, uuid={"format": "uuid", **TEXT}
        )
        client = synthesised(connect, schema)
        first = client.post("/a").json()
        assert client.post("/a").json() == first
        assert client.post("/b").json() != first

    @pytest.mark.parametrize(
        ("schema", "expected"),
        [
            ({"const": 3}, 3),
            ({"enum": ["only", None]}, "only"),
            ({"type": ["string", "null"], "enum": ["only", None]}, "only"),
            ({"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 5, "maximum": 5}]}, 5),
            ({"type": "integer", "exclusiveMinimum": 4, "maximum": 5}, 5),
            ({"type": "number", "minimum": 2, "maximum": 2}, 2.0),
            ({"type": "string", "minLength": 12}, "xxxxxxxxxxxx"),
            ({"type": "string", "maxLength": 3, "minLength": 3}, "xxx"),
            ({"type": "string", "format": "date-time"}, "2023-10-15T15:33:22Z"),
            ({"type": "string", "format": "date"}, "2023-10-15"),
            ({"type": "string", "format": "email"}, "alice@thing.test"),
            (
                {"type": "string", "pattern": r"^\w{3}, .* -0000$"},
                "Sun, 15 Oct 2023 15:33:22 -0000",
            ),
            ({"type": "string", "pattern": r"^[0-9T:-]{19}$"}, "2023-10-15T15:33:22"),
            ({"type": "null"}, None),
        ],
    )
    def test_keywords(self, connect: Connect, schema: dict[str, Any], expected: Any) -> None:
        # The property name ends in x so that padding shows no seam.
        client = synthesised(connect, properties(xxx=schema))
        assert client.post("/thing.test").json() == {"xxx": expected}

    def test_names_suggest_values(self, connect: Connect) -> None:
        names = ("created_at", "next", "web_url", "domain", "sender_ip", "userId", "email", "plain")
        client = synthesised(connect, properties(**dict.fromkeys(names, TEXT)))
        made = client.post("/thing.test?x=1").json()
        assert made["created_at"] == "Sun, 15 Oct 2023 15:33:22 GMT"
        assert made["next"] == made["web_url"] == "http://mg.test/thing.test"
        assert (made["domain"], made["email"]) == ("thing.test", "alice@thing.test")
        assert made["sender_ip"].startswith("192.0.2.")
        assert len(made["userId"]) == 24
        assert made["plain"] == "plain"

    def test_all_of_is_one_object(self, connect: Connect) -> None:
        schema = {
            "allOf": [properties(a=TEXT), {**properties(b=TEXT), "required": ["b"]}],
            "properties": {"c": TEXT},
        }
        assert set(synthesised(connect, schema).post("/x").json()) == {"a", "b", "c"}

    def test_maps_and_free_objects(self, connect: Connect) -> None:
        schema = properties(
            counts={"type": "object", "additionalProperties": {"type": "integer"}},
            free={"type": "object"},
        )
        made = synthesised(connect, schema).post("/x").json()
        assert [type(v) for v in made["counts"].values()] == [int]
        assert made["free"] == {}

    def test_recursion_ends(self, connect: Connect) -> None:
        made = synthesised(connect, {"$ref": "#/components/schemas/Node"}).post("/x").json()
        depth = 0
        while made["children"]:
            made, depth = made["children"][0], depth + 1
        assert 1 <= depth < 10

    def test_echo_that_breaks_a_rule_is_left_out(self, connect: Connect) -> None:
        schema = properties(name={"type": "string", "maxLength": 5})
        assert synthesised(connect, schema).post("/longer-than-five").json() == {"name": "name"}


class TestReply:
    def test_header_says_so(self, api: httpx.Client, domain: str) -> None:
        assert api.get("/v3/ips").headers["x-emulator-synthesised"] == "true"
        stateful = api.get(f"/v3/domains/{domain}/sending_queues")
        assert "x-emulator-synthesised" not in stateful.headers

    @pytest.mark.parametrize(
        ("response", "status", "content", "kind"),
        [
            ({"204": {}}, 204, b"", None),
            (
                {"200": json_body({"type": "string"})},
                200,
                b'"value"\n',
                "application/json; charset=utf-8",
            ),
            (
                {"201": json_body({"type": "array", "items": TEXT})},
                201,
                b'["value"]\n',
                "application/json; charset=utf-8",
            ),
            ({"200": {"content": {"text/csv": {"schema": TEXT}}}}, 200, b"do_it\n", "text/csv"),
            (
                {"default": json_body({"type": "null"})},
                200,
                b"null\n",
                "application/json; charset=utf-8",
            ),
        ],
    )
    def test_kinds_of_bodies(
        self, connect: Connect, response: Any, status: int, content: bytes, kind: str | None
    ) -> None:
        client = connect(emulator({"/do": {"get": operation("do_it", responses=response)}}))
        answer = client.get("/do")
        assert (answer.status_code, answer.content) == (status, content)
        assert answer.headers.get("content-type") == kind

    def test_an_operation_that_is_switched_off(self, connect: Connect) -> None:
        """platform:BCLS-010."""
        responses = {"403": json_body(OBJECT), "410": json_body(MESSAGE)}
        client = connect(emulator({"/do": {"get": operation("do_it", responses=responses)}}))
        assert answers(client.get("/do")) == (410, {"message": "Gone"})

    def test_a_synthesised_operation_validates_its_request(self, connect: Connect) -> None:
        op = operation("do_it", parameters=[parameter("n", {"type": "integer"}, required=True)])
        client = connect(emulator({"/do": {"get": op}}))
        assert client.get("/do?n=1").status_code == 200
        assert client.get("/do").json() == {"message": "n parameter is missing"}
