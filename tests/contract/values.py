"""What one call shall carry, and when two JSON values are the same."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

NO_BODY: Any = object()


@frozen
class Values:
    """Plain Python values by wire name, nothing encoded."""

    path: dict[str, Any] = field(factory=dict)
    query: dict[str, Any] = field(factory=dict)
    headers: dict[str, Any] = field(factory=dict)
    body: Any = NO_BODY
    media_type: str | None = None


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are the same; to Python true is 1, to JSON it is not."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)
