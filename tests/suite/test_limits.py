"""The server's limits are honoured, and a run sends no more than its budget."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from attrs import define, field

from tests.contract.safety.errors import HaltedError
from tests.contract.safety.limits import Limited

NOW = 1_700_000_000.0


@define
class Busy(httpx.BaseTransport):
    """Answers 429 with these headers, one after the other, then 200."""

    turns: list[dict[str, str]] = field(factory=list)
    body: Any = None
    arrived: int = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002
        self.arrived += 1
        if not self.turns:
            return httpx.Response(200)
        return httpx.Response(429, headers=self.turns.pop(0), json=self.body)


@pytest.fixture
def slept() -> list[float]:
    return []


def limited(server: httpx.BaseTransport, slept: list[float], budget: int | None = None) -> Limited:
    return Limited(server, budget, sleep=slept.append, now=lambda: NOW)


def ask(transport: Limited) -> int:
    request = httpx.Request("GET", "http://api.example.test/v3/routes")
    return transport.handle_request(request).status_code


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-RateLimit-Reset": str(int((NOW + 7) * 1000))}, 7.0),
        ({"X-RateLimit-Reset": str(int((NOW - 7) * 1000))}, 0.25),
        ({"Retry-After": "3"}, 3.0),
        ({"Retry-After": "Tue, 14 Nov 2023 22:13:30 GMT"}, 10.0),
        ({}, 1.0),
    ],
)
def test_a_limited_call_is_sent_again_when_the_server_says(
    headers: dict[str, str], seconds: float, slept: list[float]
) -> None:
    server = Busy([headers])
    assert ask(limited(server, slept)) == 200
    assert slept == [seconds]
    assert server.arrived == 2


def test_a_body_says_it_too(slept: list[float]) -> None:
    server = Busy([{}], {"retry-seconds": 60})
    assert ask(limited(server, slept)) == 200
    assert slept == [60.0]
    assert ask(limited(Busy([{"Retry-After": "3"}], {"retry-seconds": 60}), slept)) == 200
    assert ask(limited(Busy([{}], {"retry-seconds": True}), slept)) == 200
    assert slept == [60.0, 3.0, 1.0]


def test_nothing_waits_where_time_stands_still(slept: list[float]) -> None:
    server = Busy([{}], {"retry-seconds": 60})
    transport = limited(server, slept)
    transport.pauses = ()
    assert ask(transport) == 429
    assert slept == []
    assert server.arrived == 1


def test_without_a_word_from_the_server_the_waits_grow(slept: list[float]) -> None:
    assert ask(limited(Busy([{}, {}, {}]), slept)) == 200
    assert slept == [1.0, 2.0, 4.0]


def test_a_limit_of_one_operation_is_an_answer_in_the_end(slept: list[float]) -> None:
    transport = limited(Busy([{}] * 4), slept)
    assert ask(transport) == 429
    assert ask(transport) == 200


@pytest.mark.parametrize("turns", [[{"Retry-After": "3600"}], [{"Retry-After": "50"}] * 9])
def test_waiting_has_an_end(turns: list[dict[str, str]], slept: list[float]) -> None:
    transport = limited(Busy(list(turns)), slept)
    with pytest.raises(HaltedError, match="rate limit: the server asks to wait"):
        ask(transport)
    assert sum(slept) <= 120
    with pytest.raises(HaltedError):
        ask(transport)


def test_the_budget_is_kept_and_said(slept: list[float]) -> None:
    server = Busy([{"Retry-After": "1"}])
    transport = limited(server, slept, budget=3)
    assert [ask(transport), ask(transport)] == [200, 200]
    with pytest.raises(HaltedError, match="the budget of 3 calls is spent; --budget sets it"):
        ask(transport)
    assert server.arrived == 3


def test_removal_needs_no_budget(slept: list[float]) -> None:
    transport = limited(Busy(), slept, budget=1)
    ask(transport)
    with pytest.raises(HaltedError):
        ask(transport)
    transport.unlimited()
    assert ask(transport) == 200


@pytest.fixture
def gone() -> httpx.BaseTransport:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    return httpx.MockTransport(refuse)


def test_a_server_that_went_away_ends_the_run(
    gone: httpx.BaseTransport, slept: list[float]
) -> None:
    with pytest.raises(HaltedError, match=r"api\.example\.test cannot be reached any more"):
        ask(limited(gone, slept))
