"""Handlebars: what templates say, and that none of them can do harm."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import pytest

from mailgun_emulator.areas.templates.budget import Budget, Spent
from mailgun_emulator.areas.templates.rendering import RenderingError, render, render_header

PEOPLE = {"people": [{"name": "Al", "tags": ["x", "y"]}, {"name": "Bo", "tags": []}]}


@pytest.mark.parametrize(
    ("source", "variables", "made"),
    [
        ("{{#if a}}A{{else if b}}B{{else}}C{{/if}}", {"a": 1}, "A"),
        ("{{#if a}}A{{else if b}}B{{else}}C{{/if}}", {"b": "x"}, "B"),
        ("{{#if a}}A{{else if b}}B{{else}}C{{/if}}", {"a": 0, "b": []}, "C"),
        ("{{#unless paid}}due{{else}}paid{{/unless}}", {"paid": True}, "paid"),
        ("{{#each people}}{{name}}{{@index}} {{/each}}", PEOPLE, "Al0 Bo1 "),
        ("{{#each none}}x{{else}}nobody{{/each}}", {"none": []}, "nobody"),
        ("{{#each o}}{{@key}}={{this}};{{/each}}", {"o": {"a": 1, "b": 2}}, "a=1;b=2;"),
        ("{{#with a}}{{b}}{{else}}none{{/with}}", {"a": {"b": 1}}, "1"),
        ("{{#with a}}{{b}}{{else}}none{{/with}}", {}, "none"),
        ('{{#equal plan "pro"}}P{{else}}F{{/equal}}', {"plan": "pro"}, "P"),
        ('{{#equal plan "pro"}}P{{else}}F{{/equal}}', {}, "F"),
        ("{{lookup names key}}", {"names": {"x": "X"}, "key": "x"}, "X"),
        (
            "{{#each people}}{{#each tags}}{{../name}}{{this}} {{/each}}{{/each}}",
            PEOPLE,
            "Alx Aly ",
        ),
        ("{{! a }}{{!-- {{> b}} --}}text", {}, "text"),
    ],
)
def test_helpers(source: str, variables: dict[str, Any], made: str) -> None:
    """sending:TSEND-006."""
    assert render(source, variables) == made


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (1, "1", True),
        (1.0, "1", True),
        (1.5, "1.5", True),
        (True, "true", True),
        ("", None, True),
        ("a", "A", False),
        (0, "", False),
    ],
)
def test_equal_compares_texts(a: object, b: object, same: bool) -> None:
    """sending:TSEND-007: a literal or another variable, as a block or inside of another helper."""
    told = "yes" if same else "no"
    variables = {"a": a, "b": b}
    assert render("{{#equal a b}}yes{{else}}no{{/equal}}", variables) == told
    assert render("{{#if (equal a b)}}yes{{else}}no{{/if}}", variables) == told
    literal = json.dumps(b or "")
    assert render("{{#equal a " + literal + "}}yes{{else}}no{{/equal}}", variables) == told


def test_paths_lead_into_lists_and_objects() -> None:
    """sending:TSEND-008."""
    variables = {"user": {"services": [{"name": "a", "on": "1"}, {"name": "b", "on": "2"}]}}
    each = "{{#each user.services}}{{this.name}}{{on}},{{/each}}"
    within = "{{#with user}}{{#each services}}{{this.name}}{{/each}}{{/with}}"
    assert render(each, variables) == "a1,b2,"
    assert render(within, variables) == "ab"
    assert render("{{user.services.[1].on}}{{user.none.at.all}}", variables) == "2"


def test_unless_is_for_what_is_false() -> None:
    """sending:TSEND-009."""
    source = "{{#unless paid}}due{{/unless}}"
    assert [render(source, {"paid": paid}) for paid in (False, True)] == ["due", ""]


def test_html_is_escaped_once() -> None:
    """sending:TSEND-010: unless there are three braces, and never in a header."""
    variables = {"x": "<a href=\"b\"> & 'c'"}
    escaped = "&lt;a href&#x3D;&quot;b&quot;&gt; &amp; &#x27;c&#x27;"
    assert render("{{x}}|{{{x}}}|{{&x}}|{{y}}", variables) == "|".join(
        (escaped, variables["x"], variables["x"], "")
    )
    assert render("{{#if x}}{{#equal x x}}{{x}}{{/equal}}{{/if}}", variables) == escaped
    assert render_header("{{x}}", variables) == variables["x"]


def test_blocks_alone_on_a_line_leave_no_line() -> None:
    """sending:TSEND-010: as Handlebars does it."""
    source = "<ul>\n  {{#each l}}\n  <li>{{this}}</li>\n  {{/each}}\n</ul>"
    assert render(source, {"l": [1, 2]}) == "<ul>\n  <li>1</li>\n  <li>2</li>\n</ul>"


@pytest.mark.parametrize(
    "source",
    [
        "{{",
        "{{}}",
        "{{#if a}}",
        "{{/if}}",
        "{{#if a}}{{/each}}",
        "{{nobody knows}}",
        "{{#if}}a{{/if}}",
        "{{#equal a}}b{{/equal}}",
        "{{> partial}}",
        '{{#*inline "a"}}{{> a}}{{> a}}{{/inline}}{{> a}}',
        '{{{{*inline "a"}}}}{{{{/*inline}}}}',
        "{{#if a}}1{{else with b}}{{c}}{{/if}}",
        "{{lookup l infinite}}",
        "{{lookup o l}}",
        "{{" + "9" * 5000 + "}}",
        "{{#if a}}" * 12_000,
        "{{a " + "(" * 30_000 + ")" * 30_000 + "}}",
    ],
)
def test_what_is_no_template_is_said(source: str) -> None:
    """sending:TSEND-010: broken, foreign and absurd templates are one kind of error, each time."""
    variables = {"l": [1], "o": {"a": 1}, "infinite": float("inf")}
    said = []
    for _ in range(2):
        with pytest.raises(RenderingError) as caught:
            render(source, variables)
        said.append(str(caught.value))
    assert said[0] == said[1] != ""


LOOKUPS = "{{lookup " + "(lookup " * 9 + " a 'x' " + ")" * 9 + "}}"


@pytest.mark.parametrize(
    ("source", "variables"),
    [
        ("{{#each l}}{{#each ../l}}{{#each ../../l}}{{/each}}{{/each}}{{/each}}", {}),
        ("{{#l}}{{#../l}}{{#../../l}}{{this}}{{/../../l}}{{/../l}}{{/l}}", {}),
        ("{{#each l}}" + "x" * 100_000 + "{{/each}}", {}),
        ("{{#each l}}{{../l}}{{/each}}", {}),
        ("{{#each l}}" + LOOKUPS * 500 + "{{/each}}", {"a": {}}),
        ("{{a}}" * 20_000, {"a": "<" * 16_000}),
        ("{{#each l}}{{" + "../" * 300 + "a}}{{/each}}", {}),
    ],
)
def test_a_hostile_template_does_not_hold_anybody_up(
    source: str, variables: dict[str, Any]
) -> None:
    """sending:TSEND-008: however much there were to do."""
    traced = sys.gettrace()
    before = time.perf_counter()
    with pytest.raises(RenderingError, match="too much"):
        render(source, {"l": list(range(4000)), **variables})
    assert time.perf_counter() - before < 10
    assert sys.gettrace() is traced


def test_large_but_honest_templates_pass() -> None:
    """sending:TSEND-008: a thousand rows, and a hundred kilobytes of text."""
    rows = [{"name": f"n{number}", "price": number} for number in range(1000)]
    made = render("{{#each rows}}<tr>{{name}}{{price}}</tr>{{/each}}", {"rows": rows})
    assert made.count("<tr>") == 1000
    assert made.endswith("<tr>n999999</tr>")
    assert len(render("{{a}}" + "x" * 100_000, {"a": 1})) == 100_001


def test_templates_reach_nothing_but_the_variables(capsys: pytest.CaptureFixture[str]) -> None:
    """sending:TSEND-010: what is missing is empty, whatever Python calls it; logs go nowhere."""
    for name in (
        "__class__",
        "constructor",
        "items",
        "x.__class__.__mro__",
        "x.upper",
        "@root.keys",
    ):
        assert render(f"{{{{{name}}}}}", {"x": "text"}) == ""
    assert render("a{{log x}}b", {"x": "text"}) == "ab"
    assert capsys.readouterr().out == ""


def test_a_budget_counts_and_leaves_no_trace() -> None:
    """Calls and texts alike, also when it was used up."""
    traced = sys.gettrace()
    with Budget(calls=50, characters=100):
        assert repeated(3) == "xxx"
    for calls, characters in ((2, 100), (50, 5)):
        with pytest.raises(Spent), Budget(calls, characters):
            list(map(repeated, (3, 3, 3)))
    assert sys.gettrace() is traced


def repeated(times: int) -> str:
    return "x" * times
