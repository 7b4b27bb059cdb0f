"""Delivering to one recipient, as often as it takes (sending DELIV, SCHED, TLS).

What the recipient's server says is decided by rules (`mailgun_emulator.rules`). A temporary refusal
is tried again after a while that grows, the mail stays in the queue meanwhile. Suppression lists
are asked before each attempt.
"""

from __future__ import annotations

from datetime import datetime

from attrs import define

from mailgun_emulator import rules
from mailgun_emulator.areas.dkim.store import VALID
from mailgun_emulator.areas.domains import dns
from mailgun_emulator.areas.domains.records import Domain
from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.areas.events.records import Details, Event, event_id
from mailgun_emulator.areas.events.store import EventStore
from mailgun_emulator.areas.messages import failures
from mailgun_emulator.areas.messages.archive import archive
from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.failures import (
    NO_MX_CODE,
    PERMANENT,
    TEMPORARY,
    Failed,
    Failure,
)
from mailgun_emulator.areas.messages.habits import HabitStore
from mailgun_emulator.areas.messages.limits import Standing
from mailgun_emulator.areas.messages.outcomes import (
    ENCRYPTED,
    PLAIN,
    UNCHECKED,
    Connection,
    Delivered,
    Dropped,
    Suppressed,
)
from mailgun_emulator.areas.messages.queues import QueueStore, Waiting
from mailgun_emulator.areas.messages.reactions import Reactions, Visitor
from mailgun_emulator.areas.suppressions.store import SuppressionStore
from mailgun_emulator.rules import Rule
from mailgun_emulator.state import Account, State

# Seconds from an attempt to the next one. Known are waits of 600 and, without an MX, of 900 seconds
# (platform EVT-055), and that they grow (EVT-056); the rest is that of incoming mail (sending
# INB-010), which also ends after some eight hours.
RETRIES = (600, 900, 1_800, 3_600, 7_200, 14_400)
# How long after its arrival a recipient, or a server, reacts to mail.
REACTION = 60.0
REJECTED = "Rejected by a rule"


@define(eq=False)
class Attempts:
    """The attempts to deliver a copy to one of its recipients.

    `begun` is when the time to deliver began, in epoch seconds; `made` is how many attempts there
    were, `last` what the last one came to. The schedule runs it when the next one is due.
    """

    state: State
    account: Account
    copy: Copy
    recipient: str
    begun: float
    made: int = 0
    last: Failure | None = None

    def __call__(self, when: datetime) -> None:
        """Go on, if the mail is still in the queue."""
        if self.state.store(self.account, QueueStore).take(self._key) is not None:
            self.attempt(when.timestamp())

    def wait(self, until: float, *, scheduled: bool = False) -> None:
        """Put the mail (back) in the queue for a while."""
        waiting = Waiting(self._key, self.copy.draft.domain, scheduled)
        self.state.store(self.account, QueueStore).add(waiting)
        self.state.schedule.at(until, self)

    def attempt(self, moment: float) -> None:
        """Try to deliver."""
        draft = self.copy.draft
        lists = self.state.store(self.account, SuppressionStore)
        if reason := lists.blocks(draft.domain, self.recipient, draft.tags):
            self._record("failed", moment, Suppressed(self.copy, reason, self.made + 1), PERMANENT)
            return
        if reason := self.state.store(self.account, Standing).unreachable(
            draft.domain, self.recipient
        ):
            self._record("rejected", moment, Dropped(self.copy, reason))
            return
        if problem := self.copy.problem:
            failure = failures.unrendered(problem)
            self._record("failed", moment, Failed(self.copy, failure, self.made + 1), PERMANENT)
            return
        if self.last is not None and self._left(moment) <= 0:
            self._give_up(moment)
            return
        self.made += 1
        rule = None
        if not draft.test:
            rule = self.state.rules.decide(
                self.account.id, draft.domain, self.recipient, self.made, self.state.ids.random
            )
        self._follow(rule, moment)

    def _follow(self, rule: Rule | None, moment: float) -> None:
        """What a rule, if there is one, makes of the attempt."""
        outcome = rules.DELIVERED if rule is None else rule.outcome
        if rule is not None and outcome == rules.REJECTED:
            self._record("rejected", moment, Dropped(self.copy, rule.message or REJECTED))
        elif rule is not None and outcome == rules.PERMANENT:
            self._bounce(failures.of_rule(rule, self.recipient), moment)
        elif rule is not None and outcome in (rules.TEMPORARY, rules.NO_MX):
            self._fail(failures.of_rule(rule, self.recipient), moment)
        else:
            domain = self.state.store(self.account, DomainStore).find(self.copy.draft.domain)
            connection = connect(self.copy, domain, outcome)
            if connection is None:
                self._fail(failures.NO_TLS, moment, PLAIN)
                return
            self._record("delivered", moment, Delivered(self.copy, self.made, connection))
            archive(self.state, self.account, self.copy, self.recipient, moment)
            if rule is not None and outcome in _REACTIONS:
                reaction = Reaction(self.state, self.account, self.copy, self.recipient, rule)
                self.state.schedule.at(moment + REACTION, reaction)

    def _bounce(self, failure: Failure, moment: float) -> None:
        """DELIV-003: final, and the address is listed when it is the reason."""
        Reactions(self.state, self.account, moment).bounced(self.copy, self.recipient, failure)
        self._record("failed", moment, Failed(self.copy, failure, self.made), PERMANENT)

    def _fail(self, failure: Failure, moment: float, connection: Connection | None = None) -> None:
        """DELIV-002: tried again, as long as there is time."""
        self.last = failure
        # DELIV-010: the first wait is longer when there is no server at all.
        nth = self.made if failure.code == NO_MX_CODE else self.made - 1
        left = self._left(moment)
        if nth >= len(RETRIES) or left <= 0:
            self._give_up(moment)
            return
        wait = min(RETRIES[nth], left)
        details = Failed(self.copy, failure, self.made, wait, connection=connection)
        self._record("failed", moment, details, TEMPORARY)
        self.wait(moment + wait)

    def _give_up(self, moment: float) -> None:
        """DELIV-009, platform EVT-056: no more time to try."""
        details = Failed(self.copy, failures.TOO_OLD, self.made, last=self.last)
        self._record("failed", moment, details, PERMANENT)

    def _left(self, moment: float) -> float:
        """How many seconds there are left by SCHED-006."""
        handling = self.copy.draft.handling
        if handling is None or handling.within is None:
            return float("inf")
        return self.begun + handling.within - moment

    @property
    def _key(self) -> str:
        return f"{self.copy.key} {self.recipient}"

    def _record(self, kind: str, moment: float, details: Details, severity: str = "") -> None:
        draft = self.copy.draft
        event = Event(
            event_id(self.state.ids),
            kind,
            moment,
            draft.domain,
            self.recipient,
            draft.tags,
            details,
            severity,
        )
        self.state.store(self.account, EventStore).add(event)


_REACTIONS = frozenset({rules.DELAYED_BOUNCE, rules.COMPLAINED, rules.UNSUBSCRIBED})


@define(eq=False)
class Reaction:
    """What a rule lets a recipient do some time after the mail has arrived."""

    state: State
    account: Account
    copy: Copy
    recipient: str
    rule: Rule

    def __call__(self, when: datetime) -> None:
        """React, unless the domain has gone."""
        domain = self.state.store(self.account, DomainStore).find(self.copy.draft.domain)
        if domain is None:
            return
        reactions = Reactions(self.state, self.account, when.timestamp())
        if self.rule.outcome == rules.COMPLAINED:
            reactions.complained(self.copy, self.recipient)
        elif self.rule.outcome == rules.UNSUBSCRIBED:
            reactions.unsubscribed(self.copy, self.recipient, Visitor())
        elif all(record.valid == VALID for record in dns.receiving(domain)):
            # DELIV-011: the report comes in only where the sending domain has its MX records.
            failure = failures.of_rule(self.rule, self.recipient)
            reactions.failed(self.copy, self.recipient, failure)


def connect(copy: Copy, domain: Domain | None, outcome: str) -> Connection | None:
    """How a server can be spoken to, by what it offers; None when not as required (TLS-001).

    What the message says goes before the settings of its domain (TLS-004).
    """
    handling = copy.draft.handling
    require = domain is not None and domain.require_tls
    skip = domain is not None and domain.skip_verification
    if handling is not None and handling.require_tls is not None:
        require = handling.require_tls
    if handling is not None and handling.skip_verification is not None:
        skip = handling.skip_verification
    if outcome == rules.NO_TLS or (outcome == rules.BAD_CERTIFICATE and not skip):
        return None if require else PLAIN
    return UNCHECKED if skip else ENCRYPTED


def begin(state: State, account: Account, copy: Copy, recipient: str, moment: float) -> None:
    """Deliver to a recipient, now or at the time of day that the message asks for."""
    draft, due = copy.draft, moment
    if draft.handling is not None:
        due = draft.handling.begin(state.store(account, HabitStore), recipient, moment)
    if due > moment:
        Attempts(state, account, copy, recipient, due).wait(due, scheduled=True)
        return
    begun = max(draft.accepted_at.timestamp(), draft.deliver_at or 0.0)
    Attempts(state, account, copy, recipient, begun).attempt(moment)
