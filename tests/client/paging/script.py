"""A server that pages any list operation, as the truth describes it; nothing else is in it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import mailgun_client
from attrs import define, field
from mailgun_client import models
from mailgun_client._paging import Paging
from mailgun_client.operations import OPERATIONS, Operation

TRUTH = Path(str(resources.files(mailgun_client))).parent / "openapi.json"
LISTS = sorted(name for name, operation in OPERATIONS.items() if operation.paging)
HOST = "https://api.mailgun.net"
SIZE = 2
MARK = "x-number"
DAY = "2025-01-24"

Json = dict[str, Any]


@cache
def truth() -> Json:
    found: Json = json.loads(TRUTH.read_text(encoding="utf-8"))
    return found


def described(name: str) -> Json:
    """What the truth says of an operation."""
    operation = OPERATIONS[name]
    found: Json = truth()["paths"][operation.path][operation.method.lower()]
    return found


def resolved(schema: Json) -> Json:
    while "$ref" in schema:
        schema = truth()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for alternatives in (schema.get("anyOf"), schema.get("oneOf")):
        if alternatives:
            return resolved(next(s for s in alternatives if s.get("type") != "null"))
    for part in schema.get("allOf", ()):
        schema = {**schema, **resolved(part)}
    return schema


def sample(schema: Json) -> Any:
    """The least that fits; strings are `x`, whatever their format."""
    schema = resolved(schema)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        known = schema.get("properties", {})
        return {name: sample(known.get(name, {})) for name in schema.get("required", ())}
    values = {"array": [], "boolean": True, "integer": 1, "number": 1.5, "null": None}
    return values.get(kind, "x")


def wire(value: Json, attribute: str) -> str:
    """The name on the wire of what is called `attribute` in Python."""
    plain = attribute.rstrip("_")
    return next((name for name in value if name.lower().replace("-", "_") == plain), plain)


@define
class Script:
    """Answers one list operation with `count` items, `SIZE` to a page unless told otherwise."""

    name: str
    count: int
    sent: list[httpx.Request] = field(factory=list)

    @property
    def operation(self) -> Operation:
        return OPERATIONS[self.name]

    @property
    def paging(self) -> Paging:
        found: Paging = self.operation.load().PAGING
        return found

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        start, size = self._asked(request)
        return httpx.Response(200, json=self._page(request, start, size))

    def _asked(self, request: httpx.Request) -> tuple[int, int]:
        """What page is wanted: its first item, and how many."""
        paging, query = self.paging, request.url.params
        if paging.kind == "single":
            return 0, self.count
        if paging.kind.startswith("body"):
            asked = json.loads(request.content).get("pagination", {})
            start = asked.get("skip") or asked.get("token") or 0
            return int(start), asked.get("limit", SIZE)
        if paging.kind == "links":
            token = query.get("next-token") or request.url.path.rpartition("/")[2]
            return (int(token[1:]) if token[:1] == "t" and token[1:].isdigit() else 0), SIZE
        names = {own: name for (_, name), own in self.operation.arguments.items()}
        number = int(query.get(names[paging.argument], 0))
        size = int(query.get(names.get(paging.limit, ""), SIZE))
        return (max(number - 1, 0) * size if paging.kind == "number" else number), size

    def _page(self, request: httpx.Request, start: int, size: int) -> Any:
        schema = next(
            content["schema"]
            for status, response in described(self.name)["responses"].items()
            if status.startswith("2")
            for content in response["content"].values()
        )
        items = [self._item(schema, n) for n in range(start, min(start + size, self.count))]
        if not self.paging.items:
            return items
        page: Json = sample(schema)
        _put(page, self.paging.items, items)
        if self.paging.total:
            _put(page, self.paging.total, self.count)
        if self.paging.next:
            self._lead_on(page, request, start + size)
        return page

    def _lead_on(self, page: Json, request: httpx.Request, start: int) -> None:
        """The link or token of the page after this one."""
        if self.paging.kind == "body_token":
            page["pagination"] = {"next": str(start)} if start < self.count else {}
            return
        path = request.url.path.removeprefix("/mailgun")
        link = f"{HOST}{path}?next-token=t{start}"
        if self.name == "list_events":
            link = f"{HOST}{path.partition('/events')[0]}/events/t{start}"
        name = "Next" if "dynamic_ip_pool" in self.name else "next"
        others = ("first", "last", "previous", "prev")
        page[self.paging.next[0]] = {**dict.fromkeys(others, HOST + path), name: link}

    def _item(self, schema: Json, number: int) -> Any:
        found = resolved(schema)
        for step in self.paging.items:
            found = resolved(found["properties"][wire(found["properties"], step)])
        if "items" in found:
            found = found["items"]
        item = sample(found)
        return {**item, MARK: number} if isinstance(item, dict) else f"{number}"

    def arguments(self) -> tuple[list[Any], Json]:
        """What the operation has to be called with."""
        module = self.operation.load()
        args: list[Any] = []
        kwargs: Json = {}
        for name, parameter in inspect.signature(module.sync).parameters.items():
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
                args.append("a b")
            elif name == "body":
                [(media, model)] = self.operation.bodies.items()
                schema = described(self.name)["requestBody"]["content"][media]["schema"]
                kwargs[name] = getattr(models, model).from_dict(sample(schema))
            elif parameter.default is parameter.empty and name != "client":
                known = {self.paging.argument: 0, self.paging.limit: SIZE, "start": DAY, "end": DAY}
                kwargs[name] = known.get(name) if name in known else self._parameter(name)
        return args, kwargs

    def _parameter(self, argument: str) -> Any:
        """A value for a parameter that has to be given."""
        names = {own: name for (_, name), own in self.operation.arguments.items()}
        found = next(p for p in described(self.name)["parameters"] if p["name"] == names[argument])
        return sample(found["schema"])


def _put(page: Json, steps: tuple[str, ...], value: Any) -> None:
    for step in steps[:-1]:
        page = page.setdefault(wire(page, step), {})
    page[wire(page, steps[-1])] = value


def numbers(items: list[Any]) -> Iterator[int]:
    """Which items these are."""
    for item in items:
        yield int(item if isinstance(item, str) else item.to_dict()[MARK])
