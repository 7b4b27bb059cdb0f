"""A relay on a loop of its own thread, and what clients say to it."""

from __future__ import annotations

import asyncio
import base64
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from email import message_from_bytes
from email.message import Message
from typing import Any, TypeVar

import httpx

from mailgun_emulator import Emulator, smtp
from tests.emulator.conftest import Inside

T = TypeVar("T")

LOGIN = "postmaster@sandbox.example.test"
PASSWORD = "key-test"
BOB = "bob@sandbox.example.test"
ALICE = "alice@example.com"


def mime(body: str = "Hi there", /, **headers: str) -> bytes:
    """A message with these headers (`_` for a hyphen) besides its own."""
    named = {"From": f"Bob <{BOB}>", "To": ALICE, "Subject": "Hello", **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items()]
    return "\r\n".join([*lines, "", body, ""]).encode()


def plain(login: str = LOGIN, password: str = PASSWORD) -> str:
    """The response of AUTH PLAIN."""
    return coded(f"\0{login}\0{password}")


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class Wire:
    """A bare connection: lines go out as they are, replies come back whole."""

    def __init__(self, port: int) -> None:
        self.socket: socket.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._file = self.socket.makefile("rb")
        self.banner = self.reply()

    def reply(self) -> list[str]:
        """The lines of the next reply, none when the server has closed."""
        lines: list[str] = []
        while True:
            line = self._file.readline()
            if not line:
                return lines
            assert line.endswith(b"\r\n")
            lines.append(line[:-2].decode())
            if line[3:4] != b"-":
                return lines

    def send(self, data: bytes | str) -> None:
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def ask(self, line: str, /) -> str:
        """Say a line; the only line of the reply, empty when the server has closed."""
        self.send(f"{line}\r\n")
        lines = self.reply()
        assert len(lines) < 2, lines
        return lines[0] if lines else ""

    def log_in(self) -> Wire:
        assert self.ask(f"AUTH PLAIN {plain()}") == "235 Authentication successful"
        return self

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Begin TLS, after the server has said that it will."""
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self._file = self.socket.makefile("rb")

    def closed(self) -> bool:
        """Whether the server has closed, with nothing more to say."""
        try:
            return self._file.read() == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        self._file.close()
        self.socket.close()


class Relay:
    """The relay of an app. Everything that touches the app runs on one loop, as when served."""

    def __init__(self, app: Emulator, make_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
        self.app = app
        self.loop = make_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self._opened: list[Wire | smtplib.SMTP] = []
        self._stack = AsyncExitStack()
        self.server = self.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def start(self, **settings: Any) -> smtp.Server:
        """One more server for the app."""
        return self.run(self._stack.enter_async_context(smtp.serve(self.app, **settings)))

    def stop(self) -> None:
        """End the servers, whatever goes on there."""
        self.run(self._stack.aclose())

    def close(self) -> None:
        self.stop()
        for client in self._opened:
            client.close()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    def trusting(self) -> ssl.SSLContext:
        """TLS for a client that knows who signed the certificate."""
        return ssl.create_default_context(cadata=self.server.authority)

    def wire(self) -> Wire:
        client = Wire(self.server.port)
        self._opened.append(client)
        return client

    def client(self, login: str = "", password: str = "") -> smtplib.SMTP:
        """A client of the standard library, logged in when there is a login."""
        client = smtplib.SMTP("127.0.0.1", self.server.port, "mx.example.org", timeout=10)
        self._opened.append(client)
        if login:
            client.login(login, password)
        return client

    def send(
        self, message: bytes, to: str | list[str] = ALICE, sender: str = BOB
    ) -> dict[str, tuple[int, bytes]]:
        """Send a message with the default login; the recipients that were refused."""
        client = self.client(LOGIN, PASSWORD)
        refused = client.sendmail(sender, to, message)
        client.quit()
        return refused


class Beside(Inside):
    """Runs the app on the loop of the relay."""

    def __init__(self, relay: Relay) -> None:
        super().__init__(relay.app)
        self._relay = relay

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._relay.run(self._exchange(request))


def parsed(raw: str | bytes) -> Message:
    """A message in parts."""
    return message_from_bytes(raw.encode() if isinstance(raw, str) else raw)
