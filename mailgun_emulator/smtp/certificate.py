"""TLS with a certificate of our own making, new at every start (sending SMTP-001)."""

from __future__ import annotations

import ssl

import trustme
from attrs import field, frozen

_NAMES = ("localhost", "127.0.0.1", "::1")


@frozen
class Certificate:
    """A context for servers, and the authority to trust for those who check, as PEM."""

    context: ssl.SSLContext = field(repr=False)
    authority: str = field(repr=False)


def make() -> Certificate:
    """A certificate for this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    authority = trustme.CA()
    authority.issue_cert(*_NAMES).configure_cert(context)
    return Certificate(context, authority.cert_pem.bytes().decode())
