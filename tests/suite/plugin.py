"""A session of the contract suite on things.py instead of the truth and the emulator.

As a plugin (`-p tests.suite.plugin`) it stages a server without fault; THINGS is a folder with
what `write` makes, and the client has to be importable as `mailgun_client`.
"""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.contract import deviations, profiles, targets, truth
from tests.contract.profiles import Profile
from tests.suite import things
from tests.suite.server import Server, target


def write(folder: Path, differences: str = "") -> None:
    """Write the truth and the known differences."""
    (folder / "openapi.json").write_text(json.dumps(things.document()))
    (folder / "deviations.toml").write_text(differences)


def stage(patch: pytest.MonkeyPatch, folder: Path, server: httpx.BaseTransport) -> None:
    """Put files and server where a session takes them from; both profiles have few cases."""
    load = partial(deviations.load, path=folder / "deviations.toml")
    patch.setattr(truth, "load", partial(truth.load, folder / "openapi.json"))
    patch.setattr(targets, "make", lambda name: target(server, name))
    patch.setattr(deviations, "load", load)
    patch.setitem(profiles.PROFILES, "quick", Profile(4, 2, 4))
    patch.setitem(profiles.PROFILES, "ci", Profile(4, 2, 4, thorough=True))


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    # For the whole process, so nothing is ever put back.
    stage(pytest.MonkeyPatch(), Path(os.environ["THINGS"]), Server())
