"""No key in exceptions, logs, spans or pickles, whatever goes wrong."""

from __future__ import annotations

import asyncio
import base64
import logging
import pickle
import socket
import threading
import traceback
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from mailgun_client import ApiError, Client, InvalidResponse
from mailgun_client.api.domains import get_domain
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
