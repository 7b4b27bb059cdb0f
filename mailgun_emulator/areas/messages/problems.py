"""The texts that sending gives for invalid fields (sending ERR-030 to ERR-044)."""

from __future__ import annotations

import re

from mailgun_emulator.areas.messages.limits import TOO_MANY_RECIPIENTS
from mailgun_emulator.handlers import Problem

NO_BODY = "Need at least one of 'text', 'html', 'amp-html' or 'template' parameters specified"
TWO_BODIES = "Only one parameters 'html' or 'template' is allowed"
NOT_JSON = "'recipient-variables' parameter is not a valid JSON"
NO_FILE = "'message' parameter is not a file"
WRONG_TYPE = (
    "Invalid request content type. Expecting 'multipart/form-data' but got "
    "'application/x-www-form-urlencoded'"
)

_BODIES = ("text", "html", "amp-html", "template")
_ADDRESSES = frozenset({"from", "to", "cc", "bcc"})
_CLOCK = re.compile(r"\d{1,2}:\d{2}([AaPp][Mm])?")


def of_message(problem: Problem) -> str | None:
    """The text for what is wrong with a message; None where no text is known."""
    field = problem.name.partition(".")[0]
    if not field:
        return _whole(problem)
    if problem.kind == "required":
        return missing(field)
    if problem.kind == "maxItems":
        return TOO_MANY_RECIPIENTS
    if field in _ADDRESSES:
        return missing(field) if problem.value in ("", []) else wrong_address(field)
    if field == "recipient-variables":
        return NOT_JSON
    value = problem.value
    if field == "o:deliverytime":
        return f"{value} is not an RFC-2822 compliant date"
    if field == "o:time-zone-localize":
        reason = "is not a valid time to send" if _clock(value) else "invalid 24 hour time"
        blank = " " if _clock(value) else ""
        return f"{value} {reason}{blank}(value of 'o:time-zone-localize')"
    if field in ("o:secondary-dkim", "o:secondary-dkim-public"):
        return f"{value} is not a valid secondary dkim domain name"
    return None


def missing(field: str) -> str:
    """The text for a field that has to be there."""
    return f"{field} parameter is missing"


def wrong_address(field: str) -> str:
    """The text for an address that is none."""
    return f"{field} parameter is not a valid address. please check documentation"


def _whole(problem: Problem) -> str | None:
    """The text for a rule between fields: sender, body, header names."""
    given = problem.value if isinstance(problem.value, dict) else {}
    if problem.kind == "propertyNames":
        names = [name[2:] for name in given if name.startswith("h:")]
        wrong = next((name for name in names if not name.isascii()), names[0] if names else "")
        return f"Header name must be pure ASCII: {wrong}"
    if problem.kind == "not":
        return TWO_BODIES
    if not any(name in given for name in _BODIES):
        return missing("from") if "from" not in given else NO_BODY
    return missing("from") if "from" not in given else None


def _clock(value: object) -> bool:
    return isinstance(value, str) and _CLOCK.fullmatch(value) is not None
