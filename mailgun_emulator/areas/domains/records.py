"""What a domain is: its settings, its tracking, and which of its DNS records were found."""

from __future__ import annotations

import re
from datetime import datetime

from attrs import define, field, frozen

ACTIVE, UNVERIFIED, DISABLED = "active", "unverified", "disabled"
CUSTOM, SANDBOX = "custom", "sandbox"
ON, OFF, HTML_ONLY = "true", "false", "htmlonly"
# platform TRK-002.
HTML_FOOTER = '\n<br>\n<p><a href="%unsubscribe_url%">unsubscribe</a></p>\n'
TEXT_FOOTER = "\n\nTo unsubscribe click: <%unsubscribe_url%>\n\n"

# platform SBX-001.
_SANDBOX_NAME = re.compile(r"sandbox[0-9a-f]{32}\.mailgun\.org")


@frozen
class Disabled:
    """Why a domain may not be used (platform DOM-026)."""

    code: str
    reason: str
    note: str = ""
    permanently: bool = False
    until: str | None = None


@frozen
class Tracking:
    """What is tracked in the mail of a domain; `click` is `true`, `false` or `htmlonly`.

    Messages refer to the settings that they were accepted with.
    """

    open: bool = False
    open_at_the_top: bool = False
    click: str = OFF
    unsubscribe: bool = False
    html_footer: str = HTML_FOOTER
    text_footer: str = TEXT_FOOTER


@define
class Domain:
    """A domain of an account, under its lower-case name.

    `number` counts the domains of the account, `dkim_host` is the signing domain of its keys,
    `found` holds what the last check said of each DNS record, by kind and name.
    """

    name: str
    id: str
    created_at: datetime
    number: int
    dkim_host: str
    state: str = UNVERIFIED
    disabled: Disabled | None = None
    spam_action: str = "disabled"
    wildcard: bool = False
    web_prefix: str = "email"
    web_scheme: str = "http"
    require_tls: bool = False
    skip_verification: bool = False
    use_automatic_sender_security: bool = False
    encrypt_incoming_message: bool = False
    message_ttl: int = 0
    archive_to: str | None = None
    mailfrom_host: str = ""
    ips: tuple[str, ...] = ()
    pool_id: str | None = None
    tracking: Tracking = field(factory=Tracking)
    found: dict[tuple[str, str], str] = field(factory=dict)

    @property
    def type(self) -> str:
        """`sandbox` for the kind of name that the API gives to sandboxes, else `custom`."""
        return SANDBOX if _SANDBOX_NAME.fullmatch(self.name) else CUSTOM

    @property
    def tracking_host(self) -> str:
        """The host of tracked links (platform TRK-006)."""
        return f"{self.web_prefix}.{self.name}"

    @property
    def smtp_login(self) -> str:
        """The login that every domain has from the start."""
        return f"postmaster@{self.name}"
