"""What becomes of a message that came by SMTP: it is sent, or taken in."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, field

from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.areas.inbound import reception
from mailgun_emulator.areas.mailing_lists.store import MailingListStore
from mailgun_emulator.areas.messages import compose
from mailgun_emulator.areas.messages.addresses import Address, distinct, parse
from mailgun_emulator.areas.messages.handlers import send
from mailgun_emulator.areas.messages.hops import received
from mailgun_emulator.areas.messages.limits import Standing, refusal
from mailgun_emulator.areas.messages.records import Draft, Hop
from mailgun_emulator.call import Call, Request
from mailgun_emulator.contract import Operation
from mailgun_emulator.forms import Form
from mailgun_emulator.smtp.logins import Login
from mailgun_emulator.state import State

METHOD = "SMTP"


@define
class Peer:
    """The other side: its address, and what it has told of itself."""

    ip: str = ""
    hop: Hop = field(factory=Hop)


@define
class Envelope:
    """From whom a message comes and who gets it; `sender` is empty for reports."""

    sender: str
    recipients: list[Address] = field(factory=list)


@define(eq=False)
class Intake:
    """Hands messages to the areas; `operation` is the one that takes MIME over HTTP."""

    state: State
    operation: Operation = field(repr=False)

    def refused(self, login: Login, recipients: Sequence[Address]) -> str:
        """Why the domain may not send, or not to these; empty when it may (SMTP-031)."""
        account, domain = login.account, login.domain
        standing = self.state.store(account, Standing)
        reason = standing.closed(self.state.store(account, DomainStore).find(domain))
        if not reason:
            lists = self.state.store(account, MailingListStore)
            strangers = (each.address for each in recipients if each.address not in lists)
            found = (standing.unreachable(domain, address) for address in strangers)
            reason = next(filter(None, found), "")
        return refusal(domain, reason).message if reason else ""

    def at_home(self, recipient: str) -> bool:
        """Whether mail for an address is taken from everybody."""
        try:
            reception.home(self.state, recipient, self.state.accounts)
        except reception.UnknownRecipientError:
            return False
        return True

    def send(self, login: Login, envelope: Envelope, raw: bytes, peer: Peer) -> None:
        """Send a message as the HTTP API does. Raises ApiError."""
        self.state.settle()
        recipients = distinct(envelope.recipients)
        texts = [each.text for each in recipients]
        call = Call(
            operation=self.operation,
            request=Request("POST", self.operation.path, body=raw, client=peer.ip),
            state=self.state,
            account=login.account,
            key=None,
            path={"domain_name": login.domain},
            query={},
            body={"to": texts},
            form=Form({"to": texts}),
            domain=login.domain,
        )
        draft, content = compose.from_mime(call, raw)
        draft.method = METHOD
        if envelope.sender.rpartition("@")[2].lower() == login.domain:
            draft.envelope = envelope.sender
        if draft.batch is None:
            _address(draft, recipients)
        draft.hop = peer.hop
        send(call, draft, content)

    def take_in(self, envelope: Envelope, raw: bytes, peer: Peer) -> None:
        """Take in mail from outside. Raises UnknownRecipientError."""
        self.state.settle()
        recipients = [each.address for each in distinct(envelope.recipients)]
        ids, at = self.state.ids, self.state.clock.now()
        trace = received(ids.hex(12), ids.hex(24), at, peer.ip, peer.hop)
        traced = f"Received: {trace}\r\n".encode() + raw
        reception.receive(self.state, envelope.sender, recipients, traced)


def _address(draft: Draft, recipients: Sequence[Address]) -> None:
    """Say who stands in which header; who stands in none gets a blind copy (SMTP-016)."""
    left = {each.address.lower(): each for each in recipients}

    def named(header: str) -> list[Address]:
        written = parse([value for name, value in draft.headers if name.lower() == header])
        return [each for each in written if left.pop(each.address.lower(), None)]

    draft.to, draft.cc = named("to"), named("cc")
    draft.bcc = list(left.values())
