"""The ASGI side, and the control API."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.areas.queues import QueueStore, Waiting

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


class TestControl:
    @pytest.fixture
    def control(self, connect: Connect) -> httpx.Client:
        return connect(key=None)

    def test_health(self, control: httpx.Client) -> None:
        answer = control.get("/_emulator/health")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    def test_reset(self, app: Emulator, control: httpx.Client, api: httpx.Client) -> None:
        state = app.state
        [account] = state.accounts
        [key] = state.keys(account)
        state.store(account, QueueStore).add(Waiting("a", "sandbox.example.test"))
        state.schedule.at(0, lambda _: None)
        state.forget_domain(account, "sandbox.example.test")
        assert control.post("/_emulator/reset").status_code == 200
        [fresh] = state.accounts
        assert state.store(fresh, QueueStore).waiting == {}
        assert len(state.schedule) == 0
        assert (fresh.id, state.keys(fresh)) == (account.id, [key])
        assert api.delete("/v3/sandbox.example.test/envelopes").status_code == 200

    def test_digest_tells_whether_anything_changed(
        self, app: Emulator, control: httpx.Client, api: httpx.Client
    ) -> None:
        def digest() -> str:
            return str(control.get("/_emulator/digest").json()["digest"])

        before = digest()
        api.get("/v3/domains/sandbox.example.test/sending_queues")
        api.delete("/v3/sandbox.example.test/envelopes")
        assert digest() == before
        queues = app.state.store(app.state.accounts[0], QueueStore)
        queues.add(Waiting("a", "sandbox.example.test"))
        changed = digest()
        assert changed != before
        queues.take("a")
        assert digest() == before
        app.state.accounts[0].domains.add("more.test")
        assert digest() not in (before, changed)

    def test_what_there_is_not(self, control: httpx.Client) -> None:
        assert control.get("/_emulator/nothing").status_code == 404
        assert control.get("/_emulator/reset").headers["allow"] == "POST"
        assert control.post("/_emulator/health").headers["allow"] == "GET"
