"""Taking mail in: whose it is, whether it is spam, and what its routes make of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from attrs import define, evolve, field

from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.areas.events.records import Details, Event, event_id, opaque
from mailgun_emulator.areas.events.store import EventStore
from mailgun_emulator.areas.inbound import spam
from mailgun_emulator.areas.inbound.mail import Mail, marked
from mailgun_emulator.areas.inbound.outcomes import Received, Stored, Summary, route_of, storage_url
from mailgun_emulator.areas.inbound.payloads import forwarded, notified
from mailgun_emulator.areas.inbound.posting import Posting
from mailgun_emulator.areas.mailing_lists.posting import to_lists
from mailgun_emulator.areas.mailing_lists.store import MailingListStore
from mailgun_emulator.areas.messages.compose import new_id
from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.delivery import enter
from mailgun_emulator.areas.messages.limits import Standing
from mailgun_emulator.areas.messages.outcomes import Rejected
from mailgun_emulator.areas.messages.records import Content, Draft
from mailgun_emulator.areas.messages.store import MessageStore
from mailgun_emulator.areas.routes.actions import Action, Forward, Store, is_url
from mailgun_emulator.areas.routes.matching import taking
from mailgun_emulator.areas.routes.records import RouteStore
from mailgun_emulator.areas.tracking.visits import unsubscribe_by_mail
from mailgun_emulator.state import Account, State


class UnknownRecipientError(LookupError):
    """No account has the domain of a recipient."""


@define
class Reception:
    """What became of the mail for one recipient.

    `routes` are the ids of those that took it, `stored` the keys under which it was kept; `to_list`
    is mail that went to a mailing list, `dropped` mail that the spam filter kept back, and
    `unsubscribed` mail to an address that is there for leaving (sending TRACK-018).
    """

    recipient: str
    domain: str
    routes: list[str] = field(factory=list)
    stored: list[str] = field(factory=list)
    to_list: bool = False
    dropped: bool = False
    unsubscribed: bool = False


def home(state: State, recipient: str, accounts: Iterable[Account]) -> tuple[Account, str]:
    """The account and the domain that get the mail for an address.

    A domain with `wildcard` gets that of its subdomains as well. Raises UnknownRecipientError.
    """
    host = recipient.rpartition("@")[2].lower()
    with suppress(UnicodeError):
        host = host if host.isascii() else host.encode("idna").decode()
    for account in accounts:
        if account.owns(host):
            return account, host
        for domain in state.store(account, DomainStore).newest_first():
            if domain.wildcard and host.endswith(f".{domain.name}"):
                return account, domain.name
    raise UnknownRecipientError(recipient)


def receive(
    state: State,
    sender: str,
    recipients: Sequence[str],
    raw: bytes,
    findings: spam.Findings | None = None,
    accounts: Sequence[Account] | None = None,
) -> list[Reception]:
    """Take in a message from outside.

    All of `recipients` must be at home in `accounts` (by default all there are), else nothing is
    taken in. Raises UnknownRecipientError.
    """
    among = state.accounts if accounts is None else accounts
    homes = [(recipient, *home(state, recipient, among)) for recipient in recipients]
    verdict = spam.judge(raw, findings or spam.Findings())
    envelope = [("X-Mailgun-Incoming", "Yes"), ("X-Envelope-From", f"<{sender}>")]
    now, received = state.clock.now(), []
    for recipient, account, name in homes:
        told = Reception(recipient, name)
        received.append(told)
        if unsubscribe_by_mail(state, recipient):
            told.unsubscribed = True
            continue
        domain = state.store(account, DomainStore).find(name)
        action = spam.DISABLED if domain is None else domain.spam_action
        if action == spam.BLOCK and verdict.spam:
            told.dropped = True
            continue
        marks = verdict.headers() if action == spam.TAG else []
        mail = Mail(name, sender, recipient, now, marked(raw, [*envelope, *marks]))
        _Desk(state, account, mail, told).handle()
    return received


@define(eq=False)
class _Desk:
    """Where one mail is dealt with."""

    state: State
    account: Account
    mail: Mail
    told: Reception

    def handle(self) -> None:
        """Record it, and let its mailing list and its routes have it (LSEND-007)."""
        routes = self.state.store(self.account, RouteStore).in_turn()
        taken = [
            (route_of(each.route, self.mail), each.actions) for each in taking(routes, self.mail)
        ]
        self.told.routes = [shown["id"] for shown, _ in taken]
        lists = self.state.store(self.account, MailingListStore)
        if lists.find(self.mail.recipient) is not None:
            self.told.to_list = True
            draft = self._draft(self.mail.recipient, [shown for shown, _ in taken])
            copy = self._copy(self._tracked(draft))
            copies = to_lists(lists, [copy], self._key, authenticated=False)
            enter(self.state, self.account, copies, self._now)
        else:
            self._record("accepted", Received(Summary.of(self.mail), [shown for shown, _ in taken]))
        for shown, actions in taken:
            for action in actions:
                self._act(action, shown)

    def _act(self, action: Action, route: dict[str, Any]) -> None:
        if isinstance(action, Forward):
            for destination in action.destinations:
                if is_url(destination):
                    self._post(destination, route, forwarded(self.mail, destination))
                else:
                    self._send_on(destination, route)
        elif isinstance(action, Store):
            url = self._keep()
            for place in filter(is_url, action.notify):
                self._post(place, route, notified(self.mail, url))

    def _post(self, url: str, route: dict[str, Any], payload: Any) -> None:
        Posting(self.state, self.account, self.mail, url, route, payload).attempt(self._now)

    def _send_on(self, address: str, route: dict[str, Any]) -> None:
        """Mail it on, where the domain may send to (ROUTE-021, ROUTE-023)."""
        draft = self._tracked(self._draft(address, [route]))
        domain = self.state.store(self.account, DomainStore).find(self.mail.domain)
        standing = self.state.store(self.account, Standing)
        if reason := standing.closed(domain) or standing.unauthorized(draft):
            self._record("rejected", Rejected(draft, reason, len(self.mail.raw)))
            return
        enter(self.state, self.account, [self._copy(draft)], self._now)

    def _keep(self) -> str:
        """Keep it for whoever reads it, and record that; where it can be read."""
        copy = self._copy(self._draft(self.mail.recipient))
        self.state.store(self.account, MessageStore).add(copy)
        self.told.stored.append(copy.key)
        self._record("stored", Stored(Summary.of(self.mail), copy.key))
        return storage_url(self.state.base_url, self.mail.domain, copy.key)

    def _draft(self, to: str, routes: Sequence[dict[str, Any]] = ()) -> Draft:
        number = new_id(self.state.ids, self.mail.received_at, self.mail.domain)
        return self.mail.draft(number, to, routes)

    def _tracked(self, draft: Draft) -> Draft:
        """Mail that goes on is tracked like any other of the domain (ROUTE-022)."""
        domain = self.state.store(self.account, DomainStore).find(self.mail.domain)
        return draft if domain is None else evolve(draft, tracking=domain.tracking)

    def _copy(self, draft: Draft) -> Copy:
        raw, recipients = self.mail.raw, tuple(entry.address for entry in draft.to)
        return Copy(self._key(), draft, Content(raw=raw), recipients, weight=len(raw))

    def _key(self) -> str:
        return opaque(self.state.ids, 34)

    @property
    def _now(self) -> float:
        return self.mail.received_at.timestamp()

    def _record(self, kind: str, details: Details) -> None:
        # Neither mail that is kept nor mail that may not go on has one recipient in its event.
        recipient = self.mail.recipient if kind == "accepted" else ""
        event = Event(
            event_id(self.state.ids), kind, self._now, self.mail.domain, recipient, details=details
        )
        self.state.store(self.account, EventStore).add(event)


def shown(receptions: Iterable[Reception]) -> Iterator[dict[str, Any]]:
    """What became of a message, as JSON."""
    for told in receptions:
        yield {
            "recipient": told.recipient,
            "domain": told.domain,
            "routes": told.routes,
            "stored": told.stored,
            "list": told.to_list,
            "dropped": told.dropped,
            "unsubscribed": told.unsubscribed,
        }
