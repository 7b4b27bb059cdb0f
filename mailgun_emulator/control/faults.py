"""Forcing the next answers of an operation."""

from __future__ import annotations

from typing import Any

from mailgun_emulator.control.routing import ControlError, Visit, checked, control
from mailgun_emulator.faults import ANY
from mailgun_emulator.reply import Reply

_LONGEST = 600.0


@control("GET", "faults")
def list_faults(visit: Visit) -> dict[str, Any]:
    """What waits to happen."""
    return {"faults": [fault.shown() for fault in visit.app.faults.all()]}


@control("POST", "faults")
def add_fault(visit: Visit) -> Reply:
    """Let something happen to the next requests of an operation."""
    given = checked(
        visit.body(),
        operation=str,
        status=int,
        body=(str, dict, list),
        headers=dict,
        latency=(int, float),
        drop=bool,
        handled=bool,
        times=int,
    )
    _check(visit, given)
    given["headers"] = tuple((str(k), str(v)) for k, v in given.get("headers", {}).items())
    return Reply(201, visit.app.faults.add(**given).shown())


@control("DELETE", "faults")
def clear_faults(visit: Visit) -> dict[str, Any]:
    """Take all back."""
    visit.app.faults.clear()
    return {"message": "cleared"}


@control("DELETE", "faults/{id}")
def delete_fault(visit: Visit) -> dict[str, Any]:
    """Take one back."""
    text = visit.path["id"]
    if not (text.isascii() and text.isdigit() and visit.app.faults.remove(int(text))):
        raise ControlError(404, f"no fault {text!r}")
    return {"message": "deleted"}


def _check(visit: Visit, given: dict[str, Any]) -> None:
    name = given.get("operation")
    if name is None:
        raise ControlError(400, "operation is missing")
    if name != ANY and name not in visit.app.contract.operations:
        raise ControlError(400, f"there is no operation {name!r}")
    latency, status = given.get("latency", 0), given.get("status")
    if not 0 <= latency <= _LONGEST:
        raise ControlError(400, f"latency is not between 0 and {_LONGEST:g} seconds")
    if status is not None and not 200 <= status <= 599:
        raise ControlError(400, "status is not between 200 and 599")
    if given.get("times", 1) < 1:
        raise ControlError(400, "times is less than 1")
    if status is None and ("body" in given or given.get("headers")):
        raise ControlError(400, "body and headers need a status")
    if status is None and not latency and not given.get("drop"):
        raise ControlError(400, "status, latency or drop is missing")
    if any(not _plain(str(text)) for pair in given.get("headers", {}).items() for text in pair):
        raise ControlError(400, "headers must be plain ASCII in one line")


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable()
