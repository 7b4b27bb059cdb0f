"""Mail to a list: who may post, and what its members get (sending LSEND).

A message to a list is accepted once, for the list. When it is due it becomes one copy for each
subscribed member, so that members who come or leave in the meantime are counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from attrs import evolve

from mailgun_emulator.areas.mailing_lists.records import (
    EVERYONE,
    LIST,
    READONLY,
    MailingList,
    Member,
)
from mailgun_emulator.areas.mailing_lists.store import MailingListStore
from mailgun_emulator.areas.messages.addresses import Address
from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.records import Draft, Headers, Mailing

# What a display name can hold without quotes; a dot is as good as allowed there.
_ATOMS = re.compile(r"[^\"(),:;<>@\[\\\]\x00-\x1f\x7f]*")


def may_post(mailing_list: MailingList, sender: Address | None, *, authenticated: bool) -> bool:
    """Whether the access level lets this sender post (LSEND-002).

    `authenticated` is mail by API call or SMTP login of the account.
    """
    if mailing_list.access_level == EVERYONE:
        return True
    if mailing_list.access_level == READONLY:
        return authenticated
    member = mailing_list.members.get(sender.address) if sender else None
    return member is not None and member.subscribed


def reply_to(mailing_list: MailingList, draft: Draft) -> Headers:
    """The headers of the draft with a Reply-To that follows the preference (LSEND-003).

    Where replies go to the author, an own Reply-To of the message counts.
    """
    to_list = mailing_list.reply_preference == LIST and mailing_list.access_level != READONLY
    own = [header for header in draft.headers if header[0].lower() == "reply-to"]
    if own and not to_list:
        return draft.headers
    author = draft.sender.text if draft.sender else draft.envelope
    others = [header for header in draft.headers if header[0].lower() != "reply-to"]
    return [*others, ("Reply-To", mailing_list.address if to_list else author)]


def full(member: Member) -> Address:
    """A member as mail names one, `Bob <bob@example.com>` (BATCH-007)."""
    if not member.name:
        return Address(member.address, member.address)
    name = member.name
    if not _ATOMS.fullmatch(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{escaped}"'
    return Address(f"{name} <{member.address}>", member.address)


def expand(
    mailing_list: MailingList,
    copy: Copy,
    members: Sequence[Member],
    key: Callable[[], str],
) -> list[Copy]:
    """A copy for each of these members (LSEND-001, LSEND-004).

    The To header stays as it was, so that replies to all reach the list; of a template the headers
    are there by now. `key` gives storage keys. Routes that took the mail too are no part of them.
    """
    sent = copy.sent
    shared = evolve(
        sent,
        to=[copy.only] if copy.only else sent.to,
        headers=reply_to(mailing_list, sent),
        deliver_at=None,
        routes=(),
        mailing=_mailing(mailing_list, to_member=True),
    )
    share = copy.weight // max(1, len(members))
    made = []
    for member in members:
        own = evolve(shared, batch={member.key: member.vars})
        made.append(Copy(key(), own, copy.content, (member.address,), full(member), share))
    return made


def to_lists(
    store: MailingListStore,
    copies: Iterable[Copy],
    key: Callable[[], str],
    *,
    authenticated: bool = True,
) -> list[Copy]:
    """The copies, with one of its own for every list among the recipients."""
    made: list[Copy] = []
    for copy in copies:
        lists = {r: found for r in copy.recipients if (found := store.find(r))}
        if others := tuple(r for r in copy.recipients if r not in lists):
            copy.recipients = others
            made.append(copy)
        for recipient, found in lists.items():
            own = evolve(copy.draft, mailing=_mailing(found, authenticated=authenticated))
            made.append(Copy(key(), own, copy.content, (recipient,), copy.only, copy.weight))
    return made


def _mailing(found: MailingList, *, authenticated: bool = True, to_member: bool = False) -> Mailing:
    return Mailing(found.address, found.list_id, found.sid, authenticated, to_member)
