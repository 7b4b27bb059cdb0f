"""The built distribution, environments that it is installed into, and an emulator to call."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from attrs import frozen

from mailgun_emulator import create_app
from mailgun_emulator.server import listen, url

ROOT = Path(__file__).parents[2]
KEY, DOMAIN = "key-packaging", "mg.example.com"
# What would let the checkout, or the environment of the tests, leak into another one.
_LEAKS = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "MYPYPATH")


@frozen
class Environment:
    """A virtual environment of its own, with nothing in it but what `install` put there."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> Environment:
        venv.create(root, with_pip=False, symlinks=os.name != "nt")
        return cls(root)

    @property
    def python(self) -> Path:
        return self.program("python")

    def program(self, name: str) -> Path:
        return self.root / ("Scripts" if os.name == "nt" else "bin") / name

    def install(self, *requirements: str) -> None:
        """Install with the pip of the tests' environment."""
        pip = (sys.executable, "-m", "pip", "--python", str(self.python))
        run(*pip, "install", "--quiet", "--no-compile", *requirements, cwd=self.root)

    def says(self, *words: str) -> str:
        """What its Python prints; the checkout is out of its sight."""
        return run(str(self.python), *words, cwd=self.root)


def run(*words: str, cwd: Path) -> str:
    """The output of a program that succeeds."""
    environment = {name: value for name, value in os.environ.items() if name not in _LEAKS}
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, cwd=cwd, env=environment
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


def build(source: Path, to: Path, *words: str) -> None:
    """Build a distribution with the backend that is installed here."""
    command = (sys.executable, "-m", "build", "--no-isolation", "--outdir", str(to), *words)
    run(*command, str(source), cwd=to)


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel built from that."""
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder)
    return folder


@pytest.fixture(scope="session")
def wheel(dist: Path) -> Path:
    (found,) = dist.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment into which nothing but the wheel was installed, without extras."""
    made = Environment.make(tmp_path_factory.mktemp("plain"))
    made.install(str(wheel))
    return made


@pytest.fixture(scope="session")
def emulator_url() -> Iterator[str]:
    """An emulator in the tests' own process."""
    held = listen("127.0.0.1", 0)
    app = create_app(api_keys=[KEY], domains=[DOMAIN], seed=0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, args=([held],))
    thread.start()
    yield url(held)
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()
    held.close()
