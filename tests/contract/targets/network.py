"""The real network, with a time limit also for requests that no httpx client made; and none."""

from __future__ import annotations

from typing import Final

import httpx
from attrs import field, frozen

_TIMEOUT: Final = 30.0


@frozen
class Network(httpx.BaseTransport):
    """Sends over HTTP and gives up after half a minute without an answer."""

    _inner: httpx.BaseTransport = field(factory=httpx.HTTPTransport, repr=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        limits = httpx.Timeout(_TIMEOUT).as_dict()
        request.extensions = {"timeout": limits, **request.extensions}
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


class Nowhere(httpx.BaseTransport):
    """Where a plan sends to: nothing may."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise RuntimeError(f"{request.method} {request.url.path}: a plan sends nothing")
