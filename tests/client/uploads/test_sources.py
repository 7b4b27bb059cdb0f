"""Where files come from: memory, lengths, repetitions, threads, and what is refused."""

from __future__ import annotations

import asyncio
import gzip
import io
import itertools
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import define, evolve
from mailgun_client import Client, File
from mailgun_client.api.messages import send_message

from tests.client.test_retries import ACCEPTED, BODY, Server
from tests.client.uploads import parsers
from tests.client.uploads.sink import send, sinking
from tests.client.wire import Wire

CONTENT = bytes(range(256)) * 4000
WAYS = pytest.mark.parametrize("way", ["sync", "async"])


class Pipe(io.BytesIO):
    """Can be read once."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: Any) -> int:
        raise io.UnsupportedOperation("seek")


class Pieces:
    """Can be iterated over again and again."""

    def __iter__(self) -> Iterator[bytes]:
        yield from (CONTENT[:1000], b"", CONTENT[1000:])


class AwaitedPieces:
    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in Pieces():
            await asyncio.sleep(0)
            yield piece


async def _awaited() -> AsyncIterator[bytes]:
    async for piece in AwaitedPieces():
        yield piece


class AwaitedFile:
    """As a file of `aiofiles` or `anyio`: reading has to be awaited."""

    def __init__(self) -> None:
        self._stream = io.BytesIO(CONTENT)

    async def read(self, size: int) -> bytes:
        await asyncio.sleep(0)
        return self._stream.read(size)


def _spooled() -> Any:
    stream = tempfile.SpooledTemporaryFile(max_size=10)  # noqa: SIM115
    stream.write(CONTENT)
    return stream


def _zipped() -> Any:
    return gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(CONTENT)))


@define
class Kind:
    """A way to give a file: whether its length is known, and whether it can be sent again."""

    make: Callable[[], Any]
    sized: bool
    again: bool
    waits: bool = False


KINDS = {
    "bytes": Kind(lambda: CONTENT, True, True),
    "bytearray": Kind(lambda: bytearray(CONTENT), True, True),
    "view": Kind(lambda: memoryview(CONTENT * 2)[: len(CONTENT)], True, True),
    "memory": Kind(lambda: io.BytesIO(CONTENT), True, True),
    "spooled": Kind(_spooled, True, True),
    "zipped": Kind(_zipped, True, True),
    "pipe": Kind(lambda: Pipe(CONTENT), False, False),
    "iterator": Kind(lambda: iter(Pieces()), False, False),
    "pieces": Kind(Pieces, False, True),
    "awaited": Kind(_awaited, False, False, True),
    "awaited again": Kind(AwaitedPieces, False, True, True),
    "awaited file": Kind(AwaitedFile, False, False, True),
}
CASES = [
    pytest.param(way, kind, id=f"{way}-{name}")
    for name, kind in KINDS.items()
    for way in ("sync", "async")
    if way == "async" or not kind.waits
]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize(
    ("way", "kind"),
    [
        *itertools.product(["sync", "async"], ["path", "open", "bytes", "pieces"]),
        ("async", "awaited"),
    ],
)
def test_a_large_file_takes_little_memory(tmp_path: Path, way: str, kind: str) -> None:
    """20 MB; measured 0.3 to 1.5 MB, where 8 MB are allowed."""
    path = tmp_path / "large.bin"
    path.write_bytes(bytes(20 * 1024 * 1024))
    command = [sys.executable, "-m", "tests.client.uploads.sink", way, kind, str(path)]
    root = Path(__file__).parents[3]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 8_000_000


@pytest.mark.parametrize(("way", "kind"), CASES)
def test_the_length_is_told_where_it_is_known(way: str, kind: Kind) -> None:
    with sinking() as sink:
        host = sink.url.removeprefix("http://")
        for size in (None, len(CONTENT)):
            payload = kind.make()
            send(way, Client("key", base_url=sink.url), File(payload, "a.bin", size=size))
            if hasattr(payload, "close"):
                payload.close()
    unsized, sized = sink.seen
    for seen, known in ((unsized, kind.sized), (sized, True)):
        assert ("content-length" in seen.head) is known
        assert ("transfer-encoding: chunked" in seen.head) is not known
        assert seen.size > len(CONTENT)
        assert f"host: {host}\r\n" in seen.head


@pytest.mark.parametrize(("way", "kind"), CASES)
def test_what_comes_only_once_is_sent_only_once(way: str, kind: Kind) -> None:
    """The rest is sent whole again, from its start."""
    server = Server(iter([httpx.Response(429), ACCEPTED]))
    payload = kind.make()
    body = evolve(BODY, attachment=[File(payload, "a.bin")])
    client = server.client()
    if way == "sync":
        response = send_message.sync_detailed("a", client=client, body=body)
    else:
        response = asyncio.run(send_message.asyncio_detailed("a", client=client, body=body))
    assert response.status_code == (200 if kind.again else 429)
    assert len(server.bodies) == (2 if kind.again else 1)
    assert all(CONTENT in sent for sent in server.bodies)
    if hasattr(payload, "close"):
        payload.close()


@WAYS
def test_paths_are_opened_for_each_try_and_closed(tmp_path: Path, way: str) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(CONTENT)
    server = Server(iter([httpx.Response(429), ACCEPTED]))
    open_before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    send(way, server.client(), path, path)
    assert [sent.count(CONTENT) for sent in server.bodies] == [2, 2]
    if open_before:
        assert len(os.listdir("/proc/self/fd")) <= open_before


@WAYS
def test_a_redirect_cannot_send_a_used_up_stream_empty(way: str) -> None:
    server = Server(iter([httpx.Response(307, headers={"Location": "/again"}), ACCEPTED]))
    client = Client(
        "key",
        region="us",
        transport=server,
        async_transport=server,
        httpx_args={"follow_redirects": True},
    )
    with pytest.raises(httpx.StreamConsumed):
        send(way, client, File(iter([b"x"]), "a"))
    assert len(server.bodies) == 1


def test_an_open_file_is_sent_from_its_start(wire: Wire) -> None:
    """Also if something was just written into it, and twice if it is given twice."""
    stream = io.BytesIO()
    stream.write(b"content")
    body = evolve(BODY, attachment=[File(stream, "a"), File(stream, "b")])
    send_message.sync_detailed("a", client=wire.client(), body=body)
    found = parsers.werkzeug(wire.sent.content, wire.sent.headers["content-type"])
    assert [each.content for each in found] == [b"content"] * 2


@WAYS
def test_pipes_of_the_system_can_be_paths(tmp_path: Path, way: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(CONTENT,))
    writer.start()
    server = Server(iter([ACCEPTED]))
    send(way, server.client(), pipe)
    writer.join()
    assert CONTENT in server.bodies[0]


def test_disks_do_not_keep_other_tasks_waiting(tmp_path: Path) -> None:
    """Files are read in threads by asynchronous calls, and in the caller's own by others."""
    (tmp_path / "a.bin").write_bytes(CONTENT)
    readers: list[threading.Thread] = []

    class Noting(io.FileIO):
        def read(self, size: int | None = -1, /) -> Any:
            readers.append(threading.current_thread())
            return super().read(size)

    for way in ("sync", "async"):
        readers.clear()
        with Noting(tmp_path / "a.bin") as stream:
            send(way, Server(iter([ACCEPTED])).client(), stream)
        assert readers
        own = [thread is threading.main_thread() for thread in readers]
        assert all(own) if way == "sync" else not any(own)


@WAYS
@pytest.mark.parametrize(
    ("make", "size"),
    [
        pytest.param(lambda: iter([b"four"]), 3, id="iterable-3"),
        pytest.param(lambda: iter([b"four"]), 5, id="iterable-5"),
        # Never too long: a file is read as far as it was told to be.
        pytest.param(lambda: Pipe(b"four"), 5, id="pipe-5"),
    ],
)
def test_another_size_than_told_is_an_error(way: str, size: int, make: Any) -> None:
    """Or the server would wait for the rest, or take it for another request."""
    with sinking() as sink, Client("key", base_url=sink.url) as client:
        with pytest.raises(ValueError, match=f"attachment: expected {size} bytes, found"):
            send(way, client, File(make(), "a", size=size))
        assert sink.seen == []


@WAYS
def test_a_file_that_changes_on_the_way(tmp_path: Path, way: str) -> None:
    path = tmp_path / "log.txt"

    @define(eq=False)
    class Changing(Server):
        change: Callable[[], object] = lambda: None

        def _begin(self) -> None:
            self.change()

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            self._begin()
            return super().handle_request(request)

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            self._begin()
            return await super().handle_async_request(request)

    def changing(content: bytes) -> Changing:
        path.write_bytes(b"12345")
        return Changing(iter([ACCEPTED]), change=lambda: path.write_bytes(content))

    grown, shrunk = changing(b"1234567"), changing(b"123")
    send(way, grown.client(), path)
    assert b"\r\n\r\n12345\r\n" in grown.bodies[0]
    path.write_bytes(b"12345")
    with pytest.raises(ValueError, match="attachment: expected 5 bytes, found 3"):
        send(way, shrunk.client(), path)


@WAYS
def test_what_cannot_be_read_is_told_before_anything_is_sent(tmp_path: Path, way: str) -> None:
    closed = io.BytesIO(b"")
    closed.close()
    wrong: list[tuple[Any, type[Exception], str]] = [
        (tmp_path / "none", FileNotFoundError, "none"),
        (tmp_path, IsADirectoryError, tmp_path.name),
        (closed, ValueError, "closed"),
        (io.StringIO("text"), TypeError, "attachment: expected a file opened in binary mode"),
        (File(b"four", size=5), ValueError, "attachment: expected 5 bytes, found 4"),
        (File(object(), "a"), TypeError, "attachment: expected bytes, a path"),  # type: ignore[arg-type]
    ]
    if way == "sync":
        wrong += [
            (File(kind.make(), "a"), TypeError, "attachment: .* needs an asynchronous call")
            for kind in KINDS.values()
            if kind.waits
        ]
    wire = Wire()
    for value, error, message in wrong:
        with pytest.raises(error, match=message):
            send(way, wire.client(), value)
    assert wire.requests == []


@pytest.mark.parametrize("piece", ["text", 1, None])
def test_pieces_have_to_be_bytes(wire: Wire, piece: Any) -> None:
    with pytest.raises(TypeError, match=f"attachment: expected bytes.*{type(piece).__name__}"):
        send("sync", wire.client(), File([b"a", piece]))


@pytest.mark.parametrize("size", [-1, 1.5, "1"])
def test_sizes_are_numbers_of_bytes(size: Any) -> None:
    with pytest.raises(ValueError, match="size: expected a number of bytes"):
        File(b"", size=size)


@pytest.mark.parametrize("mime_type", ["text/plain\r\nX: y", "text/\0", "größe/x"])
def test_content_types_are_printable(mime_type: str) -> None:
    with pytest.raises(ValueError, match="mime_type"):
        File(b"", mime_type=mime_type)
