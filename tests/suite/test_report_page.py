"""The page holds together as a document: nothing is injected, nothing is fetched, all is said."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from attrs import define, field

from tests.contract.report import page
from tests.contract.truth import Truth
from tests.suite import reports

_VOID = frozenset({"meta", "link", "input"})


@define(slots=False)
class Elements(HTMLParser):
    """The elements of a page with their attributes, and all of its text."""

    found: list[tuple[str, dict[str, str | None]]] = field(factory=list)
    open: list[str] = field(factory=list)
    text: str = ""

    def __attrs_pre_init__(self) -> None:
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def read(html: str) -> Elements:
    """Fails for elements that don't close in turn; <p>, <li> and the like all have to."""
    elements = Elements()
    elements.feed(html)
    elements.close()
    assert elements.open == []
    return elements


@pytest.fixture(scope="module")
def bad(truth: Truth) -> Elements:
    good = reports.document(truth)
    verdict = {"unreached": ["get_status", reports.HOSTILE], "stale_deviations": []}
    document = reports.document(truth, reports.bad(truth), verdict=verdict, previous=good)
    return read(page.render(document))


def test_no_answer_of_a_server_becomes_an_element(bad: Elements) -> None:
    assert "document.title='injected'" in bad.text
    assert bad.all("img") == []
    assert len(bad.all("script")) == 1
    assert len(bad.all("svg")) == 1
    for _, attributes in bad.found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
    assert "{{ 7 * 191 }}" in bad.text
    assert "1337" not in bad.text


def test_nothing_refers_to_another_place(bad: Elements) -> None:
    for tag, attributes in bad.found:
        assert not {"src", "srcset", "action", "data", "poster"} & attributes.keys(), tag
        assert (attributes.get("href") or "#").startswith(("#", "data:,"))
    policies = [each["content"] for each in bad.all("meta") if "http-equiv" in each]
    assert policies[0] is not None
    assert policies[0].startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policies[0]


def test_every_link_inside_the_page_leads_somewhere(bad: Elements) -> None:
    names = [attributes["id"] for _, attributes in bad.found if "id" in attributes]
    assert len(names) == len(set(names))
    targets = {each["href"] for each in bad.all("a")}
    assert len(targets) > 3
    assert {str(each)[1:] for each in targets} <= set(names)


def test_every_outcome_is_said_in_words(bad: Elements) -> None:
    for words in (
        "conformance: broken",
        "inputs: known deviation, 2 cases",
        "auth: does not apply",
        "reach: passed, 2 cases",
    ):
        assert words in bad.text


def test_a_failure_shows_how_to_repeat_it(bad: Elements) -> None:
    assert "--seed 7 --operation list_things" in bad.text
    assert "curl -i -X POST 'http://things.example.test/v3/a%2Fb/things" in bad.text
    assert '-u "api:$MAILGUN_API_KEY"' in bad.text
    assert "key-own" not in bad.text
    assert "2 more breaches of this kind in contract.json" in bad.text


def test_the_page_says_what_is_wrong_with_the_whole(bad: Elements) -> None:
    assert "7 breaches in 2 operations" in bad.text
    assert "Never succeeded" in bad.text
    assert "2 newly broken" in " ".join(bad.text.split())


def test_a_run_without_fault_says_so(truth: Truth) -> None:
    text = read(page.render(reports.document(truth))).text
    assert "Client, server and truth agree" in text
    assert "Failures" not in text
    assert "No earlier report" in text


@pytest.mark.parametrize(
    ("pair", "shown"), [((0, 0), "–"), ((0, 3), "0 %"), ((999, 1000), "99 %"), ((3, 3), "100 %")]
)
def test_only_all_of_it_is_a_hundred_percent(pair: tuple[int, int], shown: str) -> None:
    assert page.percent(pair) == shown
