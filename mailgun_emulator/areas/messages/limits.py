"""Who may send what now: account, domain, recipients, size (sending ERR-036 to ERR-051)."""

from __future__ import annotations

import re
from collections.abc import Container

from attrs import define, field, frozen

from mailgun_emulator.areas.domains.records import DISABLED, UNVERIFIED, Domain
from mailgun_emulator.areas.messages.records import Draft
from mailgun_emulator.areas.templates.store import TemplateStore
from mailgun_emulator.forms import Form
from mailgun_emulator.reply import ApiError

OPTIONS_LIMIT = 16 * 1024
RECIPIENTS_LIMIT = 1000
# sending MSG-007; the answer is ours.
MESSAGE_LIMIT = 25 * 1024 * 1024

TOO_MANY_OPTIONS = "Send options (parameters starting with o:, h:, or v:) are limited to 16KB total"
TOO_MANY_RECIPIENTS = f"Too many recipients, max is {RECIPIENTS_LIMIT}"
TOO_LARGE = "message size exceeds 25MB limit"
INACTIVE = (
    "Please activate your Mailgun account. Check your inbox or log in to your control panel to "
    "resend the activation email."
)
SANDBOX = (
    "Sandbox subdomains are for test purposes only. Please add your own domain or add the address "
    "to authorized recipients in Account Settings."
)
FREE = (
    "Free accounts are for test purposes only. Please upgrade or add the address to authorized "
    "recipients in Account Settings."
)
TEMPLATE_NOT_FOUND = "template not found"
VERSION_NOT_FOUND = "template version not found"
DISABLED_TEXT = "The domain is disabled."
UNVERIFIED_TEXT = (
    "The domain is unverified and requires DNS configuration. Log in to your control panel to view "
    "required DNS records."
)

_PREFIXES = ("o:", "h:", "v:", "t:")
_SANDBOX_NAME = re.compile(r"sandbox[0-9a-f]+\.mailgun\.org")


def check_options(form: Form) -> None:
    """Raises ApiError 400 when the options are too long together (ERR-036)."""
    total = 0
    for name, texts in form.fields.items():
        if name.startswith(_PREFIXES):
            total += sum(len(t) if t.isascii() else len(t.encode()) for t in texts)
    if total > OPTIONS_LIMIT:
        raise ApiError(400, TOO_MANY_OPTIONS)


def check_size(size: int) -> None:
    """Raises ApiError 413 for a message that is too large."""
    if size > MESSAGE_LIMIT:
        raise ApiError(413, TOO_LARGE)


@frozen
class Refusal:
    """Why a domain may not send; `recorded` when it leaves a `rejected` event (EVT-016)."""

    reason: str
    recorded: bool = False

    def error(self, domain: str) -> ApiError:
        """The answer."""
        return ApiError(403, f"Domain {domain} is not allowed to send: {self.reason}")


@define
class Standing:
    """What the account may do: whether it is activated and paid for.

    `authorized` are the activated recipients, in lower case, to whom sandbox domains and free
    accounts may write.
    """

    activated: bool = True
    free: bool = False
    authorized: set[str] = field(factory=set)

    def refusal(
        self, domain: Domain | None, draft: Draft, lists: Container[str] = ()
    ) -> Refusal | None:
        """Why this mail may not go; None when it may (ERR-048 to ERR-051, TEST-004).

        Mail to one of the account's `lists` may: its members are asked for later (LSEND-008).
        """
        if not self.activated:
            return Refusal(INACTIVE)
        if domain is not None and domain.state == DISABLED:
            return Refusal(domain.disabled.reason if domain.disabled else DISABLED_TEXT)
        if domain is not None and domain.state == UNVERIFIED:
            return Refusal(UNVERIFIED_TEXT)
        for entry in draft.people:
            reason = self.unreachable(draft.domain, entry.address)
            if reason and entry.address not in lists:
                return Refusal(reason, recorded=True)
        return None

    def unreachable(self, domain: str, address: str) -> str:
        """Why a domain may not write to an address; empty when it may."""
        sandbox = _SANDBOX_NAME.fullmatch(domain) is not None
        if not (sandbox or self.free) or address.lower() in self.authorized:
            return ""
        return SANDBOX if sandbox else FREE


def check_template(draft: Draft, templates: TemplateStore) -> None:
    """Raises ApiError 400 for a template, or a version of it, that is not there.

    Neither status nor text is known (sending OPEN-001).
    """
    if draft.template is None:
        return
    found = templates.find(draft.domain, draft.template.name)
    if found is None:
        raise ApiError(400, TEMPLATE_NOT_FOUND)
    if draft.template.version and found.version(draft.template.version) is None:
        raise ApiError(400, VERSION_NOT_FOUND)
