"""Text for docstrings."""

from __future__ import annotations

import textwrap

from openapi_python_client import strings

WIDTH = 96


def wrapped(text: str, indent: str = "") -> list[str]:
    """`text` in lines that fit into a docstring; each line of it stays a paragraph."""
    return [
        line
        for paragraph in strings.safe_for_docstring(text.strip()).splitlines()
        for line in textwrap.wrap(
            paragraph,
            WIDTH - len(indent),
            initial_indent=indent,
            subsequent_indent=indent * 2,
            break_long_words=False,
            break_on_hyphens=False,
        )
        or [""]
    ]


def sentence(words: str, facts: list[str]) -> str:
    """One sentence: the words if there are any, and the facts in brackets or on their own."""
    told = ", ".join(facts)
    words = words.strip().rstrip(".")
    if not words:
        return f"{told[:1].upper()}{told[1:]}." if told else ""
    return f"{words} ({told})." if told else f"{words}."
