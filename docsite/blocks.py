"""Code blocks of a page, and what they use of the client."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from attrs import frozen
from markdown_it import MarkdownIt

_API = "mailgun_client.api."
_INDENTED = re.compile(r"^(?: {4,}|\t)\s*(?:```|~~~)", re.MULTILINE)


@frozen
class Block:
    """A fenced block.

    Attributes:
        language: the first word after the fence.
        title: the rest of that line.
        text: what is in it.
        line: the line of the page that its text begins at, from 1.
    """

    language: str
    title: str
    text: str
    line: int


def blocks(markdown: str) -> list[Block]:
    """All fenced blocks in their order.

    Raises:
        ValueError: a fence is indented as far as code, so that it would not be seen as a block.
    """
    hidden = _INDENTED.search(markdown)
    if hidden:
        line = markdown.count("\n", 0, hidden.start()) + 1
        raise ValueError(f"line {line}: an indented fence is no block")
    found = []
    for token in MarkdownIt("commonmark").parse(markdown):
        if token.type == "fence" and token.map:
            language, _, title = token.info.strip().partition(" ")
            found.append(Block(language, title, token.content, token.map[0] + 2))
    return found


def operations(markdown: str) -> list[tuple[str, str]]:
    """Area and name of every operation that the Python blocks import, in order, each once."""
    used = (
        pair
        for block in blocks(markdown)
        if block.language == "python"
        for pair in _imported(block.text)
    )
    return list(dict.fromkeys(used))


def _imported(code: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_API):
            area = (node.module or "").removeprefix(_API)
            yield from ((area, alias.name) for alias in node.names)
