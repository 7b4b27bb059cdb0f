"""Which operation of the truth a request calls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from attrs import define, field

from tests.contract.truth import Operation

_VERSION = re.compile(r"/v\d+(?=/|$)")


@define
class Matcher:
    operations: Mapping[str, Operation] = field(repr=False)

    def find(self, method: str, path: str) -> tuple[Operation, list[str]] | str:
        """The operation and the plain segments of its path, or why there is none.

        `path` is percent-encoded; a prefix before the version, as of a gateway, is left out.
        """
        methods: set[str] = set()
        for candidate in _candidates(path):
            segments = [unquote(segment) for segment in candidate.split("/")]
            fitting = [each for each in self.operations.values() if _fits(each, segments)]
            methods |= {each.method for each in fitting}
            chosen = [each for each in fitting if each.method == method.upper()]
            if chosen:
                # A literal segment is nearer than a parameter, the leftmost first.
                best = min(chosen, key=lambda each: _parameters(each.path))
                return best, segments
        if methods:
            return f"no {method.upper()} at this path, only {', '.join(sorted(methods))}"
        return "no operation has this path"


def _candidates(path: str) -> Iterator[str]:
    yield path
    if len(path) > 1 and path.endswith("/"):
        yield path.rstrip("/")
    for version in _VERSION.finditer(path):
        if version.start():
            yield path[version.start() :]


def _fits(operation: Operation, segments: list[str]) -> bool:
    template = operation.path.split("/")
    return len(template) == len(segments) and all(
        (bool(segment) if name.startswith("{") else name == segment)
        for name, segment in zip(template, segments, strict=True)
    )


def _parameters(path: str) -> list[bool]:
    return [part.startswith("{") for part in path.split("/")]
