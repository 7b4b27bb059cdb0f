"""The managed-OAuth gateway, emulated by its documentation (GATE facts) in front of one domain."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from attrs import define, field
from mailgun_client import (
    AuthenticationError,
    Client,
    InvalidRequestError,
    InvalidResponse,
    NotFoundError,
)
from mailgun_client.api.bounces import list_bounces
from mailgun_client.api.messages import send_message
from mailgun_client.gateway import Connection, Connections
from mailgun_client.models import SendMessageBody

from tests.client.wire import Wire

KEY = "gateway-key"
Message = MutableMapping[str, Any]
BODY = SendMessageBody(from_="a@example.com", to=["b@example.com"], subject="s", text="t")
PAGING = dict.fromkeys(
    ("first", "last", "next", "previous"),
    "https://api.mailgun.net/v3/example.com/bounces?page=next&address=b%40example.com",
)


@define
class Gateway:
    """An ASGI app: `/connections`, and `/mailgun/...` for accounts with an active connection."""

    connections: dict[str, dict[str, Any]] = field(factory=dict)
    forwarded: list[tuple[str, str, str]] = field(factory=list)

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        query = parse_qs(scope["query_string"].decode())
        status, answer = self._answer(scope["method"], scope["path"], query, headers, body)
        content = b"" if answer is None else json.dumps(answer).encode()
        head = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": content})

    def _answer(
        self,
        method: str,
        path: str,
        query: dict[str, list[str]],
        headers: dict[str, str],
        body: bytes,
    ) -> tuple[int, Any]:
        if headers.get("authorization") != f"Bearer {KEY}":
            return 401, {"message": "Invalid API key"}
        _, app, *rest = path.split("/")
        if app == "connections":
            return self._manage(method, rest, query, body)
        if app != "mailgun":
            return 400, {"message": "Invalid app name"}
        return self._forward(method, "/" + "/".join(rest), headers.get("maton-connection"))

    def _manage(
        self, method: str, rest: list[str], query: dict[str, list[str]], body: bytes
    ) -> tuple[int, Any]:
        if method == "POST":
            found = self.connect("PENDING", json.loads(body)["app"])
            return 200, {"connection": found}
        if not rest:
            wanted = {name: values[0] for name, values in query.items()}
            found_all = [one for one in self.connections.values() if wanted.items() <= one.items()]
            return 200, {"connections": found_all}
        if rest[0] not in self.connections:
            return 404, {"message": "Connection not found"}
        if method == "DELETE":
            del self.connections[rest[0]]
            return 200, {}
        return 200, {"connection": self.connections[rest[0]]}

    def _forward(self, method: str, path: str, wanted: str | None) -> tuple[int, Any]:
        active = [key for key, one in self.connections.items() if one["status"] == "ACTIVE"]
        if not active or (wanted is not None and wanted not in active):
            return 400, {"message": "No active connection"}
        self.forwarded.append((method, path, wanted or active[0]))
        if method == "POST":
            return 200, {"id": "<1@example.com>", "message": "Queued. Thank you."}
        return 200, {"items": [], "paging": PAGING}

    def connect(self, status: str, app: str = "mailgun") -> dict[str, Any]:
        number = f"c-{len(self.connections) + 1}"
        found = {
            "connection_id": number,
            "status": status,
            "creation_time": "2026-02-12T02:24:16.551210Z",
            "last_updated_time": "2026-02-12T02:25:03.542838Z",
            "url": f"https://connect.example.test/?session_token=secret-{number}",
            "app": app,
            "metadata": {},
        }
        self.connections[number] = found
        return found


@define
class Bridge(httpx.BaseTransport):
    """Carries synchronous requests to an ASGI app."""

    app: Any

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def exchange() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app)) as http:
                copy = httpx.Request(
                    request.method, request.url, headers=request.headers, content=request.read()
                )
                return await http.send(copy)

        answer = asyncio.run(exchange())
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def client(gateway: Gateway, key: str = KEY, **options: Any) -> Client:
    return Client.gateway(
        key,
        transport=Bridge(gateway),
        async_transport=httpx.ASGITransport(gateway),
        **options,
    )


def test_connections_from_creation_to_deletion(gateway: Gateway) -> None:
    connections = client(gateway).connections
    made = connections.create()
    assert (made.status, made.app, made.metadata) == ("PENDING", "mailgun", {})
    assert str(made.creation_time) == "2026-02-12T02:24:16.551210Z"
    assert made.creation_time is not None
    assert made.creation_time.microsecond == 551210
    gateway.connect("ACTIVE")
    gateway.connect("ACTIVE", "other")
    assert connections.get(made.connection_id) == made
    assert [one.connection_id for one in connections.list()] == ["c-1", "c-2"]
    assert [one.connection_id for one in connections.list(status="ACTIVE")] == ["c-2"]
    assert len(connections.list(app=None)) == 3
    connections.delete(made.connection_id)
    with pytest.raises(NotFoundError, match="get_connection: status 404: Connection not found"):
        connections.get(made.connection_id)


def test_the_same_asynchronously(gateway: Gateway) -> None:
    async def use() -> None:
        async with client(gateway) as own:
            made = await own.connections.acreate()
            assert await own.connections.aget(made.connection_id) == made
            assert await own.connections.alist(status="PENDING") == [made]
            await own.connections.adelete(made.connection_id)
            assert await own.connections.alist() == []
            with pytest.raises(NotFoundError):
                await own.connections.adelete(made.connection_id)

    asyncio.run(use())


def test_operations_go_through(gateway: Gateway) -> None:
    for status in ("PENDING", "ACTIVE", "ACTIVE"):
        gateway.connect(status)
    first, second = client(gateway), client(gateway, connection="c-3")
    assert send_message.sync_detailed("example.com", client=first, body=BODY).success().id
    assert list_bounces.sync_detailed("example.com", client=second).is_success
    answer = asyncio.run(
        send_message.asyncio_detailed("example.com", client=client(gateway), body=BODY)
    )
    assert answer.is_success
    assert gateway.forwarded == [
        ("POST", "/v3/example.com/messages", "c-2"),
        ("GET", "/v3/example.com/bounces", "c-3"),
        ("POST", "/v3/example.com/messages", "c-2"),
    ]


def test_pages_that_name_the_api_come_through_the_gateway_too(gateway: Gateway) -> None:
    gateway.connect("ACTIVE")
    own = client(gateway)
    page = list_bounces.sync_detailed("example.com", client=own).success()
    assert own.request("GET", page.paging.next_).status_code == 200
    assert gateway.forwarded[1] == ("GET", "/v3/example.com/bounces", "c-1")
    for foreign in ("https://storage.example.net/v3/a", "https://api.mailgun.net.example.net/v3"):
        with pytest.raises(ValueError, match="is not the server of this client"):
            own.request("GET", foreign)


def test_refusals_of_the_gateway(gateway: Gateway) -> None:
    with pytest.raises(InvalidRequestError, match="No active connection"):
        list_bounces.sync("example.com", client=client(gateway, raise_errors=True))
    gateway.connect("ACTIVE")
    with pytest.raises(InvalidRequestError):
        list_bounces.sync("a", client=client(gateway, connection="c-9", raise_errors=True))
    with pytest.raises(AuthenticationError):
        client(gateway, key="wrong").connections.list()


def test_nothing_shows_key_or_session(gateway: Gateway) -> None:
    own = client(gateway, connection="c-1")
    made = own.connections.create()
    assert made.url is not None
    assert "secret-c-1" in made.url
    for thing in (own, own.connections, vars(own), vars(own._pool)):
        assert KEY not in repr(thing)
    assert "secret-c-1" not in repr([made])


def test_views_of_a_gateway_stay_with_it(gateway: Gateway) -> None:
    gateway.connect("ACTIVE")
    view = client(gateway, connection="c-1").on_behalf_of("sub-1").with_options(timeout=3)
    assert isinstance(view.connections, Connections)
    assert list_bounces.sync_detailed("a", client=view).is_success
    assert gateway.forwarded == [("GET", "/v3/a/bounces", "c-1")]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"connection": []}', b'{"connection_id": 1}']
)
def test_another_shape_is_an_invalid_response(body: bytes) -> None:
    wire = Wire(200, body)
    transport = httpx.MockTransport(wire._answer)
    own = Client.gateway(KEY, transport=transport)
    with pytest.raises(InvalidResponse, match="get_connection"):
        own.connections.get("c-1")


def test_bare_answers_are_read_as_well() -> None:
    assert Connection.from_dict({"connection_id": "c", "more": 1}).additional_properties == {
        "more": 1
    }
    own = Client.gateway(
        KEY, transport=httpx.MockTransport(Wire(200, b'{"connection_id": "c"}')._answer)
    )
    assert own.connections.create() == Connection(connection_id="c")


def test_what_is_no_gateway(wire: Wire) -> None:
    with pytest.raises(ValueError, match="only the client of a gateway"):
        wire.client().connections  # noqa: B018
    with pytest.raises(ValueError, match="one region"):
        Client.gateway(KEY, region="us")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="api_key"):
        Client.gateway(f"{KEY}\n")
    with pytest.raises(ValueError, match="Maton-Connection"):
        Client.gateway(KEY, connection="a b")
