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
from attrs import define, field
from mailgun_client.operations import OPERATIONS
from playwright.sync_api import Browser, Page

from docsite import reference
from docsite.blocks import operations
from docsite.truth import NAMES, entries
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


def test_models_of_answers_stand_on_one_page(built: Path, pages: dict[Path, site.Html]) -> None:
    found = reference.models(reference.areas())
    assert len(found.fields) > 300
    assert found.homes["Domain"] == "domains"
    assert found.homes["TemplateVersion"] == reference.SHARED
    for name, home in found.homes.items():
        having = {path.name for path, page in pages.items() if name in page.ids}
        assert having == {f"{home}.html"}, name
    assert "#TemplateVersion" in pages[built / "reference/models.html"].links
    assert "models.html#TemplateList" in pages[built / "reference/templates.html"].links


def test_answers_name_every_model_that_a_function_returns() -> None:
    for entry in entries():
        returned = entry.signature.rpartition("->")[2]
        named = " ".join(answer.body for answer in entry.answers)
        missing = {*NAMES.findall(returned)} - {*NAMES.findall(named)} - {"None", "File"}
        assert not missing, f"{entry.operation.name}: {missing}"


def test_fields_of_models_have_their_words_and_wire_names() -> None:
    found = reference.models(reference.areas()).fields
    fields = {field.name: field for field in found["StoredMessage"]}
    assert fields["header_from"].wire == "From"
    assert fields["from_"].wire == "from"
    fields = {field.name: field for field in found["EventDeliveryStatus"]}
    assert fields["attempt_no"].words.startswith("Which attempt")
    assert fields["attempt_no"].wire == "attempt-no"
    assert {field.words for field in found["EventAttachment"]} >= {"In bytes"}
    told = [field for own in found.values() for field in own if field.words]
    assert len(told) > 900


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


@define
class Look:
    """A page of a browser, and what it should not have done."""

    page: Page
    address: str
    complaints: list[str] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url))

    def _asked(self, url: str) -> None:
        if not url.startswith(self.address):
            self.complaints.append(url)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_reads_at_every_width(browser: Browser, address: str, width: int, scheme: Any) -> None:
    """No page is wider than the screen, nothing is asked of another host."""
    with browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    ) as context:
        look = Look(context.new_page(), address)
        for path in ("tutorial", "how-to/errors", "reference/index", "reference/dynamic_ip_pools"):
            look.page.goto(f"{address}/{path}.html")
            assert look.page.evaluate("document.documentElement.scrollWidth") <= width, path
            dark = look.page.evaluate("document.body.dataset.mdColorScheme") == "slate"
            assert dark == (scheme == "dark")
        assert look.complaints == []


@pytest.mark.browser
def test_search_finds_an_operation_on_a_phone(browser: Browser, address: str) -> None:
    with browser.new_context(viewport={"width": 390, "height": 900}) as context:
        look = Look(context.new_page(), address)
        look.page.goto(f"{address}/tutorial.html")
        look.page.locator("label[for=__search].md-header__button").click()
        # Nobody types before the index is there.
        look.page.get_by_text("Type to start searching").wait_for()
        look.page.locator("input.md-search__input").press_sequentially("resend message")
        look.page.locator("a.md-search-result__link[href$='#resend_message']").first.click()
        look.page.wait_for_url("**/reference/messages.html*resend_message")
        assert look.page.locator("#resend_message").is_visible()
        assert look.complaints == []
