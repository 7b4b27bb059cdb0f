"""The DKIM keys of signing domains (platform DKIM-001 to DKIM-012)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from mailgun_emulator.areas.dkim.store import (
    BAD_PEM,
    DEFAULT_BITS,
    FIRST_SELECTOR,
    DkimKey,
    DkimStore,
    KeyImportError,
    generate,
    import_pem,
)
from mailgun_emulator.areas.domains import dns
from mailgun_emulator.areas.domains.handlers import domain_of, sending_records
from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import Problem, operation
from mailgun_emulator.ownership import CAPITAL_TEXT
from mailgun_emulator.paging import Links, clamp
from mailgun_emulator.reply import ApiError

COVERS = ("domain_keys",)

NOT_FOUND = "domain key not found"
DUPLICATE = "failed to create domain key: duplicate key"
LAST_KEY = "cannot delete domain key: must have at least one active domain key"


def refused(problem: Problem) -> str | None:
    """DKIM-003: the text says what is wrong with a private key."""
    if problem.name != "pem":
        return None
    try:
        import_pem(str(problem.value))
    except KeyImportError as error:
        return str(error)
    return BAD_PEM


@operation("list_dkim_keys")
def list_dkim_keys(call: Call) -> dict[str, Any]:
    """DKIM-005: ordered by signing domain and selector."""
    domain, selector = call.query.get("signing_domain"), call.query.get("selector")
    keys = [
        key
        for key in call.store(DkimStore).keys.values()
        if domain in (None, key.signing_domain) and selector in (None, key.selector)
    ]
    limit = clamp(call.query.get("limit"), default=10, highest=100)
    page = _page(sorted(keys, key=_pivot), call.query.get("page", ""), limit)
    return {"items": [_show(key) for key in page], "paging": _links(call, page, limit)}


@operation("create_dkim_key", invalid=refused)
def create_dkim_key(call: Call) -> dict[str, Any]:
    """DKIM-001 to DKIM-004: the new key does not sign before it is activated."""
    host, selector = call.values["signing_domain"].lower(), call.values["selector"]
    store = call.store(DkimStore)
    if not call.account.owns(host) and not call.store(DomainStore).signed_by(host):
        raise ApiError(404, CAPITAL_TEXT)
    if (host, selector) in store.keys:
        raise ApiError(400, DUPLICATE, field="selector")
    if pem := call.values.get("pem"):
        try:
            public = import_pem(pem)
        except KeyImportError as error:
            raise ApiError(400, str(error), field="pem") from None
    else:
        public = generate(call.state.ids.hex(32), call.values.get("bits", DEFAULT_BITS))
    return _show(store.add(host, selector, public))


@operation("delete_dkim_key")
def delete_dkim_key(call: Call) -> dict[str, Any]:
    """DKIM-006: the only key that signs has to stay."""
    store = call.store(DkimStore)
    key = store.keys.get((call.query["signing_domain"].lower(), call.query["selector"]))
    if key is None:
        raise ApiError(404, NOT_FOUND)
    if key.active and not any(other.active for other in _others(store, key)):
        raise ApiError(400, LAST_KEY)
    store.remove(key)
    return {"message": "success"}


@operation("list_domain_dkim_keys")
def list_domain_dkim_keys(call: Call) -> dict[str, Any]:
    """DKIM-007."""
    return {"items": [_show(key) for key in _of_authority(call)]}


@operation("activate_dkim_key")
def activate_dkim_key(call: Call) -> dict[str, Any]:
    """DKIM-008 to DKIM-010: a valid DNS record is not needed in fact."""
    _find(call).active = True
    return {"message": "domain key activated"}


@operation("deactivate_dkim_key")
def deactivate_dkim_key(call: Call) -> dict[str, Any]:
    """DKIM-008, DKIM-010."""
    _find(call).active = False
    return {"message": "domain key deactivated"}


@operation("update_dkim_authority")
def update_dkim_authority(call: Call) -> dict[str, Any]:
    """DKIM-011: the domain itself signs, or what signs for its registered root domain."""
    domain, itself = domain_of(call), call.values.get("self")
    store, before = call.store(DkimStore), domain.dkim_host
    root = call.store(DomainStore).root_of(domain.name)
    if itself is True:
        domain.dkim_host = domain.name
        if not store.of(domain.name):
            public = generate(call.state.ids.hex(32), DEFAULT_BITS)
            store.add(domain.name, FIRST_SELECTOR, public)
    elif itself is False and root is not None:
        domain.dkim_host = root.dkim_host
    changed = domain.dkim_host != before
    text = "Domain DKIM authority has been changed"
    return {
        "message": text if changed else text.replace("been", "not been"),
        "sending_dns_records": sending_records(call, domain),
        "changed": changed,
    }


@operation("update_dkim_selector")
def update_dkim_selector(call: Call) -> dict[str, Any]:
    """DKIM-012: the key keeps its value; its record gets another name."""
    store, host = call.store(DkimStore), domain_of(call).dkim_host
    selector = call.values.get("dkim_selector")
    keys = store.shown(host)
    if selector is not None and keys and keys[0].selector != selector:
        if (host, selector) in store.keys:
            raise ApiError(400, DUPLICATE, field="dkim_selector")
        store.rename(keys[0], selector)
    return {"message": "DKIM selector changed"}


def _show(key: DkimKey) -> dict[str, Any]:
    return {
        "signing_domain": key.signing_domain,
        "selector": key.selector,
        "dns_record": dns.of_key(key).show(),
    }


def _of_authority(call: Call) -> list[DkimKey]:
    """The keys of the domain in the path, also where they sign under an unregistered name."""
    domain, store = domain_of(call), call.store(DkimStore)
    keys = store.of(domain.name)
    if not call.account.owns(domain.dkim_host):
        keys += store.of(domain.dkim_host)
    return keys


def _find(call: Call) -> DkimKey:
    found = [key for key in _of_authority(call) if key.selector == call.path["selector"]]
    if not found:
        raise ApiError(404, NOT_FOUND)
    return found[0]


def _others(store: DkimStore, key: DkimKey) -> list[DkimKey]:
    return [other for other in store.of(key.signing_domain) if other is not key]


def _pivot(key: DkimKey) -> tuple[str, str]:
    return key.signing_domain, key.selector


def _page(keys: Sequence[DkimKey], token: str, limit: int) -> list[DkimKey]:
    """The page that a token asks for; the first one for no token and for one that is not ours."""
    word, *at = _decode(token)
    if word == "last":
        return list(keys[-limit:])
    if word == "next" and len(at) == 2:
        return [key for key in keys if _pivot(key) > (at[0], at[1])][:limit]
    if word == "previous" and len(at) == 2:
        return [key for key in keys if _pivot(key) < (at[0], at[1])][-limit:]
    return list(keys[:limit])


def _links(call: Call, page: Sequence[DkimKey], limit: int) -> Links:
    """Absolute links that carry the filters along (DIFF-045)."""
    here = tuple(_decode(call.query.get("page", ""))[1:])
    tokens = {
        "previous": ("previous", *(_pivot(page[0]) if page else here)),
        "first": ("first",),
        "next": ("next", *(_pivot(page[-1]) if page else here)),
        "last": ("last",),
    }
    filters = {name: call.query.get(name) for name in ("signing_domain", "selector")}
    return {
        name: call.url(query={**filters, "limit": limit, "page": _encode(parts)})
        for name, parts in tokens.items()
    }


def _encode(parts: Sequence[str]) -> str:
    return base64.urlsafe_b64encode("\n".join(parts).encode()).decode()


def _decode(token: str) -> list[str]:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode().split("\n")
    except (binascii.Error, ValueError):
        return [""]
