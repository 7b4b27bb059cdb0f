"""Files appear whole or not at all, and trees are made equal with the fewest writes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.write import compare, read_tree, write_file, write_tree


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_write_file_makes_folders_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"
    write_file(path, b"one")
    write_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o644
    assert names(tmp_path) == {"a", "a/b.txt"}


def test_a_failed_write_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    write_file(path, b"old")

    def fail(source: str, target: str) -> None:
        # Until this moment the new bytes must live somewhere else, complete.
        assert Path(source).read_bytes() == b"new"
        assert path.read_bytes() == b"old"
        raise OSError("disk is full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk is full"):
        write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == {"a.txt"}


def test_an_open_reader_keeps_what_it_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_file(path, b"old")
    with path.open("rb") as reader:
        write_file(path, b"new")
        assert reader.read() == b"old"


def test_unchanged_files_are_untouched_and_stale_ones_go(tmp_path: Path) -> None:
    assert write_tree(tmp_path, {"same.py": b"1", "sub/old.py": b"2", "sub/other.py": b"3"}) == 3
    os.utime(tmp_path / "same.py", (1, 1))
    inode = (tmp_path / "same.py").stat().st_ino
    assert write_tree(tmp_path, {"same.py": b"1", "sub/other.py": b"4", "new.py": b"5"}) == 3
    assert (tmp_path / "same.py").stat().st_mtime == 1
    assert (tmp_path / "same.py").stat().st_ino == inode
    assert read_tree(tmp_path) == {"same.py": b"1", "sub/other.py": b"4", "new.py": b"5"}
    assert write_tree(tmp_path, read_tree(tmp_path)) == 0


def test_emptied_folders_go_with_their_byte_code(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a/b/old.py": b"", "kept/new.py": b""})
    for folder in ("a/b", "kept"):
        (tmp_path / folder / "__pycache__").mkdir()
        (tmp_path / folder / "__pycache__" / "old.cpython-311.pyc").write_bytes(b"code")
    assert write_tree(tmp_path, {"kept/new.py": b""}) == 1
    assert names(tmp_path) == {
        "kept",
        "kept/new.py",
        "kept/__pycache__",
        "kept/__pycache__/old.cpython-311.pyc",
    }


@pytest.mark.parametrize(("old", "new"), [("a", "a/b"), ("a/b", "a"), ("a/b/c", "a")])
def test_files_and_folders_may_change_places(tmp_path: Path, old: str, new: str) -> None:
    write_tree(tmp_path, {old: b"1"})
    write_tree(tmp_path, {new: b"2"})
    assert read_tree(tmp_path) == {new: b"2"}


def test_read_tree_leaves_byte_code_out(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.txt").write_text("x")
    (tmp_path / "b.pyc").write_text("x")
    (tmp_path / "c.py").write_text("x")
    assert read_tree(tmp_path) == {"c.py": b"x"}
    assert read_tree(tmp_path / "missing") == {}


def test_compare_lists_what_is_missing_not_built_or_different() -> None:
    committed = {"same": b"1", "differs": b"2", "z-stale": b"3", "a-stale": b""}
    built = {"same": b"1", "differs": b"4", "z-new": b"5", "a-new": b""}
    assert compare(committed, built) == [
        "missing: a-new",
        "missing: z-new",
        "not built: a-stale",
        "not built: z-stale",
        "differs: differs",
    ]
    assert compare(built, built) == []
