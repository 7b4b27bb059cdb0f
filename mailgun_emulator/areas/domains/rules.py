"""What the domains API shows, takes and refuses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mailgun_emulator.areas.credentials import TOO_LONG, TOO_SHORT
from mailgun_emulator.areas.domains.records import DISABLED, SANDBOX, UNVERIFIED, Domain
from mailgun_emulator.dates import gmt
from mailgun_emulator.handlers import Problem
from mailgun_emulator.reply import ApiError

TAKEN = "This domain name is already taken"
_TTL = "provided message_ttl of {} is too large. max message_ttl for this account is 259200 seconds"
# Not recorded, so ours: DOM-010 and DOM-041 give only the fact of the refusal.
HOST_CLASH = "dkim_host_name cannot be used with force_dkim_authority or force_root_dkim_host"
FOREIGN_HOST = "dkim_host_name must be the domain, a subdomain of it or its root domain"
NO_SANDBOX_DELETE = "Sandbox domains cannot be deleted"
NO_DISABLED_DELETE = "Disabled domains cannot be deleted"
NO_AUTHORITY_DELETE = "Domain is the DKIM authority of other domains"

# Fields of forms that go into the record as they are. Encryption is only ever switched on, when a
# domain is made (DOM-017).
_SETTINGS = (
    "archive_to",
    "message_ttl",
    "require_tls",
    "skip_verification",
    "spam_action",
    "web_prefix",
    "web_scheme",
    "wildcard",
)
ON_CREATE = (*_SETTINGS, "encrypt_incoming_message")
ON_UPDATE = (*_SETTINGS, "mailfrom_host")


def refused(problem: Problem) -> ApiError | str | None:
    """The API's own texts for settings that the truth does not allow (DOM-010, 013, 018)."""
    if problem.kind == "not":
        return HOST_CLASH
    if problem.name == "smtp_password":
        return {"minLength": TOO_SHORT, "maxLength": TOO_LONG}.get(problem.kind)
    if problem.name == "message_ttl" and problem.kind == "maximum":
        # This refusal alone says `Reason`.
        return ApiError(400, body={"Reason": _TTL.format(problem.value)})
    return None


def apply(domain: Domain, settings: Mapping[str, Any], names: Iterable[str]) -> None:
    """Change those of the named settings that are given, and nothing else (DOM-031)."""
    for name in names:
        if name in settings:
            setattr(domain, name, settings[name])
    sender_security = settings.get("use_automatic_sender_security")
    if sender_security not in (None, domain.use_automatic_sender_security):
        domain.use_automatic_sender_security = sender_security
        _distrust(domain)


def show(domain: Domain, *, extended: bool = False) -> dict[str, Any]:
    """A domain in an answer (DOM-002, DOM-026, DOM-027); `extended` as DOM-021 says."""
    shown: dict[str, Any] = {
        "created_at": gmt(domain.created_at),
        "encrypt_incoming_message": domain.encrypt_incoming_message,
        "id": domain.id,
        "is_disabled": domain.disabled is not None,
        "message_ttl": domain.message_ttl,
        "name": domain.name,
        "require_tls": domain.require_tls,
        "skip_verification": domain.skip_verification,
        "smtp_login": domain.smtp_login,
        "spam_action": domain.spam_action,
        "state": domain.state,
        "type": domain.type,
        "use_automatic_sender_security": domain.use_automatic_sender_security,
        "web_prefix": domain.web_prefix,
        "web_scheme": domain.web_scheme,
        "wildcard": domain.wildcard,
    }
    if domain.archive_to is not None:
        shown["archive_to"] = domain.archive_to
    if domain.disabled is not None:
        shown["disabled"] = _why(domain)
    if extended:
        shown["dkim_host"] = domain.dkim_host
        shown["mailfrom_host"] = domain.mailfrom_host or domain.name
        shown["tracking_host"] = domain.tracking_host
    return shown


def chosen(domains: Iterable[Domain], query: Mapping[str, Any]) -> list[Domain]:
    """The domains that a list asks for, in its order (DOM-023, DOM-024)."""
    state, authority = query.get("state"), query.get("authority")
    search = query.get("search", "").lower()
    found = [domain for domain in domains if search in domain.name]
    if state is not None:
        found = [domain for domain in found if domain.state == state]
    elif authority:
        found = [domain for domain in found if domain.dkim_host == authority.lower()]
    if sort := query.get("sort"):
        found.sort(key=lambda domain: domain.name, reverse=sort.endswith(":desc"))
    return found


def dkim_host(settings: Mapping[str, Any], name: str, root: Domain | None) -> str:
    """The signing domain of a new domain (DOM-010, DOM-011). Raises ApiError.

    `root` is its topmost registered parent. Without one the root is taken to be the last two
    labels; the lists of public suffixes are not consulted.
    """
    bare = root.name if root else ".".join(name.split(".")[-2:])
    asked = settings.get("dkim_host_name", "").lower()
    if asked:
        if asked in (name, bare) or asked.endswith(f".{name}"):
            return str(asked)
        raise ApiError(400, FOREIGN_HOST, field="dkim_host_name")
    if settings.get("force_root_dkim_host"):
        return bare
    if root is None or settings.get("force_dkim_authority"):
        return name
    return root.dkim_host


def keep(domain: Domain, signed: Iterable[Domain]) -> None:
    """Refuse to delete what has to stay (DOM-041, SBX-006); `signed` are all it signs for.

    Raises ApiError.
    """
    if domain.type == SANDBOX:
        raise ApiError(400, NO_SANDBOX_DELETE)
    if domain.disabled is not None:
        raise ApiError(400, NO_DISABLED_DELETE)
    if any(other is not domain for other in signed):
        raise ApiError(400, NO_AUTHORITY_DELETE)


def _distrust(domain: Domain) -> None:
    """DOM-032: other DKIM records are wanted now, so the domain has to be verified again."""
    domain.found = {
        key: found for key, found in domain.found.items() if "_domainkey." not in key[1]
    }
    if domain.state != DISABLED:
        domain.state = UNVERIFIED


def _why(domain: Domain) -> dict[str, Any]:
    reason = domain.disabled
    if reason is None:
        return {}
    shown = {
        "code": reason.code,
        "note": reason.note,
        "permanently": reason.permanently,
        "reason": reason.reason,
    }
    return shown if reason.until is None else {**shown, "until": reason.until}
