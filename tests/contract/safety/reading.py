"""A request as a server reads it: which operation, which values, which fields.

Servers differ in how they take spellings, so a name stands here for all its spellings (`To`, `to[]`
and `to[0]` are `to`), repeated fields keep all their values, and a path is also read as a gateway
would that decodes escapes and resolves dots before it routes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx
from attrs import define, field, frozen
from multipart import MultipartError, MultipartParser, parse_options_header

from tests.contract.safety.errors import WithheldError
from tests.contract.truth import Operation

Fields = dict[str, list[Any]]
_BRACKETS = re.compile(r"(\[[0-9a-z]*\])+$")
_MOST_PARTS = 10_000
_DECODINGS = 5


def folded(name: str) -> str:
    """The spelling that stands for all spellings of a name."""
    return _BRACKETS.sub("", name.strip().lower())


@frozen
class Found:
    """An operation and the decoded values of its path."""

    operation: Operation
    path: Mapping[str, str]


@define
class _Node:
    literals: dict[str, _Node] = field(factory=dict)
    parameter: _Node | None = None
    routes: dict[str, tuple[Operation, tuple[str, ...]]] = field(factory=dict)


@define
class Router:
    """The operations of a truth by path; a literal segment beats a parameter, left to right."""

    _root: _Node = field(factory=_Node)

    @classmethod
    def of(cls, operations: Mapping[str, Operation]) -> Router:
        router = cls()
        for operation in operations.values():
            router._add(operation)
        return router

    def _add(self, operation: Operation) -> None:
        node, names = self._root, []
        for part in operation.path.split("/")[1:]:
            if part.startswith("{"):
                names.append(part[1:-1])
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(part, _Node())
        node.routes[operation.method] = operation, tuple(names)

    def plain(self, method: str, path: str) -> Found | None:
        """The operation of a path, its segments split before they are decoded."""
        if not path.startswith("/"):
            return None
        return self._find(method, [unquote(part) for part in path[1:].split("/")])

    def sloppy(self, method: str, path: str) -> Iterator[Found]:
        """The operations that a gateway may see which decodes the path before it splits it."""
        for _ in range(_DECODINGS):
            before, path = path, unquote(path)
            parts: list[str] = []
            for part in re.split(r"[/\\]", re.split(r"[?#;]", path, maxsplit=1)[0]):
                if part == "..":
                    parts = parts[:-1]
                elif part not in ("", "."):
                    parts.append(part)
            if (found := self._find(method, parts)) is not None:
                yield found
            if path == before:
                return

    def _find(self, method: str, parts: list[str]) -> Found | None:
        values: list[str] = []
        node = _walk(self._root, parts, values)
        if node is None or method not in node.routes:
            return None
        operation, names = node.routes[method]
        return Found(operation, dict(zip(names, values, strict=True)))


def _walk(node: _Node, parts: list[str], values: list[str]) -> _Node | None:
    if not parts:
        return node if node.routes else None
    literal = node.literals.get(parts[0])
    if literal is not None and (found := _walk(literal, parts[1:], values)) is not None:
        return found
    if node.parameter is None or not parts[0]:
        return None
    values.append(parts[0])
    found = _walk(node.parameter, parts[1:], values)
    if found is None:
        values.pop()
    return found


def query(request: httpx.Request) -> Fields:
    pairs = parse_qsl(request.url.query.decode("ascii"), keep_blank_values=True)
    return _grouped(pairs)


def records(operation: Operation, request: httpx.Request) -> list[Fields]:
    """The body as objects: one for a form or JSON object, any number for a JSON array.

    Raises WithheldError for a body that the operation does not have or that cannot be read.
    """
    if not request.content:
        return []
    declared = operation.raw.get("requestBody", {}).get("content", {})
    media, options = parse_options_header(request.headers.get("content-type", ""))
    if media not in declared:
        raise WithheldError(f"a body of {media or 'no type'} that {operation.id} does not have")
    try:
        if media == "application/json":
            return _objects(json.loads(request.content, object_pairs_hook=_grouped))
        if media == "multipart/form-data":
            parser = MultipartParser(
                BytesIO(request.content),
                options["boundary"],
                strict=True,
                part_limit=_MOST_PARTS,
            )
            return [_grouped([(part.name, part.raw.decode("latin-1")) for part in parser])]
        text = request.content.decode("ascii")
        return [_grouped(parse_qsl(text, keep_blank_values=True, strict_parsing=True))]
    except (ValueError, LookupError, MultipartError, RecursionError):
        raise WithheldError("a body that cannot be read") from None


def _objects(value: Any) -> list[Fields]:
    found = value if isinstance(value, list) else [value]
    if not all(isinstance(item, dict) for item in found):
        raise ValueError("expected objects")
    return found


def _grouped(pairs: list[tuple[str, Any]]) -> Fields:
    fields: Fields = {}
    for name, value in pairs:
        fields.setdefault(folded(name), []).append(value)
    return fields
