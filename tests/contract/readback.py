"""What was written and what is read back, compared as far as the truth tells.

A field that is read under the name that it was written by has to have the value; texts of addresses
and names may come back in small letters, numbers and booleans as text, and one value as a list of
one, since forms know no types. What has no name in the answer can't be judged.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

_WORDS: Final = {"yes": True, "true": True, "no": False, "false": False}
_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})
_DEPTH = 4


def contradictions(written: dict[str, Any], read: Any) -> Iterator[str]:
    """A line for each field whose name is in `read`, but nowhere with its value."""
    for name, value in written.items():
        if isinstance(value, bytes) or value is None or not plain_name(name):
            continue
        nested = isinstance(_loaded(value), dict)
        # A scalar and the object around it may have one name: a template and its text.
        found = [
            each for each in _named(plain_name(name), read) if nested or not isinstance(each, dict)
        ]
        if found and not any(agree(value, each) for each in found):
            yield f"{name} was written as {value!r:.80} and read as {found[0]!r:.80}"


def changes(before: Any, after: Any, where: str = "") -> Iterator[str]:
    """The pointers of what is not the same, leaving out times."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in {**before, **after}:
            yield from changes(before.get(name), after.get(name), f"{where}/{name}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from changes(one, other, f"{where}/{number}")
    elif before != after and not (_time(before) and _time(after)):
        yield where


def agree(written: Any, read: Any) -> bool:
    """Whether `read` can be what `written` became."""
    if written in _EMPTY and read in _EMPTY:
        return True
    if isinstance(written, list):
        return _paired(written, read if isinstance(read, list) else [read])
    if isinstance(read, list):
        return any(agree(written, each) for each in read)
    if isinstance(written, dict):
        read = _loaded(read)
        return isinstance(read, dict) and all(
            name in read and agree(value, read[name]) for name, value in written.items()
        )
    if isinstance(read, dict):
        return agree(_loaded(written), read) if isinstance(_loaded(written), dict) else False
    if isinstance(written, str) and isinstance(read, str) and written.rstrip().endswith(">"):
        # An address with a name beside it is kept as the address.
        written = written.rstrip()[:-1].rpartition("<")[2] if "<" in written else written
    return bool(_scalar(written) == _scalar(read))


def plain_name(name: str) -> str:
    """The name without what differs between forms and JSON: case, dashes, `[]`, the plural."""
    return re.sub(r"[^a-z0-9]", "", name.casefold()).removesuffix("s")


def _paired(written: list[Any], read: list[Any]) -> bool:
    """Whether both have the same members; what is written twice may be kept once."""
    kept = all(any(agree(value, each) for each in read) for value in written)
    return kept and all(any(agree(value, each) for value in written) for each in read)


def _named(name: str, value: Any, depth: int = 0) -> Iterator[Any]:
    if depth > _DEPTH or not isinstance(value, dict):
        return
    for key, item in value.items():
        if plain_name(key) == name:
            yield item
    for item in value.values():
        yield from _named(name, item, depth + 1)


def _loaded(value: Any) -> Any:
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return json.loads(value)
    return value


def _scalar(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip().casefold()
    if text in _WORDS:
        return _WORDS[text]
    with contextlib.suppress(ValueError):
        return float(text)
    return _time(value) or text


def _time(value: Any) -> datetime | None:
    """The moment that a text names, to the second; None for other texts."""
    if not isinstance(value, str) or len(value) < 10:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        with contextlib.suppress(ValueError, TypeError):
            found = read(value)
            aware = found if found.tzinfo else found.replace(tzinfo=UTC)
            return aware.astimezone(UTC).replace(microsecond=0)
    return None
