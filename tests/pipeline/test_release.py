"""`python -m pipeline release` in git repositories of a small project with the same layout."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from attrs import frozen
from click.testing import CliRunner, Result

from pipeline.__main__ import main
from pipeline.release import VERSION_FILE

TODAY = datetime.datetime.now(datetime.UTC).date().isoformat()
COPY = "generated/mailgun_client/_version.py"
PROJECT = f"""
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "mailgun-toolkit"
description = "A small one."
readme = "README.md"
requires-python = ">=3.11"
dynamic = ["version"]
[tool.hatch.version]
path = "{VERSION_FILE}"
[tool.hatch.build.targets.wheel]
core-metadata-version = "2.4"
packages = ["generated/mailgun_client"]
[tool.hatch.build.targets.sdist]
core-metadata-version = "2.4"
"""
CHANGELOG = f"# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - {TODAY}\n\n- A thing.\n"
FILES = {
    "pyproject.toml": PROJECT,
    "README.md": "# Small\n",
    "CHANGELOG.md": CHANGELOG,
    ".gitignore": "dist/\n",
    VERSION_FILE: '__version__ = "1.2.3"\n',
    COPY: '__version__ = "1.2.3"\n',
    "generated/mailgun_client/__init__.py": "",
}


@frozen
class Repository:
    """A git repository with everything committed; the current folder while a test runs."""

    root: Path

    def git(self, *words: str) -> str:
        name = ("-c", "user.name=T", "-c", "user.email=t@example.com")
        command = ["git", "-C", str(self.root), *name, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def commit(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Files")

    def tags(self) -> list[str]:
        return self.git("tag").split()

    def built(self) -> set[str]:
        return {each.name for each in (self.root / "dist").glob("*")}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    # git writes the name of who tags.
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "T")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "t@example.com")
    made = Repository(tmp_path / "small")
    made.root.mkdir()
    made.git("init", "--quiet")
    made.commit(FILES)
    monkeypatch.chdir(made.root)
    return made


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["release", *words])


def refused(*words: str) -> str:
    """What is said when nothing is released."""
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr


def test_a_dry_run_builds_and_leaves_nothing(repository: Repository) -> None:
    result = run("1.2.3", "--dry-run")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "would build mailgun_toolkit-1.2.3-py3-none-any.whl",
        "would build mailgun_toolkit-1.2.3.tar.gz",
        "would tag v1.2.3",
    ]
    assert (repository.tags(), repository.built()) == ([], set())


def test_a_release_builds_and_tags(repository: Repository) -> None:
    result = run("1.2.3")
    assert result.exit_code == 0, result.output
    wheel, sdist = "mailgun_toolkit-1.2.3-py3-none-any.whl", "mailgun_toolkit-1.2.3.tar.gz"
    assert repository.built() == {wheel, sdist}
    names = zipfile.ZipFile(repository.root / "dist" / wheel).namelist()
    assert {"mailgun_client/_version.py", "mailgun_client/__init__.py"} < set(names)
    with tarfile.open(repository.root / "dist" / sdist) as archive:
        assert f"mailgun_toolkit-1.2.3/{VERSION_FILE}" in archive.getnames()
    assert repository.git("cat-file", "-t", "v1.2.3") == "tag\n"
    assert repository.git("rev-parse", "v1.2.3^{commit}") == repository.git("rev-parse", "HEAD")
    assert "git push origin v1.2.3" in result.stdout
    # The same again is refused, and names the commit of the first.
    commit = repository.git("rev-parse", "--short", "HEAD").strip()
    assert f"git tag: expected no v1.2.3, found it at {commit}" in refused("1.2.3")


def test_everything_that_is_wrong_is_said_at_once(repository: Repository) -> None:
    repository.git("tag", "v1.10.0")
    repository.git("tag", "vnext")
    (repository.root / "left.txt").write_text("over")
    assert refused("1.2.4").splitlines() == [
        "error: 1.2.4 can't be released:",
        "  git status: expected no changes, found left.txt",
        "  git tag: expected versions below 1.2.4 only, found v1.10.0",
        f'  {VERSION_FILE}: expected __version__ = "1.2.4", found __version__ = "1.2.3"',
        f'  {COPY}: expected __version__ = "1.2.4", found __version__ = "1.2.3"; run: make build',
        f"  CHANGELOG.md:3: expected a section '## [1.2.4] - {TODAY}', found none",
    ]
    assert repository.tags() == ["v1.10.0", "vnext"]


def test_many_changed_files_are_counted(repository: Repository) -> None:
    for number in range(12):
        (repository.root / f"new{number:02}").touch()
    assert "new09 and 2 more\n" in refused("1.2.3")


def test_missing_files_are_named(repository: Repository) -> None:
    (repository.root / COPY).unlink()
    (repository.root / "CHANGELOG.md").unlink()
    repository.commit({"other.txt": ""})
    said = refused("1.2.3")
    assert f'{COPY}: expected __version__ = "1.2.3", found none' in said
    assert "CHANGELOG.md: expected this file, found none" in said


@pytest.mark.parametrize("version", ["", "1.2", "v1.2.3", "1.2.3-rc1", "1.2.3; ls"])
def test_other_versions_are_refused(repository: Repository, version: str) -> None:
    found = f"VERSION: expected 1.2.3, 1.2.3rc1 or the like, found {version!r}"
    assert found in refused("--", version)


def test_a_folder_inside_of_a_repository_is_refused(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository.root / "generated")
    assert "generated: expected the top of a git repository" in refused("1.2.3")


def test_a_folder_without_repository_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "error: git rev-parse failed\n  fatal: not a git repository" in refused("1.2.3")


def test_git_is_needed(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(repository.root / ".git")
    monkeypatch.setenv("PATH", str(repository.root))
    assert "git: expected this program, found none" in refused("1.2.3")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('readme = "README.md"\n', "", "the metadata is refused"),
        ('description = "A small one."', "description = 1", "the build failed"),
        ('name = "mailgun-toolkit"', 'name = "other"', "the build is incomplete"),
    ],
)
def test_what_an_index_would_refuse_is_not_tagged(
    repository: Repository, old: str, new: str, said: str
) -> None:
    assert old in PROJECT
    repository.commit({"pyproject.toml": PROJECT.replace(old, new)})
    assert f"error: {said}" in refused("1.2.3")
    assert (repository.tags(), repository.built()) == ([], set())
