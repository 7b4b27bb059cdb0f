"""A server on loopback that counts what it gets and keeps none of it.

`python -m tests.client.uploads.sink WAY KIND PATH` sends one attachment to it and prints by how
many bytes the peak memory of the process rose.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from attrs import define, field
from mailgun_client import Client, File
from mailgun_client.api.messages import send_message
from mailgun_client.models import SendMessageBody

_ACCEPTED = b'{"id": "<1@example.com>", "message": "Queued. Thank you."}'
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
_PIECE = 64 * 1024


@define
class Seen:
    """One request: its head, and the bytes that came after it."""

    head: str
    size: int


@define
class Sink:
    """Takes one connection after the other, and any number of requests on each."""

    listener: socket.socket
    seen: list[Seen] = field(factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                while self._take(connection):
                    connection.sendall(_ANSWER % (len(_ACCEPTED), _ACCEPTED))

    def _take(self, connection: socket.socket) -> bool:
        """Read a request; False if there is no whole one."""
        buffer, got = bytearray(_PIECE), b""
        while b"\r\n\r\n" not in got:
            count = connection.recv_into(buffer)
            got += buffer[:count]
            if not count:
                return False
        head, _, rest = got.partition(b"\r\n\r\n")
        text, size = head.decode().lower(), len(rest)
        tail = rest[-7:]
        length = text.partition("content-length: ")[2].partition("\r\n")[0]
        while size < int(length) if length else not tail.endswith(b"\r\n0\r\n\r\n"):
            count = connection.recv_into(buffer)
            if not count:
                return False
            size += count
            tail = (tail + buffer[max(0, count - 7) : count])[-7:]
        self.seen.append(Seen(text, size))
        return True


@contextmanager
def sinking() -> Iterator[Sink]:
    """A sink that is listening."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        sink = Sink(listener)
        thread = Thread(target=sink.serve, daemon=True)
        thread.start()
        yield sink
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def send(way: str, client: Client, *files: Any) -> None:
    """A message with these attachments."""
    body = SendMessageBody(to=["b@example.com"], from_="a@example.com", attachment=[*files])
    if way == "sync":
        assert send_message.sync("example.com", client=client, body=body)
        client.close()
        return

    async def call() -> None:
        async with client:
            assert await send_message.asyncio("example.com", client=client, body=body)

    asyncio.run(call())


def payload(kind: str, path: Path) -> Any:
    """The content of `path` as one of the things that a file can be made of."""
    size = path.stat().st_size
    if kind == "path":
        return path
    if kind == "bytes":
        return path.read_bytes()
    if kind == "pieces":
        return (bytes(_PIECE) for _ in range(size // _PIECE))
    assert kind == "awaited"

    async def pieces() -> Any:
        for _ in range(size // _PIECE):
            yield bytes(_PIECE)

    return pieces()


def peak() -> int:
    """Bytes of the most memory that this process has had; Linux only. Unlike `ru_maxrss` it does
    not count what the parent process had."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no VmHWM")


def measure(way: str, kind: str, path: Path) -> int:
    """How much more memory sending `path` takes than sending a small file."""
    with sinking() as sink:
        send(way, Client("key", base_url=sink.url), Path(__file__))
        content = File(payload(kind, path), "a.bin") if kind != "open" else None
        before = peak()
        with path.open("rb") as stream:
            send(way, Client("key", base_url=sink.url), content or stream)
        after = peak()
    assert sink.seen[1].size > path.stat().st_size
    return after - before


if __name__ == "__main__":
    print(measure(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
