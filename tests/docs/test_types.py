"""The code of the pages is clean under mypy's strict rules: it is what users copy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import indent

from docsite.blocks import blocks
from tests.docs.running import PAGES, ROOT, named


def awaitable(lines: list[str]) -> str:
    """The code as a module; in a function if it awaits something at its top."""
    text = "\n".join(lines) + "\n"
    try:
        compile(text, "page", "exec")
    except SyntaxError:
        # The first line of a page is its heading.
        return "async def page() -> None:\n" + indent("\n".join(lines[1:]), "    ") + "\n"
    return text


def check(*pages: Path, folder: Path) -> list[str]:
    """What mypy has against the Python of each page, all blocks of one page together."""
    for page in pages:
        # Lines stay where they are, so that a complaint can be found.
        lines = [""] * len(page.read_text(encoding="utf-8").splitlines())
        for block in blocks(page.read_text(encoding="utf-8")):
            if block.language == "python":
                text = block.text.splitlines()
                lines[block.line - 1 : block.line - 1 + len(text)] = text
        name = named(page).replace("/", "_").replace("-", "_").removesuffix(".md")
        (folder / f"page_{name}.py").write_text(awaitable(lines), encoding="utf-8")
    mypy = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary", "."],
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(ROOT / "generated")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not mypy.stderr
    return mypy.stdout.splitlines()


def test_the_code_of_all_pages_is_typed(tmp_path: Path) -> None:
    assert check(*PAGES, folder=tmp_path) == []


def test_what_is_wrong_is_found(tmp_path: Path) -> None:
    """An answer that may be an error is not taken for a success."""
    page = tmp_path / "page.md"
    page.write_text(
        "# Page\n\n```python\nfrom mailgun_client import Client\n```\n\n```python\n"
        "from mailgun_client.api.domains import get_domain\n\n"
        'print(get_domain.sync("a", client=Client("k", region="us")).domain)\n```\n'
    )
    found = check(page, folder=tmp_path)
    assert found
    assert all("page_page.py:10: error: Item" in line and "union-attr" in line for line in found)
