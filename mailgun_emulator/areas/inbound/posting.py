"""Posting mail to a URL, again and again until it is taken (sending INB-010, DIFF-035)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from attrs import define, field

from mailgun_emulator.areas.account.signing import sign
from mailgun_emulator.areas.events.records import Event, event_id
from mailgun_emulator.areas.events.store import EventStore
from mailgun_emulator.areas.inbound.mail import Mail
from mailgun_emulator.areas.inbound.outcomes import Posted, Summary
from mailgun_emulator.areas.inbound.payloads import Payload
from mailgun_emulator.state import Account, State

DONE, REFUSED = 200, 406
# Seconds from a failed attempt to the next one.
RETRIES = (600, 900, 1_800, 3_600, 7_200, 14_400)


@define(eq=False)
class Posting:
    """One mail on its way to one URL; the schedule runs it for later attempts."""

    state: State
    account: Account
    mail: Mail
    url: str
    route: dict[str, Any]
    payload: Payload = field(repr=False)
    attempts: int = 0

    def __call__(self, when: datetime) -> None:
        """Try again, unless the domain has gone."""
        if self.account.owns(self.mail.domain):
            self.attempt(when.timestamp())

    def attempt(self, moment: float) -> None:
        """Post it once, signed anew."""
        self.attempts += 1
        signed = sign(self.state, self.account, moment)
        content, content_type = self.payload.encode(signed)
        self.state.outbox.post(
            self.url,
            content=content,
            content_type=content_type,
            on_result=partial(self._answered, moment),
        )

    def _answered(self, moment: float, status: int | None) -> None:
        if status == DONE:
            self._tell("delivered", moment, status)
        elif status == REFUSED or self.attempts > len(RETRIES):
            self._tell("failed", moment, status)
        else:
            self.state.schedule.at(moment + RETRIES[self.attempts - 1], self)

    def _tell(self, kind: str, moment: float, status: int | None) -> None:
        mail = self.mail
        if not self.account.owns(mail.domain):
            return
        details = Posted(Summary.of(mail), self.url, self.route, status, self.attempts)
        event = Event(
            event_id(self.state.ids), kind, moment, mail.domain, mail.recipient, details=details
        )
        if kind == "failed":
            event.severity = "permanent"
        self.state.store(self.account, EventStore).add(event)
