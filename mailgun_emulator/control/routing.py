"""Endpoints of the control API: how they are declared, found and called.

An endpoint is a module-level function `def name(visit: Visit) -> dict | Reply` (or async) with
`@control("POST", "clock/freeze")`; `{name}` in the path is a parameter. Every module of this folder
is looked through once, when an app is made.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, unquote

from attrs import define, field, frozen

from mailgun_emulator.call import Request
from mailgun_emulator.errors import EmulatorError
from mailgun_emulator.reply import Reply
from mailgun_emulator.state import Account, State

if TYPE_CHECKING:
    from mailgun_emulator.app import Emulator

PREFIX = "/_emulator/"
MOST_SHOWN = 1_000

Answer = Reply | dict[str, Any]
Endpoint = Callable[["Visit"], Answer | Awaitable[Answer]]
F = TypeVar("F", bound=Callable[..., Any])

_MARK = "__emulator_controls__"


class ControlError(EmulatorError):
    """A control call that cannot be done: `status` and a message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@define
class Visit:
    """A control call: the app it is about, and what was given."""

    app: Emulator
    request: Request
    path: dict[str, str] = field(factory=dict)
    query: dict[str, str] = field(factory=dict)

    @property
    def state(self) -> State:
        """The state of the app."""
        return self.app.state

    def body(self) -> dict[str, Any]:
        """The JSON object of the body, empty without one. Raises ControlError."""
        if not self.request.body.strip():
            return {}
        try:
            given = json.loads(self.request.body)
        except (ValueError, RecursionError):
            raise ControlError(400, "the body is not JSON") from None
        if not isinstance(given, dict):
            raise ControlError(400, "the body is not a JSON object")
        return given

    def number(self, name: str, default: int, highest: int = MOST_SHOWN) -> int:
        """A number of the query that is not negative. Raises ControlError."""
        text = self.query.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise ControlError(400, f"{name} is not a number")
        return min(int(text), highest)

    def accounts(self) -> list[Account]:
        """The accounts that the call is about: `account` (id) or `key`, else all of them."""
        name, key = self.query.get("account"), self.query.get("key")
        if key is not None:
            found = self.state.account_of(key)
            return [] if found is None else [found[0]]
        return [a for a in self.state.accounts if name is None or a.id == name]


def control(method: str, path: str) -> Callable[[F], F]:
    """Make a function answer for a method and a path below the prefix; may be stacked."""

    def mark(function: F) -> F:
        setattr(function, _MARK, (*getattr(function, _MARK, ()), (method, path)))
        return function

    return mark


def checked(values: dict[str, Any], **kinds: type | tuple[type, ...]) -> dict[str, Any]:
    """The values of an object whose members must be of these kinds; others are refused.

    A null is as good as nothing. Raises ControlError.
    """
    names = {name.replace("-", "_"): name for name in values}
    if unknown := next((names[name] for name in names if name not in kinds), None):
        raise ControlError(400, f"there is no {unknown!r} here")
    kept: dict[str, Any] = {}
    for name, given in names.items():
        value = values[given]
        if value is None:
            continue
        if not isinstance(value, kinds[name]) or (
            isinstance(value, bool) and kinds[name] is not bool
        ):
            raise ControlError(400, f"{given} is not what it should be")
        kept[name] = value
    return kept


@frozen
class _Route:
    method: str
    segments: tuple[str, ...]
    endpoint: Endpoint

    def match(self, segments: list[str]) -> dict[str, str] | None:
        if len(segments) != len(self.segments):
            return None
        values: dict[str, str] = {}
        for own, given in zip(self.segments, segments, strict=True):
            if own.startswith("{") and given:
                values[own[1:-1]] = unquote(given)
            elif own != given:
                return None
        return values


@define
class Control:
    """All endpoints of the control API."""

    _routes: list[_Route] = field(factory=lambda: list(_discover()))

    async def answer(self, request: Request, app: Emulator) -> Reply:
        """Answer a control call, after what is due by now."""
        segments = request.path.removeprefix(PREFIX).split("/")
        matches = [(route, route.match(segments)) for route in self._routes]
        found = [(route, values) for route, values in matches if values is not None]
        if not found:
            return Reply(404, {"message": f"no control {'/'.join(segments)!r}"})
        for route, values in found:
            if route.method == request.method:
                app.state.settle()
                query = dict(parse_qsl(request.query, keep_blank_values=True))
                return await _call(route.endpoint, Visit(app, request, values, query))
        allow = ", ".join(sorted({route.method for route, _ in found}))
        return Reply(405, {"message": "Method Not Allowed"}, headers=(("allow", allow),))


async def _call(endpoint: Endpoint, visit: Visit) -> Reply:
    try:
        answer = endpoint(visit)
        if inspect.isawaitable(answer):
            answer = await answer
    except ControlError as error:
        return Reply(error.status, {"message": str(error)})
    return answer if isinstance(answer, Reply) else Reply(200, answer)


def _discover() -> Iterator[_Route]:
    package = importlib.import_module("mailgun_emulator.control")
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        for function in vars(importlib.import_module(info.name)).values():
            for method, path in getattr(function, _MARK, ()):
                yield _Route(method, tuple(path.split("/")), function)
