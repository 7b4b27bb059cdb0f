"""Who runs a mailbox, as events and metrics name it (platform EVT-043, METRIC-023)."""

from __future__ import annotations

OTHER = "Other"
_PROVIDERS = {"gmail.com": "Gmail", "googlemail.com": "Gmail"}


def provider(domain: str) -> str:
    """The provider behind a recipient's domain."""
    return _PROVIDERS.get(domain.lower(), OTHER)
