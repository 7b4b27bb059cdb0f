"""The suite on things.py, with a server, a client and deviations of the test's choice."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from attrs import frozen

from tests.contract import truth as truths
from tests.contract.cases import Cases
from tests.contract.deviations import Deviation
from tests.contract.ledger import Entry
from tests.contract.profiles import Profile
from tests.contract.suite import Suite
from tests.contract.truth import Truth
from tests.suite import package, things
from tests.suite.server import Server, target

SEED = 1
PROFILE = Profile(boundary=20, fuzzed=8, invalid=30, lives=3)


@frozen
class Bench:
    """The suite under test, ready to judge one operation at a time."""

    suite: Suite
    server: httpx.BaseTransport

    def run(self, check: str, operation: str) -> Entry:
        """The entry that a check of the suite (`reach`, `valid` ...) fills for the operation."""
        entry = Entry(operation)
        self.suite.start()
        getattr(self.suite, check)(self.suite.truth.operations[operation], entry)
        return entry

    def live(self, family: str) -> dict[str, Entry]:
        """The entries that the life of a family fills, by operation."""
        living = self.suite.truth.families[family]
        entries = {name: Entry(name) for name in living.operations}
        self.suite.start()
        self.suite.state(living, entries)
        return entries

    def breaches(self, check: str, operation: str) -> set[str]:
        """The kinds of breach that the check reports."""
        return {row["breach"] for row in self.run(check, operation).broken}

    def details(self, check: str, operation: str, breach: str) -> list[str]:
        rows = self.run(check, operation).broken
        return [row["detail"] for row in rows if row["breach"] == breach]


Benches = Callable[..., Bench]


@pytest.fixture(scope="session")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    path = tmp_path_factory.mktemp("truth") / "openapi.json"
    path.write_text(json.dumps(things.document()))
    return truths.load(path)


@pytest.fixture(scope="session")
def draws(truth: Truth) -> Cases:
    return Cases.of(truth, SEED)


@pytest.fixture(scope="session")
def client_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("client")
    package.write(folder)
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture
def bench(
    truth: Truth, draws: Cases, client_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Benches:
    """Makes a bench; without arguments it has no fault at all."""

    def make(
        server: httpx.BaseTransport | None = None,
        *,
        rewrite: package.Rewrite = package.as_it_is,
        times: int = 1,
        twin: package.Rewrite | None = None,
        deviations: list[Deviation] | None = None,
        profile: Profile = PROFILE,
    ) -> Bench:
        package.install(monkeypatch, rewrite, times, twin)
        server = server or Server()
        return Bench(Suite(truth, target(server), profile, draws, deviations or []), server)

    return make
