"""Options, the suite fixture, and the ledger that the main process keeps."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.contract import deviations, given, report, sharing, targets
from tests.contract.breaches import PROPERTIES
from tests.contract.cases import Cases
from tests.contract.ledger import Ledger
from tests.contract.observe import Observer
from tests.contract.profiles import PROFILES
from tests.contract.report import previous
from tests.contract.report.document import Run, build
from tests.contract.safety.errors import SafetyError
from tests.contract.scrub import Scrub
from tests.contract.sealed import sealed
from tests.contract.sharing import ByArea
from tests.contract.stopping import Stopping
from tests.contract.suite import Suite
from tests.contract.targets import Target
from tests.contract.truth import Truth

TRUTH = pytest.StashKey[Truth]()
LEDGER = pytest.StashKey[Ledger]()
STARTED = pytest.StashKey[datetime]()
PREVIOUS = pytest.StashKey[dict[str, Any]]()
STOPPING = pytest.StashKey[Stopping]()
FILES = pytest.StashKey[list[Path]]()
VERDICT = pytest.StashKey[Mapping[str, list[str]]]()
# What the target does not let the suite check, and what a run could not remove from it.
GAPS = pytest.StashKey[list[str]]()
LEFT = pytest.StashKey[list[str]]()
HALTED = pytest.StashKey[list[str]]()
# Tests that ended by an error of their own, which no law has judged.
CRASHED = pytest.StashKey[list[str]]()
IGNORED = pytest.StashKey[list[str]]()

# What makes a run fail as a whole, in the report and in words.
_FAULTS = {
    "unreached": "never succeeded",
    "unrun": "never came under",
    "stale_deviations": "stale deviation, remove it",
    "halted": "the run was cut short",
    "crashed": "ended without a verdict",
    "left": "still on the server, run make contract-clean",
}
_LISTED = 20
# New objects until the collector looks for cycles among them.
_YOUNG = 50_000
_GREEN = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract")
    group.addoption("--profile", choices=sorted(PROFILES), default="quick")
    group.addoption("--target", choices=targets.TARGETS, default="emulator")
    group.addoption("--contract-seed", type=int, default=0)
    group.addoption("--operation", action="append", default=[], help="only this operationId")
    group.addoption("--contract-report", type=Path, default=None)
    group.addoption("--previous", type=Path, default=None, help="an older report, for the trend")


def pytest_configure(config: pytest.Config) -> None:
    written = None if hasattr(config, "workerinput") else config.getoption("--contract-report")
    try:
        config.stash[TRUTH] = given.check(config.getoption("--target"), written)
        if config.getoption("--previous"):
            config.stash[PREVIOUS] = previous.load(config.getoption("--previous"))
    except given.ERRORS as error:
        raise pytest.UsageError(str(error)) from None
    wanted = config.getoption("--operation")
    if unknown := [name for name in wanted if name not in config.stash[TRUTH].operations]:
        raise pytest.UsageError(f"no such operation: {', '.join(unknown)}")
    config.stash[STARTED] = datetime.now(UTC)
    config.stash[STOPPING] = Stopping()
    config.stash[GAPS], config.stash[LEFT], config.stash[HALTED] = [], [], []
    config.stash[CRASHED] = []
    if config.getoption("--target") in targets.SHARED:
        # The default would end the process with resources of the run still on the server.
        config.stash[STOPPING].listen()
    config.stash[LEDGER] = Ledger(
        config.getoption("--target"),
        config.getoption("--profile"),
        config.getoption("--contract-seed"),
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Recordings answer what was recorded, so they have a test of their own and no other."""
    replaying = config.getoption("--target") == "replay"
    wrong = "test_operations.py" if replaying else "test_recordings.py"
    return True if collection_path.name == wrong else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    the_truth = metafunc.config.stash[TRUTH]
    wanted = metafunc.config.getoption("--operation") or list(the_truth.operations)
    chosen = [the_truth.operations[name] for name in wanted]
    paged = [operation for operation in chosen if operation.pages]
    living = [
        family
        for family in the_truth.families.values()
        if not set(wanted).isdisjoint(family.operations)
    ]
    for name, values, ids in (
        ("operation", chosen, [operation.id for operation in chosen]),
        ("paged", paged, [operation.id for operation in paged]),
        ("family", living, [family.create for family in living]),
    ):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, values, ids=ids)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    sharing.sort(config.stash[TRUTH], items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByArea:
    return ByArea(config, log, config.stash[TRUTH])


@pytest.fixture(scope="session")
def target(pytestconfig: pytest.Config) -> Target:
    try:
        target = targets.make(pytestconfig.getoption("--target"))
    except targets.TargetError as error:
        pytest.exit(str(error), returncode=2)
    pytestconfig.stash[GAPS] += target.gaps
    return target


@pytest.fixture(scope="session")
def observer(pytestconfig: pytest.Config, target: Target) -> Observer:
    """Has to be there before the suite: whoever takes the target's transport takes this."""
    stopping = pytestconfig.stash[STOPPING]
    target.transport = Observer(target.transport, pytestconfig.stash[TRUTH], stopping.check)
    return target.transport


@pytest.fixture(scope="session")
def suite(pytestconfig: pytest.Config, target: Target, observer: Observer) -> Iterator[Suite]:
    the_truth = pytestconfig.stash[TRUTH]
    known = deviations.load(target.differs_as or target.name, the_truth.operations)
    draws = target.prepare(Cases.of(the_truth, pytestconfig.getoption("--contract-seed")))
    profile = PROFILES[pytestconfig.getoption("--profile")]
    with _rarely_collected(), sealed():
        yield Suite(the_truth, target, profile, draws, known)
    pytestconfig.stash[HALTED] += filter(None, [target.halted()])
    pytestconfig.stash[LEFT] += target.close()


@contextmanager
def _rarely_collected() -> Iterator[None]:
    """What was loaded stays, and most of what is drawn: to walk it again and again finds nothing.

    By default the collector takes an eighth of a run.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_YOUNG, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    item.config.stash[STOPPING].check()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Any:
    """A test that the guard or the limits end is skipped with the reason, which is counted."""
    try:
        return (yield)
    except SafetyError as error:
        pytest.skip(str(error))
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        suite = pyfuncitem.funcargs.get("suite")
        if isinstance(suite, Suite):
            text = Scrub.of(suite.target).text(text)
        pyfuncitem.user_properties.append(("crashed", text))
        raise


class _Collector:
    """Adds what every worker's tests recorded to the ledger of the main process."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        crashed, test = self._config.stash[CRASHED], report.nodeid.rpartition("::")[2]
        if report.failed and report.when != "call":
            crashed.append(f"{test}: {report.when}")
        if report.when == "teardown":
            for name, value in report.user_properties:
                if name == "contract":
                    self._config.stash[LEDGER].add(dict(value))  # type: ignore[call-overload]
                elif name == "crashed":
                    crashed.append(f"{test}: {value!s:.200}")


def pytest_sessionstart(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(_Collector(session.config))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    verdict: dict[str, list[str]] = {kind: [] for kind in _FAULTS}
    verdict |= _verdict(config) if _whole(config) else {}
    verdict |= {"halted": config.stash[HALTED], "left": config.stash[LEFT]}
    verdict["crashed"] = config.stash[CRASHED]
    config.stash[VERDICT] = verdict
    if config.getoption("--contract-report"):
        config.stash[FILES] = _write(config, config.getoption("--contract-report"))
    if any(verdict.values()) and session.exitstatus in _GREEN:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _write(config: pytest.Config, path: Path) -> list[Path]:
    ledger, started = config.stash[LEDGER], config.stash[STARTED]
    before = config.stash.get(PREVIOUS, None)
    if before is None:
        before, config.stash[IGNORED] = previous.last(path, ledger.target)
    run = Run(
        config.stash[TRUTH],
        _laws(config.stash[TRUTH]),
        config.stash[VERDICT],
        _FAULTS,
        _whole(config),
        started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        (datetime.now(UTC) - started).total_seconds(),
        before,
        _gaps(config),
    )
    return report.write(build(ledger, run), path)


def _gaps(config: pytest.Config) -> list[str]:
    return [*config.stash[GAPS], *config.stash[LEDGER].gaps()]


def _whole(config: pytest.Config) -> bool:
    """Whether every operation was to come under every property."""
    narrowed = ("--operation", "keyword", "markexpr", "deselect")
    return not any(map(config.getoption, narrowed)) and not any("::" in arg for arg in config.args)


def _verdict(config: pytest.Config) -> dict[str, list[str]]:
    """What is wrong with a whole run, by the kinds of `_FAULTS`."""
    ledger, operations = config.stash[LEDGER], config.stash[TRUTH].operations
    known = {name: operation.successes for name, operation in operations.items()}
    thorough = PROFILES[ledger.profile].thorough
    entries = deviations.load(ledger.target, known) if thorough else []
    excusable = [entry for entry in entries if not entry.drawn]
    # An account may lack features and data: what it did not reach is told, and no fault.
    complete = ledger.target not in targets.INCOMPLETE
    return {
        "unreached": ledger.unreached(known) if complete else [],
        "unrun": ledger.unrun(_laws(config.stash[TRUTH])) if complete else [],
        "stale_deviations": [each.name for each in excusable if each.name not in ledger.excused],
    }


def _laws(the_truth: Truth) -> dict[str, frozenset[str]]:
    """The properties that each operation has to come under."""
    living = {name for family in the_truth.families.values() for name in family.operations}
    exempt: dict[str, set[str]] = {}
    for name, operation in the_truth.operations.items():
        exempt[name] = {
            law
            for law, taking_part in (
                ("auth", not operation.public),
                ("state", name in living),
                ("paging", operation.pages),
            )
            if not taking_part
        }
    return {name: frozenset(PROPERTIES) - without for name, without in exempt.items()}


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if VERDICT not in config.stash:
        return
    terminalreporter.section("contract")
    for line in config.stash[LEDGER].summary(len(config.stash[TRUTH].operations)):
        terminalreporter.write_line(line)
    for line in _gaps(config):
        terminalreporter.write_line(f"not checked: {line}", yellow=True)
    for kind, names in config.stash[VERDICT].items():
        for name in names[:_LISTED]:
            terminalreporter.write_line(f"{_FAULTS[kind]}: {name}", red=True)
        if len(names) > _LISTED:
            terminalreporter.write_line(
                f"{_FAULTS[kind]}: and {len(names) - _LISTED} more", red=True
            )
    for line in config.stash.get(IGNORED, []):
        terminalreporter.write_line(line, yellow=True)
    for path in config.stash.get(FILES, []):
        terminalreporter.write_line(f"report: {path}")
