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
