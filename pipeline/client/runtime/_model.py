"""What models are built from: reading JSON values, writing them, custom fields."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from .types import File, Timestamp

V = TypeVar("V")
_PLAIN = frozenset({str, int, float, bool, type(None)})


class Extras(Generic[V]):
    """Access by wire name to the fields that the schema doesn't name: `body["v:my-var"] = "1"`."""

    __slots__ = ()
    additional_properties: dict[str, V]

    def __getitem__(self, name: str) -> V:
        return self.additional_properties[name]

    def __setitem__(self, name: str, value: V) -> None:
        self.additional_properties[name] = value

    def __delitem__(self, name: str) -> None:
        del self.additional_properties[name]

    def __contains__(self, name: str) -> bool:
        return name in self.additional_properties

    def __iter__(self) -> Iterator[str]:
        return iter(self.additional_properties)


def fields_of(source: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a JSON object, to take fields from."""
    if not isinstance(source, Mapping):
        raise TypeError(f"expected an object, found {type(source).__name__}")
    return dict(source)


def array(source: Any) -> list[Any]:
    """`source`, which has to be a JSON array."""
    if not isinstance(source, list):
        raise TypeError(f"expected an array, found {type(source).__name__}")
    return source


def timestamp(source: Any) -> Any:
    """A Timestamp for ISO 8601 text; anything else as it is, since scalars are not checked."""
    if not isinstance(source, str):
        return source
    try:
        return Timestamp.parse(source)
    except ValueError:
        return source


def mail_date(name: str, value: Any) -> Any:
    """The argument `name` as a date in a mail header; text and numbers are sent as they are.

    Raises ValueError for a datetime without a zone, TypeError for a date that is no datetime.
    """
    if not isinstance(value, date):
        return value
    if not isinstance(value, datetime):
        raise TypeError(f"{name}: expected a datetime, found {type(value).__name__}")
    if value.utcoffset() is None:
        raise ValueError(f"{name}: expected a datetime with a zone, such as datetime.now(UTC)")
    from email.utils import format_datetime

    return format_datetime(value)


def domain(value: Any) -> Any:
    """The ASCII name of an international domain; anything else as it is, for the API to judge."""
    if not isinstance(value, str) or value.isascii() or "." not in value:
        return value
    # httpx needs idna anyway; hardly any call does.
    import idna

    try:
        return idna.encode(value, uts46=True).decode("ascii")
    except idna.IDNAError:
        return value


def best(source: Any, *readers: Callable[[Any], Any]) -> Any:
    """The model that leaves the fewest fields of `source` unnamed, the first of equals."""
    found: list[Any] = []
    errors: list[Exception] = []
    for read in readers:
        try:
            found.append(read(source))
        except (KeyError, TypeError, ValueError) as error:
            errors.append(error)
    if not found:
        raise errors[0]
    return min(found, key=lambda model: len(getattr(model, "additional_properties", ())))


def items(name: str, value: Any) -> list[Any]:
    """The values of the list argument `name`, ready to send."""
    if not isinstance(value, list | tuple):
        raise TypeError(f"{name}: expected a list, found {type(value).__name__}")
    return [plain(item) for item in value]


def files(name: str, value: Any) -> list[Any]:
    """The values of the list argument `name`, each of them a file."""
    if not isinstance(value, list | tuple):
        raise TypeError(f"{name}: expected a list, found {type(value).__name__}")
    return [file(name, item) for item in value]


def file(name: str, value: Any) -> Any:
    """The value of the argument `name`, which has to be a file.

    Text could mean a path or a content; as a field without file name it would be lost unnoticed.
    """
    if value is None or is_file(value):
        return value
    advice = "; use Path(...) or File.text(...)" if isinstance(value, str) else ""
    found = type(value).__name__
    raise TypeError(
        f"{name}: expected bytes, a Path, an open file or a File, found {found}{advice}"
    )


def is_file(value: Any) -> bool:
    """Whether a value of a form is a file."""
    if value.__class__ is str:
        return False
    return isinstance(value, File | bytes | bytearray | memoryview | os.PathLike) or hasattr(
        value, "read"
    )


def plain(value: Any) -> Any:
    """The JSON form of a value; files stay what they are."""
    if value.__class__ in _PLAIN:
        return value
    to_dict = getattr(value, "to_dict", None)
    if to_dict is not None:
        return to_dict()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Timestamp):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return value
