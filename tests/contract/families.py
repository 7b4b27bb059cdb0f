"""Families: what is created, read, listed, updated and deleted, found from the links of the truth.

A link from a producer plays a part in the producer's family by the verb of its consumer, when both
have the same noun (`create_route`, `get_route`), or because the truth says so (`x-law`). A link
with `x-items` leads to the list: where in its answer the items are, and (`x-item`) which members
tell that one of them is the created one. What can't be read back as it was written is named by
`x-differs` of the reading link, what an update changes besides by `x-derived` of the updating one;
`x-repeatable` allows deleting twice, and `x-gone-as` is what is read where nothing is any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from tests.contract.links import Link, point
from tests.contract.values import Values, same

_PARTS: Final[Mapping[str, str]] = {
    "get": "read",
    "update": "update",
    "delete": "delete",
    "remove": "delete",
    "cancel": "delete",
}


@frozen
class Family:
    """The life of one kind of resource; parts that the API does not have are None."""

    create: str
    read: Link | None = None
    listed: Link | None = None
    update: Link | None = None
    delete: Link | None = None

    @property
    def links(self) -> list[Link]:
        parts = (self.read, self.listed, self.update, self.delete)
        return [link for link in parts if link is not None]

    @property
    def operations(self) -> list[str]:
        """Every operation that takes part, the creating one first."""
        return [self.create, *(link.consumer for link in self.links)]

    @property
    def asking(self) -> Link | None:
        """The link that asks most of the creating request."""
        asking = [link for link in self.links if link.takes_of_requests or link.producer_body]
        return max(asking, key=lambda link: link.takes_of_requests, default=None)


def families(links: Iterable[Link]) -> dict[str, Family]:
    """The families by the operation that creates."""
    parts: dict[str, dict[str, Link]] = {}
    for link in links:
        part = _part(link)
        if part:
            parts.setdefault(link.producer, {}).setdefault(part, link)
    return {
        producer: Family(producer, **found)
        for producer, found in parts.items()
        if "read" in found or "listed" in found
    }


def _part(link: Link) -> str | None:
    if "x-items" in link.raw:
        return "listed"
    if "x-law" in link.raw:
        return str(link.raw["x-law"])
    verb, _, noun = link.consumer.partition("_")
    created = link.producer.partition("_")[2]
    return _PARTS.get(verb) if noun in (created, created.removesuffix("s")) else None


def members(link: Link, answer: Any) -> list[Any]:
    """The items in the answer of a list; LookupError when there is no list there."""
    return items_at(answer, link.raw["x-items"])


def items_at(answer: Any, pointer: str) -> list[Any]:
    """The items of the array that `pointer` names; null stands for none."""
    found = point(answer, pointer)
    if found is None:
        return []
    if not isinstance(found, list):
        raise LookupError(f"{pointer}: expected a list, found {found!r:.60}")
    return found


def matching(link: Link, items: list[Any], values: Values, answer: Any) -> list[Any]:
    """Those of `items` that are what the producer's exchange created."""
    wanted = link.evaluate(link.raw["x-item"], values, answer)
    return [item for item in items if all(_has(item, *each) for each in wanted.items())]


def _has(item: Any, pointer: str, value: Any) -> bool:
    try:
        found = point(item, pointer)
    except LookupError:
        return False
    if isinstance(value, list):
        return any(_has(item, pointer, each) for each in value)
    if isinstance(found, str) and isinstance(value, str):
        return found.casefold() == value.casefold()
    return same(found, value)


def names_of(link: Link) -> Iterator[str]:
    """The names of the fields whose values name the resource in the link's call."""
    for expression in link.raw.get("parameters", {}).values():
        if isinstance(expression, str) and "#" in expression:
            yield expression.rstrip("}").rpartition("/")[2]
