"""No run, with any seed, sends a forbidden call or touches what it did not make."""

from __future__ import annotations

import random
from collections.abc import Iterator

import httpx
import pytest
from schemathesis import GenerationMode

from tests.contract import cases
from tests.contract import truth as truths
from tests.contract.calls import Caller, InexpressibleError
from tests.contract.cases import Cases
from tests.contract.ledger import Entry
from tests.contract.profiles import Profile
from tests.contract.safety.errors import SafetyError
from tests.contract.safety.marks import BATCH
from tests.contract.suite import Suite
from tests.contract.truth import Truth
from tests.suite.recording import Recording, session, trespasses

PROFILE = Profile(boundary=1, fuzzed=1, invalid=2)
SAMPLE = 15


@pytest.fixture(scope="module")
def real() -> Truth:
    return truths.load()


@pytest.fixture(scope="module")
def plain(real: Truth) -> Cases:
    return Cases.of(real, 0)


@pytest.fixture
def server() -> Iterator[Recording]:
    recording = Recording()
    recording.people()
    yield recording
    recording.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_run_leaves_its_limits(seed: int, server: Recording, real: Truth, plain: Cases) -> None:
    before = server.shown()
    run = session(server)
    target = run.target()
    suite = Suite(real, target, PROFILE, target.prepare(plain.reseeded(seed)), [])
    never = {name for name in real.operations if run.policy.rule(name).verdict == "never"}
    makers = {name for name, rule in run.policy.rules.items() if rule.makes or rule.sends}
    chosen = makers | set(random.Random(seed).sample(sorted(real.operations), SAMPLE))
    for name in sorted(chosen):
        for check in (suite.reach, suite.valid, suite.invalid, suite.auth):
            suite.start()
            try:
                # Also what the suite itself would leave out: the guard alone has to hold.
                check(real.operations[name], Entry(name))
            except SafetyError:
                continue
    assert target.finish() == []
    assert trespasses(server.seen, run.names.prefix, never) == []
    assert len(server.seen) > 100
    assert {each.operation for each in server.seen} & makers
    assert server.shown() == before


def test_unmarked_cases_of_every_operation_are_kept_back(
    server: Recording, real: Truth, plain: Cases
) -> None:
    """As if the suite forgot what it is doing: cases as drawn, on names that people have."""
    before = server.shown()
    run = session(server)
    caller = Caller(real, run.target(), "key-contract")
    never = {name for name in real.operations if run.policy.rule(name).verdict == "never"}
    held = 0
    for operation in real.operations.values():
        drawn = plain.fuzzed(operation, GenerationMode.POSITIVE, 1)
        for case in drawn:
            names = ["real", "real@sandbox.example.test", "real.example.org", "gone@example.org"]
            for value in names:
                known = {("path", name): value for name in operation.parameters("path")}
                known |= {
                    ("path", name): "sandbox.example.test"
                    for name in sorted(operation.domain_parameters)
                }
                cases.substitute(case, known)
                try:
                    caller.call(operation, cases.values(real, operation, case))
                except (SafetyError, InexpressibleError):
                    held += 1
    assert held > 200
    assert trespasses(server.seen, run.names.prefix, never) == []
    assert server.shown() == before


@pytest.mark.parametrize(
    ("method", "path", "form"),
    [
        ("GET", "/v1/keys", None),
        ("DELETE", "/v3/lists/real@sandbox.example.test", None),
        ("DELETE", "/v3/sandbox.example.test/bounces", None),
        ("POST", "/v3/routes", {"expression": "catch_all()", "action": "stop()"}),
        ("POST", "/v3/sandbox.example.test/messages", {"from": "a@b.test", "to": "c@d.test"}),
        ("POST", "/v3/nothing", None),
    ],
)
def test_the_record_tells_what_a_run_without_guard_would_do(
    server: Recording, method: str, path: str, form: dict[str, str] | None
) -> None:
    url = f"http://emulator.example.test{path}"
    with httpx.Client(transport=server, auth=("api", "key-contract")) as client:
        client.request(method, url, data=form)
        assert len(trespasses(server.seen, "ct-0a1b2c3d", {"list_api_keys"})) == 1


def test_valid_cases_ask_for_and_make_what_a_run_can_find_and_remove(
    server: Recording, real: Truth, plain: Cases
) -> None:
    """Batches are small, since each thing costs a call to remove; a route finds its own address."""
    run = session(server)
    draws = run.target().prepare(plain)
    wanted = f"{run.names.prefix}@{run.names.domain}"
    asked = list(draws.boundary(real.operations["match_route"], GenerationMode.POSITIVE))
    assert asked
    assert {case.query["address"] for case in asked} == {wanted}
    batches = [
        len(case.body)
        for case in draws.boundary(real.operations["create_bounces"], GenerationMode.POSITIVE)
        if isinstance(case.body, list)
    ]
    assert batches
    assert max(batches) == BATCH
