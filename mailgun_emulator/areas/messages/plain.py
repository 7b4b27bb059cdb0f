"""A text for mail that has only HTML (sending INB-003).

The walk is our own: of the libraries for it one is under the GPL and the other brings an HTTP
client along, while the wording of the real text is not known anyway. The parser is lxml, because
the one of Python takes minutes for some broken markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

_HIDDEN = frozenset({"head", "script", "style", "title"})
_LINES = frozenset({"address", "blockquote", "dd", "div", "dt", "h1", "h2", "h3", "h4", "h5", "h6"})
_LINES |= {"br", "hr", "li", "ol", "pre", "section", "table", "tr", "ul"}
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_MANY = re.compile(r"\n{3,}")


def plain_text(html: str) -> str:
    """The words of an HTML text, with its lines and paragraphs; empty when it cannot be read."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True)
    try:
        root = etree.fromstring(html.encode(errors="replace"), parser)
    except (etree.LxmlError, ValueError):
        return ""
    if root is None:
        return ""
    lines = (line.strip() for line in "".join(_pieces(root)).split("\n"))
    return _MANY.sub("\n\n", "\n".join(lines)).strip()


def _pieces(root: Any) -> Iterator[str]:
    """Words and breaks in the order of the text."""
    walk = etree.iterwalk(root, events=("start", "end"))
    fresh = True
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        text = element.tail if event == "end" else element.text
        if event == "start" and (tag in _HIDDEN or not tag):
            walk.skip_subtree()
            text = None
        if tag == "p" or (tag == "br" and event == "start") or (tag in _LINES and not fresh):
            yield "\n\n" if tag == "p" else "\n"
            fresh = True
        words = _BLANKS.sub(" ", text or "")
        if words and not (fresh and words == " "):
            yield words
            fresh = False
