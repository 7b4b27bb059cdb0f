"""The client: where the API is and who calls it."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar, Unpack

import httpx
from attrs import evolve

from . import _options, _urls
from ._call import Sender
from ._pool import Authorization, Pool
from ._servers import SERVERS, Region
from ._version import __version__
from .retries import Retries
from .types import UNSET, Unset

if TYPE_CHECKING:
    from ._options import GatewayOptions
    from ._request import Outgoing
    from ._response import Operation
    from .gateway import Connections
    from .telemetry import Hook
    from .types import Response

T = TypeVar("T")
E = TypeVar("E")
_GATEWAY = "https://api.maton.ai"
_GATEWAY_APP = "/mailgun"
_ON_BEHALF_OF = "X-Mailgun-On-Behalf-Of"
_CONNECTION = "Maton-Connection"


class Client:
    """Calls one account of the API.

    Open connections are kept between calls; close them with `close` or `aclose`, or use the client
    as a (synchronous or asynchronous) context manager. One client serves any number of threads,
    and one event loop at a time: after that one has ended, another one gets connections of its own.

    Args:
        api_key: the account key, or a domain sending key (which may send for its domain and nothing
            else); sent by Basic auth as the password of `api`.
        region: where the account lives; it gives the base URL.
        base_url: another base URL, for a proxy or an emulator; it wins over `region`.
        timeout: seconds (or an `httpx.Timeout`) for each of connect, read, write and pool.
        headers: sent with every request; a `User-Agent` of yours replaces that of this package.
        on_behalf_of: id of the subaccount to act for, with a key of its parent account.
        retries: how failed calls are repeated, or how often at most; 0 or None for never. By
            default twice, and only what is surely harmless, see `Retries`.
        raise_errors: raise an `ApiError` for every answer of status 400 and above.
        hooks: watch every call, see `mailgun_client.telemetry`.
        proxy: URL (or an `httpx.Proxy`) of a proxy; by default as the environment says.
        limits: how many connections are kept and opened at once.
        transport: replaces the network in synchronous calls.
        async_transport: replaces the network in asynchronous calls.
        httpx_args: further arguments for `httpx.Client` and `httpx.AsyncClient`.

    Warns:
        InsecureWarning: the base URL is neither encrypted nor on this machine.

    Raises:
        ValueError: neither region nor base URL, an unknown region, a base URL that is not absolute
            or has a password, query or version in it, a key that is empty or has other characters
            than keys have, or another option that could not work.
        TypeError: an option of another type.
    """

    def __init__(
        self,
        api_key: str,
        *,
        region: Region | None = None,
        base_url: str | None = None,
        timeout: float | httpx.Timeout | None = 30.0,
        headers: Mapping[str, str] | None = None,
        on_behalf_of: str | None = None,
        retries: Retries | int | None = 2,
        raise_errors: bool = False,
        hooks: Iterable[Hook] = (),
        proxy: str | httpx.URL | httpx.Proxy | None = None,
        limits: httpx.Limits | None = None,
        transport: httpx.BaseTransport | None = None,
        async_transport: httpx.AsyncBaseTransport | None = None,
        httpx_args: Mapping[str, Any] | None = None,
    ) -> None:
        key = _checked("api_key", api_key)
        if key.startswith("api:"):
            raise ValueError("api_key: expected the key alone, without the user name before it")
        if region is not None and (not isinstance(region, str) or region not in SERVERS):
            raise ValueError(f"region: expected one of {', '.join(SERVERS)}, found {region!r}")
        if base_url is None:
            if region is None:
                raise ValueError(f"give a region ({', '.join(SERVERS)}) or a base_url")
            base_url = SERVERS[region]
        self._base_url = _urls.absolute(base_url)
        if transport is None and async_transport is None:
            _urls.warn_if_cleartext(self._base_url)
        arguments = _options.network(proxy, limits, transport, async_transport, httpx_args)
        arguments |= {
            "base_url": self._base_url,
            "headers": _signed(_options.headers(headers)),
            "timeout": _options.timeout(timeout),
        }
        secret = base64.b64encode(f"api:{key}".encode()).decode()
        self._pool = Pool(Authorization(f"Basic {secret}"), arguments, transport, async_transport)
        self._owner = True
        self._raise = _options.flag("raise_errors", raise_errors)
        self._gateway_url: str | None = None
        self._sender = Sender(
            prefix=str(self._base_url).rstrip("/"),
            headers=_named(_ON_BEHALF_OF, on_behalf_of),
            timeout=None,
            retries=Retries.of(retries),
            hooks=_options.hooks(hooks),
        )

    @classmethod
    def gateway(
        cls,
        api_key: str,
        *,
        connection: str | None = None,
        base_url: str = _GATEWAY,
        **options: Unpack[GatewayOptions],
    ) -> Self:
        """A client that calls the API through the managed-OAuth gateway (US region).

        The gateway knows the account by its connections, see `connections`; its key is sent as a
        bearer token. Answers that refuse a call are passed through, but 400 also means that there
        is no active connection, and 401 that the gateway does not know the key.

        Args:
            api_key: the key of the gateway.
            connection: id of the connection to use; needed if there are several.
            base_url: another gateway.
            options: as for `Client`, but for `region`.

        Raises:
            ValueError, TypeError: as `Client` does.
        """
        if "region" in options:
            raise ValueError("region: the gateway has one region only")
        if not isinstance(base_url, str):
            raise TypeError(f"base_url: expected text, found {type(base_url).__name__}")
        client = cls(api_key, base_url=base_url.rstrip("/") + _GATEWAY_APP, **options)
        client._pool.auth = Authorization(f"Bearer {api_key}")
        client._gateway_url = base_url.rstrip("/")
        headers = {**client._sender.headers, **_named(_CONNECTION, connection)}
        client._sender = evolve(client._sender, headers=headers)
        return client

    @property
    def connections(self) -> Connections:
        """The connections of a gateway; ValueError for a client that calls the API itself."""
        from .gateway import Connections

        if self._gateway_url is None:
            raise ValueError("only the client of a gateway has connections: see Client.gateway")
        return Connections(self, f"{self._gateway_url}/connections")

    def on_behalf_of(self, subaccount_id: str | None) -> Self:
        """A view of this client that acts for a subaccount; None for the account itself.

        Every answer is the one that the subaccount's own key would get.
        """
        return self.with_options(on_behalf_of=subaccount_id)

    def with_options(
        self,
        *,
        timeout: float | httpx.Timeout | Unset | None = UNSET,
        headers: Mapping[str, str] | Unset = UNSET,
        on_behalf_of: str | Unset | None = UNSET,
        retries: Retries | int | Unset | None = UNSET,
        raise_errors: bool | Unset = UNSET,
        hooks: Iterable[Hook] | Unset = UNSET,
    ) -> Self:
        """A view of this client with other options; what is not given stays as it is.

        Views share the connections of the client that they come from, which alone closes them.
        `headers` come in addition, those of a call win.
        """
        sender = self._sender
        own = dict(sender.headers)
        if on_behalf_of is not UNSET:
            own.pop(_ON_BEHALF_OF, None)
            own |= _named(_ON_BEHALF_OF, on_behalf_of)
        if headers is not UNSET:
            own |= _options.headers(headers)
        if timeout is not UNSET:
            sender = evolve(sender, timeout=_options.timeout(timeout))
        if retries is not UNSET:
            sender = evolve(sender, retries=Retries.of(retries))
        if hooks is not UNSET:
            sender = evolve(sender, hooks=_options.hooks(hooks))
        view = object.__new__(type(self))
        view.__dict__.update(self.__dict__)
        view._owner = False
        view._sender = evolve(sender, headers=own)
        if raise_errors is not UNSET:
            view._raise = _options.flag("raise_errors", raise_errors)
        return view

    @property
    def base_url(self) -> str:
        """The URL that paths are appended to."""
        return str(self._base_url)

    @property
    def httpx_client(self) -> httpx.Client:
        """What sends synchronous calls; made when it is first needed."""
        return self._pool.sync

    @property
    def async_httpx_client(self) -> httpx.AsyncClient:
        """What sends asynchronous calls; made when it is first needed."""
        return self._pool.asynchronous

    def request(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        """Send a request of your own, with the key, retries and hooks of this client.

        Args:
            method: the HTTP method.
            url: a path with its query, or the URL of a page from an answer. That names the API's
                own server; the request goes to that of this client, as all others do.
            arguments: as for `httpx.Client.build_request`.

        Raises:
            ValueError: the URL is on a server that must not see the key.
        """
        http = self._pool.sync
        return self._sender.send(http, self._prepared(http, method, url, arguments), None)

    async def arequest(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        """As `request`, asynchronously."""
        http = self._pool.asynchronous
        request = self._prepared(http, method, url, arguments)
        return await self._sender.asend(http, request, None)

    def call(self, operation: Operation[T, E], outgoing: Outgoing) -> Response[T, E]:
        """Call an operation; its module does this."""
        http, sender = self._pool.sync, self._sender
        answer = sender.send(http, sender.build(http, outgoing), operation)
        response = operation.read(answer)
        return response.raise_for_status() if self._raise else response

    async def acall(self, operation: Operation[T, E], outgoing: Outgoing) -> Response[T, E]:
        """As `call`, asynchronously."""
        http, sender = self._pool.asynchronous, self._sender
        answer = await sender.asend(http, sender.build(http, outgoing), operation)
        response = operation.read(answer)
        return response.raise_for_status() if self._raise else response

    def close(self) -> None:
        """Close the connections of synchronous calls. A view closes nothing."""
        if self._owner:
            self._pool.close()

    async def aclose(self) -> None:
        """Close all connections. A view closes nothing."""
        if self._owner:
            await self._pool.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"Client({self._base_url!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Client holds a key and open connections; it can't be pickled or copied")

    def _prepared(
        self,
        http: httpx.Client | httpx.AsyncClient,
        method: str,
        url: str,
        arguments: dict[str, Any],
    ) -> httpx.Request:
        sender = self._sender
        headers = httpx.Headers(dict(sender.headers))
        headers.update(arguments.pop("headers", None))
        if sender.timeout is not None:
            arguments.setdefault("timeout", sender.timeout)
        target = _urls.trusted(httpx.URL(url), self._base_url)
        return http.build_request(method, target, headers=headers, **arguments)


def _checked(name: str, value: object) -> str:
    """`value` as text that can be in a header; errors must not show it."""
    if not isinstance(value, str):
        raise TypeError(f"{name}: expected text, found {type(value).__name__}")
    if not value:
        raise ValueError(f"{name}: expected text, found an empty one")
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise ValueError(f"{name}: expected ASCII letters, digits and signs only, without spaces")
    return value


def _signed(headers: Mapping[str, str]) -> httpx.Headers:
    """With the name of this package, unless the caller has one."""
    signed = httpx.Headers(headers)
    signed.setdefault("User-Agent", f"mailgun-toolkit/{__version__} httpx/{httpx.__version__}")
    return signed


def _named(header: str, value: str | None) -> dict[str, str]:
    return {} if value is None else {header: _checked(header, value)}
