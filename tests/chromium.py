"""The browser of the tests that need one; a module that uses it imports the fixture."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium as it is installed; the address of another one in CHROMIUM."""
    named = os.environ.get("CHROMIUM", "")
    path = named or next(filter(None, map(shutil.which, _NAMES)), "")
    if not path or not Path(path).exists():
        pytest.fail(
            f"expected Chromium as one of {', '.join(_NAMES)}, found {named or 'none'}: install "
            "Debian's package `chromium`, set CHROMIUM to its path, or leave these tests out with "
            '-m "not browser"',
            pytrace=False,
        )
    with sync_playwright() as playwright:
        # The pages are our own; containers mostly allow no sandbox inside of theirs.
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()
