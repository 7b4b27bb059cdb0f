"""Format sources with ruff, by rules of our own that no project file can change."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from ruff import find_ruff_bin  # type: ignore[import-untyped]

from pipeline.errors import GeneratorError
from pipeline.write import Tree

_OPTIONS = ("--isolated", "--no-cache", "--quiet", "--target-version", "py311")
_LINE = ("--line-length", "100")
# Only what templates can't do well: sort imports, and drop those that a module doesn't need.
_RULES = ("--select", "I,F401", "--unsafe-fixes", "--fix")


def format_tree(tree: Tree) -> Tree:
    """`tree` with every Python file sorted and formatted. Raises GeneratorError on bad syntax."""
    with tempfile.TemporaryDirectory(prefix="mailgun-client-") as name:
        folder = Path(name) / "mailgun_client"
        for path, content in tree.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        _ruff("check", *_OPTIONS, *_LINE, *_RULES, str(folder))
        _ruff("format", *_OPTIONS, *_LINE, str(folder))
        return {path: (folder / path).read_bytes() for path in tree}


def _ruff(*arguments: str) -> None:
    command = [find_ruff_bin(), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise GeneratorError(
            f"ruff {arguments[0]} refuses the generated code",
            (done.stdout + done.stderr).splitlines()[:20],
        )
