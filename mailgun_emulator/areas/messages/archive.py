"""Copies of delivered mail for the URL that asks for them (sending MSG-036)."""

from __future__ import annotations

from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.transit import delivered
from mailgun_emulator.state import Account, State

TYPE = "application/mime"


def archive(state: State, account: Account, copy: Copy, recipient: str, moment: float) -> None:
    """Post what a recipient has just got, if that is wanted.

    The message says where, else its domain (platform DOM-029). In test mode nobody got anything.
    """
    draft = copy.draft
    url = draft.options.get("o:archive-to", "")
    if not url:
        domain = state.store(account, DomainStore).find(draft.domain)
        url = (domain.archive_to or "") if domain is not None else ""
    if not url or draft.test or copy.content is None:
        return
    state.outbox.post(
        url,
        content=delivered(state, account, copy, recipient, moment),
        content_type=TYPE,
        on_result=_posted,
    )


def _posted(status: int | None) -> None:
    """Nothing follows from the answer: whether the post is tried again is not known."""
