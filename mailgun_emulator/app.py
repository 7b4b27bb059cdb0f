"""The ASGI app around one contract and one state."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from pathlib import Path
from types import ModuleType
from typing import Any

from attrs import define, field

from mailgun_emulator import areas, contract, control, decode, misses
from mailgun_emulator.areas.mailing_lists import unsubscribing
from mailgun_emulator.call import Request
from mailgun_emulator.clock import Clock
from mailgun_emulator.dispatch import Dispatcher
from mailgun_emulator.handlers import collect
from mailgun_emulator.ids import Ids
from mailgun_emulator.reply import ApiError, Reply
from mailgun_emulator.router import Match, Router
from mailgun_emulator.state import DEFAULT_DOMAIN, DEFAULT_KEY, State, owners

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

log = logging.getLogger("mailgun_emulator")


@define(eq=False)
class Emulator:
    """An ASGI application. `state` is open to tests: clock, ids, stores, accounts."""

    state: State
    dispatcher: Dispatcher = field(repr=False)
    router: Router = field(repr=False)

    @property
    def contract(self) -> contract.Contract:
        """The truth this app answers by."""
        return self.dispatcher.contract

    @property
    def stateful(self) -> frozenset[str]:
        """The operations that have a handler; all others are synthesised."""
        return frozenset(self.dispatcher.bindings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await _lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def respond(self, request: Request) -> tuple[Reply, str]:
        """The reply to a whole request, and the tag of the service that gives it."""
        path = request.path
        if path.startswith(control.PREFIX):
            return control.answer(request, self.state), ""
        if path.startswith(unsubscribing.PREFIX):
            self.state.schedule.run_due(self.state.clock.timestamp())
            return unsubscribing.answer(request, self.state), ""
        found = self.router.find(request.method, path)
        if found is None:
            return misses.unknown_path(path), ""
        if not isinstance(found, Match):
            return misses.wrong_method(path, found), ""
        self.state.settle()
        if len(request.body) > decode.MAX_BODY:
            error = ApiError(413, decode.TOO_LARGE)
            return self.dispatcher.refuse(error, found.operation), found.operation.tag
        return await self.dispatcher.answer(found, request), found.operation.tag

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        if body is None:
            return
        try:
            reply, tag = await self.respond(_request(scope, body))
            data, headers = reply.encode(tag)
            status = reply.status
        except Exception as error:
            # A job that was due, or a body that has no JSON form: nobody's request is to blame.
            log.exception("%s %s failed", scope["method"], scope["path"])
            status = 500
            data, headers = self.dispatcher.failure(repr(error)).encode()
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": data})


def create_app(
    *,
    api_keys: Iterable[str] = (DEFAULT_KEY,),
    domains: Iterable[str] | Mapping[str, Iterable[str]] = (DEFAULT_DOMAIN,),
    clock: Clock | None = None,
    seed: int | str | None = None,
    strict: bool = True,
    document: Path | None = None,
    modules: Iterable[ModuleType] | None = None,
) -> Emulator:
    """An emulator as an ASGI app.

    Every key is an account of its own. `domains` are active at start in each of them; a mapping
    gives each key its own. `seed` makes ids repeat. `strict` turns replies that break the contract
    into a loud 500. `document` is another OpenAPI file, `modules` another set of areas.

    Raises ContractError or BootError.
    """
    truth = contract.load(document)
    keys = tuple(api_keys)
    if not keys:
        raise ValueError("an emulator needs an API key")
    state = State(owners(keys, domains), clock=clock or Clock(), ids=Ids(seed))
    bindings = collect(areas.discover() if modules is None else modules, truth)
    dispatcher = Dispatcher(truth, state, bindings, strict)
    return Emulator(state, dispatcher, Router.of(truth.operations.values()))


def _request(scope: Scope, body: bytes) -> Request:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    peer = scope.get("client")
    raw = scope.get("raw_path") or scope["path"].encode()
    return Request(
        method=scope["method"],
        path=raw.partition(b"?")[0].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        scheme=scope.get("scheme", "http"),
        # A socket for both families writes IPv4 addresses as IPv6 ones.
        client=str(peer[0]).removeprefix("::ffff:") if peer else "",
    )


async def _read(receive: Receive) -> bytes | None:
    """The whole body, or what there was once it is too large; None when the client went away."""
    message = await receive()
    if message["type"] != "http.request":
        return None
    if not message.get("more_body"):
        return bytes(message.get("body", b""))
    chunks = [message.get("body", b"")]
    size = len(chunks[0])
    while message.get("more_body") and size <= decode.MAX_BODY:
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
    return b"".join(chunks)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return
