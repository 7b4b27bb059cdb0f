"""The server as a whole: is it up, what does it hold, start again."""

from __future__ import annotations

from typing import Any

from mailgun_emulator.control.routing import ControlError, Visit, control
from mailgun_emulator.seed import SeedError


@control("GET", "health")
def health(_: Visit) -> dict[str, Any]:
    """The server is up."""
    return {"status": "ok"}


@control("GET", "digest")
def digest(visit: Visit) -> dict[str, Any]:
    """A fingerprint of all that is kept."""
    return {"digest": visit.state.digest()}


@control("POST", "flush")
async def flush(visit: Visit) -> dict[str, Any]:
    """Do what is due and wait for everything that is sent out."""
    await visit.app.drain()
    return {"message": "flushed"}


@control("POST", "reset")
async def reset(visit: Visit) -> dict[str, Any]:
    """Everything, or one domain, back to the start."""
    name = visit.query.get("domain")
    if name is None:
        await visit.app.reset()
        return {"message": "reset"}
    owners = [account for account in visit.accounts() if account.owns(name)]
    if not owners:
        raise ControlError(404, f"nobody has the domain {name!r}")
    for account in owners:
        visit.state.forget_domain(account, name)
        try:
            await visit.app.seeder(account).domain(name)
        except SeedError as error:
            raise ControlError(409, str(error)) from None
    return {"message": "reset"}
