"""What somebody wrote, without what they quoted and without their signature (sending INB-004).

Quotes are found by quotequail; the rules for signatures are ours, because the libraries for it take
everything behind a greeting, or are no longer kept. Nothing is cut when only a quote would be left.
"""

from __future__ import annotations

import logging
import re

import quotequail  # type: ignore[import-untyped]

log = logging.getLogger("mailgun_emulator")

# Characters and lines; to search more would hold up everybody else.
LONGEST = 150_000
_FAR = 5_000
# Lines.
_SIGNATURE_LINES = 12
_CLOSING_LINES = 5

_DASHES = re.compile(r"\s*(?:--+|__+)\s*")
_SENT = re.compile(r"\s*(?:sent|get outlook) (?:from|for|via) [\w\s'./:<>-]{2,60}", re.IGNORECASE)
_CLOSING = re.compile(
    r"\s*(?:many thanks|thank you|thanks|thx|cheers|best|sincerely|yours|"
    r"(?:best|kind|warm|with(?: kind| best)?) (?:regards|wishes)|regards)"
    r"(?: (?:again|and regards|in advance|truly|sincerely|a lot))?\s*[,.!]?\s*",
    re.IGNORECASE,
)


def stripped_text(text: str) -> tuple[str, str]:
    """The text without quotes and signature, and the signature; empty when there is none."""
    if len(text) > LONGEST or text.count("\n") > _FAR:
        return text, ""
    line_end = "\r\n" if "\r\n" in text else "\n"
    plain = text.replace("\r\n", "\n")
    shown = quotequail.quote(plain, limit=_FAR, quote_intro_line=True)[0][1].strip()
    lines = _unquoted((shown or plain.strip()).split("\n"))
    start = _signature(lines)
    words, signature = lines[:start], lines[start:]
    return line_end.join(words).rstrip(), line_end.join(signature).strip()


def stripped_html(html: str) -> str | None:
    """The HTML without quotes; None when it cannot be read."""
    if len(html) > LONGEST:
        return None
    try:
        found: list[tuple[bool, str]] = quotequail.quote_html(
            html, limit=_FAR, quote_intro_line=True
        )
    except Exception as error:
        # Any HTML comes in, and the documented answer to one that cannot be read is nothing.
        log.debug("HTML without quotes: %r", error)
        return None
    return found[0][1]


def _unquoted(lines: list[str]) -> list[str]:
    """The lines without a quote at the end that is too short for quotequail."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith(">")):
        end -= 1
    return lines[:end] or lines


def _signature(lines: list[str]) -> int:
    """The number of the line that the signature begins with."""
    first = max(1, len(lines) - _SIGNATURE_LINES)
    for number in range(first, len(lines)):
        rest = lines[number + 1 :]
        if _DASHES.fullmatch(lines[number]) and any(map(str.strip, rest)):
            return number
        if _SENT.fullmatch(lines[number]) and not any(map(str.strip, rest)):
            return number
        if _CLOSING.fullmatch(lines[number]) and len(rest) < _CLOSING_LINES:
            return number
    return len(lines)
