"""Deliveries that did not work, and what events say of them (sending DELIV-002 to DELIV-011)."""

from __future__ import annotations

import re
from typing import Any

from attrs import frozen

from mailgun_emulator import rules
from mailgun_emulator.areas.events.records import Event
from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.outcomes import (
    SESSION,
    Connection,
    Delivered,
    delivery,
    message_of,
    mx_host,
)

PERMANENT, TEMPORARY = "permanent", "temporary"
BOUNCE, GENERIC = "bounce", "generic"
NO_MX_CODE = 498  # sending DELIV-010
# From here on a code is the service's own: no server has refused the address.
OWN_CODES = 600

_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


@frozen
class Failure:
    """Why a message could not be delivered."""

    severity: str = PERMANENT
    reason: str = BOUNCE
    code: int = 550
    message: str = "5.1.1 The email account that you tried to reach does not exist"
    description: str = ""

    @property
    def hard(self) -> bool:
        """Whether the address itself is the reason, so that it is listed (platform EVT-059)."""
        listed = self.severity == PERMANENT and self.reason == BOUNCE
        return listed and self.code < OWN_CODES

    @property
    def enhanced_code(self) -> str:
        """The status code of RFC 3463 that the answer names, empty without one."""
        found = _ENHANCED.search(f"{self.message} {self.description}")
        return found[1] if found else ""

    def shown(self) -> dict[str, Any]:
        """The members of `delivery-status`."""
        return {"code": self.code, "message": self.message, "description": self.description}


TEMPORARY_REFUSAL = Failure(TEMPORARY, GENERIC, 421, "4.3.2 Service not available, try again later")
# sending DELIV-019, platform TLS-001: neither code nor text is known.
NO_TLS = Failure(TEMPORARY, GENERIC, 454, "4.7.4 TLS is required and could not be set up")
TOO_OLD = Failure(PERMANENT, "old", 602, "Too old", "Too old")


def unrendered(problem: str) -> Failure:
    """A template that cannot be rendered, so that there is nothing to send.

    How that is told is not known; the number is ours.
    """
    return Failure(PERMANENT, GENERIC, OWN_CODES, problem, "Template could not be rendered")


def of_rule(rule: rules.Rule, recipient: str) -> Failure:
    """What the server of a recipient says when a rule lets delivery fail."""
    usual = Failure()
    if rule.outcome == rules.TEMPORARY:
        usual = TEMPORARY_REFUSAL
    elif rule.outcome == rules.NO_MX:
        text = f"No MX for [{recipient.rpartition('@')[2]}]"
        usual = Failure(TEMPORARY, GENERIC, NO_MX_CODE, text, text)
    return Failure(
        usual.severity,
        rule.reason or usual.reason,
        usual.code if rule.code is None else rule.code,
        rule.message or usual.message,
        rule.description or usual.description,
    )


@frozen
class Failed:
    """An attempt that failed, or the end of trying.

    `wait` is how many seconds are left to the next attempt, None when there is none; `last` is the
    answer to the last attempt when time ran out.
    """

    copy: Copy
    failure: Failure
    attempt: int = 1
    wait: float | None = None
    last: Failure | None = None
    connection: Connection | None = None

    def show(self, event: Event, base_url: str) -> dict[str, Any]:
        """The members of the event."""
        message = {**self.message(event), "size": self.copy.size}
        return {**self.brief(event, base_url), "message": message}

    def message(self, event: Event) -> dict[str, Any]:  # noqa: ARG002
        """The message without its size."""
        return message_of(self.copy)

    def brief(self, event: Event, base_url: str = "") -> dict[str, Any]:
        """The members without the message."""
        failure, draft = self.failure, self.copy.draft
        status: dict[str, Any] = {
            **failure.shown(),
            "attempt-no": self.attempt,
            "session-seconds": 0.0 if failure.code == NO_MX_CODE else SESSION,
            "enhanced-code": failure.enhanced_code,
            "bounce-type": "hard" if failure.hard else "soft",
        }
        if failure.code != NO_MX_CODE:
            status["mx-host"] = mx_host(event.recipient)
        if self.connection is not None:
            status["tls"] = self.connection.tls
            status["certificate-verified"] = self.connection.verified
        if self.wait is not None:
            status["retry-seconds"] = round(self.wait)
        if self.last is not None:
            status["last-code"] = self.last.code
            status["last-message"] = self.last.message
        return {
            **delivery(self.copy, event, base_url),
            "envelope": {
                "sender": draft.envelope,
                "transport": "smtp",
                "targets": event.recipient,
            },
            "reason": failure.reason,
            "delivery-status": status,
        }


@frozen
class Reported:
    """A server took the mail and reported later that it could not deliver it (EVT-052, EVT-057)."""

    copy: Copy
    failure: Failure

    def show(self, event: Event, base_url: str) -> dict[str, Any]:
        """The members of the event."""
        failure, shown = self.failure, Delivered(self.copy).show(event, base_url)
        status: dict[str, Any] = {**failure.shown(), "attempt-no": 1, "session-seconds": 0.0}
        if failure.severity == TEMPORARY:
            status["retry-seconds"] = 600  # platform EVT-055
        else:
            enhanced = failure.enhanced_code
            status |= {"enhanced-code": enhanced, "bounce-code": enhanced or str(failure.code)}
            shown["flags"] = {**shown["flags"], "is-delayed-bounce": True}
            shown["envelope"] = {}
        return {**shown, "reason": failure.reason, "delivery-status": status}
