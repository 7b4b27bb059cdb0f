"""Which path parameter names a domain that must belong to the caller, and the answer if not.

Sources: sending AUTH-010 to AUTH-013, QUEUE-003; platform GEN-012. Paths of the Optimize family
name domains that are watched, not owned, so they are not here.
"""

from __future__ import annotations

import re

from mailgun_emulator.contract import Operation

_OWNED = re.compile(
    r"(?:/v3|/v[1-5]/domains|/v2/x509|/v1/dkim_management/domains|/v1/dynamic_pools/domains)"
    r"/\{([^{}]+)\}(?:/.*)?"
)
# The services that write the text with a small d.
_LOWER = frozenset({"messages", "templates", "credentials", "stats", "tags"})
CAPITAL_TEXT = "Domain not found"
LOWER_TEXT = "domain not found"


def parameter(template: str) -> str:
    """The name of the parameter that holds an owned domain; empty when there is none."""
    match = _OWNED.fullmatch(template)
    return match[1] if match else ""


def foreign_text(operation: Operation) -> str:
    """The message of the 404 for a domain that the account does not own."""
    return LOWER_TEXT if operation.tag in _LOWER else CAPITAL_TEXT
