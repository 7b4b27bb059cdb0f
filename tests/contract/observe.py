"""Watches what passes between suite and server: which points of the truth each exchange reached.

The observer wraps a target's transport, so that it sees every call of every property without being
told. It reads requests back from the wire with the truth's types, as a lenient server would.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx
from attrs import asdict, define, field
from multipart import MultipartError, parse_options_header

from tests.contract.evidence import ANSWER, BEFORE
from tests.contract.points import BROKEN, KEPT, Compiler, Node
from tests.contract.truth import Json, Operation, Truth
from tests.contract.wire import form_parts

_FORMS = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})
_LOCATIONS = ("path", "query", "header")
# The first and last of a list: the middle seldom has fields that neither end has.
_ENDS = 8
# Writes that are shown before a breach: more would hide it.
_KEPT = 8
_CONTROL, _READING, _REFUSED = "/_emulator/", frozenset({"GET", "HEAD"}), 400
_NAMES = re.compile(r"{[^}]+}")
_WORDS = {"true": True, "false": False}


@define
class Plan:
    """The points of one operation."""

    operation: str
    path: re.Pattern[str]
    parameters: dict[str, dict[str, Node]]
    body: Node | None
    media: frozenset[str]
    responses: dict[str, Node]

    @classmethod
    def of(cls, operation: Operation, compiler: Compiler) -> Plan:
        content = operation.raw.get("requestBody", {}).get("content", {})
        schemas = _unique(entry["schema"] for entry in content.values() if "schema" in entry)
        answers = {
            status: _unique(
                entry["schema"]
                for media, entry in response.get("content", {}).items()
                if media.endswith("json") and "schema" in entry
            )
            for status, response in operation.raw["responses"].items()
        }
        return cls(
            operation.id,
            re.compile("([^/]*)".join(map(re.escape, _NAMES.split(operation.path))) + "$"),
            {where: _parameters(operation, where, compiler) for where in _LOCATIONS},
            compiler.node("body", schemas, textual=bool(_FORMS & content.keys()))
            if schemas
            else None,
            frozenset(content),
            {
                status: compiler.node(status, found, keywords=False)
                for status, found in answers.items()
                if found
            },
        )

    def nodes(self) -> Iterator[Node]:
        """The places of the request."""
        for group in self.parameters.values():
            for node in group.values():
                yield from node.walk()
        if self.body is not None:
            yield from self.body.walk()


def _unique(schemas: Iterable[Json]) -> list[Json]:
    found: list[Json] = []
    for schema in schemas:
        if schema not in found:
            found.append(schema)
    return found


def _parameters(operation: Operation, where: str, compiler: Compiler) -> dict[str, Node]:
    declared = operation.parameters(where)
    # Those of the path in its own order, as its segments will come.
    names = [name[1:-1] for name in _NAMES.findall(operation.path)] if where == "path" else declared
    found = {}
    for name in names:
        parameter = declared[name]
        node = compiler.node(f"{where} {name}", [parameter.get("schema", {})], textual=True)
        node.required = bool(parameter.get("required")) and where != "path"
        found[name] = node
    return found


@define
class Notes:
    """Of one operation: the points reached, and the seconds until whole responses were there."""

    points: set[str] = field(factory=set, repr=False)
    calls: int = 0
    seconds: float = 0.0
    slowest: float = 0.0

    def time(self, seconds: float) -> None:
        self.calls += 1
        self.seconds += seconds
        self.slowest = max(self.slowest, seconds)

    def add(self, more: Mapping[str, Any]) -> None:
        """Add other notes of the operation, as plain data."""
        self.points.update(more["points"])
        self.calls += more["calls"]
        self.seconds += more["seconds"]
        self.slowest = max(self.slowest, more["slowest"])

    def plain(self) -> dict[str, Any]:
        return asdict(self) | {"points": sorted(self.points)}


@define
class Observer(httpx.BaseTransport):
    """Passes everything on, and notes for each operation called what it reached and took.

    `before` is called before each request, which it can keep back by an exception.
    """

    inner: httpx.BaseTransport
    truth: Truth
    before: Callable[[], None] = lambda: None
    _compiler: Compiler = field(init=False, repr=False)
    _candidates: dict[tuple[str, int], list[Operation]] = field(factory=dict, repr=False)
    _plans: dict[str, Plan] = field(factory=dict, repr=False)
    _notes: dict[str, Notes] = field(factory=dict, repr=False)
    _seen: set[str] = field(factory=set, repr=False)
    _answers: set[int] = field(factory=set, repr=False)
    # The writes that succeeded since the state was new.
    _written: list[httpx.Request] = field(factory=list, repr=False)

    def __attrs_post_init__(self) -> None:
        self._compiler = Compiler(self.truth)
        # Of two paths that fit, the one that has the earlier literal segment is meant.
        for operation in sorted(self.truth.operations.values(), key=_generality):
            key = operation.method, operation.path.count("/")
            self._candidates.setdefault(key, []).append(operation)

    def taken(self) -> dict[str, Notes]:
        """The notes by operation since they were taken last.

        Sides of keywords that were reached before are not given again.
        """
        notes, self._notes = self._notes, {}
        self._answers.clear()
        self._written = []
        return notes

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.before()
        request.read()
        started = time.perf_counter()
        response = self.inner.handle_request(request)
        response.read()
        seconds = time.perf_counter() - started
        request.extensions[ANSWER] = response
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        self._remember(request, path, written=response.status_code < _REFUSED)
        for operation in self._candidates.get((request.method, path.count("/")), ()):
            plan = self._plan(operation)
            if found := plan.path.match(path):
                notes = self._notes.setdefault(operation.id, Notes())
                notes.time(seconds)
                self._seen = notes.points
                self._request(plan, found.groups(), query, request)
                self._response(plan, response)
                break
        return response

    def _remember(self, request: httpx.Request, path: str, *, written: bool) -> None:
        if _CONTROL in path:
            self._written = [] if path.endswith("/reset") else self._written
            return
        request.extensions[BEFORE] = self._written[-_KEPT:]
        if written and request.method not in _READING:
            # A copy, which holds no others: the chain would grow with the run.
            self._written.append(
                httpx.Request(
                    request.method, request.url, headers=request.headers, content=request.content
                )
            )

    def _plan(self, operation: Operation) -> Plan:
        if operation.id not in self._plans:
            self._plans[operation.id] = Plan.of(operation, self._compiler)
        return self._plans[operation.id]

    def close(self) -> None:
        self.inner.close()

    def _request(
        self, plan: Plan, names: tuple[str, ...], query: str, request: httpx.Request
    ) -> None:
        for node, text in zip(plan.parameters["path"].values(), names, strict=False):
            self._value(node, _read(node, [unquote(text)]))
        if plan.parameters["query"]:
            pairs = parse_qsl(query, keep_blank_values=True)
            self._object(plan.parameters["query"], _grouped(pairs))
        for name, node in plan.parameters["header"].items():
            texts = request.headers.get_list(name)
            self._fields({name: node}, {name: _read(node, texts)} if texts else {})
        if plan.body is not None and request.content:
            self._body(plan, plan.body, request)

    def _body(self, plan: Plan, node: Node, request: httpx.Request) -> None:
        media, options = parse_options_header(request.headers.get("content-type", ""))
        if media not in plan.media:
            return
        try:
            if media == "multipart/form-data":
                parts = form_parts(request.content, options["boundary"])
                pairs = [
                    (part.name, "" if part.filename else part.raw.decode("latin-1"))
                    for part in parts
                ]
            elif media == "application/x-www-form-urlencoded":
                pairs = parse_qsl(request.content.decode(), keep_blank_values=True)
            else:
                self._value(node, json.loads(request.content))
                return
        except (ValueError, KeyError, MultipartError):
            return  # Broken as a whole: it reaches no point.
        self._seen.add(node.name)
        values = _grouped(pairs)
        self._closed(node, values)
        self._object(node.fields, values)

    def _response(self, plan: Plan, response: httpx.Response) -> None:
        node = plan.responses.get(str(response.status_code))
        if node is None or not response.content:
            return
        known = hash((plan.operation, response.status_code, response.content))
        if known in self._answers:
            return
        self._answers.add(known)
        try:
            self._value(node, json.loads(response.content))
        except ValueError:
            return  # Not JSON: property 2 has seen it.

    def _value(self, node: Node, value: Any) -> None:
        self._seen.add(node.name)
        for keyword in node.keywords:
            if keyword.sides and (side := keyword.side(value)) in keyword.sides:
                keyword.sides.discard(side)
                self._seen.add(f"{node.name}\t{keyword.label}\t{side}")
        if isinstance(value, dict):
            self._closed(node, value)
            if node.fields:
                self._fields(node.fields, value)
        elif isinstance(value, list) and node.items is not None:
            ends = value if len(value) <= 2 * _ENDS else value[:_ENDS] + value[-_ENDS:]
            for item in ends:
                self._value(node.items, item)

    def _object(self, nodes: dict[str, Node], values: dict[str, list[str]]) -> None:
        self._fields(
            nodes,
            {name: _read(nodes[name], texts) for name, texts in values.items() if name in nodes},
        )

    def _fields(self, nodes: dict[str, Node], values: dict[str, Any]) -> None:
        for name, node in nodes.items():
            if node.required:
                self._seen.add(f"{node.name}\trequired\t{KEPT if name in values else BROKEN}")
            if name in values:
                self._value(node, values[name])

    def _closed(self, node: Node, values: dict[str, Any]) -> None:
        if node.closed:
            side = KEPT if values.keys() <= node.fields.keys() else BROKEN
            self._seen.add(f"{node.name}\tadditionalProperties\t{side}")


def _generality(operation: Operation) -> list[bool]:
    return [segment.startswith("{") for segment in operation.path.split("/")]


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, text in pairs:
        values.setdefault(name, []).append(text)
    return values


def _read(node: Node, texts: list[str]) -> Any:
    """The repeated text as the type that the truth wants; text where it does not fit."""
    if "array" in node.kinds and (len(texts) > 1 or "string" not in node.kinds):
        if len(texts) == 1 and texts[0].startswith("["):
            return _json(texts[0])
        return [_read(node.items, [text]) if node.items else text for text in texts]
    text = texts[-1]
    if "boolean" in node.kinds and text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if node.kinds & {"integer", "number"} or text[:1] in ("{", "["):
        value = _json(text)
        return text if "string" in node.kinds and not isinstance(value, dict | list) else value
    return text


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
