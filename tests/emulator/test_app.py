"""The ASGI side, and the control API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator

from . import notes
from .conftest import Connect


def drive(app: Emulator, scope: dict[str, Any], messages: Iterable[dict[str, Any]]) -> list[Any]:
    """Run one ASGI connection over these messages; what the app sent."""
    waiting, sent = iter(messages), []

    async def receive() -> Any:
        return next(waiting)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def http(method: str = "GET", path: str = "/_emulator/health", **more: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [],
        **more,
    }


def test_lifespan(app: Emulator) -> None:
    sent = drive(
        app, {"type": "lifespan"}, [{"type": f"lifespan.{k}"} for k in ("startup", "shutdown")]
    )
    assert [m["type"] for m in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_websockets_are_closed(app: Emulator) -> None:
    assert drive(app, {"type": "websocket"}, [])[0]["type"] == "websocket.close"


def test_a_client_that_leaves_gets_nothing(app: Emulator) -> None:
    gone = {"type": "http.disconnect"}
    assert drive(app, http(), [gone]) == []
    part = {"type": "http.request", "body": b"x", "more_body": True}
    assert drive(app, http("POST"), [part, gone]) == []


def test_body_in_pieces(app: Emulator, domain: str) -> None:
    sent = b"address=a%40b.test"
    pieces = [
        {"type": "http.request", "body": sent[i : i + 3], "more_body": True}
        for i in range(0, 18, 3)
    ]
    key = (b"authorization", b"Basic YXBpOmtleS10ZXN0")
    kind = (b"content-type", b"application/x-www-form-urlencoded")
    scope = http("POST", f"/v3/{domain}/bounces", headers=[key, kind])
    start, body = drive(app, scope, [*pieces, {"type": "http.request", "body": b""}])
    assert start["status"] == 200, body


def test_headers_sent_twice_are_joined(app: Emulator) -> None:
    """A server may hand over a raw path, or none."""
    twice = [(b"authorization", b"Basic YXBpOmtleS10ZXN0"), (b"authorization", b"x")]
    start, _ = drive(app, http(path="/v3/ips", headers=twice), [{"type": "http.request"}])
    assert start["status"] == 401


def test_due_work_that_fails_is_loud(app: Emulator, api: httpx.Client) -> None:
    app.state.schedule.at(0, lambda _: 1 / 0)  # type: ignore[arg-type]
    answer = api.get("/v3/ips")
    assert answer.status_code == 500
    assert answer.json() == {"message": "emulator bug: ZeroDivisionError('division by zero')"}
    assert api.get("/v3/ips").status_code == 200


@pytest.mark.parametrize(
    ("client", "seen"),
    [
        (("192.0.2.1", 1), "192.0.2.1"),
        (("::ffff:192.0.2.1", 1), "192.0.2.1"),
        (("2001:db8::1", 1), "2001:db8::1"),
        (None, ""),
    ],
)
def test_the_address_of_the_client(
    noted: Emulator, domain: str, client: tuple[str, int] | None, seen: str
) -> None:
    """EVT-014."""
    headers = [
        (b"authorization", b"Basic YXBpOmtleS10ZXN0"),
        (b"content-type", b"application/x-www-form-urlencoded"),
    ]
    scope = http("POST", f"/v3/{domain}/notes", headers=headers, client=client)
    _, body = drive(noted, scope, [{"type": "http.request", "body": b"title=a"}])
    assert json.loads(body["body"]) == {"message": f"Note a added from {seen}"}


class TestControl:
    @pytest.fixture
    def control(self, noted: Emulator, connect: Connect) -> httpx.Client:
        return connect(noted, key=None)

    def test_health(self, control: httpx.Client) -> None:
        answer = control.get("/_emulator/health")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    def test_reset(
        self, noted: Emulator, connect: Connect, control: httpx.Client, domain: str
    ) -> None:
        state = noted.state
        [account] = state.accounts
        [key] = state.keys(account)
        api = connect(noted)
        assert api.post(f"/v3/{domain}/notes", data={"title": "a"}).status_code == 200
        state.schedule.at(0, lambda _: None)
        state.forget_domain(account, domain)
        assert control.post("/_emulator/reset").status_code == 200
        [fresh] = state.accounts
        assert len(state.schedule) == 0
        assert (fresh.id, state.keys(fresh)) == (account.id, [key])
        assert api.get(f"/v3/{domain}/notes").json() == {"items": ["welcome"]}

    def test_digest(self, noted: Emulator, control: httpx.Client, domain: str) -> None:
        def digest() -> str:
            return str(control.get("/_emulator/digest").json()["digest"])

        before = digest()
        notes.store(noted).notes[domain]["a"] = "b"
        assert digest() != before
        del notes.store(noted).notes[domain]["a"]
        assert digest() == before

    def test_what_there_is_not(self, control: httpx.Client) -> None:
        assert control.get("/_emulator/nothing").status_code == 404
        assert control.get("/_emulator/reset").headers["allow"] == "POST"
        assert control.post("/_emulator/health").headers["allow"] == "GET"
