"""Automatic sender security: rotating the keys of a domain (platform DKIM-014 to DKIM-018)."""

from __future__ import annotations

import hashlib
from typing import Any

from mailgun_emulator.areas.dkim.store import DEFAULT_INTERVAL, DkimStore, Rotation
from mailgun_emulator.areas.domains import dns
from mailgun_emulator.areas.domains.handlers import domain_of
from mailgun_emulator.areas.domains.records import ACTIVE, Domain
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import Problem, operation
from mailgun_emulator.ownership import LOWER_TEXT
from mailgun_emulator.reply import ApiError

COVERS = ("dkim_security",)

ONLY_ENABLING = "rotation_interval is not allowed unless also enabling DKIM rotation"
# DKIM-016 gives the fact of the refusal, not its text.
TOO_SHORT = "rotation_interval must be at least 5d"
ENABLED, WAITING, DISABLED = "enabled", "wait_verify", "disabled"
COMMENT = "Customer DKIM CNAME Record"


def refused(problem: Problem) -> str | None:
    """DKIM-016."""
    if problem.kind == "anyOf":
        return ONLY_ENABLING
    return TOO_SHORT if problem.name == "rotation_interval" else None


@operation("update_dkim_rotation", invalid=refused, foreign_domain=LOWER_TEXT)
def update_dkim_rotation(call: Call) -> dict[str, Any]:
    """DKIM-015: the interval stays when none is given."""
    domain, store = domain_of(call), call.store(DkimStore)
    held = _rotation(call, domain)
    interval = call.values.get("rotation_interval", held.interval)
    changed = Rotation(call.values["rotation_enabled"], interval, call.now, held.turn)
    store.rotations[domain.name] = changed
    return {"domain": _show(call, domain, changed)}


@operation("rotate_dkim_key", foreign_domain=LOWER_TEXT)
def rotate_dkim_key(call: Call) -> dict[str, Any]:
    """DKIM-017, DKIM-018."""
    domain, store = domain_of(call), call.store(DkimStore)
    state = _state(domain, store)
    if state != ENABLED:
        text = f"only domains in enabled can rotate their keys. Current state: {state}"
        raise ApiError(400, text)
    store.rotations[domain.name] = _rotation(call, domain).rotated(call.now)
    return {"message": "ok"}


def _state(domain: Domain, store: DkimStore) -> str:
    """Whether keys can rotate: with the records in place, once rotation was set up in some way."""
    if not domain.use_automatic_sender_security and domain.name not in store.rotations:
        return DISABLED
    return ENABLED if domain.state == ACTIVE else WAITING


def _rotation(call: Call, domain: Domain) -> Rotation:
    """How the domain rotates now; automatic sender security brings a rotation of its own."""
    held = call.store(DkimStore).rotations.get(domain.name)
    if held is None:
        automatic = domain.use_automatic_sender_security
        held = Rotation(automatic, DEFAULT_INTERVAL, domain.created_at)
    return held.at(call.now)


def _show(call: Call, domain: Domain, rotation: Rotation) -> dict[str, Any]:
    digest = hashlib.sha256(domain.id.encode()).digest()
    return {
        "id": domain.id,
        "account_id": call.account.id,
        "sid": str(int.from_bytes(digest[:3])),
        "name": domain.name,
        "state": _state(domain, call.store(DkimStore)),
        "active_selector": rotation.active,
        # DIFF-048: a text, not a boolean.
        "rotation_enabled": "true" if rotation.enabled else "false",
        "rotation_interval": rotation.interval,
        "records": [
            {
                "name": record.name,
                "type": record.kind,
                "identifier": "DKIM",
                "value": record.value,
                "comment": COMMENT,
            }
            for record in dns.rotating(domain)
        ],
    }
