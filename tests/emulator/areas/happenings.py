"""Recording events by hand and asking what was counted."""

from __future__ import annotations

from typing import Any

import httpx

from mailgun_emulator import Emulator
from mailgun_emulator.areas.events.records import Event, event_id
from mailgun_emulator.areas.events.store import EventStore

DAY = 86_400.0


class Happenings:
    """Events of one domain at `ago` seconds before now, and queries over them."""

    def __init__(self, app: Emulator, api: httpx.Client, domain: str) -> None:
        self.app, self.api, self.domain = app, api, domain

    def add(
        self,
        kind: str,
        recipient: str = "a@example.com",
        *,
        ago: float = 60,
        domain: str = "",
        tags: tuple[str, ...] = (),
        severity: str = "",
        **details: Any,
    ) -> Event:
        """One event; `_` in the name of a member stands for a hyphen."""
        state = self.app.state
        members = {name.replace("_", "-"): value for name, value in details.items()}
        event = Event(
            event_id(state.ids),
            kind,
            state.clock.timestamp() - ago,
            domain or self.domain,
            recipient,
            tags,
            members,
            severity,
        )
        state.store(state.accounts[0], EventStore).add(event)
        return event

    def fail(self, reason: str, *, permanent: bool = True, **details: Any) -> Event:
        severity = "permanent" if permanent else "temporary"
        return self.add("failed", severity=severity, reason=reason, **details)

    def metrics(self, *names: str, path: str = "metrics", **asked: Any) -> dict[str, Any]:
        answer = self.api.post(f"/v1/analytics/{path}", json={"metrics": list(names), **asked})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def totals(self, *names: str, **asked: Any) -> dict[str, Any]:
        """The totals over everything."""
        found: dict[str, Any] = self.metrics(*names, include_aggregates=True, **asked)
        values: dict[str, Any] = found["aggregates"]["metrics"]
        return values

    def rows(self, metric: str, *dimensions: str, **asked: Any) -> dict[Any, Any]:
        """One metric by the values of some dimensions."""
        found = self.metrics(metric, dimensions=list(dimensions), **asked)
        return {
            "|".join(d["value"] for d in item["dimensions"]): item["metrics"][metric]
            for item in found["items"]
        }

    def refusal(self, path: str, **asked: Any) -> tuple[int, str]:
        answer = self.api.post(f"/v1/analytics/{path}", json=asked)
        return answer.status_code, answer.json()["message"]

    def logs(self, **asked: Any) -> dict[str, Any]:
        answer = self.api.post("/v1/analytics/logs", json=asked)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def found(self, *predicates: tuple[str, str, str], **asked: Any) -> list[str]:
        """The recipients of the log entries that a filter lets through, oldest first."""
        pages = {"sort": "timestamp:asc"}
        page = self.logs(filter=where(*predicates), pagination=pages, **asked)
        return [item.get("recipient", "") for item in page["items"]]


def where(*predicates: tuple[str, str, str]) -> dict[str, Any]:
    """A filter; values are parted by `|`."""
    return {
        "AND": [
            {"attribute": a, "comparator": c, "values": [{"value": v} for v in values.split("|")]}
            for a, c, values in predicates
        ]
    }
