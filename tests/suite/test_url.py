"""Servers of others: what cannot be checked is said, and the rest is checked all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from attrs import define

from tests.contract import truth as truths
from tests.contract.asgi import AsgiTransport
from tests.contract.cases import Cases
from tests.contract.ledger import Entry
from tests.contract.profiles import Profile
from tests.contract.suite import Suite
from tests.contract.targets import emulator, url
from tests.contract.truth import Truth

ROOT = Path(__file__).parents[2]
PROFILE = Profile(boundary=4, fuzzed=1, invalid=4)
KEYS = {"CONTRACT_API_KEY": emulator.KEY, "CONTRACT_DOMAIN": emulator.DOMAIN}
TOLD = url.settings({"CONTRACT_URL": emulator.BASE_URL, **KEYS})
PATIENCE = 120.0


@define
class Closed(httpx.BaseTransport):
    """A server without control API."""

    inner: httpx.BaseTransport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/_emulator"):
            return httpx.Response(404, text="404 page not found")
        return self.inner.handle_request(request)


@pytest.fixture(scope="module")
def real() -> Truth:
    return truths.load()


@pytest.fixture(scope="module")
def draws(real: Truth) -> Cases:
    return Cases.of(real, 0)


@pytest.fixture
def app() -> Iterator[httpx.BaseTransport]:
    transport = AsgiTransport(emulator.app())
    yield transport
    transport.close()


def test_with_the_control_api_all_is_checked_but_other_accounts(app: httpx.BaseTransport) -> None:
    target = url.build(TOLD, app)
    assert target.control
    assert target.gaps == ("keys of other accounts: CONTRACT_FOREIGN_API_KEY is not set",)
    assert target.digest() != ""


@pytest.mark.parametrize("name", ["create_template", "delete_template", "create_mailing_list"])
def test_without_it_the_rest_is_checked_and_the_gaps_are_told(
    name: str, app: httpx.BaseTransport, real: Truth, draws: Cases
) -> None:
    target = url.build(TOLD, Closed(app))
    assert not target.control
    assert len(target.gaps) == 3
    suite = Suite(real, target, PROFILE, target.prepare(draws), [])
    entry = Entry(name)
    for check in (suite.reach, suite.valid, suite.invalid, suite.auth):
        suite.start()
        check(real.operations[name], entry)
    assert entry.broken == []
    assert {"reach", "fidelity", "conformance", "parsing", "inputs", "auth"} <= entry.ran.keys()


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    path = os.pathsep.join([str(ROOT), str(ROOT / "generated")])
    return kept | {"PYTHONPATH": path} | changes


@pytest.fixture
def served() -> Iterator[str]:
    """The base URL of an emulator in another process."""
    serve = ["serve", "--port", "0", "--api-key", emulator.KEY, "--domain", emulator.DOMAIN]
    with subprocess.Popen(
        [sys.executable, "-m", "mailgun_emulator", *serve],
        env=environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = next(line for line in process.stdout if line.startswith("ready: "))
        yield line.partition(" ")[2].strip()
        process.terminate()
        process.stdout.read()


def test_an_emulator_in_another_process_is_tested_over_http(served: str, tmp_path: Path) -> None:
    options = ["--target=url", f"--base-url={served}", "--profile=quick", f"--reports={tmp_path}"]
    result = subprocess.run(
        [sys.executable, "-m", "tests.contract", *options, "--operation=list_routes"],
        env=environment(**KEYS),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"operations: 1 of {len(truths.load().operations)}" in result.stdout
    assert "not checked: keys of other accounts" in result.stdout
    written = "".join(path.read_text() for path in tmp_path.iterdir())
    assert emulator.KEY not in written + result.stdout + result.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_told_to_stop_removes_what_it_made(
    number: signal.Signals, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    options = ["--target=rehearsal", "--profile=ci", f"--reports={tmp_path / 'reports'}"]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.contract", *options, "--operation=create_template"],
        env=environment(CONTRACT_STATE=str(state)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        deadline = time.monotonic() + PATIENCE
        while not list(state.glob("*.jsonl")) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert list(state.glob("*.jsonl"))
        # A terminal sends Ctrl-C to all of its processes, a supervisor SIGTERM to the first.
        if number == signal.SIGINT:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        output = process.stdout.read()
    assert process.returncode == 130, output
    assert list(state.iterdir()) == [], output
