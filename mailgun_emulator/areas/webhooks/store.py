"""Webhook URLs of domains, and the webhooks of the account (platform HOOK)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from attrs import define, field, frozen

from mailgun_emulator.areas.webhooks import rules


@frozen
class AccountWebhook:
    """One URL for some event types in all domains of the account."""

    id: str
    url: str
    event_types: tuple[str, ...]
    description: str
    created_at: datetime

    def shown(self) -> dict[str, Any]:
        """The webhook as JSON (HOOK-018)."""
        return {
            "webhook_id": self.id,
            "description": self.description,
            "url": self.url,
            "event_types": list(self.event_types),
            "created_at": self.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


@define
class WebhookStore:
    """All webhooks of one account.

    Both versions of the domain API work on the same URLs by event type (HOOK-015).
    """

    _domains: dict[str, dict[str, tuple[str, ...]]] = field(factory=dict)
    account: dict[str, AccountWebhook] = field(factory=dict)

    def of_domain(self, domain: str) -> rules.Urls:
        """The URLs of a domain by event type; types without a URL are absent (HOOK-002)."""
        return dict(self._domains.get(domain.lower(), {}))

    def set_domain(self, domain: str, urls: rules.Urls) -> None:
        """Replace everything that is configured for a domain."""
        self._domains[domain.lower()] = {kind: some for kind, some in urls.items() if some}

    def wanting(self, domain: str, kind: str) -> tuple[str, ...]:
        """The URLs to tell of an event of this type, each once (HOOK-031, HOOK-032)."""
        urls = self._domains.get(domain, {}).get(kind, ())
        if not self.account:
            return urls
        others = (hook.url for hook in self.account.values() if kind in hook.event_types)
        return tuple(dict.fromkeys((*urls, *others)))

    def forget_domain(self, name: str) -> None:
        """The domain is gone, and its webhooks with it."""
        self._domains.pop(name.lower(), None)
