"""Patterns of routes: the syntax of Python, and no way to hold the server up with them."""

from __future__ import annotations

import re
import time
import warnings

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgun_emulator.areas.routes import expressions, patterns
from mailgun_emulator.areas.routes.expressions import Captures, Look
from mailgun_emulator.areas.routes.matching import Address
from mailgun_emulator.areas.routes.patterns import Allowance, BadPatternError
from tests.emulator.areas.clients import told
from tests.emulator.areas.incoming import URL, Incoming, mime

LONG = "a" * 5000 + "b"

# What would take Python's own `re` until the end of days.
RUNAWAYS = [
    "(a|a)*$",
    "(a+a+)+$",
    "(?:a|a?)+$",
    "(?=(?:a|aa)*$)",
    r"(?:(a)|\1|a)+$",
    r"(a*)(a*)(a*)\1\2$",
    "(?:(?:a{1,30}){1,30}){1,20}$",
]


def caught(pattern: str, text: str) -> tuple[str, ...] | None:
    """What the groups of a pattern catch, None when it does not fit."""
    found = patterns.compiled(pattern).match(text, Allowance())
    return None if found is None else found.groups("")


@pytest.mark.parametrize(
    ("pattern", "text", "groups"),
    [
        ("(?!noreply)(.*)@", "bob@example.com", ("bob",)),
        ("(?!noreply)(.*)@", "noreply@example.com", None),
        (r".*(?<!no)reply", "noreply", None),
        (r"(\w+)\.\1@", "bob.bob@example.com", ("bob",)),
        (r"(?P<a>x)(?P=a)", "XX", ("X",)),
        (r"[^@]{3,5}@", "bobby@example.com", ()),
        (r"[]}]+(.)", "]}x", ("x",)),
        # What `regex` reads more into is what it is for Python.
        ("x{e<=1}", "x{e<=1}", ()),
        ("x{e<=1}", "y", None),
        ("a[[x]--[y]]", "a-]", None),
        ("a{,2}b", "aab", ()),
        ("a{}", "a{}", ()),
    ],
)
def test_python_syntax(pattern: str, text: str, groups: tuple[str, ...] | None) -> None:
    """sending:ROUTE-014: lookaround, backreferences, counts, classes."""
    assert caught(pattern, text) == groups


PIECES = [
    *r"ab@.*+?|()[]{}^$\-,12w ",
    "(?:",
    "(?=",
    "(?!",
    "(?P<n>",
    "(?P=n)",
    r"\1",
    "[^a]",
    "{1,2}",
]


@given(
    st.lists(st.sampled_from(PIECES), max_size=9).map("".join),
    st.text("abAB@.1w{} ", max_size=7),
)
def test_python_agrees(pattern: str, text: str) -> None:
    """sending:ROUTE-014: what is no pattern for Python is none here, and others catch the same."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = re.match(pattern, text, re.IGNORECASE)
    except re.error:
        with pytest.raises(BadPatternError):
            patterns.compiled(pattern)
        return
    assert caught(pattern, text) == (None if expected is None else expected.groups(""))


@pytest.mark.parametrize("pattern", [r"\p{L}", "(?R)", "(?|a|b)", "(?e)x", r"\Kx", r"\L<names>"])
def test_no_other_syntax(api: httpx.Client, pattern: str) -> None:
    """sending:ROUTE-014: what only `regex` knows is refused, as Python would."""
    answer = api.post("/v3/routes", data={"expression": f"match_recipient('{pattern}')"})
    assert answer.status_code == 400
    assert f"bad pattern '{pattern.replace(chr(92), chr(92) * 2)}'" in answer.json()["message"]


@pytest.mark.parametrize("pattern", RUNAWAYS)
def test_runaways_are_stopped(pattern: str) -> None:
    """sending:ROUTE-014: what does not come to an end in its time does not fit."""
    allowance = Allowance()
    begun = time.process_time()
    assert patterns.compiled(pattern).match(LONG, allowance) is None
    assert time.process_time() - begun < 1
    assert allowance.left < 0


@pytest.mark.parametrize(
    "pattern",
    [
        "a{4294967294}",
        "a{0,99999}",
        "(?:a{60000}){60000}",
        "(?:(?:(?:a{99}){99}){99}){99}",
        "((a{150})*x{150}){150}",
        "a{99} {99} {99}",
        "(?x)a {99999}",
    ],
)
def test_large_ones_are_refused(api: httpx.Client, pattern: str) -> None:
    """sending:OPEN-001: counted repetitions are written out, so there is an end to them."""
    answer = api.post("/v3/routes", data={"expression": f'match_recipient("{pattern}")'})
    reason = f"Invalid 'expression' parameter: bad pattern {pattern!r}: too large"
    assert told(answer) == (400, {"message": reason})


@pytest.mark.parametrize(
    "pattern",
    ["(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{12}){99}", "x" * 4000, "a{9999}", "([ab]{64}){64}"],
)
def test_usual_ones_are_not(pattern: str) -> None:
    """sending:ROUTE-014: counts that stand side by side do not multiply."""
    assert caught(pattern, "!") is None


def test_deep_ones_are_refused() -> None:
    """sending:OPEN-001: neither an endless recursion nor an error of the server."""
    with pytest.raises(BadPatternError, match="too complex"):
        patterns.compiled("(" * 1500 + "a" + ")" * 1500)


def test_one_allowance_for_a_filter() -> None:
    """sending:ROUTE-014: a second runaway has next to no time left, another pattern has enough."""
    allowance = Allowance()
    look = Look(Address(LONG), allowance=allowance)
    begun = time.process_time()
    slow = " or ".join(["match_recipient('(a|a)*$')"] * 40)
    found = expressions.parse(f"{slow} or match_recipient('(aa).*')").match(look)
    assert found == Captures(("aa",))
    assert time.process_time() - begun < 1
    assert allowance.left < 0


def test_a_runaway_route_does_not_stop_the_others(incoming: Incoming) -> None:
    """sending:ROUTE-014, ROUTE-015, ROUTE-019: mail comes in and takes the next route."""
    for number in range(30):
        incoming.route("stop()", expression=f"match_header('subject', '(a|a)*{number}$')")
    incoming.route(f'forward("{URL}")', expression="match_header('subject', '(a+)$')")
    begun = time.process_time()
    incoming.take(mime(Subject="a" * 5000))
    assert time.process_time() - begun < 3
    assert incoming.urls() == [URL]
    assert incoming.api.get("/v3/routes/match", params={"address": "a@b.c"}).status_code == 404
