"""From an httpx response to a detailed response, without ever failing on an error body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import InvalidResponse
from .types import Response

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
Reader = Callable[["httpx.Response"], T]


def detailed(
    operation: str, response: httpx.Response, readers: Mapping[int, Reader[T | None]]
) -> Response[T]:
    """`response` with its body read by the reader for its status.

    `readers` has keys for statuses (404) and for classes of them (4); a status without reader is
    not parsed. Raises InvalidResponse if a success body can't be read.
    """
    status = response.status_code
    read = readers.get(status) or readers.get(status // 100)
    parsed: T | None = None
    if read is not None:
        try:
            parsed = read(response)
        except (LookupError, TypeError, ValueError, RecursionError) as error:
            if response.is_success:
                raise InvalidResponse(
                    operation, status, response.headers, response.content, _reason(error)
                ) from error
    return Response(status, response.content, response.headers, parsed)


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"the key {error} is missing"
    return str(error) or type(error).__name__


def json_value(read: Callable[[Any], T]) -> Reader[T]:
    """Reads a JSON body, then what it says by `read`."""

    def reader(response: httpx.Response) -> T:
        return read(response.json())

    return reader


def text_value(response: httpx.Response) -> str:
    """Reads a body that is text."""
    return response.text


def binary_value(response: httpx.Response) -> bytes:
    """Reads a body that is neither JSON nor text."""
    return response.content


def no_value(response: httpx.Response) -> None:
    """For a status that is documented without body."""


def by_media_type(readers: Mapping[str, Reader[T]]) -> Reader[T]:
    """The reader for the media type that came; the first one if none fits."""

    def reader(response: httpx.Response) -> T:
        media_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
        return (readers.get(media_type) or next(iter(readers.values())))(response)

    return reader


def string(value: Any) -> str:
    """`value`, which has to be a JSON string."""
    if not isinstance(value, str):
        raise TypeError(f"expected a string, found {type(value).__name__}")
    return value


def anything(value: Any) -> Any:
    """`value`, of which nothing is documented."""
    return value
