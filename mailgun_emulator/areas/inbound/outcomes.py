"""What events say of incoming mail (sending ROUTE-021, STORE-003, platform EVT-048, 060, 071)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from mailgun_emulator.areas.events.records import Event
from mailgun_emulator.areas.inbound.mail import Mail
from mailgun_emulator.areas.routes.records import Route

_REGION, _ENVIRONMENT = "us-east4", "production"


@frozen
class Summary:
    """What events tell of a mail, kept when the mail itself is gone."""

    sender: str
    message: dict[str, Any]

    @classmethod
    def of(cls, mail: Mail) -> Summary:
        """The summary of a mail."""
        parsed = mail.parsed
        headers = {name: parsed.header(name) for name in ("to", "message-id", "from", "subject")}
        headers["message-id"] = headers["message-id"].strip("<> ")
        return cls(
            mail.sender,
            {
                "headers": headers,
                "attachments": mail.files(),
                "recipients": [mail.recipient],
                "size": len(mail.raw),
            },
        )

    def show(self, recipient: str = "") -> dict[str, Any]:
        """The members that all events have; stored mail names no recipient."""
        shown: dict[str, Any] = {"message": self.message, "tags": [], "user-variables": {}}
        if recipient:
            shown |= {
                "recipient": recipient,
                "recipient-domain": recipient.rpartition("@")[2],
                "campaigns": [],
            }
        return shown

    def envelope(self, transport: str, target: str) -> dict[str, str]:
        """From whom it came, and where it goes."""
        return {"sender": self.sender, "transport": transport, "targets": target}


def route_of(route: Route, mail: Mail) -> dict[str, Any]:
    """A route that took a mail, as events show it."""
    return {
        "id": route.id,
        "expression": route.expression,
        "description": route.description,
        "priority": route.priority,
        "actions": list(route.actions),
        "match": {"recipient": mail.recipient},
    }


@frozen
class Received:
    """Mail came in; the routes that took it are told (EVT-048)."""

    summary: Summary
    routes: Sequence[dict[str, Any]]

    def show(self, event: Event, base_url: str) -> dict[str, Any]:  # noqa: ARG002
        """The members of the event."""
        shown = {"routes": list(self.routes)} if self.routes else {}
        return {
            **shown,
            **self.summary.show(event.recipient),
            "method": "SMTP",
            "envelope": self.summary.envelope("smtp", event.recipient),
            "flags": _flags(routed=bool(self.routes)),
        }


@frozen
class Posted:
    """A URL took the mail, or would not have it (EVT-060, EVT-071).

    `status` is that of the last answer, None when there was none.
    """

    summary: Summary
    url: str
    route: dict[str, Any]
    status: int | None
    attempts: int

    def show(self, event: Event, base_url: str) -> dict[str, Any]:  # noqa: ARG002
        """The members of the event."""
        failed = event.kind == "failed"
        shown = {
            **self.summary.show(event.recipient),
            "routes": [self.route],
            "envelope": self.summary.envelope("http", self.url),
            "flags": {**_flags(routed=True), "is-callback": failed},
            "delivery-status": {
                "code": self.status or 0,
                "message": "" if failed else "OK",
                "description": self._description() if failed else "",
                "attempt-no": self.attempts,
                "session-seconds": 0.0,
            },
        }
        return {**shown, "reason": "generic"} if failed else shown

    def _description(self) -> str:
        return "no answer" if self.status is None else f"answered with status {self.status}"


@frozen
class Stored:
    """Mail was kept by `store`, for whoever reads it with its key (STORE-003)."""

    summary: Summary
    key: str

    def show(self, event: Event, base_url: str) -> dict[str, Any]:
        """The members of the event."""
        return {
            **self.summary.show(),
            "flags": {"is-test-mode": False},
            "storage": {
                "region": _REGION,
                "env": _ENVIRONMENT,
                "key": self.key,
                "url": storage_url(base_url, event.domain, self.key),
            },
        }


def storage_url(base_url: str, domain: str, key: str) -> str:
    """Where a stored message is read (STORE-010)."""
    return f"{base_url}/v3/domains/{domain}/messages/{key}"


def _flags(*, routed: bool) -> dict[str, bool]:
    """platform EVT-045: mail from outside is not authenticated."""
    return {"is-authenticated": False, "is-routed": routed, "is-test-mode": False}
