"""The request journal."""

from __future__ import annotations

from typing import Any

from mailgun_emulator.control.routing import Visit, control
from mailgun_emulator.journal import Entry


@control("GET", "requests")
def list_requests(visit: Visit) -> dict[str, Any]:
    """The last requests to the API, newest first."""
    query = visit.query
    found = [entry for entry in visit.app.journal if _wanted(entry, query)]
    limit = visit.number("limit", 100)
    return {"requests": [entry.shown() for entry in reversed(found)][:limit]}


@control("DELETE", "requests")
def clear_requests(visit: Visit) -> dict[str, Any]:
    """Forget them."""
    visit.app.journal.clear()
    return {"message": "cleared"}


def _wanted(entry: Entry, query: dict[str, str]) -> bool:
    return (
        query.get("operation", entry.operation) == entry.operation
        and query.get("method", entry.method).upper() == entry.method
        and query.get("path", "") in entry.path
        and query.get("status", str(entry.status)) == str(entry.status)
    )
