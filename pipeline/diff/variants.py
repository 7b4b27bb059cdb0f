"""Find out which member of one anyOf or oneOf became which of another."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from pipeline.diff.node import Node

Paired = list[tuple[Node, Node]]
_COMPONENTS = "#/components/schemas/"


def pairs(
    olds: list[Node], news: list[Node], equal: Callable[[Node, Node], bool]
) -> tuple[Paired, list[Node], list[Node]]:
    """(pairs that differ, removed, added): equal members first, then those of one name, then those
    that alone have their type, then the last one on either side."""
    olds, news = list(olds), list(news)
    for old in list(olds):
        twin = next((new for new in news if equal(old, new)), None)
        if twin:
            olds.remove(old)
            news.remove(twin)
    found: Paired = []
    for trait in (_name, _types, lambda _: True):
        found += _by(trait, olds, news)
    return found, olds, news


def _by(trait: Callable[[Node], Hashable], olds: list[Node], news: list[Node]) -> Paired:
    found: Paired = []
    for old in list(olds):
        kind = trait(old)
        mine = [node for node in olds if trait(node) == kind]
        theirs = [node for node in news if trait(node) == kind]
        if kind is not None and len(mine) == len(theirs) == 1:
            found.append((old, theirs[0]))
            olds.remove(old)
            news.remove(theirs[0])
    return found


def _name(node: Node) -> str | None:
    name = node.pointer.removeprefix(_COMPONENTS)
    return None if name == node.pointer or "/" in name else name


def _types(node: Node) -> frozenset[str] | None:
    return node.types()
