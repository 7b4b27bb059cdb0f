"""Settings of a domain that have paths of their own (platform DOM-042 to DOM-044, sending TLS)."""

from __future__ import annotations

from typing import Any

from mailgun_emulator.areas.domains import rules
from mailgun_emulator.areas.domains.handlers import domain_of
from mailgun_emulator.areas.domains.records import Domain
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import operation

CONNECTION = ("require_tls", "skip_verification")
CONNECTION_UPDATED = (
    "Domain connection settings have been updated, may take 10 minutes to fully propagate"
)


@operation("get_domain_connection")
def get_domain_connection(call: Call) -> dict[str, Any]:
    """DOM-042, TLS-005."""
    return _connection(domain_of(call))


@operation("update_domain_connection")
def update_domain_connection(call: Call) -> dict[str, Any]:
    """DOM-042, TLS-006."""
    domain = domain_of(call)
    rules.apply(domain, call.values, CONNECTION)
    return {"message": CONNECTION_UPDATED, **_connection(domain)}


@operation("update_domain_web_prefix")
def update_domain_web_prefix(call: Call) -> dict[str, Any]:
    """DOM-043: the record of the new tracking host is another one, not yet checked."""
    rules.apply(domain_of(call), call.values, ("web_prefix",))
    return {"message": "Domain web prefix updated"}


@operation("update_domain_mailfrom_host")
def update_domain_mailfrom_host(call: Call) -> dict[str, Any]:
    """DOM-044."""
    rules.apply(domain_of(call), call.values, ("mailfrom_host",))
    return {"message": "success"}


@operation("update_domain_message_ttl", invalid=rules.refused)
def update_domain_message_ttl(call: Call) -> dict[str, Any]:
    """DOM-044; DOM-018 holds here too."""
    rules.apply(domain_of(call), call.values, ("message_ttl",))
    return {"message": "Domain message TTL settings updated."}


def _connection(domain: Domain) -> dict[str, Any]:
    return {name: getattr(domain, name) for name in CONNECTION}
