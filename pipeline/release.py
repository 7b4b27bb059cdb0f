"""From a clean checkout to built, checked files and a tag; every condition is checked first."""

from __future__ import annotations

import datetime
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen
from packaging.version import Version

from pipeline import changelog
from pipeline.errors import ReleaseError

CHANGELOG = "CHANGELOG.md"
VERSION_FILE = "pipeline/client/runtime/_version.py"
_COPY = "generated/mailgun_client/_version.py"
_LINE = '__version__ = "{}"'
_SHOWN = 10  # changed files named in one message


@frozen
class Released:
    """The files that were built, and the tag of the commit that they were built from."""

    tag: str
    files: tuple[Path, ...]


def check(root: Path, version: str, today: datetime.date) -> None:
    """Raise ReleaseError with everything that keeps the checkout from being `version`."""
    if not changelog.VERSION.fullmatch(version):
        raise ReleaseError(
            "no release", [f"VERSION: expected 1.2.3, 1.2.3rc1 or the like, found {version!r}"]
        )
    top = _git(root, "rev-parse", "--show-toplevel").strip()
    if Path(top).resolve() != root.resolve():
        raise ReleaseError("no release", [f"{root}: expected the top of a git repository"])
    found = [*_tree(root), *_tags(root, version), *_versions(root, version)]
    text = _read(root / CHANGELOG)
    if text is None:
        found.append(f"{CHANGELOG}: expected this file, found none")
    else:
        found += [f"{CHANGELOG}:{each}" for each in changelog.check(text, version, today)]
    if found:
        raise ReleaseError(f"{version} can't be released:", found)


def release(root: Path, version: str, today: datetime.date, *, dry: bool = False) -> Released:
    """Check, build into dist/, check the metadata, tag.

    A dry run builds into a temporary folder instead, and tags nothing.

    Raises:
        ReleaseError: something is not as it has to be; then nothing is tagged.
    """
    check(root, version, today)
    with tempfile.TemporaryDirectory() as folder:
        built = build(root, version, Path(folder))
        if dry:
            return Released(f"v{version}", tuple(Path(each.name) for each in built))
        dist = root / "dist"
        dist.mkdir(exist_ok=True)
        files = tuple(dist / each.name for each in built)
        for new, kept in zip(built, files, strict=True):
            kept.write_bytes(new.read_bytes())
    _git(root, "tag", "--annotate", f"v{version}", "--message", f"Release {version}")
    return Released(f"v{version}", files)


def build(root: Path, version: str, folder: Path) -> tuple[Path, ...]:
    """The sdist, and the wheel made from that, in `folder`, with metadata that an index takes."""
    words = ("-m", "build", "--no-isolation", "--outdir", str(folder), str(root))
    _python(words, "the build failed")
    files = tuple(sorted(folder.iterdir()))
    found = {each.name for each in files}
    expected = {f"mailgun_toolkit-{version}-py3-none-any.whl", f"mailgun_toolkit-{version}.tar.gz"}
    if found != expected:
        names = [f"{', '.join(sorted(both))}" for both in (expected, found)]
        raise ReleaseError("the build is incomplete", [f"expected {names[0]}, found {names[1]}"])
    _python(("-m", "twine", "check", "--strict", *map(str, files)), "the metadata is refused")
    return files


def _tree(root: Path) -> Iterator[str]:
    changed = _git(root, "status", "--porcelain", "--untracked-files=all").splitlines()
    if changed:
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        names = ", ".join(line[3:] for line in changed[:_SHOWN])
        yield f"git status: expected no changes, found {names}{more}"


def _tags(root: Path, version: str) -> Iterator[str]:
    tags = _git(root, "tag", "--list", "v*").split()
    if f"v{version}" in tags:
        commit = _git(root, "rev-parse", "--short", f"v{version}^{{commit}}").strip()
        yield f"git tag: expected no v{version}, found it at {commit}"
        return
    released = [tag[1:] for tag in tags if changelog.VERSION.fullmatch(tag[1:])]
    newest = max(released, key=Version, default=None)
    if newest is not None and Version(newest) >= Version(version):
        yield f"git tag: expected versions below {version} only, found v{newest}"


def _versions(root: Path, version: str) -> Iterator[str]:
    expected = _LINE.format(version)
    for name, advice in ((VERSION_FILE, ""), (_COPY, "; run: make build")):
        lines = (_read(root / name) or "").splitlines()
        found = next((line for line in lines if line.startswith("__version__")), "none")
        if found != expected:
            yield f"{name}: expected {expected}, found {found}{advice}"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _git(root: Path, *words: str) -> str:
    command = ["git", "-C", str(root), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        raise ReleaseError("no release", ["git: expected this program, found none"]) from None
    if done.returncode:
        raise ReleaseError(f"git {words[0]} failed", done.stderr.strip().splitlines())
    return done.stdout


def _python(words: tuple[str, ...], failure: str) -> None:
    done = subprocess.run(  # noqa: S603
        (sys.executable, *words), capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stdout + done.stderr).strip().splitlines()[-20:]
        raise ReleaseError(f"{failure}: python {' '.join(words[:2])}", last)
