"""Paths to operations.

A literal segment beats a parameter, left to right; methods are exact (no implicit HEAD); a
trailing slash is another path (sending ERR-003). Segments are split before they are
percent-decoded, so an escaped slash or dot segment stays inside its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from attrs import Factory, define, field, frozen

from mailgun_emulator.contract import Operation
from mailgun_emulator.errors import ContractError

_PARAMETER = re.compile(r"\{([^{}]+)\}")


@frozen
class Match:
    """An operation and the decoded values of its path parameters."""

    operation: Operation
    values: Mapping[str, str]


@frozen
class WrongMethod:
    """The path exists, the method does not; `allow` is what it takes."""

    allow: tuple[str, ...]


@define
class _Node:
    literals: dict[str, _Node] = Factory(dict)
    parameter: _Node | None = None
    routes: dict[str, tuple[Operation, tuple[str, ...]]] = Factory(dict)


@define
class Router:
    """All routes of one contract."""

    _root: _Node = field(factory=_Node)

    @classmethod
    def of(cls, operations: Iterable[Operation]) -> Router:
        """Raises ContractError when two operations claim one route or a template is unusable."""
        router = cls()
        for operation in operations:
            router._add(operation)
        return router

    def find(self, method: str, path: str) -> Match | WrongMethod | None:
        """The route of a raw (still percent-encoded) path; None when there is no such path."""
        if not path.startswith("/"):
            return None
        segments = path[1:].split("/")
        if "%" in path:
            segments = [unquote(segment, errors="replace") for segment in segments]
        values: list[str] = []
        node = _walk(self._root, segments, 0, values)
        if node is None:
            return None
        route = node.routes.get(method)
        if route is None:
            return WrongMethod(tuple(sorted(node.routes)))
        operation, names = route
        return Match(operation, dict(zip(names, values, strict=True)))

    def _add(self, operation: Operation) -> None:
        node = self._root
        names = []
        for segment in operation.path[1:].split("/"):
            if parameter := _PARAMETER.fullmatch(segment):
                names.append(parameter[1])
                node.parameter = node.parameter or _Node()
                node = node.parameter
            elif "{" in segment:
                raise ContractError(f"{operation.id}: no route for the segment {segment!r}")
            else:
                node = node.literals.setdefault(unquote(segment), _Node())
        if operation.method in node.routes:
            other = node.routes[operation.method][0]
            raise ContractError(f"{operation.id} and {other.id} claim the same route")
        node.routes[operation.method] = (operation, tuple(names))


def _walk(node: _Node, segments: list[str], index: int, values: list[str]) -> _Node | None:
    if index == len(segments):
        return node if node.routes else None
    segment = segments[index]
    if literal := node.literals.get(segment):
        found = _walk(literal, segments, index + 1, values)
        if found is not None:
            return found
    if node.parameter is None or not segment:
        return None
    values.append(segment)
    found = _walk(node.parameter, segments, index + 1, values)
    if found is None:
        values.pop()
    return found
