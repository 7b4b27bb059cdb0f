"""What models are built from: reading JSON values, writing them, custom fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

from .types import Timestamp

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
