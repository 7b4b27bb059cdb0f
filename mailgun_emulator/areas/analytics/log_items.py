"""An event as the logs show it, which is not how the events API does (LOG-014, LOG-015)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from mailgun_emulator.areas.events.records import Event

# LOG-015: always told.
_FLAGS = (
    "is-authenticated",
    "is-system-test",
    "is-routed",
    "is-test-mode",
    "is-delayed-bounce",
    "is-callback",
)


def item(event: Event, base_url: str, account: str) -> dict[str, Any]:
    """One log entry."""
    shown = event.show(base_url)
    del shown["timestamp"]
    at = datetime.fromtimestamp(event.timestamp, UTC)
    shown |= {
        "@timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z",
        "account": {"id": account},
        "domain": {"name": event.domain},
    }
    flags = shown.get("flags") or {}
    shown["flags"] = {**dict.fromkeys(_FLAGS, False), **flags}
    for name, convert in _CONVERTED.items():
        if name in shown:
            shown[name] = convert(shown[name])
    return shown


def _method(value: Any) -> str:
    return str(value).upper()


def _variables(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value or {}, ensure_ascii=False)


def _storage(value: Any) -> Any:
    if isinstance(value, Mapping) and isinstance(value.get("url"), str):
        return {**value, "url": [value["url"]]}
    return value


def _message(value: Any) -> Any:
    if isinstance(value, Mapping) and isinstance(value.get("scheduled-for"), str):
        moment = parsedate_to_datetime(value["scheduled-for"])
        return {**value, "scheduled-for": int(moment.timestamp())}
    return value


def _template(value: Any) -> Any:
    if isinstance(value, Mapping) and isinstance(value.get("is-text"), str):
        return {**value, "is-text": value["is-text"] in ("yes", "true")}
    return value


def _routes(value: Any) -> Any:
    """The description has one route here, with its actions in one text."""
    if not isinstance(value, list):
        return value
    if not value:
        return None
    route = value[0]
    actions = route.get("actions")
    return {**route, "actions": ", ".join(actions)} if isinstance(actions, list) else route


_CONVERTED = {
    "method": _method,
    "user-variables": _variables,
    "storage": _storage,
    "message": _message,
    "template": _template,
    "routes": _routes,
}
