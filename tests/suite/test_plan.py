"""The plan agrees with the run: in what is sent, in what is not and why, and in how much."""

from __future__ import annotations

from collections import Counter

import httpx
import pytest
from attrs import evolve, frozen

from tests.contract.plan import Line, Plan, totals
from tests.contract.safety import policy as policies
from tests.contract.safety.errors import WithheldError
from tests.contract.safety.policy import Policy
from tests.suite.conftest import Bench, Benches
from tests.suite.server import Server

_CHECKS = ("reach", "valid", "invalid", "auth")


@frozen
class Gate(httpx.BaseTransport):
    """Keeps back what the test wants kept back."""

    inner: Server
    reasons: dict[str, str]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        found = self.inner.recognise(request)
        if found and found.id in self.reasons:
            raise WithheldError(self.reasons[found.id])
        return self.inner.handle_request(request)


def gated(bench: Benches, reasons: dict[str, str]) -> tuple[Bench, Server]:
    """A bench whose target keeps back what has a reason."""
    server = Server()
    judge = bench(Gate(server, reasons))
    target = judge.suite.target
    target.withholds = lambda name: reasons.get(name, "")
    target.complete = False
    return judge, server


def planned(judge: Bench, *names: str, policy: Policy | None = None) -> dict[str, Line]:
    suite = judge.suite
    plan = Plan(suite.truth, suite.target, suite.draws, suite.profile, policy)
    chosen = [suite.truth.operations[name] for name in names or suite.truth.operations]
    return {line.operation.id: line for line in plan.lines(chosen)}


def run(judge: Bench) -> None:
    """All that a session would do."""
    suite = judge.suite
    for name, operation in suite.truth.operations.items():
        if not suite.target.withholds(name):
            for check in _CHECKS + ("paging",) * operation.pages:
                judge.run(check, name)
    for family in suite.truth.families:
        if not suite.target.withholds(family):
            judge.live(family)


@pytest.mark.parametrize(
    "reasons",
    [
        {},
        {"create_thing": "never: too dear"},
        {"add_note": "own: nothing to add it to"},
        {"delete_thing": "never: it destroys", "list_things": "never: of others"},
    ],
    ids=lambda reasons: "-".join(reasons) or "all",
)
def test_what_the_plan_sends_the_run_sends(bench: Benches, reasons: dict[str, str]) -> None:
    judge, server = gated(bench, reasons)
    plan = planned(judge)
    assert server.calls == []
    run(judge)
    sent = Counter(server.calls)
    assert {name for name, line in plan.items() if line.most + line.before} == sent.keys()
    assert {name for name in plan if not plan[name].reason.startswith("not sent: ")} == sent.keys()
    over = {
        name: (count, plan[name].most, plan[name].before)
        for name, count in sent.items()
        if count > plan[name].most + plan[name].before
    }
    assert over == {}


def test_what_needs_something_that_is_withheld_is_not_sent(bench: Benches) -> None:
    judge, _ = gated(bench, {"create_thing": "never: too dear"})
    line = planned(judge, "get_note")["get_note"]
    assert (line.most, line.before) == (0, 0)
    assert line.reason == "not sent: add_note: create_thing: never: too dear"


def test_what_may_not_be_asked_of_a_producer_keeps_its_consumers_back(bench: Benches) -> None:
    judge, _ = gated(bench, {})
    truth = judge.suite.truth
    link = truth.links["get_note"]
    asking = evolve(link, raw=link.raw | {"x-producer-body": {"text": "fixed"}})
    judge.suite.truth = evolve(truth, links={**truth.links, "get_note": asking}, families={})
    rules = {
        "allowed": dict.fromkeys(truth.operations.keys() - {"add_note"}, "A test."),
        "own": {"add_note": {"reason": "A test.", "sends": True, "without": ["Text"]}},
    }
    policy = policies.parse(rules)
    lines = planned(judge, "get_note", "add_note", policy=policy)
    assert "add_note: the field text, which reaches too far" in lines["get_note"].reason
    assert lines["add_note"].most > 0


def test_what_others_need_has_a_line_of_its_own(bench: Benches) -> None:
    judge, _ = gated(bench, {})
    lines = planned(judge, "get_note")
    assert lines["create_thing"].before > 0
    assert str(lines["create_thing"]).split()[2] == f"+{lines['create_thing'].before}"


def test_the_sums_tell_of_sets_up_clean_up_and_budget(bench: Benches) -> None:
    judge, _ = gated(bench, {"create_thing": "never: too dear"})
    lines = planned(judge).values()
    own, before = sum(line.most for line in lines), sum(line.before for line in lines)
    text = totals(lines, 500)
    assert f"at most {own} calls" in text[0]
    assert text[1].startswith(f"set-up: {before} calls")
    assert text[2].startswith("clean-up: ")
    assert "500 calls, the budget. Nothing was sent." in text[3]
    assert "no budget is set" in totals(lines, None)[3]
