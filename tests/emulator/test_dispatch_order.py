"""The order of checks, the envelopes of errors, and what a call carries."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from mailgun_emulator import Emulator, decode
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import Binding
from mailgun_emulator.reply import ApiError, Reply

from . import notes
from .conftest import Connect
from .small import (
    MESSAGE,
    answers,
    bound,
    emulator,
    form_body,
    json_body,
    operation,
)
from .test_dispatch import COUNTED, Counter, Names, app_with


class TestOrder:
    """ERR-052: key, domain, then what the operation checks before the input, then the input."""

    @pytest.fixture
    def locked(self, noted: Emulator) -> Emulator:
        notes.store(noted).locked = True
        return noted

    def test_the_first_thing_wrong_is_said(
        self, locked: Emulator, connect: Connect, domain: str
    ) -> None:
        path = f"/v3/{domain}/notes"
        nothing: dict[str, str] = {}
        assert connect(locked, key="wrong").post(path, data=nothing).status_code == 401
        client = connect(locked)
        foreign = client.post("/v3/foreign.test/notes", data=nothing)
        assert answers(foreign) == (404, {"message": "Domain not found"})
        assert answers(client.post(path, data=nothing)) == (403, {"message": notes.LOCKED})
        notes.store(locked).locked = False
        refused = client.post(path, data=nothing)
        assert answers(refused) == (400, {"message": "A note needs a title"})

    @pytest.mark.parametrize(
        ("content", "headers"),
        [
            (b"title=%zz", {"content-type": "application/x-www-form-urlencoded"}),
            (b"nothing", {"content-type": "multipart/form-data; boundary=x"}),
            (b"nothing", {"content-encoding": "gzip"}),
        ],
    )
    def test_a_broken_body_is_not_looked_at(
        self,
        locked: Emulator,
        connect: Connect,
        domain: str,
        content: bytes,
        headers: dict[str, str],
    ) -> None:
        client, path = connect(locked), f"/v3/{domain}/notes"
        answer = client.post(path, content=content, headers=headers)
        assert answers(answer) == (403, {"message": notes.LOCKED})
        notes.store(locked).locked = False
        assert client.post(path, content=content, headers=headers).status_code == 400

    def test_who_was_let_in_sees_the_id_of_the_key(
        self, locked: Emulator, connect: Connect, domain: str
    ) -> None:
        """AUTH-014, GEN-006: also on a refusal of what was asked."""
        client, path = connect(locked), f"/v3/{domain}/notes"
        key_id = locked.state.keys(locked.state.accounts[0])[0].id
        shut = client.post(path, data={"title": "a"})
        notes.store(locked).locked = False
        for answer in (shut, client.post(path), client.delete(f"{path}/nothing")):
            assert answer.headers["x-mailgun-key-id"] == key_id
        assert "x-mailgun-key-id" not in client.get("/v3/foreign.test/notes").headers

    def test_too_large_needs_no_documentation(self, connect: Connect) -> None:
        """ERR-015."""
        app = app_with(lambda _: {"n": 1}, requestBody=form_body(COUNTED))
        packed = gzip.compress(bytes(decode.MAX_BODY + 1))
        answer = connect(app).post("/do", content=packed, headers={"content-encoding": "gzip"})
        assert answers(answer) == (413, {"message": decode.TOO_LARGE})


class TestEnvelopes:
    """platform:GEN-011."""

    @pytest.mark.parametrize(
        ("schema", "body"),
        [
            (MESSAGE, {"message": "no"}),
            ({"properties": {"Reason": {"type": "string"}}}, {"Reason": "no"}),
            ({"properties": {"Description": {"type": "string"}}}, {"Description": "no"}),
            (
                {"properties": {"Field": {"type": "string"}, "Value": {"type": "string"}}},
                {"Field": "limit", "Value": "no"},
            ),
            (
                {"properties": {"error": {"$ref": "#/components/schemas/Detail"}}},
                {"error": {"message": "no"}},
            ),
            (
                {"properties": {"errors": {"type": "array", "items": {"type": "string"}}}},
                {"errors": ["no"]},
            ),
            (
                {"anyOf": [{"type": "object"}, {"$ref": "#/components/schemas/Detail"}]},
                {"message": "no"},
            ),
            ({"type": "object"}, {"message": "no"}),
        ],
    )
    def test_shape(self, connect: Connect, schema: dict[str, Any], body: Any) -> None:
        def handler(_: Call) -> Reply:
            raise ApiError(400, "no", field="limit")

        responses = {"200": json_body(COUNTED), "400": json_body(schema)}
        paths = {"/do": {"post": operation("do_it", responses=responses)}}
        app = emulator(paths, {"Detail": MESSAGE}, bindings=bound("do_it", handler))
        assert answers(connect(app).post("/do")) == (400, body)

    def test_body_of_its_own(self, connect: Connect) -> None:
        def handler(_: Call) -> Reply:
            raise ApiError(400, body={"message": "no", "code": 7})

        assert answers(connect(app_with(handler)).post("/do"))[1] == {"message": "no", "code": 7}

    def test_errors_of_the_core_fit_the_truth(self, app: Emulator) -> None:
        """What the core says by itself is as documented, wherever it is documented."""
        dispatcher = app.dispatcher
        for op in app.contract.operations.values():
            for status in (400, 403, 404):
                if str(status) in op.responses:
                    reply = dispatcher.refuse(ApiError(status, "no", field="f"), op)
                    assert not dispatcher.breach(op, reply), (op.id, status)


class TestCall:
    def test_urls_name_the_host_of_the_client(self, connect: Connect) -> None:
        seen: list[str] = []

        def handler(call: Call) -> dict[str, Any]:
            seen.extend([call.url(), call.url("/a/b", {"x": "1 2", "y": None, "z": [1, 2]})])
            return {"n": 1}

        client = connect(app_with(handler))
        client.post("/do", headers={"host": "api.example:8025"})
        assert seen == ["http://api.example:8025/do", "http://api.example:8025/a/b?x=1+2&z=1&z=2"]

    def test_parameters_from_query_or_body(self, connect: Connect) -> None:
        def handler(call: Call) -> dict[str, Any]:
            return {"n": 1, "name": call.param("name", "none"), "agent": call.header("User-Agent")}

        schema = {"type": "object", "properties": {"name": {"type": "string"}}}
        app = app_with(handler, requestBody=form_body(schema, required=False))
        client = connect(app)
        client.headers["user-agent"] = "test"
        assert client.post("/do?name=q", data={"name": "b"}).json()["name"] == "q"
        assert client.post("/do", data={"name": "b"}).json()["name"] == "b"
        assert client.post("/do").json() == {"n": 1, "name": "none", "agent": "test"}

    def test_store_is_one_for_each_account(self, app: Emulator) -> None:
        [account] = app.state.accounts
        app.state.store(account, Counter).seen = 1
        assert app.state.store(account, Counter).seen == 1
        app.state.reset()
        assert app.state.store(app.state.accounts[0], Counter).seen == 0

    def test_store_that_starts_with_something(self, app: Emulator) -> None:
        [account] = app.state.accounts
        assert app.state.store(account, Names).names == {"sandbox.example.test"}


def test_due_work_runs_before_the_next_request(connect: Connect) -> None:
    seen: list[float] = []
    app = app_with(lambda _: {"n": len(seen)})
    clock = app.state.clock
    clock.freeze(100.0)
    app.state.schedule.at(105.0, lambda at: seen.append(at.timestamp()))
    client = connect(app)
    assert client.post("/do").json() == {"n": 0}
    clock.advance(5)
    assert client.post("/do").json() == {"n": 1}
    assert seen == [105.0]


def test_binding_of_another_operation_is_not_used(connect: Connect) -> None:
    paths = {"/do": {"post": operation("do_it", responses={"200": json_body(COUNTED)})}}
    app = emulator(paths, bindings={"other": Binding("other", lambda _: {"n": "x"})})
    answer = connect(app).post("/do")
    assert answer.headers["x-emulator-synthesised"] == "true"
