"""The client for things.py, under a name of its own, put where the suite expects the client."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import frozen

from pipeline.client import generate
from pipeline.write import write_tree
from tests.contract import calls
from tests.suite import things

NAME = "things_client"
Rewrite = Callable[[httpx.Request], httpx.Request]


def write(folder: Path, name: str = NAME) -> None:
    """Generate the client as the package `name` in `folder`."""
    write_tree(folder / name, generate(things.document()))


@frozen
class Rewriting(httpx.BaseTransport):
    """What a client with a fault would have sent, between the client and the wire."""

    wire: httpx.BaseTransport
    rewrite: Rewrite
    times: int

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        responses = [self.wire.handle_request(self.rewrite(request)) for _ in range(self.times)]
        return responses[-1]


@frozen
class AsyncRewriting(httpx.AsyncBaseTransport):
    """The same between coroutines and the wire."""

    wire: httpx.AsyncBaseTransport
    rewrite: Rewrite
    times: int

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        changed = [self.rewrite(request) for _ in range(self.times)]
        return [await self.wire.handle_async_request(each) for each in changed][-1]


def as_it_is(request: httpx.Request) -> httpx.Request:
    return request


def install(
    patch: pytest.MonkeyPatch,
    rewrite: Rewrite = as_it_is,
    times: int = 1,
    twin: Rewrite | None = None,
) -> None:
    """Let the suite call the client for things.py, whose requests are rewritten and repeated.

    `twin` rewrites those of coroutines; without it, they are rewritten like the others.
    """
    package = import_module(NAME)

    def client(
        key: str,
        *,
        base_url: str,
        transport: httpx.BaseTransport,
        async_transport: httpx.AsyncBaseTransport,
    ) -> Any:
        return package.Client(
            key,
            base_url=base_url,
            transport=Rewriting(transport, rewrite, times),
            async_transport=AsyncRewriting(async_transport, twin or rewrite, times),
        )

    patch.setattr(calls, "Client", client)
    patch.setattr(calls, "models", import_module(f"{NAME}.models"))
    patch.setattr(calls, "MailgunError", package.MailgunError)
    patch.setattr(calls, "OPERATIONS", import_module(f"{NAME}.operations").OPERATIONS)
