"""Bodies that are read while they are sent, so that no file is in memory as a whole."""

from __future__ import annotations

import io
import mimetypes
import os
import re
import stat
from abc import ABC, abstractmethod
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from inspect import iscoroutinefunction
from typing import Any

import httpx
from attrs import define, frozen

_CHUNK = 256 * 1024
_GENERIC = "application/octet-stream"
# How a compressed file is called: its name tells what it unpacks to as well.
_COMPRESSED = {
    "bzip2": "application/x-bzip2",
    "compress": "application/x-compress",
    "gzip": "application/gzip",
    "xz": "application/x-xz",
}
# Common attachments that Python knows only where the operating system has a list of types.
_OFFICE = "application/vnd.openxmlformats-officedocument."
_KNOWN = {
    ".avif": "image/avif",
    ".docx": f"{_OFFICE}wordprocessingml.document",
    ".heic": "image/heic",
    ".ics": "text/calendar",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".pptx": f"{_OFFICE}presentationml.presentation",
    ".webp": "image/webp",
    ".xlsx": f"{_OFFICE}spreadsheetml.sheet",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def quoted(text: str) -> str:
    """`text` as a quoted name in the head of a part, as most servers read it.

    UTF-8 as it is (RFC 7578 allows nothing else). Quotes and backslashes get a backslash, which the
    libraries of Go and Python undo; not all of them know the %22 of browsers. Control characters
    cannot be in a head: they become %0A and so on, as from a browser.
    """
    text = text.encode("utf-8", "replace").decode()
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _CONTROL.sub(lambda found: f"%{ord(found[0]):02X}", text) + '"'


def head(name: str, file_name: str | None, content_type: str | None) -> str:
    """What stands before the content of a part, the boundary aside."""
    text = f"Content-Disposition: form-data; name={quoted(name)}"
    if file_name is not None:
        text += f"; filename={quoted(file_name)}"
    if content_type is not None:
        text += f"\r\nContent-Type: {content_type}"
    return f"{text}\r\n\r\n"


def guess(file_name: str) -> str:
    """The content type that a name stands for."""
    # Without the dot and slash a name such as `data:x` would be read as an URL.
    found, compressed = mimetypes.guess_type(f"./{file_name}")
    if compressed:
        return _COMPRESSED.get(compressed, _GENERIC)
    return found or _KNOWN.get(os.path.splitext(file_name)[1].lower(), _GENERIC)


@define(eq=False, repr=False)
class Source(ABC):
    """Where the content of a file comes from.

    Attributes:
        name: the field that it is for.
        size: in bytes; None if it is not known before the end.
        repeatable: whether it can be read again from its start.
    """

    name: str
    size: int | None = None
    repeatable: bool = True

    @abstractmethod
    def achunks(self) -> AsyncIterator[bytes]:
        """The content from its start, without keeping other tasks waiting for long."""


@define(eq=False, repr=False)
class Ready(Source):
    """One that can be read without an event loop."""

    @abstractmethod
    def chunks(self) -> Iterator[bytes]:
        """The content from its start."""

    async def achunks(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks():
            yield chunk


@define(eq=False, repr=False, kw_only=True)
class Stored(Ready):
    """A file on disk, open only while it is sent."""

    path: str | os.PathLike[str]

    def chunks(self) -> Iterator[bytes]:
        with open(self.path, "rb") as stream:
            yield from Opened(self.name, self.size, False, stream=stream).chunks()

    async def achunks(self) -> AsyncIterator[bytes]:
        stream = await _in_thread(open, self.path, "rb")
        with stream:
            async for chunk in Opened(self.name, self.size, False, stream=stream).achunks():
                yield chunk


@define(eq=False, repr=False, kw_only=True)
class Opened(Ready):
    """What can be read: from its start if it can go there, else from where it is."""

    stream: Any

    def chunks(self) -> Iterator[bytes]:
        at = 0
        while chunk := self._read(at):
            at += len(chunk)
            yield chunk

    async def achunks(self) -> AsyncIterator[bytes]:
        at = 0
        memory = isinstance(self.stream, io.BytesIO)
        while chunk := self._read(at) if memory else await _in_thread(self._read, at):
            at += len(chunk)
            yield chunk

    def _read(self, at: int) -> bytes:
        # A file that grows is sent as long as it was told to be.
        limit = _CHUNK if self.size is None else min(_CHUNK, self.size - at)
        if limit == 0:
            return b""
        if self.repeatable:
            # Each time: another call may be reading the same file.
            self.stream.seek(at)
        return _checked(self.name, self.stream.read(limit) or b"")


@define(eq=False, repr=False, kw_only=True)
class Iterated(Ready):
    """Pieces that are made one after the other."""

    pieces: Iterable[bytes]

    def chunks(self) -> Iterator[bytes]:
        for piece in self.pieces:
            yield from split(_checked(self.name, piece))


@define(eq=False, repr=False, kw_only=True)
class Awaited(Source):
    """Pieces that have to be waited for."""

    stream: Any

    async def achunks(self) -> AsyncIterator[bytes]:
        async for piece in self._pieces():
            for chunk in split(_checked(self.name, piece)):
                yield chunk

    async def _pieces(self) -> AsyncIterator[bytes]:
        if hasattr(self.stream, "read"):
            while piece := await self.stream.read(_CHUNK):
                yield piece
        else:
            async for piece in self.stream:
                yield piece


def source(name: str, payload: Any, size: int | None) -> memoryview | Source:
    """What `payload` of the field `name` is read from.

    Raises TypeError for what is no content, OSError for a path that can't be read, and ValueError
    for a size that is not the real one.
    """
    if isinstance(payload, bytes | bytearray | memoryview):
        view = memoryview(payload)
        content = view.cast("B") if view.c_contiguous else memoryview(view.tobytes())
        _Count(name, size).end(len(content))
        return content
    if isinstance(payload, str | os.PathLike):
        return _stored(name, payload, size)
    if iscoroutinefunction(getattr(payload, "read", None)):
        return Awaited(name, size, False, stream=payload)
    if callable(getattr(payload, "read", None)):
        return _opened(name, payload, size)
    if isinstance(payload, AsyncIterable):
        again = not isinstance(payload, AsyncIterator)
        return Awaited(name, size, again, stream=payload)
    if isinstance(payload, Iterable):
        again = not isinstance(payload, Iterator)
        return Iterated(name, size, again, pieces=payload)
    raise TypeError(
        f"{name}: expected bytes, a path or a binary file, found {type(payload).__name__}"
    )


def _ready(part: Source) -> Ready:
    if not isinstance(part, Ready):
        raise TypeError(f"{part.name}: what has to be awaited needs an asynchronous call")
    return part


class Upload(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body of pieces that are there and sources that are read when it is sent.

    Attributes:
        size: in bytes; None if it is not known before the end.
        repeatable: whether it can be sent again.
    """

    def __init__(self, sections: Iterable[bytes | memoryview | Source]) -> None:
        self._sections = tuple(sections)
        self._sources = [part for part in self._sections if isinstance(part, Source)]
        self._used = False
        self.repeatable = all(part.repeatable for part in self._sources)
        sizes = [part.size if isinstance(part, Source) else len(part) for part in self._sections]
        known = [size for size in sizes if size is not None]
        self.size = sum(known) if len(known) == len(sizes) else None

    @property
    def framing(self) -> tuple[str, str]:
        """The header that says where the body ends."""
        if self.size is None:
            return "Transfer-Encoding", "chunked"
        return "Content-Length", str(self.size)

    def require_sync(self) -> None:
        """Raises TypeError if asynchronous calls alone can send it."""
        for part in self._sources:
            _ready(part)

    def __iter__(self) -> Iterator[bytes]:
        self._begin()
        for part in self._sections:
            if not isinstance(part, Source):
                yield from split(part)
                continue
            count, at = _Count(part.name, part.size), 0
            for chunk in _ready(part).chunks():
                at = count.add(at, chunk)
                yield chunk
            count.end(at)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._begin()
        for part in self._sections:
            if not isinstance(part, Source):
                for chunk in split(part):
                    yield chunk
                continue
            count, at = _Count(part.name, part.size), 0
            async for chunk in part.achunks():
                at = count.add(at, chunk)
                yield chunk
            count.end(at)

    def _begin(self) -> None:
        if self._used and not self.repeatable:
            raise httpx.StreamConsumed
        self._used = True


@frozen
class _Count:
    """Holds a source to its size: more bytes would be read as the next request."""

    name: str
    size: int | None

    def add(self, at: int, chunk: bytes) -> int:
        at += len(chunk)
        if self.size is not None and at > self.size:
            raise ValueError(f"{self.name}: expected {self.size} bytes, found more")
        return at

    def end(self, at: int) -> None:
        if self.size is not None and at != self.size:
            raise ValueError(f"{self.name}: expected {self.size} bytes, found {at}")


def split(content: bytes | memoryview) -> Iterator[bytes]:
    """`content` in pieces that take little memory on their way through the network."""
    if len(content) <= _CHUNK:
        yield bytes(content)
        return
    for start in range(0, len(content), _CHUNK):
        yield bytes(content[start : start + _CHUNK])


def _checked(name: str, piece: Any) -> bytes:
    if not isinstance(piece, bytes | bytearray | memoryview):
        raise TypeError(f"{name}: expected bytes from the file, found {type(piece).__name__}")
    return bytes(piece)


def _stored(name: str, path: str | os.PathLike[str], size: int | None) -> Source:
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
        # A pipe or device: to open it twice would lose what is in it.
        return Stored(name, size, False, path=path)
    with open(path, "rb"):
        # What can't be read is told before anything is sent.
        return Stored(name, found.st_size if size is None else size, path=path)


def _opened(name: str, stream: Any, size: int | None) -> Source:
    if isinstance(stream, io.TextIOBase):
        raise TypeError(f"{name}: expected a file opened in binary mode, found one of text")
    seekable = callable(getattr(stream, "seekable", None)) and stream.seekable()
    if seekable and size is None:
        size = _length(stream)
    return Opened(name, size, bool(seekable), stream=stream)


def _length(stream: Any) -> int | None:
    """What a file has from its start to its end; None if it can't tell without reading."""
    try:
        here = stream.tell()
        stream.seek(0, os.SEEK_END)
        size: int = stream.tell()
        stream.seek(here)
    except (OSError, ValueError):
        # Compressed files do not know their end.
        return None
    return size


async def _in_thread(function: Any, *args: Any) -> Any:
    # httpx needs anyio anyway; it has threads for asyncio and trio alike.
    import anyio.to_thread

    return await anyio.to_thread.run_sync(function, *args)
