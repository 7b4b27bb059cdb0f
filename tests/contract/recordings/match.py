"""Which operation of the truth a request calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote

from attrs import define, field

from tests.contract.recordings.errors import FormatError
from tests.contract.recordings.exchange import Recorded
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
    starts = [0, *(version.start() for version in _VERSION.finditer(path) if version.start())]
    for start in starts:
        yield path[start:]
        if path.endswith("/"):
            yield path[start:].rstrip("/")


def _fits(operation: Operation, segments: list[str]) -> bool:
    template = operation.path.split("/")
    return len(template) == len(segments) and all(
        (bool(segment) if name.startswith("{") else name == segment)
        for name, segment in zip(template, segments, strict=True)
    )


def _parameters(path: str) -> list[bool]:
    return [part.startswith("{") for part in path.split("/")]


def by_operation(
    operations: Mapping[str, Operation], exchanges: Iterable[Recorded]
) -> dict[str, list[Recorded]]:
    """The exchanges by operation; FormatError for one that does not call its operation."""
    matcher = Matcher(operations)
    found: dict[str, list[Recorded]] = {}
    for each in exchanges:
        name = f"{each.operation}.yaml"
        if each.operation not in operations:
            raise FormatError(f"{name}: expected an operation of the truth, found none so called")
        calls = matcher.find(each.request.method, each.request.path)
        if isinstance(calls, str) or calls[0].id != each.operation:
            shown = calls if isinstance(calls, str) else f"it calls {calls[0].id}"
            raise FormatError(f"{name}: {each.request.method} {each.request.path:.80}: {shown}")
        found.setdefault(each.operation, []).append(each)
    return dict(sorted(found.items()))
