"""Clients with a fault in the runtime that all generated modules share.

The module of one operation gets a second copy of `_request` with one function of it replaced, or an
`_OPERATION` that reads answers wrongly; all other operations keep the sound ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any
from unittest import mock

import attrs
import httpx
from attrs import define, frozen

from tests.contract.checks import plain
from tests.mutants.fault import Fault
from tests.mutants.measure import measured

Pairs = Iterator[tuple[str, Any]]
_RUNTIME = "_request"
_METHODS = {"GET": "DELETE", "DELETE": "GET", "POST": "PUT", "PUT": "POST", "PATCH": "POST"}


def twin(module: ModuleType) -> ModuleType:
    """A second copy of `module`, of which it can't be told apart."""
    spec = module.__spec__
    if spec is None or spec.loader is None:
        raise ValueError(f"{module.__name__} cannot be loaded again")
    copy = module_from_spec(spec)
    spec.loader.exec_module(copy)
    return copy


@define
class RuntimeFault(Fault):
    """Replaces functions of the runtime module that makes requests."""

    @contextmanager
    def installed(self, module: ModuleType) -> Iterator[None]:
        broken = twin(vars(module)[_RUNTIME])
        for name, function in self.functions(broken).items():
            if not hasattr(broken, name):
                raise LookupError(f"{_RUNTIME} has no {name} that could be broken")
            setattr(broken, name, function)
        faulty = measured(self, module._outgoing, _RUNTIME, broken)
        with mock.patch.object(module, "_outgoing", faulty):
            yield

    def functions(self, sound: ModuleType) -> dict[str, Callable[..., Any]]:
        """Faulty functions by name; those of `sound` as they are now may be called."""
        raise NotImplementedError


@define
class MethodChanged(RuntimeFault):
    def functions(self, sound: ModuleType) -> dict[str, Callable[..., Any]]:
        outgoing = sound.outgoing

        def faulty(method: str, *rest: Any, **named: Any) -> Any:
            return outgoing(_METHODS[method], *rest, **named)

        return {"outgoing": faulty}


@define
class PathUnquoted(RuntimeFault):
    def functions(self, sound: ModuleType) -> dict[str, Callable[..., Any]]:
        def faulty(_name: str, value: Any) -> str:
            return str(sound.plain(value))

        return {"segment": faulty}


@define
class ArrayJoined(RuntimeFault):
    def functions(self, sound: ModuleType) -> dict[str, Callable[..., Any]]:
        flat = sound._flat

        def faulty(pairs: Any) -> Pairs:
            for name, value in pairs:
                try:
                    texts = [sound._field_text(name, item) for item in value]
                except TypeError:  # Not a list, or one of files.
                    texts = []
                if isinstance(value, list | tuple) and len(texts) > 1:
                    yield name, ",".join(texts)
                else:
                    yield from flat([(name, value)])

        return {"_flat": faulty}


@define
class BooleanSpelled(RuntimeFault):
    def functions(self, sound: ModuleType) -> dict[str, Callable[..., Any]]:
        text = sound._text

        def faulty(name: str, value: Any) -> Any:
            return str(value) if isinstance(value, bool) else text(name, value)

        return {"_text": faulty}


@define
class FileNameLost(RuntimeFault):
    def functions(self, sound: ModuleType) -> dict[str, Callable[..., Any]]:
        part = sound._part

        def faulty(name: str, value: Any, content_type: str | None) -> Any:
            _, *rest = part(name, value, content_type)
            return (None, *rest)

        return {"_part": faulty}


@define
class FileEmptied(RuntimeFault):
    def functions(self, sound: ModuleType) -> dict[str, Callable[..., Any]]:
        part = sound._part

        def faulty(name: str, value: Any, content_type: str | None) -> Any:
            file_name, content, media = part(name, value, content_type)
            return file_name, content if file_name is None else b"", media

        return {"_part": faulty}


@define
class NameUnescaped(RuntimeFault):
    """Quotes and control characters in the name of a part stand there as they are."""

    def functions(self, sound: ModuleType) -> dict[str, Callable[..., Any]]:  # noqa: ARG002
        return {"_is_plain_name": lambda _name: True}


@define(kw_only=True)
class Renamed(RuntimeFault):
    """One name gets an underscore: that of a form field, a query parameter or a JSON key."""

    where: str
    name: str

    def functions(self, sound: ModuleType) -> dict[str, Callable[..., Any]]:
        fields, outgoing, json_body = sound._fields, sound.outgoing, sound.json_body

        def faulty_fields(*rest: Any) -> Pairs:
            return self._renamed(fields(*rest))

        def faulty_outgoing(
            method: str, url: str, body: Any = None, params: Any = (), headers: Any = ()
        ) -> Any:
            return outgoing(method, url, body, list(self._renamed(params)), headers)

        def faulty_json(value: Any) -> Any:
            return json_body(self._renamed_key(sound.plain(value)))

        faulty: dict[str, dict[str, Callable[..., Any]]] = {
            "form": {"_fields": faulty_fields},
            "query": {"outgoing": faulty_outgoing},
            "json": {"json_body": faulty_json},
        }
        return faulty[self.where]

    def _renamed(self, pairs: Any) -> Pairs:
        for name, value in pairs:
            if name == self.name and value not in (None, []):
                yield f"{name}_", value
            else:
                yield name, value

    def _renamed_key(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._renamed_key(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {f"{k}_" if k == self.name else k: item for k, item in value.items()}


@define
class HeaderMissing(RuntimeFault):
    def functions(self, sound: ModuleType) -> dict[str, Callable[..., Any]]:
        outgoing = sound.outgoing

        def faulty(
            method: str, url: str, body: Any = None, params: Any = (), **_headers: Any
        ) -> Any:
            return outgoing(method, url, body, params)

        return {"outgoing": faulty}


@define
class KeyMissing(Fault):
    def send(self, request: httpx.Request) -> httpx.Request:
        self.fired += "authorization" in request.headers
        return _without(request, "authorization")


@define
class ContentTypeMissing(Fault):
    def send(self, request: httpx.Request) -> httpx.Request:
        if not request.content or "content-type" not in request.headers:
            return request
        self.fired += 1
        return _without(request, "content-type")


@define
class FieldLost(Fault):
    """A field that came is not in the parsed model."""

    @contextmanager
    def installed(self, module: ModuleType) -> Iterator[None]:
        sound: Any = vars(module)["_OPERATION"]
        kind = type(sound)
        unset = import_module(".types", kind.__module__.rpartition(".")[0]).UNSET

        def read(operation: Any, answer: httpx.Response) -> Any:
            response = kind.read(operation, answer)
            if response.status_code in self.operation.successes:
                self._lose(response.parsed, unset)
            return response

        forgetful = type("Forgetful", (kind,), {"read": read})
        broken = forgetful(sound.name, sound.path, sound.readers)
        with mock.patch.object(module, "_OPERATION", broken):
            yield

    def _lose(self, parsed: Any, unset: Any) -> None:
        found = dict(_fields(parsed))
        before = plain(parsed)
        while (choice := self.dice.first(found)) is not None:
            restore = _take(*found.pop(choice), unset)
            # A model that can't be written without the field is not the fault that is meant.
            with suppress(AttributeError, TypeError, ValueError):
                if plain(parsed) != before:
                    self.fired += 1
                    return
            restore()


@frozen
class _Astray:
    """A client that sends asynchronous calls by another method."""

    client: Any
    fault: Fault

    async def acall(self, operation: Any, outgoing: Any) -> Any:
        send = self.client.acall
        astray = attrs.evolve(outgoing, method=_METHODS[outgoing.method])
        self.fault.fired += 1
        return await send(operation, astray)


@define(kw_only=True)
class CoroutineDiffers(Fault):
    """The asynchronous call alone has a fault: in what it `asks`, or in what it makes of it."""

    asks: bool

    @contextmanager
    def installed(self, module: ModuleType) -> Iterator[None]:
        sound = module.asyncio_detailed

        async def faulty(*, client: Any, **arguments: Any) -> Any:
            if self.asks:
                return await sound(client=_Astray(client, self), **arguments)
            response = await sound(client=client, **arguments)
            lost = None if response.parsed is not None else ""
            changed = attrs.evolve(response, parsed=lost)
            self.fired += 1
            return changed

        with mock.patch.object(module, "asyncio_detailed", faulty):
            yield


def _without(request: httpx.Request, header: str) -> httpx.Request:
    headers = [(k, v) for k, v in request.headers.multi_items() if k != header]
    return httpx.Request(request.method, request.url, headers=headers, content=request.content)


def _take(model: Any, name: str, unset: Any) -> Callable[[], None]:
    """Take the field from the model; what is returned gives it back."""
    extra = getattr(model, "additional_properties", {})
    if name in extra:
        return partial(extra.__setitem__, name, extra.pop(name))
    held = getattr(model, name)
    # Lists can't be written when they are unset, so what is lost of them is what is in them.
    setattr(model, name, [] if isinstance(held, list) else unset)
    return partial(setattr, model, name, held)


def _fields(value: Any, where: str = "") -> Iterator[tuple[str, tuple[Any, str]]]:
    """Every field that is given, by its place: the model that has it, and its name there."""
    if isinstance(value, list) and value:
        yield from _fields(value[0], f"{where}/[]")
    if not attrs.has(type(value)) or not hasattr(value, "to_dict"):
        return
    for attribute in attrs.fields(type(value)):
        held = getattr(value, attribute.name)
        if attribute.name == "additional_properties":
            for name in held:
                yield f"{where}/+{name}", (value, name)
        elif repr(held) != "UNSET":
            yield f"{where}/{attribute.name}", (value, attribute.name)
            yield from _fields(held, f"{where}/{attribute.name}")
