"""Keeps what passes between the client and a target, and makes recordings of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

import httpx
from attrs import define, field

from tests.contract.recordings.exchange import Body, Recorded
from tests.contract.recordings.scrub import Scrubber, secrets_of
from tests.contract.recordings.wire import Reader, UnmatchedError
from tests.contract.truth import Truth


@define
class Tape(httpx.BaseTransport):
    """A transport that remembers. Everything below, a safety policy say, has the last word."""

    inner: httpx.BaseTransport
    reader: Reader
    each: int
    kept: list[Recorded] = field(factory=list, repr=False)
    _shapes: set[str] = field(factory=set, repr=False)
    _counts: Counter[tuple[str, int]] = field(factory=Counter, repr=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        response = self.inner.handle_request(request)
        response.read()
        self._keep(request, response)
        return response

    def close(self) -> None:
        self.inner.close()

    def _keep(self, request: httpx.Request, response: httpx.Response) -> None:
        # Decoded already: the headers of the coding are not among those that are kept.
        try:
            found = self.reader.read(
                request.method,
                str(request.url),
                (request.headers.multi_items(), request.content),
                (response.status_code, response.headers.multi_items(), response.content),
            )
        except UnmatchedError:
            return  # A call of the target's own, as for a reset.
        group = found.operation, found.response.status
        shape = f"{group} {shape_of(found.request.body)} {shape_of(found.response.body)}"
        if shape not in self._shapes and self._counts[group] < self.each:
            self._shapes.add(shape)
            self._counts[group] += 1
            self.kept.append(found)


def scrubbed(
    truth: Truth, exchanges: list[Recorded], salt: bytes, secrets: set[str]
) -> list[Recorded]:
    """The exchanges without anything that is somebody's."""
    salt = hashlib.sha256(salt).digest()
    scrubber = Scrubber.of(truth, salt, secrets | secrets_of(exchanges))
    return [scrubber.exchange(each, truth.operations[each.operation]) for each in exchanges]


def shape_of(body: Body | None) -> Any:
    """Names and types without values, for telling apart what is worth keeping twice."""
    if body is None or body.kind in ("text", "bytes"):
        return body.kind if body else None
    if body.kind == "json":
        return _shape(body.value)
    if body.kind == "form":
        return sorted({name for name, _ in body.value})
    return sorted({part.name for part in body.value})


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shape(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_shape(value[0])] if value else []
    return type(value).__name__
