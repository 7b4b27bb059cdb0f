"""What events say of a message: accepted, delivered, failed, rejected (platform EVT-046 to 054)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from attrs import frozen

from mailgun_emulator.areas.events.providers import provider
from mailgun_emulator.areas.events.records import Event
from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.records import Draft
from mailgun_emulator.dates import plus_zero

# sending EVT-014: the event always has an address; this one when the server knows none.
_ORIGIN = "127.0.0.1"
SENDING_IP = "192.0.2.25"
_REGION, _ENVIRONMENT = "us-east4", "production"
# How long a conversation with a server takes.
SESSION = 0.25
# sending DELIV-006 to DELIV-008.
_SUPPRESSED = {
    "suppress-bounce": (605, "Not delivering to previously bounced address"),
    "suppress-unsubscribe": (606, "Not delivering to unsubscribed address"),
    "suppress-complaint": (607, "Not delivering to a user who marked your messages as spam"),
}


@frozen
class Accepted:
    """A message was taken in for a recipient (sending EVT-004, EVT-014)."""

    copy: Copy

    def show(self, event: Event, base_url: str) -> dict[str, Any]:
        """The members of the event."""
        message = {**self.message(event), "size": self.copy.size}
        return {**self.brief(event, base_url), "message": message}

    def brief(self, event: Event, base_url: str = "") -> dict[str, Any]:
        """The members without the message."""
        draft = self.copy.draft
        shown = {
            **_common(self.copy, event, base_url),
            "method": draft.method,
            "originating-ip": draft.origin or _ORIGIN,
            "envelope": _envelope(draft, event.recipient),
            "flags": _flags(draft),
            "tags": list(event.tags) or None,
        }
        if draft.key_id:
            shown["api-key-id"] = draft.key_id
        return shown

    def message(self, event: Event) -> dict[str, Any]:  # noqa: ARG002
        """The message without its size."""
        draft = self.copy.draft
        message: dict[str, Any] = {"headers": _headers(draft, self.copy.to, self.copy.subject)}
        if draft.files:
            message["attachments"] = draft.files
        if draft.deliver_at is not None:
            message["scheduled-for"] = plus_zero(datetime.fromtimestamp(draft.deliver_at, UTC))
        return message


@frozen
class Connection:
    """How a server was spoken to: with TLS or in plain text, its certificate checked or not."""

    tls: bool = True
    verified: bool = True


ENCRYPTED, UNCHECKED, PLAIN = Connection(), Connection(verified=False), Connection(False, False)


@frozen
class Delivered:
    """A server took the message, or would have in test mode (sending EVT-015, TEST-002).

    `attempt` says at which attempt, counted from 1.
    """

    copy: Copy
    attempt: int = 1
    connection: Connection = ENCRYPTED

    def show(self, event: Event, base_url: str) -> dict[str, Any]:
        """The members of the event."""
        message = {**self.message(event), "size": self.copy.size}
        return {**self.brief(event, base_url), "message": message}

    def message(self, event: Event) -> dict[str, Any]:  # noqa: ARG002
        """The message without its size."""
        return message_of(self.copy)

    def brief(self, event: Event, base_url: str = "") -> dict[str, Any]:
        """The members without the message."""
        draft = self.copy.draft
        return {
            **delivery(self.copy, event, base_url),
            "primary-dkim": f"mx._domainkey.{draft.domain}",
            "envelope": {
                **_envelope(draft, event.recipient),
                "sending-ip": draft.sending_ip or SENDING_IP,
            },
            "delivery-status": {
                "tls": self.connection.tls and not draft.test,
                "mx-host": mx_host(event.recipient),
                "code": 650 if draft.test else 250,
                "description": "",
                "session-seconds": SESSION,
                "first-delivery-attempt-seconds": SESSION,
                "utf8": True,
                "attempt-no": self.attempt,
                "message": "OK",
                "certificate-verified": self.connection.verified and not draft.test,
                "enhanced-code": "",
            },
        }


@frozen
class Suppressed:
    """The recipient is on a list, so nothing was sent (sending DELIV-006 to DELIV-008)."""

    copy: Copy
    reason: str
    attempt: int = 1

    def show(self, event: Event, base_url: str) -> dict[str, Any]:
        """The members of the event."""
        message = {**self.message(event), "size": self.copy.size}
        return {**self.brief(event, base_url), "message": message}

    def message(self, event: Event) -> dict[str, Any]:  # noqa: ARG002
        """The message without its size."""
        return message_of(self.copy)

    def brief(self, event: Event, base_url: str = "") -> dict[str, Any]:
        """The members without the message."""
        code, description = _SUPPRESSED[self.reason]
        return {
            **delivery(self.copy, event, base_url),
            "envelope": _envelope(self.copy.draft, event.recipient),
            "reason": self.reason,
            "delivery-status": {
                "code": code,
                "message": "",
                "description": description,
                "attempt-no": self.attempt,
                "session-seconds": 0.0,
            },
        }


@frozen
class Dropped:
    """The recipient turned out to be forbidden after the message was accepted (DELIV-013)."""

    copy: Copy
    reason: str

    def show(self, event: Event, base_url: str) -> dict[str, Any]:
        """The members of the event."""
        message = {**self.message(event), "size": self.copy.size}
        return {**self.brief(event, base_url), "message": message}

    def message(self, event: Event) -> dict[str, Any]:  # noqa: ARG002
        """The message without its size."""
        return message_of(self.copy)

    def brief(self, event: Event, base_url: str = "") -> dict[str, Any]:
        """The members without the message."""
        return {
            **delivery(self.copy, event, base_url),
            "method": self.copy.draft.method,
            "reject": {"reason": self.reason, "description": ""},
            "log-level": "warn",
        }


@frozen
class Rejected:
    """The call was refused, and only this tells of it (sending EVT-016)."""

    draft: Draft
    reason: str
    size: int

    def show(self, event: Event, base_url: str) -> dict[str, Any]:  # noqa: ARG002
        """The members of the event."""
        draft = self.draft
        to = ", ".join(entry.text for entry in draft.to)
        mailing = {"mailing-list": draft.mailing.shown()} if draft.mailing else {}
        return {
            **mailing,
            "method": draft.method,
            "recipient": "",
            "storage": {},
            "tags": None,
            "campaigns": None,
            "flags": {"is-authenticated": True},
            "reject": {"reason": self.reason, "description": ""},
            "message": {"headers": _headers(draft, to, draft.subject), "size": self.size},
        }


def _common(copy: Copy, event: Event, base_url: str) -> dict[str, Any]:
    draft = copy.draft
    shown: dict[str, Any] = {
        "recipient": event.recipient,
        "recipient-domain": event.recipient.rpartition("@")[2],
        "storage": {
            "region": _REGION,
            "key": copy.key,
            "env": _ENVIRONMENT,
            "url": f"{base_url}/v3/domains/{draft.domain}/messages/{copy.key}",
        },
        "user-variables": copy.variables(),
    }
    if draft.mailing:
        shown["mailing-list"] = draft.mailing.shown()
    if draft.routes:
        shown["routes"] = list(draft.routes)
    if draft.batch_id:
        shown["batch"] = {"id": draft.batch_id}
    if draft.template:
        shown["template"] = {"name": draft.template.name, "is-text": draft.template.text}
        if draft.template.version:
            shown["template"]["version"] = draft.template.version
    return shown


def mx_host(recipient: str) -> str:
    """The server that takes mail for an address."""
    return f"mx.{recipient.rpartition('@')[2]}"


def delivery(copy: Copy, event: Event, base_url: str) -> dict[str, Any]:
    """What events about the delivery of a message have in common."""
    shown = _common(copy, event, base_url)
    return {
        **shown,
        "recipient-provider": provider(shown["recipient-domain"]),
        "flags": {"is-routed": False, "is-system-test": False, **_flags(copy.draft)},
        "tags": list(event.tags),
        "campaigns": [],
    }


def message_of(copy: Copy) -> dict[str, Any]:
    """The message in such events, without its size."""
    sent = copy.sent
    subject = None if sent.subject is None else copy.expand(sent.subject)
    headers = _headers(sent, copy.to, subject)
    return {"headers": headers, "attachments": copy.draft.files}


def _headers(draft: Draft, to: str, subject: str | None) -> dict[str, str]:
    shown = {
        "to": to,
        "message-id": draft.id.strip("<>"),
        "from": draft.sender.text if draft.sender else draft.envelope,
    }
    # sending TSEND-012: what a template puts in later is not known yet.
    return shown if subject is None else {**shown, "subject": subject}


def _envelope(draft: Draft, recipient: str) -> dict[str, str]:
    return {"sender": draft.envelope, "transport": "smtp", "targets": recipient}


def _flags(draft: Draft) -> dict[str, bool]:
    flags = {"is-authenticated": True, "is-test-mode": draft.test}
    if draft.routes:
        flags["is-routed"] = True
    return {**flags, "is-amp": True} if draft.amp else flags
