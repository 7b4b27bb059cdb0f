"""The relay on a port, on the loop that serves the app."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

from attrs import define, field

from mailgun_emulator.server import listen
from mailgun_emulator.smtp import certificate
from mailgun_emulator.smtp.conversation import Conversation
from mailgun_emulator.smtp.intake import Intake, Peer

if TYPE_CHECKING:
    from mailgun_emulator.app import Emulator

log = logging.getLogger("mailgun_emulator")

OPERATION = "send_mime_message"
# Seconds of real time: how long a client may be silent, and what is waited for at the end.
IDLE = 300.0
GRACE = 1.0
_TIMEOUT = b"421 Timeout\r\n"
_CLOSING = b"421 Service shutting down\r\n"


@define(eq=False)
class Server:
    """A relay that is listening. `authority` is the PEM of who signed its certificate."""

    host: str
    port: int
    authority: str = field(repr=False)
    connections: set[Connection] = field(factory=set, repr=False)

    @property
    def address(self) -> str:
        """Host and port as one text."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@asynccontextmanager
async def serve(
    app: Emulator,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    tls: bool = False,
    held: socket.socket | None = None,
    idle: float = IDLE,
) -> AsyncIterator[Server]:
    """Take mail for `app` by SMTP while the context is open; port 0 takes a free one.

    `tls` is TLS from the first byte instead of STARTTLS. `held` is a listening socket to use. A
    client that says nothing for `idle` seconds is dismissed. Mail that was not confirmed when the
    context ends is not taken. Raises ServeError when the port cannot be had.
    """
    own = held or listen(host, port)
    made = certificate.make()
    bound = own.getsockname()
    server = Server(bound[0], bound[1], made.authority)
    intake = Intake(app.state, app.contract.operations[OPERATION])
    listener = await asyncio.get_running_loop().create_server(
        lambda: Connection(server, intake, made, idle),
        sock=own,
        ssl=made.context if tls else None,
    )
    try:
        yield server
    finally:
        listener.close()
        await _dismiss(server)
        await listener.wait_closed()


async def _dismiss(server: Server) -> None:
    """End what is still open; those who do not take leave are cut off."""
    for connection in list(server.connections):
        connection.leave(_CLOSING)
    await _all_gone(server)
    for connection in list(server.connections):
        connection.cut()
    await _all_gone(server)


async def _all_gone(server: Server) -> None:
    if ends := [connection.gone for connection in server.connections]:
        await asyncio.wait(ends, timeout=GRACE)


@define(eq=False)
class Connection(asyncio.Protocol):
    """One client on the network."""

    server: Server = field(repr=False)
    intake: Intake = field(repr=False)
    certificate: certificate.Certificate = field(repr=False)
    idle: float = IDLE
    gone: asyncio.Future[None] = field(init=False, repr=False)
    _conversation: Conversation = field(init=False, repr=False)
    _transport: asyncio.Transport = field(init=False, repr=False)
    _timer: asyncio.TimerHandle | None = field(default=None, init=False, repr=False)
    _upgrade: asyncio.Task[None] | None = field(default=None, init=False, repr=False)
    _deaf: bool = field(default=False, init=False)
    _early: bytearray = field(factory=bytearray, init=False, repr=False)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of the one they stand for.
        self._transport = cast(asyncio.Transport, transport)
        self.gone = asyncio.get_running_loop().create_future()
        peer = transport.get_extra_info("peername")
        ip = str(peer[0]).removeprefix("::ffff:") if peer else ""
        self._conversation = Conversation(self.intake, Peer(ip))
        if transport.get_extra_info("ssl_object") is not None:
            self._note_tls()
        self.server.connections.add(self)
        self._wait()
        self._transport.write(self._conversation.greeting())

    def data_received(self, data: bytes) -> None:
        self._wait()
        if self._upgrade is not None:
            # The first words inside TLS can be here before the upgrade is known to be done.
            self._early += data
            return
        self._answer(data)

    def pause_writing(self) -> None:
        """The client does not read, so it is not read either."""
        self._deaf = True
        self._throttle()

    def resume_writing(self) -> None:
        """The client reads again."""
        self._deaf = False
        self._go_on()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        if self._timer is not None:
            self._timer.cancel()
        if self._upgrade is not None:
            self._upgrade.cancel()
        self.server.connections.discard(self)
        if not self.gone.done():
            self.gone.set_result(None)

    def leave(self, reply: bytes) -> None:
        """Say why, and close; in the middle of a handshake nobody would understand."""
        if self._upgrade is not None:
            self._give_up()
        elif not self._transport.is_closing():
            self._transport.write(reply)
            self._transport.close()

    def cut(self) -> None:
        """Close without a word."""
        self._transport.abort()

    def _give_up(self) -> None:
        """End a handshake. Loops differ in whether they tell that its connection is lost."""
        self.cut()
        self.connection_lost(None)

    def _wait(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self.idle, self._expire)

    def _expire(self) -> None:
        """A client that is silent is told; one that does not even take its replies is not."""
        if self._transport.is_closing():
            self.cut()
            return
        self.leave(_TIMEOUT)
        self._wait()

    def _answer(self, data: bytes = b"") -> None:
        replies = self._conversation.receive(data)
        if replies:
            self._transport.write(replies)
        if self._conversation.ended:
            self._transport.close()
        elif self._conversation.upgrading:
            self._transport.pause_reading()
            self._upgrade = asyncio.create_task(self._start_tls())
        else:
            self._throttle()
            if self._conversation.behind and not self._deaf:
                asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        if not self._transport.is_closing() and self._upgrade is None:
            self._answer()

    def _throttle(self) -> None:
        """Read no more than can be answered."""
        if self._transport.is_closing() or self._upgrade is not None:
            return
        if self._deaf or self._conversation.behind:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    async def _start_tls(self) -> None:
        try:
            secured = await asyncio.get_running_loop().start_tls(
                self._transport, self, self.certificate.context, server_side=True
            )
        except (OSError, TimeoutError) as error:
            log.info("no TLS with %s: %r", self._conversation.peer.ip, error)
            secured = None
        if secured is None:
            self._give_up()
            return
        self._transport, self._upgrade = secured, None
        self._note_tls()
        early, self._early = bytes(self._early), bytearray()
        if early:
            self.data_received(early)

    def _note_tls(self) -> None:
        session = self._transport.get_extra_info("ssl_object")
        cipher = session.cipher() if session is not None else None
        version = session.version() if session is not None else None
        self._conversation.secured(
            (version or "TLS").replace("TLSv", "TLS"), cipher[0] if cipher else ""
        )
