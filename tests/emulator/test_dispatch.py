"""Validation, error envelopes, handlers and the check of what they answer."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import Problem
from mailgun_emulator.reply import ApiError, Reply
from mailgun_emulator.state import Account, State

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
        """ERR-004, ERR-005, platform:GEN-005."""
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
