"""From an exchange on the wire to a recorded one: what is worth keeping of it, unscrubbed yet."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field

from tests.contract.recordings.exchange import (
    Body,
    Recorded,
    Request,
    Response,
    body_of,
    joined,
    query_of,
)
from tests.contract.recordings.match import Matcher
from tests.contract.truth import Operation, Truth

Headers = Iterable[tuple[str, str]]
# Beside those that the truth declares; all others may hold anything, and nothing depends on them.
_KEPT = frozenset({"allow", "content-type", "location", "retry-after", "x-emulator-synthesised"})
_LIMITS = ("x-ratelimit-", "ratelimit-")


class UnmatchedError(Exception):
    """The request belongs to no operation; the text says why."""


@define
class Reader:
    """Reads exchanges of one kind of target."""

    truth: Truth = field(repr=False)
    target: str
    date: str
    _matcher: Matcher = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._matcher = Matcher(self.truth.operations)

    def read(
        self,
        method: str,
        url: str,
        sent: tuple[Headers, bytes],
        came: tuple[int, Headers, bytes],
        date: str = "",
    ) -> Recorded:
        """The exchange as data. Raises UnmatchedError."""
        path, _, query = without_host(url).partition("?")
        found = self._matcher.find(method, path)
        if isinstance(found, str):
            raise UnmatchedError(found)
        operation, segments = found
        request_headers, request_body = self._message(
            operation.parameters("header"), sent[0], sent[1]
        )
        status, headers, content = came
        declared = self._declared(operation, status)
        response_headers, response_body = self._message(declared, headers, content)
        request = Request(
            operation.method, joined(segments), query_of(query), request_headers, request_body
        )
        response = Response(status, response_headers, response_body)
        return Recorded(operation.id, self.target, date or self.date, request, response)

    def _declared(self, operation: Operation, status: int) -> Iterable[str]:
        response = operation.raw["responses"].get(str(status), {})
        return list(self.truth.resolve(response).get("headers", {}))

    def _message(
        self, declared: Iterable[str], headers: Headers, content: bytes
    ) -> tuple[dict[str, str], Body | None]:
        names = _KEPT | {name.lower() for name in declared}
        kept: dict[str, str] = {}
        for name, text in headers:
            lower = name.lower()
            if lower in names or lower.startswith(_LIMITS):
                kept[lower] = f"{kept[lower]}, {text}" if lower in kept else text
        body = body_of(content, kept.get("content-type", ""))
        if body is not None and body.kind == "parts":
            kept["content-type"] = "multipart/form-data"  # The boundary is random.
        return kept, body


def without_host(url: str) -> str:
    """Path and query of a URL; cassettes may have placeholders that no parser takes."""
    rest = url.partition("://")[2] if "://" in url else url
    path = "/" + rest.partition("/")[2] if "://" in url else rest
    return path.partition("#")[0]
