"""The DNS records that a domain asks for, and what a check of them finds.

There is no DNS behind the emulator. A check finds every record in place, with two exceptions: names
below `.invalid` can't be looked up and stay `unknown` (platform DOM-036), and the domains that a
test names in `DomainStore.misconfigured` have wrong records.
"""

from __future__ import annotations

import hashlib
from typing import Any

from attrs import evolve, frozen

from mailgun_emulator.areas.dkim.store import INVALID, ROTATING, UNKNOWN, VALID, DkimKey
from mailgun_emulator.areas.domains.records import ACTIVE, DISABLED, UNVERIFIED, Domain

MX_HOSTS = ("mxa.mailgun.org", "mxb.mailgun.org")
SPF = "v=spf1 include:mailgun.org ~all"
TRACKING_TARGET = "mailgun.org"
_NO_DNS = ".invalid"


@frozen
class Record:
    """One record; `valid` is `valid`, `invalid` or `unknown`. A MX record shows no name."""

    kind: str
    name: str
    value: str
    priority: str = ""
    active: bool = True
    valid: str = UNKNOWN

    def show(self) -> dict[str, Any]:
        """The record in an answer (platform DOM-004, DOM-005)."""
        shown: dict[str, Any] = {"is_active": self.active, "cached": self._cached()}
        if self.priority:
            shown["priority"] = self.priority
        else:
            shown["name"] = self.name
        return {**shown, "record_type": self.kind, "valid": self.valid, "value": self.value}

    def _cached(self) -> list[str]:
        """What the last check got from DNS."""
        if self.valid != VALID:
            return []
        if self.priority:
            return [f"{self.priority} {host}" for host in MX_HOSTS]
        return [self.value]


def receiving(domain: Domain) -> list[Record]:
    """The two MX records (platform DOM-004)."""
    return _checked(domain, [Record("MX", domain.name, host, "10") for host in MX_HOSTS])


def sending(domain: Domain, keys: list[DkimKey]) -> list[Record]:
    """DKIM, SPF and tracking, in the order of creation (platform DOM-005).

    `keys` are those whose records the domain shows.
    """
    return [*_signing(domain, keys), spf(domain), tracking(domain)]


def updated(domain: Domain, keys: list[DkimKey]) -> list[Record]:
    """The same records in the order of an update (platform DOM-030)."""
    return [spf(domain), *_signing(domain, keys), tracking(domain)]


def spf(domain: Domain) -> Record:
    """The record that allows the service to send."""
    return _checked(domain, [Record("TXT", domain.name, SPF)])[0]


def tracking(domain: Domain) -> Record:
    """The record of the tracking host (platform DOM-012)."""
    return _checked(domain, [Record("CNAME", domain.tracking_host, TRACKING_TARGET)])[0]


def of_key(key: DkimKey) -> Record:
    """The record of one DKIM key (platform DKIM-001)."""
    return Record("TXT", key.host, key.value, active=key.active, valid=key.valid)


def rotating(domain: Domain) -> list[Record]:
    """The two records of automatic sender security (platform DKIM-014)."""
    zone = hashlib.sha256(domain.id.encode()).hexdigest()[:5]
    wanted = [
        Record(
            "CNAME",
            f"{selector}._domainkey.{domain.name}",
            f"{selector}._domainkey.{zone}.dkim1.mailgun.com",
        )
        for selector in ROTATING
    ]
    return _checked(domain, wanted)


def check(domain: Domain, keys: list[DkimKey], *, misconfigured: bool) -> None:
    """Look all records up, keep what was found, and set the state by it (platform DOM-034)."""
    outcome = UNKNOWN if domain.name.endswith(_NO_DNS) else VALID
    if misconfigured:
        outcome = INVALID
    records = [*receiving(domain), spf(domain), tracking(domain)]
    if domain.use_automatic_sender_security:
        records += rotating(domain)
    domain.found = {(record.kind, record.name): outcome for record in records}
    for key in keys:
        key.valid = outcome
    if domain.state != DISABLED:
        domain.state = ACTIVE if outcome == VALID else UNVERIFIED


def _signing(domain: Domain, keys: list[DkimKey]) -> list[Record]:
    if domain.use_automatic_sender_security:
        return rotating(domain)
    return [of_key(key) for key in keys]


def _checked(domain: Domain, records: list[Record]) -> list[Record]:
    return [
        evolve(record, valid=domain.found.get((record.kind, record.name), UNKNOWN))
        for record in records
    ]
