"""The routes API (sending ROUTE-001 to ROUTE-013)."""

from __future__ import annotations

from typing import Any

from mailgun_emulator.areas.routes import actions, expressions
from mailgun_emulator.areas.routes.matching import Address, taking
from mailgun_emulator.areas.routes.records import Route, RouteStore
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import Problem, operation
from mailgun_emulator.paging import clamp, skip_page
from mailgun_emulator.reply import ApiError

COVERS = ("routes",)

NOT_FOUND = "Route not found"
LIMIT = 1000
TOO_MANY = f"The 'limit' parameter can't be larger than {LIMIT}"
# Of a filter, and of an action (ROUTE-012).
LONGEST = 4096
NO_ACTION = "Invalid 'action' parameter: expected forward(), store() or stop()"


def refused(problem: Problem) -> str | None:
    """ROUTE-005; the other texts are not known, these are ours (OPEN-001)."""
    if problem.name == "limit" and problem.kind == "maximum":
        return TOO_MANY
    if problem.kind == "maxLength":
        what = problem.name.partition(".")[0]
        return f"'{what}' parameter is longer than {LONGEST} characters"
    if problem.kind == "pattern" and problem.name.partition(".")[0] == "action":
        return NO_ACTION
    return None


@operation("list_routes", invalid=refused)
def list_routes(call: Call) -> dict[str, Any]:
    """ROUTE-004, ROUTE-005."""
    found = call.store(RouteStore).newest_first()
    limit = clamp(call.query.get("limit"), default=100, highest=LIMIT)
    page = skip_page(found, skip=call.query.get("skip", 0), limit=limit)
    return {"total_count": len(found), "items": [route.show() for route in page]}


@operation("create_route", invalid=refused)
def create_route(call: Call) -> dict[str, Any]:
    """ROUTE-001, ROUTE-002."""
    _check(call.values)
    store, values = call.store(RouteStore), call.values
    route = Route(
        id=call.state.ids.hex(24),
        number=store.number(),
        created_at=call.now,
        expression=values["expression"],
        priority=values.get("priority", 0),
        description=values.get("description", ""),
        actions=tuple(values.get("action", ())),
    )
    store.routes[route.id] = route
    return {"message": "Route has been created", "route": route.show()}


@operation("get_route")
def get_route(call: Call) -> dict[str, Any]:
    """ROUTE-006."""
    return {"route": _route(call).show()}


@operation("update_route", invalid=refused)
def update_route(call: Call) -> dict[str, Any]:
    """ROUTE-007: what is not sent stays; the answer is flat."""
    route, values = _route(call), call.values
    _check(values)
    route.expression = values.get("expression", route.expression)
    route.priority = values.get("priority", route.priority)
    route.description = values.get("description", route.description)
    route.actions = tuple(values.get("action", route.actions))
    return {"message": "Route has been updated", **route.show()}


@operation("delete_route")
def delete_route(call: Call) -> dict[str, Any]:
    """ROUTE-008."""
    route = _route(call)
    del call.store(RouteStore).routes[route.id]
    return {"id": route.id, "message": "Route has been deleted"}


@operation("match_route")
def match_route(call: Call) -> dict[str, Any]:
    """ROUTE-010: there is only an address, so filters that look at headers do not fit."""
    routes = call.store(RouteStore).in_turn()
    first = next(taking(routes, Address(call.query["address"])), None)
    if first is None:
        raise ApiError(404, NOT_FOUND)
    return {"route": first.route.show()}


def _route(call: Call) -> Route:
    route = call.store(RouteStore).routes.get(str(call.path["id"]))
    if route is None:
        raise ApiError(404, NOT_FOUND)
    return route


def _check(values: dict[str, Any]) -> None:
    """Refuse a filter or an action that nothing could be done with. Raises ApiError."""
    try:
        if "expression" in values:
            expressions.parse(values["expression"])
        for text in values.get("action", ()):
            actions.parse(text)
    except expressions.BadExpressionError as error:
        raise ApiError(400, f"Invalid 'expression' parameter: {error}") from None
    except actions.BadActionError:
        raise ApiError(400, NO_ACTION) from None
