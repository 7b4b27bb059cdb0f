"""Servers with one fault each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
from attrs import define, field

from tests.suite.server import KEY, Call, Server, key_of, problem

Change = Callable[[httpx.Response], httpx.Response]


@define(kw_only=True)
class Altered(Server):
    """Changes the answers of one operation that have the status."""

    operation: str
    change: Change = field(repr=False)
    status: int = 200

    def answer(self, call: Call) -> httpx.Response:
        response = Server.answer(self, call)
        if call.id == self.operation and response.status_code == self.status:
            return self.change(response)
        return response


def instead(status: int, content: bytes | None = None, **headers: str) -> Change:
    """Another status; the content stays unless it is given."""

    def change(response: httpx.Response) -> httpx.Response:
        kept = {n: v for n, v in response.headers.items() if n != "content-length"}
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        body = response.content if content is None else content
        both = {name: value for name, value in (kept | changed).items() if value}
        return httpx.Response(status, content=body, headers=both)

    return change


def with_json(edit: Callable[[Any], None]) -> Change:
    """The answer with its JSON edited in place."""

    def change(response: httpx.Response) -> httpx.Response:
        value = response.json()
        edit(value)
        kept = {n: v for n, v in response.headers.items() if not n.startswith("content-")}
        return httpx.Response(response.status_code, json=value, headers=kept)

    return change


@define(kw_only=True)
class Refusing(Server):
    """Refuses some valid calls of one operation."""

    operation: str
    status: int = 400
    when: Callable[[Call], bool] = field(default=lambda _call: True, repr=False)

    def refuse_input(self, call: Call) -> httpx.Response | None:
        refused = Server.refuse_input(self, call)
        if refused is None and call.id == self.operation and self.when(call):
            return problem(self.status, "not today")
        return refused


@define(kw_only=True)
class Credulous(Server):
    """Takes whatever comes for one operation."""

    operation: str

    def refuse_input(self, call: Call) -> httpx.Response | None:
        return None if call.id == self.operation else Server.refuse_input(self, call)

    def valid(self, schema: dict[str, Any], value: Any) -> Any:  # noqa: ARG002
        return value


@define
class Leaking(Server):
    """Counts the calls that it refuses, as part of its state, when they come with these keys."""

    keys: tuple[str, ...] = (KEY,)
    refused: int = 0

    def answer(self, call: Call) -> httpx.Response:
        response = Server.answer(self, call)
        self.refused += response.status_code >= 400 and key_of(call.request) in self.keys
        return response

    def digest(self) -> str:
        return f"{self.refused} {Server.digest(self)}"

    def reset(self) -> None:
        self.refused = 0
        Server.reset(self)


@define(kw_only=True)
class Open(Server):
    """Takes these keys for the right one; an empty one is no key at all."""

    keys: tuple[str, ...]

    def refuse_key(self, call: Call) -> httpx.Response | None:
        return None if key_of(call.request) in self.keys else Server.refuse_key(self, call)
