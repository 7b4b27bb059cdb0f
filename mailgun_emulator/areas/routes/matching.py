"""Which routes a message passes, in their turn (sending ROUTE-016, ROUTE-019)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from attrs import frozen

from mailgun_emulator.areas.routes.actions import Action, Stop, parse
from mailgun_emulator.areas.routes.expressions import Incoming, Look
from mailgun_emulator.areas.routes.expressions import parse as parse_filter
from mailgun_emulator.areas.routes.patterns import Allowance
from mailgun_emulator.areas.routes.records import Route


@frozen
class Taken:
    """A route that takes a message, and what it does with it."""

    route: Route
    actions: tuple[Action, ...]


@frozen
class Address:
    """A recipient without a message, as `match_route` asks for one."""

    recipient: str

    def values_of(self, header: str) -> Sequence[str]:  # noqa: ARG002
        """There are no headers."""
        return ()


def taking(routes: Iterable[Route], mail: Incoming) -> Iterator[Taken]:
    """The routes that take the mail, until one of them stops."""
    taken, allowance = False, Allowance()
    for route in routes:
        captures = parse_filter(route.expression).match(Look(mail, taken, allowance))
        if captures is None:
            continue
        taken = True
        actions = tuple(parse(text, captures) for text in route.actions)
        yield Taken(route, actions)
        if any(isinstance(action, Stop) for action in actions):
            return
