"""Reports for tests: of runs that went well, and of one whose server does its worst."""

from __future__ import annotations

from typing import Any

import httpx

from tests.contract.breaches import PROPERTIES, AuthIgnored, InvalidAccepted, ResponseInvalid
from tests.contract.deviations import Deviation
from tests.contract.evidence import ANSWER, evidence
from tests.contract.ledger import Entry, Ledger
from tests.contract.observe import Notes
from tests.contract.report.document import Run, build
from tests.contract.truth import Truth

WORDS = {"unreached": "never succeeded", "stale_deviations": "stale deviation, remove it"}
EXCUSE = Deviation("emulator", "get_note", "inputs", "InvalidAccepted", "", "why", "where", "when")
# Each would show if it were not quoted: as an element, as an attribute, as a script, as a template.
HOSTILE = (
    "</code></pre></script><script>document.title='injected'</script>"
    "<img src='http://evil.example/x' onerror=\"document.title='injected'\">"
    "\"'><svg onload=document.title='injected'>{{ 7 * 191 }}{% for x in y %}\x00\x1b[31m\ud800"
    + "w"
    * 400
)


def good(truth: Truth) -> Ledger:
    """Every operation under every property."""
    ledger = Ledger("emulator", "ci", 7)
    for operation in truth.operations.values():
        entry = Entry(operation.id, through_client=3, raw=2, seconds=0.25)
        entry.ran.update({law: 2 for law in PROPERTIES if law != "auth" or not operation.public})
        entry.statuses[min(operation.successes)] = 3
        entry.raw_statuses[400] = 2
        notes = Notes({"query limit", "query limit\tminimum 1\tkept", "200.message"})
        notes.time(0.004)
        entry.notes[operation.id] = notes
        ledger.add(entry.plain())
    return ledger


def bad(truth: Truth) -> Ledger:
    """Two operations break a property, with a hostile server, and one deviates."""
    ledger = good(truth)
    entry = Entry("list_things")
    for number in range(6):
        entry.judge(ResponseInvalid(f"{number} {HOSTILE}", evidence(exchange())), [])
    ledger.add(entry.plain())
    entry = Entry("delete_thing")
    entry.judge(AuthIgnored("missing key: status 204", evidence(exchange())), [])
    ledger.add(entry.plain())
    entry = Entry("get_note")
    entry.judge(InvalidAccepted("status 200", evidence(exchange())), [EXCUSE])
    ledger.add(entry.plain())
    return ledger


def exchange() -> httpx.Request:
    """A request with everything that may have to be quoted, and its response."""
    request = httpx.Request(
        "POST",
        "http://things.example.test/v3/a%2Fb/things?tag=<b>&tag=[2]",
        headers={"authorization": "Basic YXBpOmtleS1vd24=", "x-batch": HOSTILE[:60]},
        content=HOSTILE.encode("utf-8", "replace"),
    )
    request.extensions[ANSWER] = httpx.Response(
        200, text=HOSTILE.encode("utf-8", "replace").decode(), headers={"x-odd": "<script>"}
    )
    return request


def run(truth: Truth, **changes: Any) -> Run:
    wanted = {
        name: frozenset(PROPERTIES) - ({"auth"} if operation.public else set())
        for name, operation in truth.operations.items()
    }
    known: dict[str, Any] = {
        "truth": truth,
        "wanted": wanted,
        "verdict": {kind: [] for kind in WORDS},
        "words": WORDS,
        "whole": True,
        "started": "2026-11-21T10:00:00Z",
        "seconds": 12.34,
    }
    return Run(**(known | changes))


def document(truth: Truth, ledger: Ledger | None = None, **changes: Any) -> dict[str, Any]:
    return build(ledger or good(truth), run(truth, **changes))
