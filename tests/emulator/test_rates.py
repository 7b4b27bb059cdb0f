"""Rate headers: ERR-008 to ERR-010, GEN-017."""

from __future__ import annotations

import httpx
import pytest

from mailgun_emulator import Emulator

from .conftest import Connect
from .small import emulator, json_body, operation


def limited(*names: str, tag: str = "bounces") -> Emulator:
    headers = {name: {"schema": {"type": "integer"}} for name in names}
    response = {**json_body({"type": "object"}), "headers": headers}
    other = operation("get_plain", tags=[tag])
    app = emulator(
        {
            "/one": {"get": operation("get_one", tags=[tag], responses={"200": response})},
            "/two": {"get": operation("get_two", tags=[tag], responses={"200": response})},
            "/plain": {"get": other},
        }
    )
    app.state.clock.freeze(1000.5)
    return app


def shown(answer: httpx.Response, prefix: str) -> tuple[int, int, int]:
    limit, left, reset = (
        int(answer.headers[f"{prefix}-{word}"]) for word in ("limit", "remaining", "reset")
    )
    return limit, left, reset


REQUEST = ("X-Request-Limit", "X-Request-Remaining", "X-Request-Reset")


def test_operations_share_a_counter_until_the_window_ends(connect: Connect) -> None:
    app = limited(*REQUEST)
    client = connect(app)
    assert shown(client.get("/one"), "x-request") == (2500, 2499, 1_015_500)
    app.state.clock.advance(14)
    assert shown(client.get("/two"), "x-request") == (2500, 2498, 1_015_500)
    app.state.clock.advance(1)
    assert shown(client.get("/one"), "x-request") == (2500, 2499, 1_030_500)


def test_only_where_documented(connect: Connect) -> None:
    """ERR-010."""
    answer = connect(limited(*REQUEST)).get("/plain")
    assert not any(name.startswith("x-request") for name in answer.headers)


def test_checks_of_a_domain_have_a_limit_of_their_own(connect: Connect) -> None:
    client = connect(limited(*REQUEST, tag="domains"))
    left = [shown(client.get("/one"), "x-request")[:2] for _ in range(11)]
    assert left[:2] == [(10, 9), (10, 8)]
    assert left[-2:] == [(10, 0), (10, 0)]


@pytest.mark.parametrize(
    ("prefix", "limit"), [("X-Ratelimit", 2_000_000), ("X-Recipient", 1_000_000)]
)
def test_sends(connect: Connect, prefix: str, limit: int) -> None:
    names = [f"{prefix}-{word}" for word in ("Limit", "Remaining", "Reset")]
    client = connect(limited(*names, tag="messages"))
    assert shown(client.get("/one"), prefix.lower()) == (limit, limit - 1, 1_010_500)
