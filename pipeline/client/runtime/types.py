"""Values that every operation shares: absent arguments, files, dates, detailed responses."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Generic, Literal, Self, TypeVar, cast

from attrs import field, frozen

if TYPE_CHECKING:
    import httpx

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


@frozen
class File:
    """A file to upload.

    Attributes:
        payload: the content as bytes, a path, or a file opened in binary mode.
        file_name: the name to send; by default that of the path or file, else of the form field.
        mime_type: the content type to send; by default that of the field, else of the name.
    """

    payload: bytes | str | os.PathLike[str] | BinaryIO = field(repr=False)
    file_name: str | None = None
    mime_type: str | None = field(default=None)

    @mime_type.validator
    def _one_line(self, _: object, value: str | None) -> None:
        # It is written into the head of its part, where a line break would start another header.
        if value is not None and not value.isprintable():
            raise ValueError("mime_type: expected printable characters only")

    @classmethod
    def of(cls, value: FileTypes) -> File:
        """`value` as a File."""
        return value if isinstance(value, File) else cls(value)

    def part(self, name: str, usual: str | None = None) -> tuple[str, bytes | BinaryIO, str]:
        """File name, content and content type (`usual`, unless given) of the field `name`."""
        content: bytes | BinaryIO
        if isinstance(self.payload, str | os.PathLike):
            with open(self.payload, "rb") as stream:
                content = stream.read()
            own_name = os.fspath(self.payload)
        elif isinstance(self.payload, bytes | bytearray | memoryview):
            content, own_name = bytes(self.payload), ""
        elif callable(getattr(self.payload, "read", None)):
            content, own_name = self.payload, getattr(self.payload, "name", "")
        else:
            raise TypeError(
                f"{name}: expected bytes, a path or a binary file, "
                f"found {type(self.payload).__name__}"
            )
        # An unnamed temporary file has a number for a name.
        own_name = os.path.basename(own_name) if isinstance(own_name, str) else ""
        file_name = self.file_name or own_name or name
        mime_type = self.mime_type or usual or mimetypes.guess_type(file_name)[0]
        return file_name, content, mime_type or "application/octet-stream"


FileTypes = File | bytes | os.PathLike[str] | BinaryIO
"""What a field for a file accepts. A plain str is text; a path in a str goes into `File(...)`."""


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
    content: bytes
    headers: httpx.Headers
    parsed: T | E | None
    operation: str = ""
    documented: bool = True

    @property
    def is_success(self) -> bool:
        """Whether the status is 200 to 299."""
        return 200 <= self.status_code < 300

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
        if self.status_code >= 400:
            from .errors import ApiError

            raise ApiError.of(self)
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
