"""Runs the code of a page from top to bottom, as a reader would."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import doctest
import gc
import inspect
import io
import logging
import os
import shlex
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import define, evolve, field, frozen
from mailgun_client import Client
from mailgun_client._servers import SERVERS

from docsite.blocks import Block, blocks
from tests.docs import emulated

ROOT = Path(__file__).parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "mailgun_emulator" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
)
RUN = ("python", "sh")
SHOWN = ("text", "yaml", "")
SERVE = "mailgun-emulator serve"
_ENV = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "TZ": "UTC"}


@frozen
class LeftOut:
    """A block, or its first lines, that are not run.

    Attributes:
        page: where it is.
        begins: how it begins.
        reason: why.
        lines: how many lines are left out; None for all of them.
    """

    page: str
    begins: str
    reason: str
    lines: int | None = None


def left_out() -> list[LeftOut]:
    """What is not run, with the reasons."""
    text = (Path(__file__).parent / "not_run.toml").read_text(encoding="utf-8")
    return [LeftOut(**one) for one in tomllib.loads(text)["block"]]


def to_run(page: Path) -> list[Block]:
    """The blocks of a page, each without what is left out; those that are left out are empty."""
    excuses = [one for one in left_out() if one.page == named(page)]
    found = []
    for block in blocks(page.read_text(encoding="utf-8")):
        assert block.language in (*RUN, *SHOWN), f"{named(page)}:{block.line}: {block.language}"
        fitting = [one for one in excuses if block.text.startswith(one.begins)]
        if block.language in RUN and fitting:
            lines = block.text.splitlines(keepends=True)
            kept = "" if fitting[0].lines is None else "".join(lines[fitting[0].lines :])
            block = evolve(block, text=kept)
        found.append(block)
    return found


def named(page: Path) -> str:
    """A page as the table of exceptions calls it."""
    return page.relative_to(ROOT).as_posix() if page.is_relative_to(ROOT) else page.name


def free_port() -> int:
    """One that nobody has at the moment."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@define
class Runner:
    """Runs one page: its Python shares a namespace, its shell a folder and a server."""

    page: Path
    folder: Path
    port: int = field(factory=free_port)
    names: dict[str, Any] = field(factory=lambda: {"__name__": "__main__"})
    embedded: contextlib.ExitStack = field(factory=contextlib.ExitStack)
    server: subprocess.Popen[str] | None = None

    def run(self) -> int:
        """Run all blocks and compare what they print; how many there were.

        Raises:
            AssertionError: a block prints something else than the page says.
        """
        found, number = to_run(self.page), 0
        for block, after in zip(found, [*found[1:], None], strict=True):
            if block.language not in RUN or not block.text:
                continue
            printed = self.python(block) if block.language == "python" else self.shell(block)
            number += 1
            if after is not None and after.language == "text" and not after.title:
                self.compare(after, printed)
        return number

    def place(self, block: Block) -> str:
        return f"{named(self.page)}:{block.line}"

    def local(self, text: str) -> str:
        """With the ports of this run."""
        return text.replace("8025", str(self.port)).replace("2525", "0")

    def compare(self, block: Block, printed: str) -> None:
        wanted = self.local(block.text)
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        if not doctest.OutputChecker().check_output(wanted, printed, flags):
            raise AssertionError(f"{self.place(block)}: the page says\n{wanted}\nbut\n{printed}")

    def python(self, block: Block) -> str:
        # Empty lines before it let tracebacks name the line of the page.
        source = "\n" * (block.line - 1) + self.local(block.text)
        code = compile(
            source,
            named(self.page),
            "exec",
            flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
            dont_inherit=True,
        )
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.chdir(self.folder):
            if code.co_flags & inspect.CO_COROUTINE:
                asyncio.run(eval(code, self.names))
            else:
                exec(code, self.names)
        return printed.getvalue()

    def shell(self, block: Block) -> str:
        text = self.local(block.text)
        if text.startswith(SERVE):
            return self.serve(text)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.folder,
            env=_ENV,
            capture_output=True,
            text=True,
            timeout=20,
        )
        assert done.returncode == 0, f"{self.place(block)}: {done.stderr}"
        return done.stdout

    def serve(self, text: str) -> str:
        """Start the emulator; what it prints until it is ready."""
        assert self.server is None, "a page starts one server"
        self.embedded.close()
        command = shlex.split(text.replace("\\\n", ""))
        self.server = subprocess.Popen(
            command, cwd=self.folder, env=_ENV, stdout=subprocess.PIPE, text=True
        )
        assert self.server.stdout
        printed = ""
        for line in self.server.stdout:
            printed += line
            if line.startswith("ready: "):
                return printed
        raise AssertionError(f"{text} ended with status {self.server.wait()}")

    def close(self) -> None:
        """Close clients and end the server."""
        for value in self.names.values():
            if isinstance(value, Client | httpx.Client):
                value.close()
        if self.server is not None:
            self.server.terminate()
            self.server.communicate(timeout=10)


@contextlib.contextmanager
def environment(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the page needs: the API and the gateway lead to emulated ones."""
    text = runner.page.read_text(encoding="utf-8")
    url = f"http://127.0.0.1:{runner.port}"
    for region in SERVERS:
        monkeypatch.setitem(SERVERS, region, url)
    logger = logging.getLogger("mailgun_client")
    handlers, level = list(logger.handlers), logger.level
    with contextlib.ExitStack() as stack:
        # Until the page starts the emulator itself.
        runner.embedded.enter_context(emulated.served(emulated.app(), runner.port))
        stack.callback(runner.embedded.close)
        if "Client.gateway(" in text:
            port = free_port()
            defaults: Any = Client.gateway.__func__.__kwdefaults__  # type: ignore[attr-defined]
            monkeypatch.setitem(defaults, "base_url", f"http://127.0.0.1:{port}")
            stack.enter_context(emulated.served(emulated.gateway(), port))
        stack.callback(runner.close)
        yield
    # What a page left open is told here, not in the midst of another one.
    runner.names.clear()
    gc.collect()
    logger.handlers[:] = handlers
    logger.setLevel(level)
