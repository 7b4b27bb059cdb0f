"""Write files so that a reader never sees half of one, and compare trees byte for byte."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path, PurePosixPath

Tree = dict[str, bytes]


def write_file(path: Path, data: bytes) -> None:
    """Replace `path` by `data` in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def read_tree(folder: Path) -> Tree:
    """Every file below `folder` by relative path; byte code caches aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }


def write_tree(folder: Path, tree: Tree) -> int:
    """Make `folder` hold exactly `tree`; unchanged files keep their time stamp.

    Returns the number of files written or removed.
    """
    old = read_tree(folder) if folder.exists() else {}
    for name in old.keys() - tree.keys():
        (folder / name).unlink()
    # A folder with nothing but byte code goes too: Python would still import it as a package. All
    # this comes before anything is written, since a file may take the place of a folder.
    kept = {folder / parent for name in tree for parent in PurePosixPath(name).parents}
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and path.name != "__pycache__" and path not in kept:
            shutil.rmtree(path)
    changed = [name for name, data in tree.items() if old.get(name) != data]
    for name in changed:
        write_file(folder / name, tree[name])
    return len(changed) + len(old.keys() - tree.keys())


def compare(committed: Tree, built: Tree) -> list[str]:
    """One line for each file that differs, is missing or should not be there."""
    lines = [f"missing: {name}" for name in sorted(built.keys() - committed.keys())]
    lines += [f"not built: {name}" for name in sorted(committed.keys() - built.keys())]
    lines += [
        f"differs: {name}"
        for name in sorted(built.keys() & committed.keys())
        if built[name] != committed[name]
    ]
    return lines
