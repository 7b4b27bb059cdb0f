"""From an httpx response to a detailed response, without ever failing on an error body."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from attrs import define

from .errors import InvalidResponse
from .types import Response

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
E = TypeVar("E")
Reader = Callable[["httpx.Response"], T]


@define(eq=False)
class Operation(Generic[T, E]):
    """What is the same in all calls of one operation.

    Attributes:
        name: the operationId.
        path: the path template.
        readers: by status (404) or class of statuses (4); a status without one is not parsed.
    """

    name: str
    path: str
    readers: Mapping[int, Reader[T | E | None]]

    def read(self, response: httpx.Response) -> Response[T, E]:
        """`response` with its body read; raises InvalidResponse if a success can't be read."""
        status = response.status_code
        readers = self.readers
        read = readers.get(status) or readers.get(status // 100)
        parsed: T | E | None = None
        if read is not None:
            try:
                parsed = read(response)
            except (LookupError, TypeError, ValueError, RecursionError) as error:
                if response.is_success:
                    raise _invalid(self.name, response, error) from error
        return Response(
            status, response.content, response.headers, parsed, self.name, read is not None
        )


@contextmanager
def expecting(operation: str, response: httpx.Response) -> Iterator[None]:
    """What goes wrong in reading `response` is its fault: an InvalidResponse."""
    try:
        yield
    except (LookupError, TypeError, ValueError, RecursionError) as error:
        raise _invalid(operation, response, error) from error


def _invalid(operation: str, response: httpx.Response, error: Exception) -> InvalidResponse:
    return InvalidResponse(
        operation, response.status_code, response.headers, response.content, _reason(error)
    )


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"the key {error} is missing"
    return str(error) or type(error).__name__


def json_value(read: Callable[[Any], T]) -> Reader[T]:
    """Reads a JSON body, then what it says by `read`."""

    def reader(response: httpx.Response) -> T:
        return read(json.loads(response.content))

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
