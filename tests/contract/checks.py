"""Properties 2 and 3 on one exchange: the response keeps the contract and parses losslessly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import requests
from attrs import field, frozen
from schemathesis import Case
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.contract.breaches import Breach, NotLossless, ParseFailed, ResponseInvalid
from tests.contract.evidence import evidence
from tests.contract.values import same

# Only checks that look at what came. `not_a_server_error` of schemathesis may send a request of its
# own, past the target's transport and the guard in it; so that is judged here.
_CONFORMANCE = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_SERVER_ERROR = 500


@frozen
class Exchange:
    """One call: what went out (last), what came back, what the client made of it."""

    request: httpx.Request = field(repr=False)
    response: httpx.Response = field(repr=False)
    parsed: Any = field(default=None, repr=False)
    error: Exception | None = None
    requests: int = 1

    @property
    def status(self) -> int:
        return self.response.status_code


def conformance(case: Case, exchange: Exchange) -> Iterator[Breach]:
    """Property 2."""
    if exchange.status >= _SERVER_ERROR:
        yield ResponseInvalid(f"Server error: status {exchange.status}", evidence(exchange.request))
    try:
        case.validate_response(as_schemathesis(exchange.response), checks=_CONFORMANCE)
    except FailureGroup as group:
        for failure in group.exceptions:
            yield ResponseInvalid(_brief(failure), evidence(exchange.request))
    except Failure as failure:
        yield ResponseInvalid(_brief(failure), evidence(exchange.request))


def parsing(exchange: Exchange, *, documented: bool) -> Iterator[Breach]:
    """Property 3, for an exchange that went through the client."""
    if exchange.error is not None:
        error = exchange.error
        yield ParseFailed(f"status {exchange.status}: {error!r:.300}", evidence(exchange.request))
        return
    if not documented or not exchange.response.content:
        return
    media = exchange.response.headers.get("content-type", "").partition(";")[0]
    if media == "application/json":
        try:
            expected, found = exchange.response.json(), plain(exchange.parsed)
        except ValueError as error:  # The client took it for text, say.
            what = f"status {exchange.status}: parsed what is no JSON: {error}"
            yield NotLossless(what, evidence(exchange.request))
            return
    elif isinstance(exchange.parsed, bytes):
        expected, found = exchange.response.content, exchange.parsed
    else:
        expected, found = exchange.response.text, exchange.parsed
    if not same(expected, found):
        detail = f"status {exchange.status}: {_first_difference(expected, found)}"
        yield NotLossless(detail, evidence(exchange.request))


def plain(parsed: Any) -> Any:
    """The JSON value of what the client parsed."""
    if isinstance(parsed, list):
        return [plain(item) for item in parsed]
    return parsed.to_dict() if hasattr(parsed, "to_dict") else parsed


def _first_difference(left: Any, right: Any, where: str = "$") -> str:
    if isinstance(left, dict) and isinstance(right, dict):
        for key in [*left, *(key for key in right if key not in left)]:
            if key not in right or key not in left:
                side = "lost" if key in left else "invented"
                return f"{where}.{key} was {side}"
            if not same(left[key], right[key]):
                return _first_difference(left[key], right[key], f"{where}.{key}")
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for number, pair in enumerate(zip(left, right, strict=True)):
            if not same(*pair):
                return _first_difference(*pair, f"{where}[{number}]")
    return f"{where} came as {left!r:.120}, the client gives {right!r:.120}"


def as_schemathesis(response: httpx.Response) -> Response:
    # Not Response.from_httpx: that one repeats the query string and joins repeated headers.
    sent = response.request
    prepared = requests.Request(
        sent.method, str(sent.url), headers=dict(sent.headers), data=sent.content
    ).prepare()
    headers: dict[str, list[str]] = {}
    for name, value in response.headers.multi_items():
        headers.setdefault(name.lower(), []).append(value)
    return Response(
        response.status_code,
        headers,
        response.content,
        prepared,
        0.0,
        verify=True,
        message=response.reason_phrase,
        encoding=response.encoding,
        http_version="1.1",
    )


def _brief(failure: Any) -> str:
    lines = [line.strip() for line in f"{failure.title}: {failure.message}".splitlines()]
    return " ".join(line for line in lines if line)[:400]
