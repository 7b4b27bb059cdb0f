"""Options of a client that could not work, refused where they are given; no text shows a value
that may be secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict

import httpx

if TYPE_CHECKING:
    from .retries import Retries
    from .telemetry import Hook

_OWN = ("auth", "base_url", "headers", "timeout", "transport")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class GatewayOptions(TypedDict, total=False):
    """What `Client.gateway` takes beside its own arguments; `Client` says what they mean."""

    timeout: float | httpx.Timeout | None
    headers: Mapping[str, str] | None
    on_behalf_of: str | None
    retries: Retries | int | None
    raise_errors: bool
    hooks: Iterable[Hook]
    proxy: str | httpx.URL | httpx.Proxy | None
    limits: httpx.Limits | None
    transport: httpx.BaseTransport | None
    async_transport: httpx.AsyncBaseTransport | None
    httpx_args: Mapping[str, Any] | None


def timeout(value: Any) -> httpx.Timeout:
    """Seconds, None or an `httpx.Timeout` as the latter. Raises TypeError or ValueError."""
    if isinstance(value, httpx.Timeout):
        return value
    if value is not None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            found = type(value).__name__
            raise TypeError(f"timeout: expected seconds, None or an httpx.Timeout, found {found}")
        if not 0 < value < float("inf"):
            raise ValueError(f"timeout: expected more than 0 seconds or None, found {value}")
    return httpx.Timeout(value)


def headers(value: Any) -> dict[str, str]:
    """A copy of the headers. Raises TypeError or ValueError."""
    found = dict(_mapping("headers", value))
    for name, text in found.items():
        if not isinstance(name, str) or not isinstance(text, str):
            raise TypeError("headers: expected text for names and values")
        if not _HEADER.fullmatch(name):
            raise ValueError(f"headers: {name!r} is no name of a header")
        if any(sign in text for sign in "\r\n\0"):
            raise ValueError(f"headers: {name} has a line break in it")
    return found


def hooks(value: Any) -> tuple[Any, ...]:
    """The hooks. Raises TypeError unless they can be called."""
    if not isinstance(value, Iterable) or callable(value):
        raise TypeError(f"hooks: expected a list of hooks, found {type(value).__name__}")
    found = tuple(value)
    for hook in found:
        if not callable(hook):
            raise TypeError(f"hooks: expected functions, found {type(hook).__name__}")
    return found


def flag(name: str, value: Any) -> bool:
    """`value`. Raises TypeError unless it is True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"{name}: expected True or False, found {type(value).__name__}")
    return value


def network(
    proxy: Any, limits: Any, transport: Any, async_transport: Any, httpx_args: Any
) -> dict[str, Any]:
    """Arguments for httpx. Raises TypeError or ValueError."""
    arguments = dict(_mapping("httpx_args", httpx_args))
    for name in _OWN:
        if name in arguments:
            raise ValueError(f"httpx_args: {name} is told to the Client itself")
    if proxy is not None:
        _instance("proxy", proxy, str, httpx.URL, httpx.Proxy)
        # Unlike its URL, a Proxy does not show its password.
        arguments["proxy"] = proxy if isinstance(proxy, httpx.Proxy) else httpx.Proxy(proxy)
    if limits is not None:
        _instance("limits", limits, httpx.Limits)
        arguments["limits"] = limits
    if transport is not None:
        _instance("transport", transport, httpx.BaseTransport)
    if async_transport is not None:
        _instance("async_transport", async_transport, httpx.AsyncBaseTransport)
    return arguments


def _mapping(name: str, value: Any) -> Mapping[Any, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError(f"{name}: expected a dict, found {type(value).__name__}")
    return value


def _instance(name: str, value: Any, *types: type) -> None:
    if not isinstance(value, types):
        names = " or ".join(kind.__name__ for kind in types)
        raise TypeError(f"{name}: expected {names}, found {type(value).__name__}")
