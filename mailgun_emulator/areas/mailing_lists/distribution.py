"""A message to a list on its way to the members (sending LSEND-001, LSEND-008, LSEND-009)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice

from attrs import define, field

from mailgun_emulator.areas.events.records import Event, event_id, opaque
from mailgun_emulator.areas.events.store import EventStore
from mailgun_emulator.areas.mailing_lists.posting import expand, may_post
from mailgun_emulator.areas.mailing_lists.records import MailingList, Member
from mailgun_emulator.areas.mailing_lists.store import MailingListStore
from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.limits import Standing
from mailgun_emulator.areas.messages.outcomes import Rejected
from mailgun_emulator.state import Account, State

# LSEND-009: that nothing is delivered is inferred, the words are ours.
NOT_ALLOWED = "Not allowed to post to the mailing list"
NO_LIST = "The mailing list does not exist"
# A large list must not hold up the requests in between: how many at once, and how often.
STEP = 200
PAUSE = 0.05

Enter = Callable[[State, Account, list[Copy], float], None]


def distribute(state: State, account: Account, copy: Copy, now: float, enter: Enter) -> None:
    """Send what came to a list to its members; `enter` takes copies in for delivery."""
    mailing = copy.draft.mailing
    found = state.store(account, MailingListStore).find(copy.recipients[0])
    if mailing is None or found is None:
        reject(state, account, copy, NO_LIST, now)
    elif not may_post(found, copy.draft.sender, authenticated=mailing.authenticated):
        reject(state, account, copy, NOT_ALLOWED, now)
    else:
        members = [member for member in found.members if member.subscribed]
        Distribution(state, account, copy, found, iter(members), enter).step(now)


def reject(state: State, account: Account, copy: Copy, reason: str, now: float) -> None:
    """Record that a list, or one of its members, does not get the message."""
    draft = copy.draft
    details = Rejected(draft, reason, copy.size)
    event = Event(event_id(state.ids), "rejected", now, draft.domain, "", draft.tags, details)
    state.store(account, EventStore).add(event)


@define(eq=False)
class Distribution:
    """The members who still have to get a copy."""

    state: State
    account: Account
    copy: Copy
    mailing_list: MailingList
    members: Iterator[Member] = field(repr=False)
    enter: Enter = field(repr=False)

    def __call__(self, when: datetime) -> None:
        """The next members, at their time."""
        self.step(when.timestamp())

    def step(self, now: float) -> None:
        """Serve some members, and plan the next ones."""
        chunk = list(islice(self.members, STEP))
        standing = self.state.store(self.account, Standing)
        reached = []
        for member in chunk:
            reason = standing.unreachable(self.mailing_list.domain, member.address)
            if reason:
                reject(self.state, self.account, self.copy, reason, now)
            else:
                reached.append(member)
        key = partial(opaque, self.state.ids, 34)
        copies = expand(self.mailing_list, self.copy, reached, key)
        if copies:
            self.enter(self.state, self.account, copies, now)
        if len(chunk) == STEP:
            self.state.schedule.at(now + PAUSE, self)
