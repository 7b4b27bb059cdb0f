"""The links by which members leave a list, and following them (sending LSEND-005)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from attrs import evolve, frozen

from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.areas.events.records import Event, event_id
from mailgun_emulator.areas.events.store import EventStore
from mailgun_emulator.areas.mailing_lists.store import MailingListStore
from mailgun_emulator.areas.messages.records import Draft
from mailgun_emulator.call import Request
from mailgun_emulator.reply import HTML, TEXT, Reply
from mailgun_emulator.state import Account, State

# sending TRACK-009: where links of this kind are, on the tracking host of the domain.
PREFIX = "/u/"

DONE = "<html><body><p>You have been unsubscribed.</p></body></html>"
_KIND = "list"


@frozen
class Link:
    """What a link says: whose list, which member, and the message that it stood in."""

    account: str
    address: str
    member: str
    domain: str
    message_id: str
    tags: tuple[str, ...] = ()

    def blob(self) -> str:
        """The last segment of the link."""
        parts = [_KIND, self.account, self.address, self.member, self.domain, self.message_id]
        text = json.dumps([*parts, list(self.tags)], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def url(state: State, account: Account, draft: Draft, address: str, member: str) -> str:
    """The link for a member in a message to the list `address`."""
    link = Link(account.id, address, member, draft.domain, draft.id.strip("<>"), draft.tags)
    domain = state.store(account, DomainStore).find(draft.domain)
    base = f"{domain.web_scheme}://{domain.tracking_host}" if domain else f"http://{draft.domain}"
    return f"{base}{PREFIX}{link.blob()}"


def read(blob: str) -> Link | None:
    """What a link says; None when it is none of these."""
    try:
        parts = json.loads(base64.b64decode(blob + "=" * (-len(blob) % 4), altchars=b"-_"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(parts, list) or len(parts) != 7 or parts[0] != _KIND:
        return None
    account, address, member, domain, message_id, tags = parts[1:]
    texts = (account, address, member, domain, message_id)
    if not isinstance(tags, list) or not all(isinstance(part, str) for part in (*texts, *tags)):
        return None
    return Link(account, address, member, domain, message_id, tuple(tags))


def answer(request: Request, state: State) -> Reply:
    """Follow a link: what the one who clicked on it sees."""
    link = read(request.path.removeprefix(PREFIX))
    if request.method not in ("GET", "POST") or link is None or not follow(state, link):
        return Reply(404, "404 page not found\n", TEXT)
    return Reply(200, DONE, HTML)


def follow(state: State, link: Link) -> bool:
    """Mark the member as not subscribed and record it; False when there is no such member.

    A member who has left already stays so, without another event.
    """
    account = next((held for held in state.accounts if held.id == link.account), None)
    if account is None:
        return False
    found = state.store(account, MailingListStore).find(link.address)
    member = found.members.get(link.member) if found else None
    if found is None or member is None:
        return False
    if member.subscribed:
        found.members.put(evolve(member, subscribed=False))
        shown = {"address": found.address, "list-id": found.list_id, "sid": found.sid}
        event = Event(
            event_id(state.ids),
            "unsubscribed",
            state.clock.timestamp(),
            link.domain,
            member.address,
            link.tags,
            _details(link, shown),
        )
        state.store(account, EventStore).add(event)
    return True


def _details(link: Link, mailing_list: Mapping[str, str]) -> dict[str, Any]:
    return {
        "recipient": link.member,
        "recipient-domain": link.member.rpartition("@")[2],
        "mailing-list": dict(mailing_list),
        "message": {"headers": {"message-id": link.message_id}},
        "tags": list(link.tags),
        "user-variables": {},
        "campaigns": [],
    }
