"""Create, read, update, verify and delete domains; both versions of the API answer alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mailgun_emulator.areas.credentials import CredentialStore
from mailgun_emulator.areas.dkim.store import (
    DEFAULT_BITS,
    FIRST_SELECTOR,
    VALID,
    DkimStore,
    generate,
)
from mailgun_emulator.areas.domains import dns, rules
from mailgun_emulator.areas.domains.records import Domain
from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.areas.keys import revoke_domain_keys
from mailgun_emulator.areas.messages.limits import Standing
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import operation
from mailgun_emulator.ownership import CAPITAL_TEXT
from mailgun_emulator.paging import clamp, skip_page
from mailgun_emulator.reply import ApiError

COVERS = ("domains",)

VERIFICATIONS = 10
# DOM-019; the answers are ours.
MOST_DOMAINS = 1000
FREE_PLAN = "Please upgrade your account to add custom domains."
TOO_MANY = f"Domain limit of {MOST_DOMAINS} reached"
# The length of the window is not recorded; this is the one that rates.py counts (DOM-035).
WINDOW = timedelta(minutes=1)


def domain_of(call: Call) -> Domain:
    """The domain in the path. Raises ApiError when the account has no record of it."""
    domain = call.store(DomainStore).find(call.domain)
    if domain is None:
        raise ApiError(404, CAPITAL_TEXT)
    return domain


def sending_records(call: Call, domain: Domain) -> list[dict[str, Any]]:
    """The sending records of a domain as it stands, in the order of creation."""
    keys = call.store(DkimStore).shown(domain.dkim_host)
    return [record.show() for record in dns.sending(domain, keys)]


@operation("list_domains")
@operation("list_legacy_domains")
def list_domains(call: Call) -> dict[str, Any]:
    """DOM-022 to DOM-024; there are no subaccounts whose domains could be added (DOM-025)."""
    found = rules.chosen(call.store(DomainStore).newest_first(), call.query)
    limit = clamp(call.query.get("limit"), default=100, highest=1000)
    page = skip_page(found, skip=call.query.get("skip", 0), limit=limit)
    return {"total_count": len(found), "items": [rules.show(domain) for domain in page]}


@operation("create_domain", invalid=rules.refused)
@operation("create_legacy_domain", invalid=rules.refused)
def create_domain(call: Call) -> dict[str, Any]:
    """DOM-001, DOM-002, DOM-019: a new domain is the account's at once, and unverified."""
    store, settings = call.store(DomainStore), call.values
    # Opened before the account has the new domain, else they take it for one from the start.
    keys, credentials = call.store(DkimStore), call.store(CredentialStore)
    name = settings["name"].lower()
    if call.account.owns(name):
        raise ApiError(400, rules.TAKEN, field="name")
    if call.store(Standing).free:
        raise ApiError(403, FREE_PLAN)
    if len(store.domains) >= MOST_DOMAINS:
        raise ApiError(403, TOO_MANY)
    host = rules.dkim_host(settings, name, store.root_of(name))
    domain = Domain(name, call.state.ids.hex(24), call.now, store.number(), host)
    # Which addresses the account has is not known here, so any will do (DOM-015, DOM-016).
    domain.ips = tuple(settings["ips"].split(",")) if "ips" in settings else ()
    domain.pool_id = settings.get("pool_id")
    rules.apply(domain, settings, rules.ON_CREATE)
    store.domains[name] = domain
    call.account.domains.add(name)
    _first_key(call, domain, keys)
    password = settings.get("smtp_password") or call.state.ids.secret()
    credentials.put(name, domain.smtp_login, password, call.now)
    return {"message": "Domain DNS records have been created", **_with_dns(call, domain)}


@operation("get_domain")
@operation("get_legacy_domain")
def get_domain(call: Call) -> dict[str, Any]:
    """DOM-020, DOM-021."""
    domain = domain_of(call)
    shown = {"domain": rules.show(domain, extended=call.query.get("extended", False))}
    return {**_with_dns(call, domain), **shown} if call.query.get("with_dns", True) else shown


@operation("update_domain", invalid=rules.refused)
@operation("update_legacy_domain", invalid=rules.refused)
def update_domain(call: Call) -> dict[str, Any]:
    """DOM-029 to DOM-032."""
    domain = domain_of(call)
    rules.apply(domain, call.values, rules.ON_UPDATE)
    if password := call.values.get("smtp_password"):
        call.store(CredentialStore).put(domain.name, domain.smtp_login, password, call.now)
    keys = call.store(DkimStore).shown(domain.dkim_host)
    ordered = [record.show() for record in dns.updated(domain, keys)]
    message = {"message": "Domain has been updated"}
    return {**message, **_with_dns(call, domain), "sending_dns_records": ordered}


@operation("verify_domain")
@operation("verify_legacy_domain")
def verify_domain(call: Call) -> dict[str, Any]:
    """DOM-033 to DOM-035: checks at once, and starts to sign when all is in place."""
    domain = domain_of(call)
    store, keys = call.store(DomainStore), call.store(DkimStore)
    _count(call, store)
    dns.check(domain, keys.of(domain.dkim_host), misconfigured=domain.name in store.misconfigured)
    for key in keys.shown(domain.dkim_host):
        key.active = key.active or key.valid == VALID
    message = {"message": "Domain DNS records have been updated"}
    return {**message, **_with_dns(call, domain)}


@operation("delete_domain")
def delete_domain(call: Call) -> dict[str, Any]:
    """DOM-040, DOM-041: the domain is gone at once, with all that belonged to it."""
    domain, store = domain_of(call), call.store(DomainStore)
    rules.keep(domain, store.signed_by(domain.name))
    if store.signed_by(domain.dkim_host) == [domain]:
        call.store(DkimStore).forget_domain(domain.dkim_host)
    revoke_domain_keys(call.state, call.account, domain.name)
    call.state.forget_domain(call.account, domain.name)
    return {"message": "Domain will be deleted in the background"}


def _with_dns(call: Call, domain: Domain) -> dict[str, Any]:
    return {
        "domain": rules.show(domain),
        "receiving_dns_records": [record.show() for record in dns.receiving(domain)],
        "sending_dns_records": sending_records(call, domain),
    }


def _first_key(call: Call, domain: Domain, keys: DkimStore) -> None:
    """A key for the signing domain, unless it has one, or has one of the selector asked for."""
    asked = call.values.get("dkim_selector")
    held = {key.selector for key in keys.of(domain.dkim_host)}
    if asked in held or (held and asked is None):
        return
    bits = int(call.values.get("dkim_key_size", DEFAULT_BITS))
    keys.add(domain.dkim_host, asked or FIRST_SELECTOR, generate(call.state.ids.hex(32), bits))


def _count(call: Call, store: DomainStore) -> None:
    """Refuse more checks than a window admits; the core's headers count them down.

    Raises ApiError.
    """
    if store.checks and store.checks[0] + WINDOW <= call.now:
        store.checks.clear()
    if len(store.checks) >= VERIFICATIONS:
        wait = store.checks[0] + WINDOW - call.now
        raise ApiError(429, body={"retry-seconds": max(1, round(wait.total_seconds()))})
    store.checks.append(call.now)
