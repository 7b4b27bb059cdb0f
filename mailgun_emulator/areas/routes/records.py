"""A route: a filter, and what to do with the mail that passes it (sending ROUTE-001)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import define, field

from mailgun_emulator.dates import gmt


@define
class Route:
    """A route of an account; `number` rises with each one made, the lowest `priority` goes first.

    Filter and actions are kept as they were written (ROUTE-013).
    """

    id: str
    number: int
    created_at: datetime
    expression: str
    priority: int = 0
    description: str = ""
    actions: Sequence[str] = ()

    def show(self) -> dict[str, Any]:
        """The route as JSON."""
        return {
            "id": self.id,
            "created_at": gmt(self.created_at),
            "expression": self.expression,
            "priority": self.priority,
            "description": self.description,
            "actions": list(self.actions),
        }


@define
class RouteStore:
    """The routes of an account, by id."""

    routes: dict[str, Route] = field(factory=dict)
    _made: int = 0

    def number(self) -> int:
        """The number of the next route."""
        self._made += 1
        return self._made

    def newest_first(self) -> list[Route]:
        """All routes in the order of the list (ROUTE-004)."""
        return sorted(self.routes.values(), key=lambda route: -route.number)

    def in_turn(self) -> list[Route]:
        """All routes in the order in which they see a message.

        Which of two with the same priority goes first is not known; here the older one does.
        """
        return sorted(self.routes.values(), key=lambda route: (route.priority, route.number))
