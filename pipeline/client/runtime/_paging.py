"""What list operations say of their pages; `paging` turns them."""

from __future__ import annotations

from typing import Any

from attrs import frozen


@frozen
class Paging:
    """How the pages of one operation follow each other.

    Attributes:
        kind: `links` (the answer has the URL of the next page), `skip` (an argument counts items),
            `number` (an argument counts pages), `body_skip` and `body_token` (the same, and a
            token, in the object `pagination` of the body), `single` (there is one page only).
        items: names of attributes from an answer to its list.
        next: the same to the URL or token of the next page.
        argument: what chooses a page, where nothing in the answer does.
        limit: what sets the size of a page.
        default: that size where it is not set, if it is known.
        total: names of attributes from an answer to the number of all items.
    """

    kind: str
    items: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    argument: str = ""
    limit: str = ""
    default: int | None = None
    total: tuple[str, ...] = ()


def at(value: Any, steps: tuple[str, ...]) -> Any:
    """What is there, None if it or something on the way was not sent."""
    for step in steps:
        value = getattr(value, step, None)
    return value


def listed(page: Any, steps: tuple[str, ...]) -> list[Any]:
    """The items of an answer."""
    found = at(page, steps)
    if isinstance(found, list):
        return found
    # One item may come without its list around it.
    return [] if not found or steps else [found]
