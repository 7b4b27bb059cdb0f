"""Which URLs an event type may have, and how a map of them changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from mailgun_emulator.reply import ApiError

EVENT_TYPES = (
    "accepted",
    "delivered",
    "opened",
    "clicked",
    "unsubscribed",
    "complained",
    "temporary_fail",
    "permanent_fail",
)
MAX_URLS = 3

Urls = Mapping[str, tuple[str, ...]]

_SCHEME = re.compile(r"https?://", re.IGNORECASE)


def fault(url: str) -> str:
    """The text for a URL that cannot be one (HOOK-008, HOOK-013).

    Whether the host exists is not looked up: the API does so at that moment only (DIFF-055).
    """
    reason = "host not found" if _SCHEME.match(url) else "invalid URL scheme"
    return f"{url} is not a valid url: {reason}"


def exists(kind: str, url: str) -> str:
    """HOOK-011."""
    return f"Webhook for event type '{kind}' with URL '{url}' already exists"


def too_many(kind: str) -> str:
    """HOOK-007, HOOK-027: the text is known of the account's webhooks."""
    return f"unable to add more than {MAX_URLS} urls for event type {kind}"


def added(urls: Urls, kinds: Iterable[str], new: Iterable[str]) -> Urls:
    """The map with URLs added to some types. Raises ApiError."""
    fresh = tuple(dict.fromkeys(new))
    changed = dict(urls)
    for kind in dict.fromkeys(kinds):
        held = urls.get(kind, ())
        if twice := next((url for url in fresh if url in held), None):
            raise ApiError(400, exists(kind, twice))
        if len(held) + len(fresh) > MAX_URLS:
            raise ApiError(400, too_many(kind))
        changed[kind] = (*held, *fresh)
    return changed


def moved(urls: Urls, url: str, kinds: Iterable[str]) -> Urls:
    """The map with a URL at these types and at no others (HOOK-012). Raises ApiError."""
    wanted = set(kinds)
    changed: dict[str, tuple[str, ...]] = {}
    for kind in EVENT_TYPES:
        held = urls.get(kind, ())
        if kind not in wanted:
            held = tuple(other for other in held if other != url)
        elif url not in held:
            held = (*held, url)
        if len(held) > MAX_URLS:
            raise ApiError(400, too_many(kind))
        changed[kind] = held
    return changed


def removed(urls: Urls, gone: Iterable[str]) -> Urls:
    """The map without these URLs (HOOK-014)."""
    unwanted = set(gone)
    return {kind: tuple(url for url in held if url not in unwanted) for kind, held in urls.items()}


def named(urls: Urls, text: str) -> list[str]:
    """The configured URLs among those in a comma-separated text.

    A URL may itself hold commas: the whole text is tried first.
    """
    held = {url for some in urls.values() for url in some}
    asked = [text] if text in held else text.split(",")
    return [url for url in asked if url in held]


def duplicates(values: Iterable[str]) -> list[str]:
    """What occurs more than once, each once, in order."""
    seen: set[str] = set()
    twice: dict[str, None] = {}
    for value in values:
        if value in seen:
            twice[value] = None
        seen.add(value)
    return list(twice)
