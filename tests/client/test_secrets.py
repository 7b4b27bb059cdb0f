"""No key in exceptions, logs, spans or pickles, whatever goes wrong."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import pickle
import socket
import threading
import traceback
from collections.abc import Iterator
from typing import Any

import attrs
import httpx
import pytest
from mailgun_client import ApiError, Client, InvalidResponse, models
from mailgun_client.api.domains import get_domain
from mailgun_client.api.keys import create_api_key
from mailgun_client.telemetry import log_calls

from tests.client.wire import Wire

KEY = "key-3ax6xnjp29jd6fds4gc373sgvjxteol0"
SECRETS = (KEY, base64.b64encode(f"api:{KEY}".encode()).decode())


def hidden(*texts: object) -> bool:
    return not any(secret in str(text) for secret in SECRETS for text in texts)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        yield caplog


def serve_once(answer: bytes) -> str:
    """The base URL of a server that answers one request so, and then is gone."""
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with server, server.accept()[0] as connection:
            connection.recv(65536)
            connection.sendall(answer)

    threading.Thread(target=run, daemon=True).start()
    return f"http://127.0.0.1:{server.getsockname()[1]}"


def clients(base_url: str, **options: Any) -> list[Client]:
    basic = Client(KEY, base_url=base_url, retries=None, hooks=[log_calls()], **options)
    return [basic, Client.gateway(KEY, base_url=base_url, retries=None, **options)]


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("way", ["sync", "async"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", InvalidResponse),
        (b"HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno", ApiError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[]", httpx.RemoteProtocolError),
        (b"nonsense\r\n\r\n", httpx.RemoteProtocolError),
        (b"", httpx.TransportError),
    ],
)
def test_errors_and_debug_logs_over_a_socket(
    logged: pytest.LogCaptureFixture, place: int, way: str, answer: bytes, error: type[Exception]
) -> None:
    client = clients(serve_once(answer), raise_errors=True)[place]

    async def asynchronous() -> None:
        async with client:
            await get_domain.asyncio("a", client=client)

    def synchronous() -> None:
        with client:
            get_domain.sync("a", client=client)

    call = synchronous if way == "sync" else lambda: asyncio.run(asynchronous())
    with pytest.raises(error) as caught:
        call()
    found = caught.value
    assert hidden(found, repr(found), vars(found), "".join(traceback.format_exception(found)))
    request = getattr(found, "_request", None)
    if request is not None:
        assert request.headers["authorization"] == "[redacted]"
        assert hidden(request.headers.raw)
    try:
        dumped = pickle.dumps(found)
    except (TypeError, AttributeError):
        dumped = b""
    assert all(secret.encode() not in dumped for secret in SECRETS)
    names = {record.name.split(".")[0] for record in logged.records}
    assert "httpcore" in names, "nothing was logged, so nothing is shown by that"
    assert hidden(logged.text, *(record.args for record in logged.records))


def test_no_connection(logged: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    for client in clients(url):
        with pytest.raises(httpx.ConnectError) as caught, client:
            get_domain.sync("a", client=client)
        assert caught.value.request.headers["authorization"] == "[redacted]"
    assert hidden(logged.text)


def test_the_answer_keeps_no_request(wire: Wire) -> None:
    response = get_domain.sync_detailed("a", client=wire.client())
    assert "key-secret" not in repr(response)
    assert b"key-secret" not in pickle.dumps(response)


SECRET = "s3cr3t-value"


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (models.AlertSigningKey, "signing_key", SECRET),
        (models.AlertSlackSettings, "token", SECRET),
        (models.CreateCredentialBody, "password", [SECRET]),
        (models.CreateDkimKeyBody, "pem", SECRET),
        (models.CreateDomainBody, "smtp_password", SECRET),
        (models.CredentialResponse, "credentials", {"ann": SECRET}),
        (models.EmailPreviewSmtpInfo, "password", SECRET),
        (models.RegeneratePublicApiKeyResponse, "key", SECRET),
        (models.UpdateCredentialBody, "password", SECRET),
        (models.UpdateDomainBody, "smtp_password", SECRET),
        (models.WebhookSigningKey, "http_signing_key", SECRET),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_secrets_in_bodies_are_not_shown(kind: Any, field: str, value: Any) -> None:
    needed = {each.name: "a" for each in attrs.fields(kind) if each.default is attrs.NOTHING}
    model = kind(**(needed | {field: value}))
    assert SECRET in str(model.to_dict())
    assert SECRET not in repr(model)


def test_an_answer_with_a_new_key_does_not_show_it() -> None:
    key = {
        **dict.fromkeys(("id", "description", "kind", "role", "created_at", "updated_at"), "a"),
        **dict.fromkeys(("domain_name", "requestor", "user_name")),
        "is_disabled": False,
        "secret": SECRET,
    }
    content = json.dumps({"message": "m", "key": key}).encode()
    body = models.CreateApiKeyBody(role="sending")
    answer = create_api_key.sync_detailed(client=Wire(200, content).client(), body=body)
    assert answer.success().key.secret == SECRET
    assert f"content=<{len(content)} bytes>" in repr(answer)
    assert SECRET not in repr(answer)
