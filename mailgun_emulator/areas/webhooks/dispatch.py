"""Telling webhooks of events (platform HOOK-032 to HOOK-046).

A `Dispatch` hears of every event that an account's EventStore records, and posts it to the URLs
that want it. The times of attempts are those of the emulator's clock: of the event, and of the
retries that follow from it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from attrs import define, frozen

from mailgun_emulator.areas.account.signing import sign
from mailgun_emulator.areas.events.records import Event
from mailgun_emulator.areas.webhooks.failures import failure, is_failure
from mailgun_emulator.areas.webhooks.log import (
    DELIVERED,
    GIVEN_UP,
    REFUSED,
    WAITING,
    Attempt,
    Delivery,
    DeliveryLog,
)
from mailgun_emulator.areas.webhooks.rules import EVENT_TYPES
from mailgun_emulator.areas.webhooks.store import WebhookStore
from mailgun_emulator.state import Account, State

# HOOK-043: seconds from a failed attempt to the next one.
RETRIES = (300, 600, 900, 3_600, 7_200, 14_400)
_FAILED = {"permanent": "permanent_fail", "temporary": "temporary_fail"}


@frozen
class Dispatch:
    """What happens to the events of one account; `record` adds one to them."""

    state: State
    account: Account
    record: Callable[[Event], None]

    def __call__(self, event: Event) -> None:
        """Post an event that was just recorded to everybody who wants to know."""
        kind = hook_type(event)
        urls = self.state.store(self.account, WebhookStore).wanting(event.domain, kind)
        if not urls:
            return
        shown = event.show(self.state.base_url)
        if kind == "delivered" and (shown.get("envelope") or {}).get("transport") == "http":
            return  # HOOK-049
        if is_failure(shown):
            return
        log = self.state.store(self.account, DeliveryLog)
        data = document(self.account, event, shown)
        for url in urls:
            delivery = log.open_delivery(kind, url, event.domain, event.id, data)
            posting = Posting(self.state, self.account, delivery, self.record)
            posting.attempt(event.timestamp)


@define(eq=False)
class Posting:
    """A delivery with what its attempts need; the schedule runs it for the later ones."""

    state: State
    account: Account
    delivery: Delivery
    record: Callable[[Event], None]

    def __call__(self, when: datetime) -> None:
        """Try again, unless the domain has gone."""
        if self.delivery.state == WAITING and self.account.owns(self.delivery.domain):
            self.attempt(when.timestamp())

    def attempt(self, moment: float) -> None:
        """Post it once, signed anew (HOOK-034 to HOOK-037)."""
        signed = sign(self.state, self.account, moment)
        self.delivery.next_at = None
        self.state.outbox.post(
            self.delivery.url,
            content=payload(signed, self.delivery.data),
            content_type="application/json",
            on_result=partial(self._answered, moment, signed),
        )

    def _answered(self, moment: float, signed: dict[str, str], status: int | None) -> None:
        """HOOK-042 to HOOK-044: what an answer means."""
        delivery = self.delivery
        delivery.attempts.append(Attempt(moment, signed, status))
        if delivery.state != WAITING or not self.account.owns(delivery.domain):
            return
        made = len(delivery.attempts)
        if status == 200:
            delivery.state = DELIVERED
        elif status == 406 or delivery.kind == "delivered" or made > len(RETRIES):
            delivery.state = REFUSED if status == 406 else GIVEN_UP
            self.record(failure(self.state.ids, delivery, moment, status))
        else:
            delivery.next_at = moment + RETRIES[made - 1]
            self.state.schedule.at(delivery.next_at, self)


def document(account: Account, event: Event, shown: dict[str, Any]) -> str:
    """An event as the Events API shows it, and whose it is (HOOK-033, HOOK-039), as JSON."""
    more = {"account": {"id": account.id}, "domain": {"name": event.domain}}
    return json.dumps({**shown, **more}, ensure_ascii=False, separators=(",", ":"))


def payload(signed: dict[str, str], data: str) -> bytes:
    """The body of a post: a signature, and an event as JSON text."""
    body = f'{{"signature":{json.dumps(signed)},"event-data":{data}}}'
    # A lone surrogate of an odd input has no UTF-8 form.
    return body.encode(errors="replace")


def hook_type(event: Event) -> str:
    """The webhook that an event belongs to, empty when it has none (HOOK-001, HOOK-040)."""
    if event.kind == "failed":
        return _FAILED.get(event.severity, "")
    return event.kind if event.kind in EVENT_TYPES else ""
