"""Values that every operation shares: absent arguments, files, dates, detailed responses."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Callable, Iterable
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Generic, Literal, Self, TypeVar, cast

from attrs import field, frozen

if TYPE_CHECKING:
    import httpx

    from ._upload import Source
    from .errors import ApiError
    from .rates import RateLimit

T = TypeVar("T")
E = TypeVar("E")


class Unset(Enum):
    """The type of UNSET."""

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""Stands for an argument or field that was not given; unlike None it is never sent."""


def _one_line(_: object, __: object, value: str | None) -> None:
    # It is written into the head of its part, where a line break would start another header.
    if value is not None and not (value.isascii() and value.isprintable()):
        raise ValueError("mime_type: expected printable ASCII characters only")


def _countable(_: object, __: object, value: int | None) -> None:
    if value is not None and (not isinstance(value, int) or value < 0):
        raise ValueError(f"size: expected a number of bytes, found {value!r}")


@frozen
class File:
    """A file to upload; it is read while it is sent, never as a whole.

    A path, and a file that can go back to its start, are sent from there, and again if the call is
    repeated. Pieces that come only once are sent once: such a call is not repeated. Their length
    is not known to the server beforehand unless `size` tells it. What has to be awaited can be sent
    by asynchronous calls only. Paths and bytes may be shared by calls at the same time.

    Attributes:
        payload: the content as bytes, a path, a file opened in binary mode, or an iterable of
            bytes, which may be asynchronous.
        file_name: the name to send; by default that of the path or file, else of the form field.
        mime_type: the content type to send; by default that of the field, else of the name.
        size: in bytes; a call whose content turns out longer or shorter raises ValueError.
    """

    payload: bytes | str | os.PathLike[str] | BinaryIO | Iterable[bytes] | AsyncIterable[bytes] = (
        field(repr=False)
    )
    file_name: str | None = None
    mime_type: str | None = field(default=None, validator=_one_line)
    size: int | None = field(default=None, validator=_countable)

    @classmethod
    def of(cls, value: FileTypes) -> File:
        """`value` as a File."""
        return value if isinstance(value, File) else cls(value)

    @classmethod
    def text(cls, content: str, file_name: str | None = None, mime_type: str | None = None) -> File:
        """A file of text, in UTF-8; its content type says so, if the name means text."""
        if mime_type is None and file_name is not None:
            from ._upload import guess

            found = guess(file_name)
            mime_type = f"{found}; charset=utf-8" if found.startswith("text/") else None
        return cls(content.encode(), file_name, mime_type)

    def part(self, name: str, usual: str | None = None) -> tuple[str, memoryview | Source, str]:
        """File name, content and content type (`usual`, unless given) of the field `name`.

        Raises TypeError for what is no content, OSError for a path that can't be read, and
        ValueError for bytes of another size than the given one.
        """
        from ._upload import guess, source

        content = source(name, self.payload, self.size)
        own: Any = self.payload
        if not isinstance(own, str | os.PathLike):
            # An unnamed temporary file has a number for a name.
            own = getattr(own, "name", None)
        own_name = os.path.basename(os.fspath(own)) if isinstance(own, str | os.PathLike) else ""
        file_name = self.file_name or own_name or name
        return file_name, content, self.mime_type or usual or guess(file_name)


FileTypes = File | bytes | os.PathLike[str] | BinaryIO
"""What a field for a file accepts. A plain str is text: a path in one goes into `Path(...)`, the
content of a file into `File.text(...)`, and iterables into `File(...)`."""


class Timestamp(datetime):
    """A date and time that remembers the text it was read from.

    The API writes the same moment in several ways (`Z` or `+00:00`, up to nine decimals), so the
    text is kept and sent back as it came. Results of arithmetic are written by `isoformat`.
    """

    text: str = ""

    @classmethod
    def parse(cls, text: str) -> Timestamp:
        """The moment that `text` (ISO 8601) names. Raises ValueError if it names none."""
        moment = cls.fromisoformat(text)
        moment.text = text
        return moment

    def __str__(self) -> str:
        return self.text or self.isoformat()

    # copy and pickle rebuild a datetime from its fields, which would drop the text.
    def __reduce_ex__(self, protocol: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        if not self.text:
            return super().__reduce_ex__(protocol)  # type: ignore[return-value]
        return _parse_timestamp, (self.text,)


def _parse_timestamp(text: str) -> Timestamp:
    return Timestamp.parse(text)


def _shown(content: bytes) -> str:
    """The content may be long, and may have keys in it."""
    return f"<{len(content)} bytes>"


@frozen
class Response(Generic[T, E]):
    """A response with its HTTP side; T is the body of a success, E that of an error.

    Attributes:
        status_code: the HTTP status; any number a server may send.
        content: the body as it came.
        headers: the response headers.
        parsed: the body as a model, or None: no body, a status without documented body, or an
            error body that is not of the documented shape.
        operation: the operationId, such as `send_message`.
        documented: whether the operation's description knows the status.
    """

    status_code: int
    content: bytes = field(repr=_shown)
    headers: httpx.Headers
    parsed: T | E | None
    operation: str = ""
    documented: bool = True

    @property
    def is_success(self) -> bool:
        """Whether the status is 200 to 299."""
        return 200 <= self.status_code < 300

    @property
    def error(self) -> ApiError | None:
        """The error that the status means, without raising it; None below 400."""
        if self.status_code < 400:
            return None
        from .errors import ApiError

        return ApiError.of(self)

    @property
    def rate_limit(self) -> RateLimit | None:
        """The limit of calls, if the service tells it."""
        from . import rates

        return rates.calls(self.headers)

    @property
    def recipient_limit(self) -> RateLimit | None:
        """The limit of recipients, which answers to sending tell."""
        from . import rates

        return rates.recipients(self.headers)

    @property
    def retry_after(self) -> float | None:
        """Seconds from now until the API wants to be called again; None if it does not say."""
        from . import rates

        now = datetime.now(UTC)
        return rates.retry_after(self.status_code, self.headers, self.content, now)

    def raise_for_status(self) -> Self:
        """This response, unless its status is 400 or above: then the ApiError for it is raised."""
        error = self.error
        if error is not None:
            raise error
        return self

    def success(self) -> T:
        """The parsed body of a success.

        Raises:
            ApiError: the status is 400 or above.
            InvalidResponse: the status is lower, but none of a documented success.
        """
        self.raise_for_status()
        if not (self.is_success and self.documented):
            from .errors import InvalidResponse

            reason = "the status is not a documented success"
            raise InvalidResponse(
                self.operation, self.status_code, self.headers, self.content, reason
            )
        return cast("T", self.parsed)
