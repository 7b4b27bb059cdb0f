"""Typed errors, for those who ask for them."""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import pytest
from mailgun_client import (
    ApiError,
    AuthenticationError,
    ConflictError,
    InvalidRequestError,
    InvalidResponse,
    MailgunError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
)
from mailgun_client.api.bounces import list_bounces
from mailgun_client.api.domains import get_domain
from mailgun_client.api.messages import send_message
from mailgun_client.models import MessageResponse, SendMessageBody, SendMessageResponse

from tests.client.wire import Wire

BODY = SendMessageBody(from_="a@example.com", to=["b@example.com"], subject="s", text="t")
MEANINGS = {
    400: InvalidRequestError,
    401: AuthenticationError,
    402: ApiError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    413: InvalidRequestError,
    418: ApiError,
    420: RateLimitError,
    422: InvalidRequestError,
    429: RateLimitError,
    500: ServerError,
    503: ServerError,
    599: ServerError,
}


@pytest.mark.parametrize("status", MEANINGS)
@pytest.mark.parametrize("way", ["sync", "asyncio", "view", "raise_for_status", "success"])
def test_the_status_gives_the_class(status: int, way: str) -> None:
    wire = Wire(status, b'{"message": "No."}', {"content-type": "application/json"})
    quiet, loud = wire.client(), wire.client(raise_errors=True)
    calls: dict[str, Any] = {
        "sync": lambda: list_bounces.sync("a", client=loud),
        "asyncio": lambda: asyncio.run(list_bounces.asyncio("a", client=loud)),
        "view": lambda: list_bounces.sync("a", client=quiet.with_options(raise_errors=True)),
        "raise_for_status": lambda: list_bounces.sync_detailed(
            "a", client=quiet
        ).raise_for_status(),
        "success": lambda: list_bounces.sync_detailed("a", client=quiet).success(),
    }
    with pytest.raises(MailgunError) as caught:
        calls[way]()
    error = caught.value
    assert type(error) is MEANINGS[status]
    assert isinstance(error, ApiError)
    assert str(error) == f"list_bounces: status {status}: No."


def test_an_error_carries_what_came() -> None:
    headers = {"content-type": "application/json", "x-request-id": "r-1", "Retry-After": "30"}
    wire = Wire(429, b'{"message": "Too many"}', headers)
    with pytest.raises(RateLimitError) as caught:
        list_bounces.sync("a", client=wire.client(raise_errors=True))
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):
        assert (error.operation, error.status_code) == ("list_bounces", 429)
        assert (error.message, error.request_id, error.retry_after) == ("Too many", "r-1", 30.0)
        assert error.content == wire.content
        assert error.headers["x-request-id"] == "r-1"
        assert error.parsed == MessageResponse(message="Too many")
        assert error.response.status_code == 429


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"Message": "capital"}', "capital"),
        (b'{"error": "plain"}', "plain"),
        (b'{"error": {"message": "inner"}}', "inner"),
        (b'{"errors": ["one", "two"]}', "one; two"),
        (b'"just text"', "just text"),
        (b"Forbidden", "Forbidden"),
        (b"404 page\n not   found\n", "404 page not found"),
        (b"<html><h1>Bad</h1></html>", "Not Found"),
        (b"", "Not Found"),
        (b"[]", "Not Found"),
        (b'{"message": null}', "Not Found"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"[" * 100_000, "[" * 500 + "..."),
    ],
)
def test_the_message_is_one_line_whatever_came(content: bytes, message: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        get_domain.sync("a", client=Wire(404, content, {}).client(raise_errors=True))
    assert caught.value.message == message
    assert caught.value.request_id is None


def test_a_status_of_no_standard_has_a_message() -> None:
    with pytest.raises(ServerError, match="status 599: no reason given"):
        get_domain.sync("a", client=Wire(599, b"", {}).client(raise_errors=True))


def test_success_gives_the_model_of_a_success_only() -> None:
    wire = Wire(200, b'{"id": "<1@a>", "message": "Queued."}')
    response = send_message.sync_detailed("a", client=wire.client(), body=BODY)
    found: SendMessageResponse = response.raise_for_status().success()
    assert (found.id, response.is_success, response.operation) == ("<1@a>", True, "send_message")


@pytest.mark.parametrize("status", [202, 302])
def test_success_is_a_documented_one(status: int) -> None:
    response = send_message.sync_detailed("a", client=Wire(status, b"{}").client(), body=BODY)
    assert (response.parsed, response.documented) == (None, False)
    with pytest.raises(InvalidResponse, match="not a documented success"):
        response.success()


def test_nothing_raises_unless_asked() -> None:
    for status in MEANINGS:
        wire = Wire(status, b"{}")
        response = list_bounces.sync_detailed("a", client=wire.client())
        assert response.status_code == status


@pytest.mark.parametrize("status", [204, 302, 399])
def test_an_answer_below_400_has_no_error(status: int) -> None:
    assert list_bounces.sync_detailed("a", client=Wire(status).client()).error is None


@pytest.mark.parametrize("status", MEANINGS)
def test_the_error_of_an_answer_is_there_without_raising(status: int) -> None:
    wire = Wire(status, b'{"message": "No."}')
    found = list_bounces.sync_detailed("a", client=wire.client()).error
    assert type(found) is MEANINGS[status]
    assert found.message == "No."
