"""Which imports between models have to wait, because modules need each other."""

from __future__ import annotations

from collections.abc import Mapping, Set

Edge = tuple[str, str]


def cyclic_edges(graph: Mapping[str, Set[str]]) -> set[Edge]:
    """The edges of `graph` that lie on a cycle."""
    reach = {node: _reachable(graph, node) for node in graph}
    return {
        (node, other) for node, others in graph.items() for other in others if node in reach[other]
    }


def _reachable(graph: Mapping[str, Set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += graph[node]
    return seen
