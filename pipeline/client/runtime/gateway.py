"""Connections of the managed-OAuth gateway: which accounts it may call the API for.

    client = Client.gateway(key)
    connection = client.connections.create()
    print("open in a browser:", connection.url)
    ...
    client = Client.gateway(key, connection=connection.connection_id)

Source: the gateway's documentation. It shows one connection; the shape of the list is inferred.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from . import _model, _request, _response
from .types import Response, Timestamp

if TYPE_CHECKING:
    import httpx

    from .client import Client

APP = "mailgun"


@frozen(kw_only=True)
class Connection:
    """A connection to one account.

    Attributes:
        connection_id: by which it is named.
        status: `ACTIVE` once the account's owner has agreed.
        creation_time: when it was made.
        last_updated_time: when it last changed.
        url: where the account's owner agrees, in a browser; whoever has it can do so.
        app: what it connects to, `mailgun`.
        metadata: what the gateway notes of it.
        additional_properties: what else the gateway says.
    """

    connection_id: str
    status: str | None = None
    creation_time: Timestamp | None = None
    last_updated_time: Timestamp | None = None
    url: str | None = field(default=None, repr=False)
    app: str | None = None
    metadata: Mapping[str, Any] = field(factory=dict)
    additional_properties: Mapping[str, Any] = field(factory=dict)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Connection:
        """Reads a JSON object; KeyError or TypeError if its shape is another one."""
        data = _model.fields_of(source)
        return cls(
            connection_id=_response.string(data.pop("connection_id")),
            status=data.pop("status", None),
            creation_time=_model.timestamp(data.pop("creation_time", None)),
            last_updated_time=_model.timestamp(data.pop("last_updated_time", None)),
            url=data.pop("url", None),
            app=data.pop("app", None),
            metadata=data.pop("metadata", None) or {},
            additional_properties=data,
        )


@frozen
class Connections:
    """The connections that a key of the gateway has; `client.connections` gives it.

    Every method has an asynchronous twin whose name begins with `a`, and raises an `ApiError` for
    an answer of status 400 and above (`AuthenticationError`: the gateway does not know the key;
    `NotFoundError`: no such connection), and `InvalidResponse` for an answer of another shape.
    """

    client: Client
    url: str

    def list(
        self, *, app: str | None = APP, status: str | None = None
    ) -> builtins.list[Connection]:
        """All connections; of one app and one status (`ACTIVE`) only, unless these are None."""
        return _listed(self.client.request("GET", self.url, params=_filters(app, status)))

    async def alist(
        self, *, app: str | None = APP, status: str | None = None
    ) -> builtins.list[Connection]:
        """As `list`."""
        return _listed(await self.client.arequest("GET", self.url, params=_filters(app, status)))

    def create(self, *, app: str = APP) -> Connection:
        """Start a connection; it becomes active when someone agrees at its `url`."""
        return _one("create_connection", self.client.request("POST", self.url, json={"app": app}))

    async def acreate(self, *, app: str = APP) -> Connection:
        """As `create`."""
        answer = await self.client.arequest("POST", self.url, json={"app": app})
        return _one("create_connection", answer)

    def get(self, connection_id: str) -> Connection:
        """One connection."""
        return _one("get_connection", self.client.request("GET", self._of(connection_id)))

    async def aget(self, connection_id: str) -> Connection:
        """As `get`."""
        return _one("get_connection", await self.client.arequest("GET", self._of(connection_id)))

    def delete(self, connection_id: str) -> None:
        """Remove a connection; the gateway refuses further calls by it."""
        _checked("delete_connection", self.client.request("DELETE", self._of(connection_id)))

    async def adelete(self, connection_id: str) -> None:
        """As `delete`."""
        _checked("delete_connection", await self.client.arequest("DELETE", self._of(connection_id)))

    def _of(self, connection_id: str) -> str:
        return f"{self.url}/{_request.segment('connection_id', connection_id)}"


def _filters(app: str | None, status: str | None) -> dict[str, str]:
    given = {"app": app, "status": status}
    return {name: value for name, value in given.items() if value is not None}


def _checked(operation: str, answer: httpx.Response) -> None:
    Response[Any, Any](
        answer.status_code, answer.content, answer.headers, None, operation
    ).raise_for_status()


def _one(operation: str, answer: httpx.Response) -> Connection:
    _checked(operation, answer)
    with _response.expecting(operation, answer):
        return Connection.from_dict(_inner(answer, "connection"))


def _listed(answer: httpx.Response) -> list[Connection]:
    operation = "list_connections"
    _checked(operation, answer)
    with _response.expecting(operation, answer):
        return [Connection.from_dict(item) for item in _model.array(_inner(answer, "connections"))]


def _inner(answer: httpx.Response, name: str) -> Any:
    """What is in the envelope `name`, or the whole body if there is no such envelope."""
    body = answer.json()
    return body[name] if isinstance(body, dict) and name in body else body
