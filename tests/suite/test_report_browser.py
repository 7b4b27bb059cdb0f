"""The page in a browser: at every width, in both colour schemes, with and without script.

These tests need Chromium and fail without it; `-m "not browser"` leaves them out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from playwright.sync_api import Browser, Page, Request

from tests.chromium import browser as browser
from tests.contract.report import page as pages
from tests.contract.truth import Truth
from tests.suite import reports

pytestmark = pytest.mark.browser

WIDTHS = (320, 375, 768, 1280)
_OVERFLOW = """() => [...document.querySelectorAll('body *')]
  .filter((node) => !node.closest('.sr, .skip, pre') && node.checkVisibility()
    && node.getBoundingClientRect().right > innerWidth + 1)
  .map((node) => node.outerHTML.slice(0, 120))"""
# WCAG 2: the contrast of each visible text with what is behind it.
_CONTRAST = """() => {
  const parse = (text) => {
    const found = text.match(/[\\d.]+/g).map(Number);
    const scale = text.startsWith('color(srgb') ? 255 : 1;
    return found.map((n, place) => place < 3 ? n * scale : n);
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((n) => n / 255)
      .map((n) => n <= 0.03928 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (node) => {
    for (let each = node; each; each = each.parentElement) {
      const colour = parse(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] === undefined || colour[3] > 0.5) return colour;
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !node.checkVisibility() || node.closest('.sr, .skip, script, option')) continue;
    const [a, b] = [parse(getComputedStyle(node).color), behind(node)].map(light);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(ratio.toFixed(2) + ' ' + node.outerHTML.slice(0, 100));
  }
  return bad;
}"""


@define
class Look:
    """A page that is open, and everything that it should not have done."""

    page: Page
    address: str
    complaints: list[str] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.page.on("console", lambda each: self.complaints.append(each.text))
        self.page.on("pageerror", lambda each: self.complaints.append(str(each)))
        self.page.on("request", lambda each: self._requested(each))
        self.page.goto(self.address)

    def _requested(self, request: Request) -> None:
        if request.url != self.address.partition("#")[0]:
            self.complaints.append(f"request: {request.url}")

    def shown(self) -> list[str]:
        """The operations that the map shows."""
        rows = self.page.locator(".op:visible").all()
        return [str(row.get_attribute("data-op")) for row in rows]


Open = Callable[..., Look]


@pytest.fixture(scope="module")
def files(truth: Truth, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A report without and one with failures."""
    good = reports.document(truth)
    verdict = {"unreached": ["get_status"], "stale_deviations": [reports.HOSTILE]}
    bad = reports.document(truth, reports.bad(truth), verdict=verdict, previous=good)
    folder = tmp_path_factory.mktemp("report")
    found = {"good": folder / "good.html", "bad": folder / "bad.html"}
    for name, document in (("good", good), ("bad", bad)):
        found[name].write_bytes(pages.render(document).encode("utf-8", "backslashreplace"))
    return found


@pytest.fixture
def look(browser: Browser, files: dict[str, Path]) -> Iterator[Open]:
    contexts = []

    def opened(name: str = "bad", *, width: int = 1280, anchor: str = "", **options: Any) -> Look:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        return Look(context.new_page(), files[name].as_uri() + anchor)

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["good", "bad"])
def test_nothing_is_wider_than_the_window(look: Open, name: str, width: int, script: bool) -> None:
    # Scripts of the test run in either case.
    seen = look(name, width=width, java_script_enabled=script)
    if script:
        seen.page.evaluate("document.querySelectorAll('details').forEach((e) => e.open = true)")
        assert seen.page.evaluate(_OVERFLOW) == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["good", "bad"])
def test_the_page_asks_for_nothing_and_complains_of_nothing(look: Open, name: str) -> None:
    seen = look(name)
    seen.page.locator("#q").fill("thing")
    seen.page.wait_for_load_state("networkidle")
    assert seen.complaints == []
    assert seen.page.title().startswith("Passed" if name == "good" else "Failed")


def test_what_the_browser_would_run_or_fetch_is_noticed(look: Open) -> None:
    seen = look()
    seen.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=http://evil.test/ onerror=1>')"
    )
    seen.page.wait_for_timeout(100)
    assert seen.complaints


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["good", "bad"])
def test_every_text_can_be_read(look: Open, name: str, scheme: str) -> None:
    seen = look(name, color_scheme=scheme)
    seen.page.evaluate("document.querySelectorAll('details').forEach((e) => e.open = true)")
    assert seen.page.evaluate(_CONTRAST) == []
    paper = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(246, 247, 249)") == (scheme == "light")


def test_the_search_leaves_what_fits(look: Open, truth: Truth) -> None:
    seen = look()
    assert len(seen.shown()) == len(truth.operations)
    seen.page.locator("#q").fill("PUT /v3/")
    assert seen.shown() == ["update_thing"]
    assert seen.page.locator("#found").inner_text() == f"1 of {len(truth.operations)} operations"
    seen.page.locator("#q").fill("nothing like it")
    assert seen.shown() == []
    seen.page.get_by_role("button", name="Clear the filter").click()
    assert len(seen.shown()) == len(truth.operations)


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({"outcome": "broken"}, ["delete_thing", "list_things"]),
        ({"outcome": "deviating"}, ["get_note"]),
        ({"outcome": "unrun"}, []),
        ({"outcome": "broken", "law": "auth"}, ["delete_thing"]),
        ({"outcome": "broken", "law": "inputs"}, []),
        ({"outcome": "broken", "area": "things"}, ["delete_thing", "list_things"]),
    ],
)
def test_the_filter_leaves_what_fits(
    look: Open, truth: Truth, chosen: dict[str, str], left: list[str]
) -> None:
    seen = look()
    for name, value in chosen.items():
        seen.page.locator(f"#{name}").select_option(value)
    assert seen.shown() == left
    seen.page.get_by_role("button", name="Clear", exact=True).click()
    assert len(seen.shown()) == len(truth.operations)


def test_the_keyboard_is_enough(look: Open) -> None:
    seen = look(width=375)
    seen.page.keyboard.press("/")
    seen.page.keyboard.type("list_th")
    assert seen.shown() == ["list_things"]
    row = seen.page.locator(".op[data-op=list_things]")
    for _ in range(12):
        seen.page.keyboard.press("Tab")
        if row.locator("summary").first.evaluate("(node) => node === document.activeElement"):
            break
    seen.page.keyboard.press("Enter")
    assert row.get_by_text("Body fields").count() == 0
    assert row.get_by_text("query limit").is_visible()
    outline = seen.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


@pytest.mark.parametrize("anchor", ["#op-list_things", "#op-nothing", "#%22]"])
def test_an_address_opens_its_operation(look: Open, anchor: str) -> None:
    seen = look(anchor=anchor)
    opened = seen.page.locator(".op[open]").all()
    wanted = ["list_things"] if anchor == "#op-list_things" else []
    assert [each.get_attribute("data-op") for each in opened] == wanted
    assert seen.complaints == []


def test_a_link_to_an_operation_that_is_filtered_away_shows_it(look: Open) -> None:
    seen = look()
    seen.page.locator("#q").fill("create")
    seen.page.locator(".failure a").first.click()
    row = seen.page.locator(".op[data-op=delete_thing]")
    assert row.get_attribute("open") is not None
    top = row.bounding_box()
    head = seen.page.locator(".head").bounding_box()
    assert top is not None
    assert head is not None
    assert head["y"] + head["height"] - 1 <= top["y"] < 700


def test_a_command_can_be_copied(look: Open) -> None:
    seen = look(permissions=["clipboard-read", "clipboard-write"])
    block = seen.page.locator(".failure[open] .code", has_text="curl -i").first
    block.get_by_role("button", name="Copy").click()
    copied = seen.page.evaluate("navigator.clipboard.readText()")
    assert copied == block.locator("code").inner_text()


def test_without_script_it_is_a_document(look: Open, truth: Truth) -> None:
    seen = look(java_script_enabled=False, anchor="#op-list_things")
    assert not seen.page.locator(".filter").is_visible()
    assert len(seen.page.locator(".op:visible").all()) == len(truth.operations)
    assert seen.page.get_by_role("heading", name="Totals").is_visible()


def test_it_can_be_printed(look: Open) -> None:
    seen = look(color_scheme="dark")
    seen.page.emulate_media(media="print")
    assert not seen.page.locator(".filter").is_visible()
    paper = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    assert len(seen.page.pdf()) > 10_000
