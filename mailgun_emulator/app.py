"""The ASGI app around one contract and one state."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
from attrs import define, field

from mailgun_emulator import blueprint, contract, control, decode, misses
from mailgun_emulator.areas.tracking import visits
from mailgun_emulator.call import Request
from mailgun_emulator.clock import Clock
from mailgun_emulator.control import Control
from mailgun_emulator.dispatch import Dispatcher
from mailgun_emulator.faults import DroppedError, Faults
from mailgun_emulator.ids import Ids
from mailgun_emulator.journal import Journal
from mailgun_emulator.outbox import Outbox
from mailgun_emulator.reply import ApiError, Reply
from mailgun_emulator.router import Match, Router, WrongMethod
from mailgun_emulator.seed import Seed, Seeder, SeedError
from mailgun_emulator.settings import Settings
from mailgun_emulator.state import DEFAULT_DOMAIN, DEFAULT_KEY, Account, State, owners

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

log = logging.getLogger("mailgun_emulator")

# Seconds of real time: how often a served app looks for due work, and what its end waits for.
TICK = 0.1
GRACE = 5.0
# The extension of the scope by which a server lets a connection be closed, under `call`.
ABORT = "mailgun_emulator.abort"


@define(eq=False)
class Emulator:
    """An ASGI application. `state` is open to tests: clock, ids, stores, accounts."""

    state: State
    dispatcher: Dispatcher = field(repr=False)
    control: Control = field(factory=Control, repr=False)
    journal: Journal = field(factory=Journal, repr=False)
    faults: Faults = field(factory=Faults, repr=False)
    seed: Seed | None = field(default=None, repr=False)

    @property
    def contract(self) -> contract.Contract:
        """The truth this app answers by."""
        return self.dispatcher.blueprint.contract

    @property
    def router(self) -> Router:
        """The operations by path."""
        return self.dispatcher.blueprint.router

    @property
    def stateful(self) -> frozenset[str]:
        """The operations that have a handler; all others are synthesised."""
        return frozenset(self.dispatcher.blueprint.bindings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def respond(self, request: Request) -> tuple[Reply, str]:
        """The reply to a whole request, and the tag of the service that gives it."""
        if request.path.startswith(control.PREFIX):
            return await self.control.answer(request, self), ""
        if request.path.startswith(visits.PREFIXES):
            self.state.settle()
            return visits.answer(request, self.state), ""
        found = self.router.find(request.method, request.path)
        operation = found.operation if isinstance(found, Match) else None
        name, tag = (operation.id, operation.tag) if operation else ("", "")
        fault = self.faults.take(name) if operation else None
        at, forced = self.state.clock.timestamp(), fault is not None
        try:
            if fault is None:
                reply = await self.answer(request, found)
            else:
                reply = await fault.answer(partial(self.answer, request, found))
        except DroppedError:
            self.journal.add(at, request, name, None, forced=forced)
            raise
        self.journal.add(at, request, name, reply, forced=forced)
        return reply, tag

    async def answer(self, request: Request, found: Match | WrongMethod | None) -> Reply:
        """The API's own reply to a request, whatever was forced."""
        if found is None:
            return misses.unknown_path(request.path)
        if not isinstance(found, Match):
            return misses.wrong_method(request.path, found)
        self.state.base_url = request.base_url
        self.state.settle()
        if len(request.body) > decode.MAX_BODY:
            return self.dispatcher.refuse(ApiError(413, decode.TOO_LARGE), found.operation)
        return await self.dispatcher.answer(found, request)

    async def reset(self) -> None:
        """Back to the start: accounts as configured, with what the seed puts into them."""
        self.state.reset()
        self.journal.clear()
        self.faults.clear()
        await self.plant()

    async def plant(self) -> None:
        """Apply the seed of the start, if there is one. Raises SeedError."""
        if self.seed is not None:
            await self.seeder().apply(self.seed)

    def seeder(self, account: Account | None = None) -> Seeder:
        """What puts data into an account, the first one by default."""
        return Seeder(self, account or self.state.accounts[0])

    async def drain(self) -> None:
        """Run what is due and wait for all that is sent out, until nothing more comes of it."""
        while self.state.schedule.run_due(self.state.clock.timestamp()) or len(self.state.outbox):
            await self.state.outbox.drain()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        """Served, time passes also while nobody asks: due work is run, and finished at the end."""
        ticking: asyncio.Task[None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.plant()
                except SeedError as error:
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                ticking = asyncio.create_task(self._tick())
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if ticking is not None:
                    ticking.cancel()
                await self._finish()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            try:
                self.state.settle()
            except Exception:
                log.exception("due work failed")

    async def _finish(self) -> None:
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.drain(), GRACE)
        except Exception:
            log.exception("due work failed")
        if unsent := len(self.state.outbox):
            log.warning("%d outgoing posts were not answered before the end", unsent)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        if body is None:
            return
        self.state.outbox.start()
        try:
            reply, tag = await self.respond(_request(scope, body))
            data, headers = reply.encode(tag)
            status = reply.status
        except DroppedError:
            await _drop(scope)
            return
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
    outgoing: httpx.AsyncBaseTransport | None = None,
    seed_data: Seed | None = None,
    tracking_hosts: bool = False,
    settings: Settings | None = None,
) -> Emulator:
    """An emulator as an ASGI app.

    Every key is an account of its own. `domains` are active at start in each of them; a mapping
    gives each key its own. `seed` makes ids repeat. `strict` turns replies that break the contract
    into a loud 500. `document` is another OpenAPI file, `modules` another set of areas.
    `outgoing` carries what the emulator posts itself instead of the network.
    `seed_data` is put in when the app starts to be served, and after every reset. `settings` bound
    what is kept, and say how mail is dealt with.
    `tracking_hosts` lets links in mail lead to the tracking host of its domain, as they do with the
    API, instead of the address at which the emulator was called.

    Raises ContractError or BootError.
    """
    own = document is not None or modules is not None
    plan = blueprint.read(document, modules) if own else blueprint.shipped()
    keys = tuple(api_keys)
    if not keys:
        raise ValueError("an emulator needs an API key")
    state = State(
        owners(keys, domains),
        clock=clock or Clock(),
        ids=Ids(seed),
        outbox=Outbox(transport=outgoing),
        tracking_hosts=tracking_hosts,
        settings=settings or Settings(),
    )
    return Emulator(state, Dispatcher(plan, state, strict), seed=seed_data)


def _request(scope: Scope, body: bytes) -> Request:
    raw_headers = scope["headers"]
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw_headers}
    if len(headers) < len(raw_headers):
        headers = _joined(raw_headers)
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


def _joined(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers of which some were sent several times."""
    headers: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


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


async def _drop(scope: Scope) -> None:
    """Close the connection without an answer, if the server can; otherwise the app breaks off."""
    abort = (scope.get("extensions") or {}).get(ABORT)
    if abort is None:
        raise ConnectionResetError("the connection is to be dropped")
    abort["call"]()
    # The server takes note of the end before it looks whether there was an answer.
    await asyncio.sleep(0)
