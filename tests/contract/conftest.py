"""Options, the suite fixture, and the ledger that the main process keeps."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract import deviations, targets, truth
from tests.contract.breaches import PROPERTIES
from tests.contract.cases import Cases
from tests.contract.ledger import Ledger
from tests.contract.profiles import PROFILES
from tests.contract.suite import Suite
from tests.contract.truth import Truth

TRUTH = pytest.StashKey[Truth]()
LEDGER = pytest.StashKey[Ledger]()
STARTED = pytest.StashKey[float]()
VERDICT = pytest.StashKey[dict[str, list[str]]]()

# What makes a run fail as a whole, in the report and in words.
_FAULTS = {
    "unreached": "never succeeded",
    "unrun": "never came under",
    "stale_deviations": "stale deviation, remove it",
}
_LISTED = 20
_GREEN = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract")
    group.addoption("--profile", choices=sorted(PROFILES), default="quick")
    group.addoption("--target", choices=targets.TARGETS, default="emulator")
    group.addoption("--contract-seed", type=int, default=0)
    group.addoption("--operation", action="append", default=[], help="only this operationId")
    group.addoption("--contract-report", type=Path, default=None)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TRUTH] = truth.load()
    wanted = config.getoption("--operation")
    if unknown := [name for name in wanted if name not in config.stash[TRUTH].operations]:
        raise pytest.UsageError(f"no such operation: {', '.join(unknown)}")
    config.stash[STARTED] = time.monotonic()
    config.stash[LEDGER] = Ledger(
        config.getoption("--target"),
        config.getoption("--profile"),
        config.getoption("--contract-seed"),
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "operation" in metafunc.fixturenames:
        known = metafunc.config.stash[TRUTH].operations
        wanted = metafunc.config.getoption("--operation") or list(known)
        chosen = [known[name] for name in wanted]
        metafunc.parametrize("operation", chosen, ids=[operation.id for operation in chosen])


@pytest.fixture(scope="session")
def suite(pytestconfig: pytest.Config) -> Iterator[Suite]:
    the_truth = pytestconfig.stash[TRUTH]
    target = targets.make(pytestconfig.getoption("--target"))
    known = deviations.load(target.name, the_truth.operations)
    draws = Cases.of(the_truth, pytestconfig.getoption("--contract-seed"))
    profile = PROFILES[pytestconfig.getoption("--profile")]
    yield Suite(the_truth, target, profile, draws, known)
    target.transport.close()


class _Collector:
    """Adds what every worker's tests recorded to the ledger of the main process."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            for name, value in report.user_properties:
                if name == "contract":
                    self._config.stash[LEDGER].add(dict(value))  # type: ignore[call-overload]


def pytest_sessionstart(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(_Collector(session.config))


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    ledger = config.stash[LEDGER]
    verdict = _verdict(config) if _whole(config) else {kind: [] for kind in _FAULTS}
    path = config.getoption("--contract-report")
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        seconds = time.monotonic() - config.stash[STARTED]
        path.write_text(ledger.render(seconds, verdict))
    if any(verdict.values()) and session.exitstatus in _GREEN:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    config.stash[VERDICT] = verdict


def _whole(config: pytest.Config) -> bool:
    """Whether every operation was to come under every property."""
    narrowed = ("--operation", "keyword", "markexpr", "deselect")
    return not any(map(config.getoption, narrowed)) and not any("::" in arg for arg in config.args)


def _verdict(config: pytest.Config) -> dict[str, list[str]]:
    """What is wrong with a whole run, by the kinds of `_FAULTS`."""
    ledger, operations = config.stash[LEDGER], config.stash[TRUTH].operations
    wanted = {
        name: frozenset(PROPERTIES) - ({"auth"} if operation.public else set())
        for name, operation in operations.items()
    }
    known = {name: operation.successes for name, operation in operations.items()}
    thorough = PROFILES[ledger.profile].thorough
    entries = deviations.load(ledger.target, known) if thorough else []
    excusable = [entry for entry in entries if not entry.drawn]
    return {
        "unreached": ledger.unreached(known),
        "unrun": ledger.unrun(wanted),
        "stale_deviations": [each.name for each in excusable if each.name not in ledger.excused],
    }


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if VERDICT not in config.stash:
        return
    terminalreporter.section("contract")
    for line in config.stash[LEDGER].summary(len(config.stash[TRUTH].operations)):
        terminalreporter.write_line(line)
    for kind, names in config.stash[VERDICT].items():
        for name in names[:_LISTED]:
            terminalreporter.write_line(f"{_FAULTS[kind]}: {name}", red=True)
        if len(names) > _LISTED:
            terminalreporter.write_line(
                f"{_FAULTS[kind]}: and {len(names) - _LISTED} more", red=True
            )
