"""Countries, devices and mailbox providers of the older statistics (platform TAG-021)."""

from __future__ import annotations

from collections.abc import Callable

from mailgun_emulator.areas.analytics.facts import Fact

DEVICES = ("desktop", "mobile", "tablet", "unknown")
PROVIDERS = (
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "aol.com",
    "icloud.com",
    "mail.ru",
    "comcast.net",
    "outlook.com",
    "msn.com",
    "live.com",
    "orange.fr",
    "sbcglobal.net",
    "att.net",
    "ymail.com",
    "hotmail.co.uk",
    "verizon.net",
    "bellsouth.net",
    "me.com",
    "yandex.ru",
    "seznam.cz",
    "yahoo.co.uk",
    "hotmail.fr",
    "yahoo.com.tw",
    "rocketmail.com",
    "mailinator.com",
    "qq.com",
)
# Countries and devices are known of these only.
_ENGAGED = frozenset({"opened", "clicked", "unsubscribed", "complained"})


def traits() -> dict[str, Callable[[Fact], list[str]]]:
    """The country, device or provider of an event; none where it tells none."""
    return {"provider": _provider, "country": _country, "device": _device}


def _provider(fact: Fact) -> list[str]:
    domain = fact.recipient_domain
    return [domain if domain in PROVIDERS else "other"]


def _country(fact: Fact) -> list[str]:
    return _told(fact, "geolocation", "country")


def _device(fact: Fact) -> list[str]:
    return _told(fact, "client-info", "device-type")


def _told(fact: Fact, part: str, name: str) -> list[str]:
    value = fact.part(part).get(name) if fact.event.kind in _ENGAGED else None
    return [value] if isinstance(value, str) else []
