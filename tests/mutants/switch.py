"""Transports that let one fault at a time in: below the suite for servers, above it for clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock
from urllib.parse import unquote

import httpx
from attrs import define, field, frozen

from tests.contract import calls
from tests.contract.truth import Operation, Truth
from tests.mutants.fault import Fault


@define
class Recogniser:
    """Which operation a request calls; of several that fit, the one with its literals first."""

    truth: Truth = field(repr=False)
    _templates: dict[tuple[str, int], list[tuple[list[str], Operation]]] = field(
        factory=dict, init=False, repr=False
    )

    def __attrs_post_init__(self) -> None:
        for operation in self.truth.operations.values():
            parts = operation.path.split("/")
            self._templates.setdefault((operation.method, len(parts)), []).append(
                (parts, operation)
            )
        for found in self._templates.values():
            found.sort(key=lambda pair: [part.startswith("{") for part in pair[0]])

    def find(self, request: httpx.Request) -> str | None:
        parts = request.url.raw_path.decode("ascii").partition("?")[0].split("/")
        for template, operation in self._templates.get((request.method, len(parts)), []):
            if all(
                bool(part) if name.startswith("{") else name == unquote(part)
                for name, part in zip(template, parts, strict=True)
            ):
                return operation.id
        return None


@define
class Switch(httpx.BaseTransport):
    """The target's transport with the server side of `fault` in front of it."""

    inner: httpx.BaseTransport
    recogniser: Recogniser
    makes_up: Callable[[httpx.Response], bool]
    fault: Fault | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if self.fault is None:
            return self.inner.handle_request(request)
        operation = self.recogniser.find(request)
        try:
            response = self.fault.serve(request, operation, self.inner)
        except Exception as error:
            self.fault.failed = error
            raise
        response.read()
        if operation == self.fault.operation.id and self.makes_up(response):
            self.fault.made_up = True
        return response

    def close(self) -> None:
        self.inner.close()


@frozen
class Outgoing(httpx.BaseTransport):
    """What the client sends, changed by the client side of the switch's fault."""

    inner: httpx.BaseTransport
    switch: Switch

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        fault = self.switch.fault
        if fault is not None and self.switch.recogniser.find(request) == fault.operation.id:
            request.read()
            request = fault.send(request)
        return self.inner.handle_request(request)


@contextmanager
def outgoing(switch: Switch) -> Iterator[None]:
    """Clients that the suite makes meanwhile send through the switch."""
    original: Callable[..., Any] = vars(calls)["Client"]

    def client(key: str, **arguments: Any) -> Any:
        inner = arguments.pop("transport", None)
        if inner is not None:
            arguments["transport"] = Outgoing(inner, switch)
        return original(key, **arguments)

    with mock.patch.object(calls, "Client", client):
        yield
