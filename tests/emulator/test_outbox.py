"""Posting in the background: order, failures, loops that come and go, the end of the app."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from mailgun_emulator import create_app
from mailgun_emulator.outbox import Outbox

Received = list[httpx.Request]
Handler = Callable[[httpx.Request], Coroutine[Any, Any, httpx.Response]]


def outbox(handler: Handler, **more: Any) -> Outbox:
    return Outbox(transport=httpx.MockTransport(handler), **more)


def put(box: Outbox, results: list[Any], url: str = "http://a.test/", name: Any = None) -> None:
    box.post(
        url,
        content=b"{}",
        content_type="application/json",
        headers={"x-name": str(name)},
        on_result=lambda status: results.append((name, status)),
    )


def test_a_post_is_sent_and_its_status_handed_over() -> None:
    received: Received = []

    async def receive(request: httpx.Request) -> httpx.Response:
        received.append(request)
        return httpx.Response(406)

    async def run() -> None:
        put(box, results, name=1)
        assert len(box) == 1
        await box.drain()

    box, results = outbox(receive), list[Any]()
    asyncio.run(run())
    [request] = received
    assert (request.method, request.content) == ("POST", b"{}")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-name"] == "1"
    assert request.headers["user-agent"] == "mailgun-emulator"
    assert results == [(1, 406)]
    assert len(box) == 0


def test_results_come_in_the_order_of_the_posts() -> None:
    async def receive(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.02 if request.headers["x-name"] == "0" else 0)
        return httpx.Response(200)

    async def run() -> None:
        for name in range(50):
            put(box, results, name=name)
        await box.drain()

    box, results = outbox(receive), list[Any]()
    asyncio.run(run())
    assert results == [(name, 200) for name in range(50)]


def test_no_answer_is_none() -> None:
    """A broken connection, a URL that is none, silence."""

    async def receive(request: httpx.Request) -> httpx.Response:
        if request.url.host == "broken.test":
            raise httpx.ConnectError("refused")
        await asyncio.sleep(10)
        raise AssertionError("not reached")

    async def run() -> None:
        put(box, results, "http://broken.test/", 1)
        put(box, results, "http://[", 2)
        put(box, results, "http://silent.test/", 3)
        await box.drain()

    box, results = outbox(receive, timeout=0.05), list[Any]()
    asyncio.run(run())
    assert results == [(1, None), (2, None), (3, None)]


def test_a_result_that_fails_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def receive(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200)

    def fail(_: int | None) -> None:
        raise RuntimeError("not taken")

    async def run() -> None:
        box.post("http://a.test/", content=b"", content_type="text/plain", on_result=fail)
        put(box, results)
        await box.drain()

    box, results = outbox(receive), list[Any]()
    asyncio.run(run())
    assert results == [(None, 200)]
    assert "not taken" in caplog.text


def test_what_a_closed_loop_left_goes_on_in_the_next() -> None:
    """Without a loop a post waits; a loop that ended under it does not lose it."""
    received: Received = []
    slow = True

    async def receive(request: httpx.Request) -> httpx.Response:
        received.append(request)
        if slow:
            await asyncio.sleep(10)
        return httpx.Response(200)

    async def begin() -> None:
        box.start()
        await asyncio.sleep(0.01)

    box, results = outbox(receive), list[Any]()
    put(box, results)
    assert received == []
    asyncio.run(begin())
    assert (len(received), results) == (1, [])
    slow = False
    asyncio.run(box.drain())
    assert (len(received), results) == (2, [(None, 200)])


def test_what_is_cleared_has_no_result() -> None:
    async def receive(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.01)
        return httpx.Response(200)

    async def run() -> None:
        put(box, results, name=1)
        await asyncio.sleep(0)
        box.clear()
        put(box, results, name=2)
        await box.drain()

    box, results = outbox(receive), list[Any]()
    asyncio.run(run())
    assert results == [(2, 200)]


def test_results_that_post_again_are_drained_too() -> None:
    async def receive(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200)

    def again(status: int | None) -> None:
        put(box, results, name="second")

    box, results = outbox(receive), list[Any]()
    box.post("http://a.test/", content=b"", content_type="text/plain", on_result=again)
    asyncio.run(box.drain())
    assert results == [("second", 200)]


def test_a_served_app_runs_due_work_and_finishes_at_its_end() -> None:
    """The clock runs without requests; what is posted at the end is still sent."""
    received: Received = []

    async def receive(request: httpx.Request) -> httpx.Response:
        received.append(request)
        return httpx.Response(200)

    async def run() -> None:
        asked: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        told: asyncio.Queue[Any] = asyncio.Queue()
        served = asyncio.create_task(app({"type": "lifespan"}, asked.get, told.put))
        await asked.put({"type": "lifespan.startup"})
        await told.get()
        app.state.schedule.at(app.state.clock.timestamp(), lambda _: put(box, results, name=1))
        async with asyncio.timeout(5):
            while not results:
                await asyncio.sleep(0.01)
        put(box, results, name=2)
        await asked.put({"type": "lifespan.shutdown"})
        await served

    app, results = create_app(outgoing=httpx.MockTransport(receive)), list[Any]()
    box = app.state.outbox
    asyncio.run(run())
    assert results == [(1, 200), (2, 200)]


def test_due_work_that_fails_does_not_stop_the_clock(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)

    async def run() -> None:
        asked: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        told: asyncio.Queue[Any] = asyncio.Queue()
        served = asyncio.create_task(app({"type": "lifespan"}, asked.get, told.put))
        await asked.put({"type": "lifespan.startup"})
        await told.get()
        app.state.schedule.at(0, lambda _: 1 / 0)  # type: ignore[arg-type]
        app.state.schedule.at(0, done.append)
        async with asyncio.timeout(5):
            while not done:
                await asyncio.sleep(0.01)
        await asked.put({"type": "lifespan.shutdown"})
        await served

    app, done = create_app(), list[Any]()
    asyncio.run(run())
    assert "due work failed" in caplog.text
