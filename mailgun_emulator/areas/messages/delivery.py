"""Accepting a message, and its delivery a little later (sending MSG-039, MSG-040, BATCH).

The delay is ours: recordings show half a second to two between the two events. What becomes of the
mail when it is due is the matter of `attempts`.
"""

from __future__ import annotations

from datetime import datetime

from attrs import define

from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.areas.events.records import Details, Event, event_id, opaque
from mailgun_emulator.areas.events.store import EventStore
from mailgun_emulator.areas.mailing_lists.distribution import distribute
from mailgun_emulator.areas.mailing_lists.posting import to_lists
from mailgun_emulator.areas.mailing_lists.store import MailingListStore
from mailgun_emulator.areas.messages.addresses import distinct
from mailgun_emulator.areas.messages.archive import archive
from mailgun_emulator.areas.messages.attempts import begin
from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.limits import Standing
from mailgun_emulator.areas.messages.outcomes import Accepted, Delivered, Rejected
from mailgun_emulator.areas.messages.queues import QueueStore, Waiting
from mailgun_emulator.areas.messages.records import Content, Draft
from mailgun_emulator.areas.messages.store import MessageStore
from mailgun_emulator.areas.suppressions.store import SuppressionStore
from mailgun_emulator.areas.tags.store import TagStore
from mailgun_emulator.call import Call
from mailgun_emulator.state import Account, State

DELAY = 0.5


def accept(call: Call, draft: Draft, content: Content) -> None:
    """Keep the message, record that it was accepted, and plan its delivery."""
    state, now = call.state, draft.accepted_at.timestamp()
    if draft.tags:
        draft.tags = call.store(TagStore).seen(draft.domain, draft.tags, draft.accepted_at)
    due = now + DELAY
    later = draft.deliver_at is not None and draft.deliver_at > due
    if later and draft.deliver_at is not None:
        due = draft.deliver_at
    # Zipped bodies are less than what is kept of them, and fields are kept besides the content.
    weight = max(len(call.request.body), content.size)
    copies = _copies(state, draft, content, weight)
    lists = call.store(MailingListStore)
    if len(lists):
        copies = to_lists(lists, copies, lambda: opaque(state.ids, 34))
    enter(state, call.account, copies, now, due, later=later)


def enter(
    state: State,
    account: Account,
    copies: list[Copy],
    now: float,
    due: float | None = None,
    *,
    later: bool = False,
) -> None:
    """Keep copies, record that they were accepted, and deliver them at `due` or soon.

    Times are in epoch seconds; `later` is mail that waits for a time of its own.
    """
    messages, events = state.store(account, MessageStore), state.store(account, EventStore)
    queue = state.store(account, QueueStore)
    for copy in copies:
        messages.add(copy)
        queue.add(Waiting(copy.key, copy.draft.domain, later))
        details = Accepted(copy)
        for recipient in copy.recipients:
            events.add(_event(state, "accepted", now, copy.draft, recipient, details))
    if copies:
        state.schedule.at(now + DELAY if due is None else due, Delivery(state, account, copies))


def reject(call: Call, draft: Draft, content: Content, reason: str) -> None:
    """Record that a message was refused."""
    details = Rejected(draft, reason, content.size)
    now = draft.accepted_at.timestamp()
    call.store(EventStore).add(_event(call.state, "rejected", now, draft, "", details))


@define(eq=False)
class Delivery:
    """The delivery of some copies, run by the schedule."""

    state: State
    account: Account
    copies: list[Copy]

    def __call__(self, when: datetime) -> None:
        """Deliver what is still in the queue."""
        state, account, moment = self.state, self.account, when.timestamp()
        queue, events = state.store(account, QueueStore), state.store(account, EventStore)
        lists, rules = state.store(account, SuppressionStore), state.rules
        plain = _is_plain(state, account, self.copies[0].draft)
        for copy in self.copies:
            if queue.take(copy.key) is None:
                continue
            draft = copy.draft
            if draft.mailing is not None and not draft.mailing.to_member:
                distribute(state, account, copy, moment, enter)
                continue
            details = Delivered(copy)
            easy = plain and not copy.problem
            for recipient in copy.recipients:
                # Nearly all mail comes this way, and has to be spared the rest.
                if (
                    easy
                    and rules.has_none_for(recipient)
                    and lists.blocks(draft.domain, recipient, draft.tags) is None
                ):
                    events.add(_event(state, "delivered", moment, draft, recipient, details))
                    archive(state, account, copy, recipient, moment)
                else:
                    begin(state, account, copy, recipient, moment)


def _is_plain(state: State, account: Account, draft: Draft) -> bool:
    """Whether neither the message nor its domain ask for anything special at delivery."""
    domain = state.store(account, DomainStore).find(draft.domain)
    return (
        draft.handling is None
        and not (domain is not None and (domain.require_tls or domain.skip_verification))
        and not state.store(account, Standing).confines(draft.domain)
    )


def _copies(state: State, draft: Draft, content: Content, weight: int) -> list[Copy]:
    """One copy for all, or in batch mode one for each `to`, cc and bcc with it (BATCH-006)."""
    if draft.batch is None:
        recipients = tuple(entry.address for entry in distinct(draft.people))
        return [Copy(opaque(state.ids, 34), draft, content, recipients, weight=weight)]
    others = [entry.address for entry in (*draft.cc, *draft.bcc)]
    share = weight // max(1, len(draft.to))
    return [
        Copy(
            opaque(state.ids, 34),
            draft,
            content,
            tuple(dict.fromkeys([entry.address, *others])),
            only=entry,
            weight=share,
        )
        for entry in draft.to
    ]


def _event(
    state: State, kind: str, moment: float, draft: Draft, recipient: str, details: Details
) -> Event:
    return Event(event_id(state.ids), kind, moment, draft.domain, recipient, draft.tags, details)
