"""The report as one page: no network, no script needed to read it, nothing of a server injected."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tests.contract.report.document import OUTCOMES, coverage

HERE: Final = Path(__file__).parent
Json = dict[str, Any]
# How an outcome looks without colour, and what it is called.
_SIGNS: Final = {
    "passed": ("✓", "passed"),
    "deviating": ("≈", "known deviation"),
    "broken": ("✗", "broken"),
    "unrun": ("○", "not run"),
    "inapplicable": ("–", "does not apply"),
}
_COVERED: Final = {
    "statuses": "statuses reached",
    "parameters": "parameters sent",
    "fields": "body fields sent",
    "keywords": "keyword sides tried",
    "responses": "response fields seen",
}
# Of each property of an operation, the page shows this many breaches; contract.json has all.
_SHOWN = 4


def render(document: Json) -> str:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # The map has a column for each property, however many there are.
    style = _asset("page.css") + Markup(":root {{ --laws: {} }}").format(len(document["laws"]))
    script = _asset("page.js")
    environment.filters |= {"share": _share, "percent": percent, "sides": _sides}
    return environment.get_template("page.html.jinja").render(
        run=document,
        signs=_SIGNS,
        outcomes=OUTCOMES,
        covered=_COVERED,
        areas=list(_areas(document)),
        failures=list(_failures(document)),
        history=_history(document),
        coverage=coverage,
        style=style,
        script=script,
        # Whatever might get into the page, the browser runs only these two.
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'",
    )


def _asset(name: str) -> Markup:
    return Markup((HERE / name).read_text(encoding="utf-8"))


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _areas(document: Json) -> Iterator[Json]:
    rows = sorted(
        ({"id": name} | row for name, row in document["operations"].items()),
        key=itemgetter("area", "id"),
    )
    for area, group in groupby(rows, key=itemgetter("area")):
        operations = [row | {"worst": _worst(row)} for row in group]
        worst = min((row["worst"] for row in operations), key=OUTCOMES.index)
        bad = sum(row["worst"] == "broken" for row in operations)
        yield {"name": area, "operations": operations, "worst": worst, "bad": bad}


def _worst(row: Json) -> str:
    found = (cell["outcome"] for cell in row["properties"].values())
    return min(found, key=OUTCOMES.index, default="inapplicable")


def _failures(document: Json) -> Iterator[Json]:
    for name, row in document["operations"].items():
        for law in row["properties"]:
            found = [each for each in row["broken"] if each["property"] == law]
            if found:
                yield {
                    "operation": name,
                    "area": row["area"],
                    "law": law,
                    "shown": found[:_SHOWN],
                    "more": len(found[_SHOWN:]),
                }


def _history(document: Json) -> list[Json]:
    """The runs so far, each with the height of its bars out of 100."""
    runs = [*document["history"], document]
    counts = [run["totals"]["cells"] for run in runs]
    most = max((cell["broken"] + cell["unrun"] for cell in counts), default=0)
    slowest = max((run["seconds"] for run in runs), default=0) or 1
    return [
        {
            "run": run,
            "bad": cell["broken"] + cell["unrun"],
            "bad_height": round(100 * (cell["broken"] + cell["unrun"]) / most) if most else 0,
            "time_height": max(2, round(100 * run["seconds"] / slowest)),
        }
        for run, cell in zip(runs, counts, strict=True)
    ]


def _share(covered: Json) -> str:
    return percent((covered["reached"], covered["known"]))


def percent(pair: tuple[int, int]) -> str:
    """`a` of `b` in whole percent; 100 only where nothing is missing."""
    reached, known = pair
    return f"{100 * reached // known} %" if known else "–"


def _sides(sides: list[str]) -> tuple[str, str, str]:
    """A keyword's class, sign and words by the sides that were tried."""
    return {
        ("kept", "broken"): ("both", "✓✗", "met and broken"),
        ("kept",): ("one", "✓", "met, never broken"),
        ("broken",): ("one", "✗", "broken, never met"),
        (): ("none", "○", "never tried"),
    }[tuple(sides)]
