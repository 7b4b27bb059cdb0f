"""Certificates of tracking hosts (platform CERT-001 to CERT-006).

A certificate takes a moment to make and is good for a while; neither time is documented, so both
are ours. What the emulator issues parses as X.509 and verifies nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from attrs import define, field

from mailgun_emulator.areas.dkim import der
from mailgun_emulator.areas.dkim.store import VALID
from mailgun_emulator.areas.domains import dns
from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import operation
from mailgun_emulator.reply import ApiError

MAKING = timedelta(seconds=5)
LIFETIME = timedelta(days=90)
ISSUER = "Emulator CA"
PROCESSING, ACTIVE, EXPIRED, ERROR = "processing", "active", "expired", "error"

NOT_ASKED = "Please initiate x509 key pair generation at POST /v2/x509/{domain}"
NOT_FOUND = "x509 cert not found"
BAD_CNAME = "invalid CNAME record"
INITIATED = "Initiated x509 key pair generation"
_REASONS = {
    PROCESSING: "Waiting for x509 key pair generation",
    EXPIRED: "x509 certificate has expired",
    ERROR: "TLS x509 key pair generation failed, please contact support",
}


@define
class Certificate:
    """A certificate of a host of `domain`, asked for at `asked`; `failed` if it can't be made."""

    host: str
    domain: str
    asked: datetime
    failed: bool = False

    @property
    def ends(self) -> datetime:
        """Until when it is valid."""
        return self.asked + MAKING + LIFETIME

    def status(self, now: datetime) -> str:
        """What has become of it."""
        if now < self.asked + MAKING:
            return PROCESSING
        if self.failed:
            return ERROR
        return ACTIVE if now < self.ends else EXPIRED

    def show(self, now: datetime) -> dict[str, Any]:
        """The answer of CERT-002."""
        status = self.status(now)
        shown = {"status": status}
        if status in _REASONS:
            shown["error"] = _REASONS[status]
        if status in (ACTIVE, EXPIRED):
            starts = self.asked + MAKING
            shown["certificate"] = der.certificate(self.host, ISSUER, starts, self.ends)
        return shown


@define
class CertificateStore:
    """The certificates of an account by host."""

    hosts: dict[str, Certificate] = field(factory=dict)

    def forget_domain(self, name: str) -> None:
        """The domain is gone, and the certificates of its hosts with it."""
        self.hosts = {host: held for host, held in self.hosts.items() if held.domain != name}


# The path names a tracking host, so whose domain it is can't be told from the path alone.
@operation("get_tracking_certificate", foreign_domain=None)
def get_tracking_certificate(call: Call) -> dict[str, Any]:
    """CERT-002, CERT-003."""
    held = call.store(CertificateStore).hosts.get(call.domain)
    if held is None:
        raise ApiError(404, NOT_ASKED)
    return held.show(call.now)


@operation("generate_tracking_certificate", foreign_domain=None)
def generate_tracking_certificate(call: Call) -> dict[str, Any]:
    """CERT-001, CERT-004, CERT-006."""
    host, store = call.domain, call.store(CertificateStore)
    domains = call.store(DomainStore)
    domain = domains.find(host) or domains.tracked_at(host)
    if domain is None:
        raise ApiError(404, NOT_FOUND)
    if host in store.hosts:
        already = f"x509 key pair generation has already been initiated for {host}"
        raise ApiError(409, already)
    if domain.tracking_host.lower() != host or dns.tracking(domain).valid != VALID:
        raise ApiError(400, BAD_CNAME)
    store.hosts[host] = Certificate(host, domain.name, call.now)
    return _initiated(host)


@operation("regenerate_tracking_certificate", foreign_domain=None)
def regenerate_tracking_certificate(call: Call) -> dict[str, Any]:
    """CERT-005."""
    held = call.store(CertificateStore).hosts.get(call.domain)
    if held is None:
        raise ApiError(404, NOT_FOUND)
    status = held.status(call.now)
    if status == PROCESSING:
        raise ApiError(429, f"x509 key pair generation job is already in progress for {held.host}")
    if status == ACTIVE:
        until = held.ends.strftime("%Y-%m-%d %H:%M:%S +0000 UTC")
        raise ApiError(409, f"x509 certificate is still valid until {until}")
    held.asked, held.failed = call.now, False
    return _initiated(held.host)


def _initiated(host: str) -> dict[str, Any]:
    return {"message": INITIATED, "location": f"/v2/x509/{host}/status"}
