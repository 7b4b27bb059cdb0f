"""Limits as responses tell them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from mailgun_client import RateLimit, rates
from mailgun_client.api.bounces import list_bounces

from tests.client.wire import Wire

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_every_response_tells_its_limits() -> None:
    headers = {
        "X-Ratelimit-Limit": "2000000",
        "X-Ratelimit-Remaining": "1999999",
        "X-Ratelimit-Reset": "1772366400250",
        "X-Recipient-Limit": "1000000",
        "X-Recipient-Remaining": "0",
        "X-Recipient-Reset": "1772366410000",
    }
    response = list_bounces.sync_detailed("a", client=Wire(404, b"", headers).client())
    reset = NOW + timedelta(milliseconds=250)
    assert response.rate_limit == RateLimit(2_000_000, 1_999_999, reset)
    assert response.recipient_limit == RateLimit(1_000_000, 0, NOW + timedelta(seconds=10))
    assert reset.utcoffset() == timedelta(0)


def test_suppressions_name_their_limit_otherwise() -> None:
    headers = {"X-Request-Limit": "2500", "X-Request-Remaining": "2499"}
    response = list_bounces.sync_detailed("a", client=Wire(404, b"", headers).client())
    assert response.rate_limit == RateLimit(2500, 2499, None)
    assert response.recipient_limit is None


@pytest.mark.parametrize("value", ["", "x", "-1", "1.5", "9" * 18, "9" * 30, "٣"])
def test_odd_values_are_not_told(value: str) -> None:
    headers = httpx.Headers([(b"X-RateLimit-Reset", value.encode())])
    assert rates.calls(headers) is None
    assert rates.retry_after(429, headers, b"", NOW) is None


@pytest.mark.parametrize(
    ("status", "headers", "content", "seconds"),
    [
        (503, {"Retry-After": "5"}, b"", 5),
        (503, {"Retry-After": "Sun, 01 Mar 2026 12:01:00 GMT"}, b"", 60),
        (503, {"Retry-After": "Sun, 01 Mar 2026 12:01:00 -0000"}, b"", 60),
        (503, {"Retry-After": "Sun, 01 Mar 2026 11:00:00 GMT"}, b"", 0),
        (503, {"Retry-After": "soon"}, b"", None),
        (503, {"X-RateLimit-Reset": "1772366430000"}, b"", None),
        (200, {"X-RateLimit-Reset": "1772366430000"}, b"", None),
        (429, {"X-RateLimit-Reset": "1772366430000"}, b"", 30),
        (
            429,
            {
                "X-RateLimit-Reset": "1772366430000",
                "X-RateLimit-Remaining": "7",
                "X-Recipient-Reset": "1772366410000",
                "X-Recipient-Remaining": "0",
            },
            b"",
            10,
        ),
        (429, {}, b'{"retry-seconds": 60}', 60),
        (429, {}, b'{"retry-seconds": true}', None),
        (429, {}, b'{"message": "limit exceeded, try again after 120 seconds"}', 120),
        (420, {}, b'{"message": "try again after Sun, 01 Mar 2026 12:00:31 UTC"}', 31),
        (420, {}, b'{"message": "try again after lunch"}', None),
        (429, {}, b"[]", None),
        (429, {}, b"Too Many Requests", None),
    ],
)
def test_when_to_call_again(
    status: int, headers: dict[str, str], content: bytes, seconds: float | None
) -> None:
    assert rates.retry_after(status, httpx.Headers(headers), content, NOW) == seconds
