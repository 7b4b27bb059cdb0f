"""Validation, error envelopes, handlers and the check of what they answer."""

from __future__ import annotations

import gzip
from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator, decode
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import Binding, Problem
from mailgun_emulator.reply import ApiError, Reply
from mailgun_emulator.state import Account, State

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
    parameter,
)

COUNTED = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


class Counter:
    """A store."""

    def __init__(self) -> None:
        self.seen = 0


class Names:
    """A store that is not empty at its start."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    @classmethod
    def open(cls, state: State, account: Account) -> Names:
        assert account in state.accounts
        return cls(set(account.domains))


def app_with(handler: Any, *, strict: bool = True, **more: Any) -> Emulator:
    responses = more.pop("responses", {"200": json_body(COUNTED), "400": json_body(MESSAGE)})
    settings = {k: more.pop(k) for k in ("validate", "invalid", "foreign_domain") if k in more}
    paths = {"/do": {"post": operation("do_it", responses=responses, **more)}}
    return emulator(paths, bindings=bound("do_it", handler, **settings), strict=strict)


class TestAnswers:
    def test_dict_goes_out_under_the_documented_status(self, connect: Connect) -> None:
        app = app_with(lambda _: {"n": 1}, responses={"202": json_body(COUNTED)})
        assert answers(connect(app).post("/do")) == (202, {"n": 1})

    def test_async_handler(self, connect: Connect) -> None:
        async def handler(call: Call) -> dict[str, Any]:
            return {"n": len(call.path)}

        assert answers(connect(app_with(handler)).post("/do")) == (200, {"n": 0})

    def test_error_of_a_handler(self, connect: Connect) -> None:
        def handler(_: Call) -> Reply:
            raise ApiError(400, "no", headers={"retry-after": "1"})

        answer = connect(app_with(handler)).post("/do")
        assert answers(answer) == (400, {"message": "no"})
        assert answer.headers["retry-after"] == "1"

    def test_common_headers(self, connect: Connect) -> None:
        """ERR-004, ERR-005, GEN-005."""
        answer = connect(app_with(lambda _: {"n": 1})).post("/do")
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["strict-transport-security"].startswith("max-age=63072000")
        assert answer.headers["x-xss-protection"] == "1; mode=block"
        assert answer.text == '{"n":1}\n'

    def test_python_services(self) -> None:
        """ERR-006, GEN-007: no charset, inline, keys in order."""
        data, headers = Reply(200, {"b": "é", "a": 1}).encode("routes")
        assert data == b'{"a": 1, "b": "\\u00e9"}'
        assert (b"content-type", b"application/json") in headers
        assert (b"content-disposition", b"inline") in headers

    def test_headers_never_stop_an_answer(self) -> None:
        assert (b"x-echo", b"?") in Reply(200, None, headers=(("x-echo", "☃"),)).encode()[1]


class TestStrict:
    @pytest.mark.parametrize(
        ("reply", "reason"),
        [
            (Reply(200, {"n": "1"}), 'n: "1" is not of type "integer"'),
            (Reply(201, {"n": 1}), "status 201 is not documented"),
            (Reply(200, "text"), "200 is text/plain, documented is application/json"),
            (Reply(200), "200 is without a body, documented is application/json"),
            (Reply(204, "text"), "204 documents no body"),
        ],
    )
    def test_a_reply_that_breaks_the_truth_is_loud(
        self, connect: Connect, reply: Reply, reason: str
    ) -> None:
        responses = {"200": json_body(COUNTED), "204": {}}
        answer = connect(app_with(lambda _: reply, responses=responses)).post("/do")
        assert answer.status_code == 500
        assert answer.json()["message"].startswith(f"emulator bug: do_it: {reason}")

    def test_a_body_that_has_no_json_form(self, connect: Connect) -> None:
        answer = connect(app_with(lambda _: {"n": 1, "at": object()})).post("/do")
        assert answer.status_code == 500
        assert "not JSON serializable" in answer.json()["message"]

    def test_lenient_sends_it(self, connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
        app = app_with(lambda _: {"n": "1"}, strict=False)
        assert answers(connect(app).post("/do")) == (200, {"n": "1"})
        assert "is not of type" in caplog.text

    def test_undocumented_error_of_a_handler_is_a_bug_too(self, connect: Connect) -> None:
        def handler(_: Call) -> Reply:
            raise ApiError(409, "twice")

        assert connect(app_with(handler)).post("/do").status_code == 500

    @pytest.mark.parametrize(
        ("strict", "text"),
        [
            (True, "emulator bug: do_it: ZeroDivisionError('division by zero')"),
            (False, "Internal Server Error"),
        ],
    )
    def test_handler_that_raises(self, connect: Connect, strict: bool, text: str) -> None:
        """ERR-016."""
        app = app_with(lambda _: {"n": 1 / 0}, strict=strict)
        assert answers(connect(app).post("/do")) == (500, {"message": text})

    def test_status_classes_and_default_count_as_documented(self, connect: Connect) -> None:
        def handler(call: Call) -> Reply:
            raise ApiError(int(call.query["status"]), "no")

        responses = {
            "200": json_body(COUNTED),
            "4XX": json_body({"type": "object", "properties": {"Reason": {"type": "string"}}}),
            "default": json_body(MESSAGE),
        }
        client = connect(app_with(handler, responses=responses))
        assert answers(client.post("/do?status=418")) == (418, {"Reason": "no"})
        assert answers(client.post("/do?status=503")) == (503, {"message": "no"})


class TestValidation:
    PARAMETERS = (
        parameter("limit", {"type": "integer", "maximum": 10}),
        parameter("kind", {"enum": ["a", "b"], "type": "string"}),
        parameter("tags", {"type": "array", "items": {"type": "string"}}),
        parameter("X-Account", {"type": "string"}, "header", required=True),
        parameter("Content-Type", {"type": "string"}, "header", required=True),
    )

    @pytest.fixture
    def client(self, connect: Connect) -> httpx.Client:
        def handler(call: Call) -> dict[str, Any]:
            return {"n": 1, "query": call.query}

        client = connect(app_with(handler, parameters=list(self.PARAMETERS)))
        client.headers["x-account"] = "1"
        return client

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", {}),
            ("limit=3&kind=b", {"limit": 3, "kind": "b"}),
            ("tags=x&tags=y", {"tags": ["x", "y"]}),
            ("tags[]=x", {"tags": ["x"]}),
            ("other=1&other=2&more=3", {"other": ["1", "2"], "more": "3"}),
            ("more=%E2%98%83+%zz", {"more": "☃ %zz"}),
        ],
    )
    def test_accepted(self, client: httpx.Client, query: str, expected: dict[str, Any]) -> None:
        assert client.post(f"/do?{query}").json().get("query") == expected

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ("limit=x", "invalid limit"),
            ("limit=11", "invalid limit"),
            ("limit=", "invalid limit"),
            ("kind=c", "invalid kind"),
        ],
    )
    def test_refused(self, client: httpx.Client, query: str, message: str) -> None:
        assert answers(client.post(f"/do?{query}")) == (400, {"message": message})

    def test_header(self, client: httpx.Client) -> None:
        del client.headers["x-account"]
        answer = client.post("/do")
        assert answers(answer) == (400, {"message": "X-Account parameter is missing"})

    def test_an_area_has_its_own_words(self, connect: Connect) -> None:
        def invalid(problem: Problem) -> ApiError | str | None:
            if problem.kind == "required":
                return f"Parameter '{problem.name}' is missing"
            return ApiError(402, "pay") if problem.name == "paid" else None

        schema = {
            "type": "object",
            "properties": {"paid": {"type": "boolean"}, "n": {"type": "integer"}},
            "required": ["login"],
        }
        responses = {status: json_body(MESSAGE) for status in ("400", "402")}
        app = app_with(
            lambda _: {"n": 1},
            invalid=invalid,
            requestBody=form_body(schema),
            responses={"200": json_body(COUNTED), **responses},
        )
        client = connect(app)
        # What is missing is said before what is wrong.
        missing = client.post("/do", data={"n": "x"})
        assert answers(missing) == (400, {"message": "Parameter 'login' is missing"})
        wrong = client.post("/do", data={"login": "a", "n": "x"})
        assert answers(wrong) == (400, {"message": "invalid n"})
        unpaid = client.post("/do", data={"login": "a", "paid": "maybe"})
        assert answers(unpaid) == (402, {"message": "pay"})

    def test_refusals_of_an_area_are_held_to_the_truth_too(self, connect: Connect) -> None:
        app = app_with(
            lambda _: {"n": 1},
            invalid=lambda _: ApiError(402, "pay"),
            requestBody=form_body(COUNTED),
        )
        answer = connect(app).post("/do", data={"n": "x"})
        assert answers(answer) == (
            500,
            {"message": "emulator bug: do_it: status 402 is not documented"},
        )

    def test_unchecked(self, connect: Connect) -> None:
        app = app_with(
            lambda call: {"n": 1, "seen": call.body},
            validate=False,
            requestBody=form_body(COUNTED),
            parameters=[parameter("limit", {"type": "integer"}, required=True)],
        )
        answer = connect(app).post("/do", data={"n": "x", "m": "1"})
        assert answers(answer) == (200, {"n": 1, "seen": {"n": "x", "m": "1"}})


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
    """GEN-011."""

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
