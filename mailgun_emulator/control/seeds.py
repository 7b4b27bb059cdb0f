"""Putting data in."""

from __future__ import annotations

from typing import Any

from mailgun_emulator.control.routing import ControlError, Visit, control
from mailgun_emulator.seed import SeedError, parse


@control("POST", "seed")
async def plant(visit: Visit) -> dict[str, Any]:
    """Apply a seed to what there is."""
    accounts = visit.accounts()
    if not accounts:
        raise ControlError(404, "there is no such account")
    try:
        await visit.app.seeder(accounts[0]).apply(parse(visit.request.body))
    except SeedError as error:
        raise ControlError(400, str(error)) from None
    return {"message": "seeded"}
