"""When calls are repeated, how long they wait, and that a message is not sent twice."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from attrs import define, evolve, field
from mailgun_client import Client, Retries, RetryBudget
from mailgun_client.api.bounces import list_bounces
from mailgun_client.api.messages import send_message
from mailgun_client.models import SendMessageBody
from mailgun_client.types import File

NOW = 1_790_000_000.0
BODY = SendMessageBody(from_="a@example.com", to=["b@example.com"], subject="s", text="t")
ACCEPTED = httpx.Response(200, json={"id": "<1@example.com>", "message": "Queued. Thank you."})
PAGE = httpx.Response(
    200,
    json={
        "items": [],
        "paging": dict.fromkeys(
            ("first", "last", "next", "previous"), "https://api.mailgun.net/v3/a/bounces"
        ),
    },
)
Step = httpx.Response | type[httpx.RequestError]
STATUSES = (500, 502, 503, 504)
AMBIGUOUS: tuple[Step, ...] = (
    *(httpx.Response(status) for status in STATUSES),
    *(httpx.ReadTimeout, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError),
)
HARMLESS: tuple[Step, ...] = (
    *(httpx.Response(429), httpx.Response(420)),
    *(httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout),
)


@define(eq=False)
class Server(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Does one step after the other at each request, and keeps what came and how long was slept.

    Reads bodies as the network does, without keeping them in the request.
    """

    steps: Iterator[Step]
    bodies: list[bytes] = field(factory=list)
    slept: list[float] = field(factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.SyncByteStream)
        self.bodies.append(b"".join(request.stream))
        return self._step(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        self.bodies.append(b"".join([part async for part in request.stream]))
        return self._step(request)

    def _step(self, request: httpx.Request) -> httpx.Response:
        step = next(self.steps)
        if isinstance(step, httpx.Response):
            return httpx.Response(step.status_code, content=step.content, headers=step.headers)
        raise step("no luck", request=request)

    async def _async_sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def policy(self, **changes: Any) -> Retries:
        own: dict[str, Any] = {"sleep": self.slept.append, "async_sleep": self._async_sleep}
        own |= {"clock": lambda: NOW, "random": lambda: 0.0}
        return evolve(Retries(**own), **changes)

    def client(self, **changes: Any) -> Client:
        return Client(
            "key",
            region="us",
            retries=self.policy(**changes),
            transport=self,
            async_transport=self,
        )


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Any:
    """Calls an operation for its detailed response, in either way."""

    def sync(module: Any, client: Client, **arguments: Any) -> Any:
        return module.sync_detailed("example.com", client=client, **arguments)

    def asynchronous(module: Any, client: Client, **arguments: Any) -> Any:
        return asyncio.run(module.asyncio_detailed("example.com", client=client, **arguments))

    return sync if request.param == "sync" else asynchronous


def server(*steps: Step) -> Server:
    return Server(iter(steps))


@pytest.mark.parametrize("failure", AMBIGUOUS)
def test_ambiguous_failures_are_repeated_for_reading_only(call: Any, failure: Step) -> None:
    reads = server(failure, failure, PAGE)
    assert call(list_bounces, reads.client()).status_code == 200
    assert reads.slept == [0.5, 1.0]

    sends = server(failure, ACCEPTED)
    if isinstance(failure, httpx.Response):
        answer = call(send_message, sends.client(), body=BODY)
        assert answer.status_code == failure.status_code
    else:
        with pytest.raises(failure):
            call(send_message, sends.client(), body=BODY)
    assert len(sends.bodies) == 1, "a message may have gone out twice"
    assert sends.slept == []


@pytest.mark.parametrize("refusal", HARMLESS)
def test_what_surely_did_nothing_is_repeated_for_sends_too(call: Any, refusal: Step) -> None:
    sends = server(refusal, ACCEPTED)
    assert call(send_message, sends.client(), body=BODY).status_code == 200
    assert len(sends.bodies) == 2
    assert sends.bodies[0] == sends.bodies[1] != b""


def test_a_send_is_repeated_if_asked(call: Any) -> None:
    sends = server(httpx.ReadTimeout, httpx.Response(503), ACCEPTED)
    client = sends.client(operations={"send_message"})
    assert call(send_message, client, body=BODY).status_code == 200
    again = server(httpx.Response(500), ACCEPTED)
    policy = again.policy().repeating("send_message")
    assert policy.operations == {"send_message"}
    assert call(send_message, again.client(methods={"GET", "POST"}), body=BODY).status_code == 200


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 501])
def test_other_errors_are_final(call: Any, status: int) -> None:
    reads = server(httpx.Response(status), PAGE)
    assert call(list_bounces, reads.client()).status_code == status
    assert reads.slept == []


@pytest.mark.parametrize("fault", [httpx.LocalProtocolError, httpx.DecodingError])
def test_faults_that_come_again_are_final(call: Any, fault: type[httpx.RequestError]) -> None:
    reads = server(fault, PAGE)
    with pytest.raises(fault):
        call(list_bounces, reads.client())
    assert reads.slept == []


def test_the_last_outcome_is_given_when_the_tries_are_used_up(call: Any) -> None:
    reads = server(*[httpx.Response(503)] * 5)
    assert call(list_bounces, reads.client(limit=4)).status_code == 503
    assert reads.slept == [0.5, 1.0, 2.0, 4.0]
    broken = server(httpx.Response(503), httpx.ConnectError, httpx.ReadError)
    with pytest.raises(httpx.ReadError):
        call(list_bounces, broken.client())


@pytest.mark.parametrize(
    ("headers", "content", "told"),
    [
        ({"Retry-After": "7"}, b"", 7),
        ({"Retry-After": format_datetime(datetime.fromtimestamp(NOW + 9, UTC), True)}, b"", 9),
        (
            {"X-RateLimit-Reset": str(int((NOW + 3.25) * 1000)), "X-RateLimit-Remaining": "0"},
            b"",
            3.25,
        ),
        ({"X-Request-Reset": str(int((NOW + 5) * 1000))}, b"", 5),
        ({}, b'{"retry-seconds": 40}', 40),
        ({}, b'{"message": "limit exceeded, try again after 12 seconds"}', 12),
        ({"X-RateLimit-Reset": str(int((NOW - 5) * 1000))}, b"", 0),
        ({"Retry-After": "soon"}, b"", 0),
    ],
)
def test_servers_say_when(call: Any, headers: dict[str, str], content: bytes, told: float) -> None:
    sends = server(httpx.Response(429, headers=headers, content=content), ACCEPTED)
    assert call(send_message, sends.client(), body=BODY).status_code == 200
    assert sends.slept == pytest.approx([told + 0.5])


def test_a_wait_beyond_patience_is_left_to_the_caller(call: Any) -> None:
    reads = server(httpx.Response(429, headers={"Retry-After": "3600"}))
    response = call(list_bounces, reads.client())
    assert (response.status_code, response.retry_after, reads.slept) == (429, 3600, [])
    twice = server(*[httpx.Response(429, headers={"Retry-After": "40"})] * 3)
    assert call(list_bounces, twice.client()).status_code == 429
    assert twice.slept == [40.5], "the waits of one call count together"


def test_waits_are_jittered_downwards_from_a_doubling_limit() -> None:
    for random, expected in ((0.0, [1, 2, 3, 3]), (1.0, [0.5, 1, 1.5, 1.5])):
        reads = server(*[httpx.Response(503)] * 4, PAGE)
        client = reads.client(limit=4, first=1.0, longest=3.0, random=lambda value=random: value)
        list_bounces.sync("a", client=client)
        assert reads.slept == expected


def test_a_budget_bounds_the_retries_of_all_calls(call: Any) -> None:
    budget = RetryBudget(capacity=2, refund=0.5)
    reads = server(*[httpx.Response(503)] * 4, *[PAGE] * 2, httpx.Response(503), PAGE)
    client = reads.client(budget=budget)
    assert call(list_bounces, client).status_code == 503
    assert len(reads.slept) == 2
    assert call(list_bounces, client.with_options(timeout=1)).status_code == 503
    assert len(reads.slept) == 2, "the budget is used up"
    for _ in range(2):
        assert call(list_bounces, client).status_code == 200
    assert budget.tokens == 1
    assert call(list_bounces, client).status_code == 200
    assert len(reads.slept) == 3
    budget.tokens = 1.9
    budget.give()
    assert budget.tokens == 2


def test_files_are_sent_whole_again_if_they_can_be(call: Any) -> None:
    def body(stream: Any) -> SendMessageBody:
        return evolve(BODY, attachment=[File(stream, "a.bin")])

    sends = server(httpx.Response(429), ACCEPTED)
    assert call(send_message, sends.client(), body=body(io.BytesIO(b"content"))).status_code == 200
    assert all(b"content" in sent for sent in sends.bodies)

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: Any) -> int:
            raise io.UnsupportedOperation("seek")

    piped = server(httpx.Response(429), ACCEPTED)
    response = call(send_message, piped.client(), body=body(Pipe(b"content")))
    assert response.status_code == 429, "what was read from a pipe is gone"


@pytest.mark.parametrize("retries", [None, 0])
def test_retries_can_be_off(retries: int | None) -> None:
    reads = server(httpx.Response(503), PAGE)
    client = reads.client().with_options(retries=retries)
    assert list_bounces.sync_detailed("a", client=client).status_code == 503


def test_two_harmless_retries_are_the_default() -> None:
    client = Client("key", region="us")
    assert client._sender.retries == Retries(limit=2)
    assert Retries().methods == {"GET", "HEAD", "OPTIONS"}
    assert not Retries().operations
    assert Retries.of(5) == Retries(limit=5)
    for wrong in ({"limit": -1}, {"first": -0.1}, {"patience": -1}):
        with pytest.raises(ValueError, match="must be >="):
            Retries(**wrong)


def test_really_sleeping() -> None:
    for way in ("sync", "async"):
        reads = server(httpx.Response(503), PAGE)
        client = reads.client().with_options(retries=Retries(first=0.001))
        answer = (
            list_bounces.sync_detailed("a", client=client)
            if way == "sync"
            else asyncio.run(list_bounces.asyncio_detailed("a", client=client))
        )
        assert answer.status_code == 200
