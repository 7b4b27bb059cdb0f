"""Changing web addresses in plain text; the rest stays as it is."""

from __future__ import annotations

import re

from mailgun_emulator.areas.tracking.markup import Link, web_address

# What cannot be part of an address, in the way that people write it into a text.
_ADDRESS = re.compile(r"\bhttps?://[^\s<>\"]+", re.IGNORECASE)
_BEHIND = ".,;:!?'*_"
_PAIRS = {")": "(", "]": "[", "}": "{"}


def edited(text: str, link: Link) -> str:
    """The text with `link` asked for every web address."""
    return _ADDRESS.sub(lambda found: _changed(found[0], link), text)


def _changed(found: str, link: Link) -> str:
    """The address with another one for it, and what only stands behind it."""
    end = len(found)
    # A bracket that was opened inside of the address belongs to it.
    surplus = {close: found.count(close) - found.count(begin) for close, begin in _PAIRS.items()}
    while (last := found[end - 1]) in _BEHIND or surplus.get(last, 0) > 0:
        if last in surplus:
            surplus[last] -= 1
        end -= 1
    url = found[:end]
    return (link(url) if web_address(url) else url) + found[end:]
