"""Changing links in HTML, and putting something at its top or bottom; the rest stays as it is.

HTML libraries read a document and write another one: comments for mail programs, entities, quotes
and broken nesting come out different, and senders test what they have written. So the text is only
scanned, by the rules of the HTML standard for tags, comments and raw text. Every branch of the
pattern takes all it has looked at, so broken markup costs no more time than good one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape, unescape

_TOKEN = re.compile(
    r"""
    <!--(?:-?>|.*?(?:--!?>|\Z))                                    # a comment
    |<(?P<raw>script|style|textarea|title|xmp)(?=[\s/>]).*?(?:</(?P=raw)(?=[\s/>])|\Z)
    |<(?P<end>/)?(?P<name>[a-z][^\s/>]*+)                          # a tag
     (?P<inside>(?:=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))?|[^>=]++)*+)(?:>|\Z)
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    r"""([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"'][^\s>]*+)))?""",
)
_DOCTYPE = re.compile(r"\s*+<!doctype[^>]*+>", re.IGNORECASE)
_LINKED = frozenset({"a", "area"})
_WEB = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_IGNORED = re.compile(r"[\t\r\n]")  # within an address, as browsers do

Link = Callable[[str], str]


def edited(html: str, link: Link | None = None, top: str = "", bottom: str = "") -> str:
    """The text with `link` asked for every web address that leads somewhere.

    `top` comes before and `bottom` behind everything that is seen. Links of tags that have the
    attribute `disable-tracking=true` stay (sending TRACK-011).
    """
    changes: list[tuple[int, int, str]] = []
    doctype = _DOCTYPE.match(html)
    first, last = doctype.end() if doctype else 0, len(html)
    inside = False
    for tag in _TOKEN.finditer(html):
        name = (tag["name"] or "").lower()
        if tag["end"]:
            if name == "head" and not inside:
                first = tag.end()
            elif name == "body" or (name == "html" and last == len(html)):
                last = tag.start()
        elif name in ("html", "body") and not inside:
            first, inside = tag.end(), name == "body"
        elif link is not None and name in _LINKED:
            changes += _links(tag, link)
    pieces = [(first, first, top), *changes, (last, last, bottom)]
    return spliced(
        html, sorted((piece for piece in pieces if piece[2]), key=lambda piece: piece[0])
    )


def spliced(text: str, changes: list[tuple[int, int, str]]) -> str:
    """The text with other pieces from each start to its end."""
    kept: list[str] = []
    at = 0
    for start, end, new in changes:
        kept += (text[at:start], new)
        at = end
    return "".join((*kept, text[at:]))


def web_address(url: str) -> str:
    """The address as a browser takes it; empty when it is none of the web."""
    clean = _IGNORED.sub("", url).strip()
    return clean if _WEB.match(clean) else ""


def _links(tag: re.Match[str], link: Link) -> Iterator[tuple[int, int, str]]:
    seen: dict[str, re.Match[str]] = {}
    for attribute in _ATTRIBUTE.finditer(tag.string, *tag.span("inside")):
        seen.setdefault(attribute[1].lower(), attribute)
    untracked = seen.get("disable-tracking")
    if "href" not in seen or (untracked and _value(untracked).strip().lower() == "true"):
        return
    href = seen["href"]
    url = web_address(_value(href))
    if url and (new := link(url)) != url:
        start, end = max(href.span(2), href.span(3), href.span(4))
        new = escape(new)
        yield start, end, f'"{new}"' if href[4] else new


def _value(attribute: re.Match[str]) -> str:
    return unescape(attribute[2] or attribute[3] or attribute[4] or "")
