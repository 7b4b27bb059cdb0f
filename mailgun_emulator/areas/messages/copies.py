"""A copy of a message: what one delivery sends, and what is stored under one key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field

from mailgun_emulator.areas.messages import mime, templating
from mailgun_emulator.areas.messages.addresses import Address
from mailgun_emulator.areas.messages.records import Content, Draft
from mailgun_emulator.areas.messages.text import expansion, unchanged

# sending MSG-024: of the variables in events, in characters of JSON.
VARIABLES_LIMIT = 4096
UNREADABLE = (
    "Could not load user-variables. They were either truncated or invalid JSON"  # platform EVT-041
)


@define(eq=False)
class Copy:
    """One message as it goes out, to all its recipients or to one of a batch.

    `only` is that one; the To header then names nobody else (sending BATCH-001). `weight` is the
    share of the content's bytes. The MIME is put together when somebody wants it.
    """

    key: str
    draft: Draft
    content: Content | None = field(repr=False)
    recipients: tuple[str, ...]
    only: Address | None = None
    weight: int = 0
    _size: int = field(default=-1, init=False, repr=False, eq=False)

    @property
    def expand(self) -> Callable[[str], str]:
        """Fills the recipient's variables into a text."""
        if self.only is None or self.draft.batch is None:
            return unchanged
        return expansion(self.only, self.draft.batch)

    @property
    def to(self) -> str:
        """The To header; that of list mail names the list (sending LSEND-003)."""
        if self.only is None or (self.draft.mailing and self.draft.mailing.to_member):
            return ", ".join(entry.text for entry in self.draft.to)
        return self.only.text

    @property
    def subject(self) -> str | None:
        """The Subject header with the recipient's variables, as far as the caller gave it."""
        return None if self.draft.subject is None else self.expand(self.draft.subject)

    @property
    def sent(self) -> Draft:
        """The draft with the headers that a template adds on delivery (sending TSEND-011)."""
        return self.draft if self.draft.template is None else templating.headed(self.draft)

    @property
    def problem(self) -> str:
        """Why the template cannot be rendered, so that nothing is sent; empty when it can."""
        return templating.problem(self.draft) if self.draft.template else ""

    @property
    def size(self) -> int:
        """The size of the MIME in bytes; that of its parts when it went before anybody asked.

        Under load messages go by the thousand, and putting each together costs more than all else.
        """
        if self._size < 0:
            self._size = self.weight if self.content is None else len(self.mime())
        return self._size

    def mime(self) -> bytes:
        """The whole message; without a body from a template that cannot be rendered.

        Raises LookupError when its content is gone.
        """
        if self.content is None:
            raise LookupError(self.key)
        draft, content = self.draft, self.content
        if draft.template is not None:
            draft, content = templating.filled(draft, content)
        return mime.assemble(draft, content, self.key, self.to, self.expand)

    def variables(self) -> dict[str, Any] | str:
        """The user variables as events show them (sending MSG-023 to MSG-025)."""
        given = self.draft.variables
        if self.draft.unreadable:
            return UNREADABLE
        if not given:
            return {}
        expand = self.expand
        shown = {k: expand(v) if isinstance(v, str) else v for k, v in given.items()}
        return UNREADABLE if len(mime.json_text(shown)) > VARIABLES_LIMIT else shown

    def drop_content(self) -> None:
        """Forget the bodies and files; what events say of the message stays the same."""
        self.content = None
