"""Property 8: the asynchronous call sends what the synchronous one sends, and reads it alike.

The twin gets the response of the synchronous call, so that it needs no state of its own and leaves
none behind; only the client is under test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
from attrs import define, field
from multipart import parse_options_header
from schemathesis import Case

from tests.contract import cases
from tests.contract.breaches import Breach, TwinRequest, TwinResult
from tests.contract.checks import Exchange, curl, plain
from tests.contract.ledger import Entry
from tests.contract.scene import Scene
from tests.contract.truth import Operation
from tests.contract.values import same


@define
class Twins:
    """Calls the first cases of an operation as coroutines too, and the first of each status."""

    scene: Scene
    operation: Operation
    called: int = 0
    statuses: set[int] = field(factory=set)

    def breaches(self, case: Case, exchange: Exchange, entry: Entry) -> list[Breach]:
        """What differs between `exchange` and the same call as a coroutine."""
        if self.called >= self.scene.profile.twins and exchange.status in self.statuses:
            return []
        self.called += 1
        self.statuses.add(exchange.status)
        entry.ran["twins"] += 1
        return list(self._compare(case, exchange))

    def _compare(self, case: Case, exchange: Exchange) -> Iterator[Breach]:
        values = cases.values(self.scene.truth, self.operation, case)
        twin = self.scene.caller.twin(self.operation, values, exchange.response)
        shown = curl(exchange.request)
        if len(twin.requests) != exchange.requests:
            yield TwinRequest(
                f"{len(twin.requests)} requests instead of {exchange.requests}", shown
            )
        for part, one, other in _parts(exchange.request, twin.requests[-1:]):
            if one != other:
                yield TwinRequest(f"{part}: {one!r:.150} and {other!r:.150}", shown)
        if type(twin.error) is not type(exchange.error) or str(twin.error) != str(exchange.error):
            yield TwinResult(f"raised {exchange.error!r:.150} and {twin.error!r:.150}", shown)
        elif type(twin.parsed) is not type(exchange.parsed) or not same(
            plain(exchange.parsed), plain(twin.parsed)
        ):
            what = f"{plain(exchange.parsed)!r:.150} and {plain(twin.parsed)!r:.150}"
            yield TwinResult(f"status {exchange.status} became {what}", shown)


def _parts(left: httpx.Request, right: list[httpx.Request]) -> Iterator[tuple[str, Any, Any]]:
    for request in right:
        yield "method", left.method, request.method
        yield "url", str(left.url), str(request.url)
        yield "headers", _headers(left), _headers(request)
        yield "body", _body(left), _body(request)


def _headers(request: httpx.Request) -> list[tuple[str, str]]:
    """The headers; the boundary of a multipart body is drawn for each request."""
    return sorted(
        (name, value.replace(_boundary(request), "BOUNDARY") if _boundary(request) else value)
        for name, value in request.headers.multi_items()
    )


def _body(request: httpx.Request) -> bytes:
    boundary = _boundary(request).encode()
    return request.content.replace(boundary, b"BOUNDARY") if boundary else request.content


def _boundary(request: httpx.Request) -> str:
    _, options = parse_options_header(request.headers.get("content-type", ""))
    return str(options.get("boundary", ""))
