"""The log of webhook deliveries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mailgun_emulator.areas.webhooks.log import Delivery, DeliveryLog
from mailgun_emulator.control.routing import ControlError, Visit, control
from mailgun_emulator.state import Account


@control("GET", "webhooks")
def list_deliveries(visit: Visit) -> dict[str, Any]:
    """Deliveries, newest first."""
    query = visit.query
    found = [
        {"account": account.id, **delivery.shown()}
        for account, delivery in _deliveries(visit)
        if query.get("domain", delivery.domain).lower() == delivery.domain
        and query.get("type", delivery.kind) == delivery.kind
        and query.get("url", delivery.url) == delivery.url
        and query.get("state", delivery.state) == delivery.state
    ]
    return {"deliveries": found[::-1][: visit.number("limit", 100)]}


@control("GET", "webhooks/{id}")
def get_delivery(visit: Visit) -> dict[str, Any]:
    """One delivery with its event."""
    for account, delivery in _deliveries(visit):
        if str(delivery.id) == visit.path["id"]:
            event = json.loads(delivery.data)
            return {"account": account.id, **delivery.shown(), "event-data": event}
    raise ControlError(404, f"no delivery {visit.path['id']!r}")


@control("DELETE", "webhooks")
def clear_deliveries(visit: Visit) -> dict[str, Any]:
    """Forget the log; what waits for another attempt goes on."""
    for account in visit.accounts():
        visit.state.store(account, DeliveryLog).clear()
    return {"message": "cleared"}


def _deliveries(visit: Visit) -> Iterator[tuple[Account, Delivery]]:
    for account in visit.accounts():
        for delivery in visit.state.store(account, DeliveryLog):
            yield account, delivery
