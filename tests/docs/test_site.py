"""The site: no warnings, no wrong links, every operation, at every width and in both colours."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from mailgun_client.operations import OPERATIONS
from playwright.sync_api import Browser

from docsite.blocks import operations
from tests.chromium import browser as browser
from tests.docs import site
from tests.docs.running import ROOT


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(built: Path) -> dict[Path, site.Html]:
    return site.pages(built)


@pytest.fixture(scope="module")
def index(built: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((built / "search/search_index.json").read_text())[
        "docs"
    ]
    return found


def test_every_link_leads_somewhere(pages: dict[Path, site.Html]) -> None:
    assert len(pages) > 70
    assert site.broken(pages) == []


def test_broken_links_are_seen(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<a href="b.html#x"><a href="c.html"><a href="#y"><i id="z">')
    (tmp_path / "b.html").write_text('<a href="a.html#z"><script src="https://cdn.example/x.js">')
    found = site.pages(tmp_path)
    assert site.broken(found) == ["a.html: b.html#x", "a.html: c.html", "a.html: #y"]
    assert site.foreign(found) == {"https://cdn.example/x.js"}


def test_nothing_comes_from_another_host(built: Path, pages: dict[Path, site.Html]) -> None:
    assert site.foreign(pages) == set()
    own = [path for path in built.rglob("*.css") if "url(http" in path.read_text()]
    assert own == []


def test_every_operation_has_its_place(built: Path, pages: dict[Path, site.Html]) -> None:
    listed = pages[built / "reference/index.html"].links
    assert len(OPERATIONS) == 405
    for name, operation in OPERATIONS.items():
        assert name in pages[built / f"reference/{operation.area}.html"].ids
        assert f"{operation.area}.html#{name}" in listed


def test_pages_and_reference_lead_to_each_other(built: Path, pages: dict[Path, site.Html]) -> None:
    linked = 0
    for source in sorted((ROOT / "docs").rglob("*.md")):
        path = source.relative_to(ROOT / "docs").with_suffix(".html").as_posix()
        for area, name in operations(source.read_text(encoding="utf-8")):
            up = "../" if "/" in path else ""
            assert f"{up}reference/{area}.html#{name}" in pages[built / path].links
            assert f"../{path}" in pages[built / f"reference/{area}.html"].links
            linked += 1
    assert linked >= 40


@pytest.mark.parametrize("name", ["send_message", "enroll_all_domains_in_dynamic_ip_pools"])
def test_the_index_of_search_has_it(name: str, index: list[dict[str, Any]]) -> None:
    area = OPERATIONS[name].area
    found = [one for one in index if one["location"] == f"reference/{area}.html#{name}"]
    assert [one["title"] for one in found] == [name]
    assert OPERATIONS[name].path in found[0]["text"].replace("<wbr>", "")


@pytest.fixture(scope="module")
def address(built: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            """Nothing."""

    handler = functools.partial(Quiet, directory=str(built))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_reads_at_every_width(browser: Browser, address: str, width: int, scheme: str) -> None:
    """No page is wider than the screen, nothing is asked of another host, search finds it."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    for path in ("tutorial", "how-to/errors", "reference/index", "reference/dynamic_ip_pools"):
        page.goto(f"{address}/{path}.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        dark = page.evaluate("document.body.dataset.mdColorScheme") == "slate"
        assert dark == (scheme == "dark")
    if width < 1000:
        page.locator("label[for=__search].md-header__button").click()
    page.locator("input.md-search__input").fill("resend message")
    found = page.locator("a.md-search-result__link[href$='#resend_message']").first
    found.wait_for(timeout=5000)
    found.click()
    page.wait_for_url("**/reference/messages.html*resend_message")
    assert [url for url in asked if not url.startswith(address)] == []
    assert errors == []
    context.close()
