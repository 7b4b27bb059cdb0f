"""The addresses that a domain sends from: some of its own, or those of a pool (platform DOM-045).

Which addresses and pools the account has is not known here, so any will do (DOM-015, DOM-016).
The texts of refusals are ours.
"""

from __future__ import annotations

from typing import Any

from mailgun_emulator.areas.domains.handlers import domain_of
from mailgun_emulator.areas.domains.records import Domain
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import operation
from mailgun_emulator.reply import ApiError

# platform IP-005 to IP-007: what stands in place of an address.
ALL, POOL, SHARED = "all", "ip_pool", "shared"
LINKED = "The domain is linked to an IP pool"
NOT_LINKED = "The domain is linked to no IP pool"
NOT_ASSIGNED = "The domain does not have this IP"
ONE_REPLACEMENT = "Exactly one of ip and pool_id has to replace the IP pool"
_DONE = {"message": "success"}


@operation("list_domain_ips")
def list_domain_ips(call: Call) -> dict[str, Any]:
    """DOM-045: those of a pool are the pool's."""
    addresses = domain_of(call).ips
    return {"items": list(addresses), "total_count": len(addresses)}


@operation("add_domain_ip")
def add_domain_ip(call: Call) -> dict[str, Any]:
    """DOM-045, platform POOL-009: one more address, or a pool in place of all."""
    domain, pool = domain_of(call), call.values.get("pool_id")
    if pool:
        domain.ips, domain.pool_id = (), str(pool)
        return _DONE
    _unlinked(domain)
    domain.ips = tuple(dict.fromkeys((*domain.ips, str(call.values["ip"]))))
    return _DONE


@operation("remove_domain_ip")
@operation("remove_domain_pool_ip")
def remove_domain_ip(call: Call) -> dict[str, Any]:
    """DOM-045, platform IP-005 to IP-007: one address, all of them, or the pool."""
    domain, address = domain_of(call), call.path["ip"]
    if address == POOL:
        _replace_pool(domain, call.query.get("ip"), call.query.get("pool_id"))
        return _DONE
    _unlinked(domain)
    if address == ALL:
        domain.ips = ()
    elif address in domain.ips:
        domain.ips = tuple(kept for kept in domain.ips if kept != address)
    else:
        raise ApiError(404, NOT_ASSIGNED)
    return _DONE


def _unlinked(domain: Domain) -> None:
    """Raises ApiError while a pool says what the domain sends from."""
    if domain.pool_id is not None:
        raise ApiError(400, LINKED)


def _replace_pool(domain: Domain, address: str | None, pool: str | None) -> None:
    if domain.pool_id is None:
        raise ApiError(404, NOT_LINKED)
    if (address is None) is (pool is None):
        raise ApiError(400, ONE_REPLACEMENT)
    domain.pool_id = pool
    if address is not None and address != SHARED:
        domain.ips = (address,)
