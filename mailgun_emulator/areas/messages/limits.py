"""Who may send what now: account, domain, recipients, size (sending ERR-036 to ERR-051)."""

from __future__ import annotations

import re
from collections.abc import Container
from ipaddress import ip_address

from attrs import define, evolve, field

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
LARGE_BATCH = "Domain {domain} is not allowed to send large batches yet"
BAD_IP = "Rejected: IP {ip} can't be used to send the message"
TEMPLATE_NOT_FOUND = "template not found"
VERSION_NOT_FOUND = "template version not found"
DISABLED_TEXT = "The domain is disabled."
UNVERIFIED_TEXT = (
    "The domain is unverified and requires DNS configuration. Log in to your control panel to view "
    "required DNS records."
)

_PREFIXES = ("o:", "h:", "v:", "t:")
_SANDBOX_ZONE = ".mailgun.org"
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


def refusal(domain: str, reason: str) -> ApiError:
    """The answer to a domain that may not send."""
    return ApiError(403, f"Domain {domain} is not allowed to send: {reason}")


@define
class Standing:
    """What the account may do: whether it is activated and paid for.

    `authorized` are the activated recipients, in lower case, to whom sandbox domains and free
    accounts may write. `sending_ips` are the addresses that mail may ask to be sent from; without
    any it may be each that is one. `young` are domains with the most recipients that a call of
    theirs may have yet.
    """

    activated: bool = True
    free: bool = False
    authorized: set[str] = field(factory=set)
    sending_ips: set[str] = field(factory=set)
    young: dict[str, int] = field(factory=dict)

    def closed(self, domain: Domain | None) -> str:
        """Why this domain may not send at all; empty when it may (ERR-048, ERR-049)."""
        if not self.activated:
            return INACTIVE
        if domain is not None and domain.state == DISABLED:
            return domain.disabled.reason if domain.disabled else DISABLED_TEXT
        return UNVERIFIED_TEXT if domain is not None and domain.state == UNVERIFIED else ""

    def unauthorized(self, draft: Draft, lists: Container[str] = ()) -> str:
        """Why this mail may not go to its recipients; empty when it may (ERR-050, ERR-051).

        Mail to one of the account's `lists` may: its members are asked for later (LSEND-008).
        """
        reason = self._confined(draft.domain)
        if not reason:
            return ""
        strangers = (a for a in draft.people if a.address.lower() not in self.authorized)
        return "" if all(entry.address in lists for entry in strangers) else reason

    def unreachable(self, domain: str, address: str) -> str:
        """Why a domain may not write to an address; empty when it may."""
        return "" if address.lower() in self.authorized else self._confined(domain)

    def check(self, draft: Draft) -> None:
        """Raises ApiError 403 for a batch too large yet, or an unusable IP (ERR-046, ERR-047)."""
        if self.young and len(draft.people) > self.young.get(draft.domain, RECIPIENTS_LIMIT):
            raise ApiError(403, LARGE_BATCH.format(domain=draft.domain))
        ip = draft.sending_ip.strip()
        if ip and not (ip in self.sending_ips if self.sending_ips else _is_ip(ip)):
            raise ApiError(403, BAD_IP.format(ip=ip))

    def confines(self, domain: str) -> bool:
        """Whether a domain may write to authorized recipients only."""
        return bool(self._confined(domain))

    def _confined(self, domain: str) -> str:
        """Why a domain may write to authorized recipients only; empty when to everybody."""
        if domain.endswith(_SANDBOX_ZONE) and _SANDBOX_NAME.fullmatch(domain):
            return SANDBOX
        return FREE if self.free else ""


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def check_template(draft: Draft, templates: TemplateStore) -> None:
    """Raises ApiError 400 for a template, or a version of it, that is not there.

    Neither status nor text is known (sending OPEN-001). The message keeps what the version says
    now, where there is something to render.
    """
    asked = draft.template
    if asked is None:
        return
    found = templates.usable(draft.domain, asked.name)
    if found is None:
        raise ApiError(400, TEMPLATE_NOT_FOUND)
    version = found.version(asked.version) if asked.version else found.active
    if version is None:
        raise ApiError(400, VERSION_NOT_FOUND)
    if asked.rendered:
        draft.template = evolve(asked, source=version.source)
