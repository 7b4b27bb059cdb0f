"""What the sdist and the wheel hold, and what the wheel needs."""

from __future__ import annotations

import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

from packaging.requirements import Requirement

from pipeline.write import read_tree
from tests.packaging.conftest import ROOT, build, run

PACKAGES = {"mailgun_client": "generated/mailgun_client", "mailgun_emulator": "mailgun_emulator"}


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def tracked(*folders: str) -> set[str]:
    """The files that git would commit."""
    words = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders)
    return {each for each in run(*words, cwd=ROOT).splitlines() if (ROOT / each).exists()}


def test_the_wheel_holds_client_and_emulator_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    info = f"{wheel.name.removesuffix('-py3-none-any.whl')}.dist-info"
    assert {name.split("/")[0] for name in contents} == {*PACKAGES, info}
    kept = tracked(*PACKAGES.values())
    expected = {
        f"{package}/{name}": content
        for package, folder in PACKAGES.items()
        for name, content in read_tree(ROOT / folder).items()
        if f"{folder}/{name}" in kept
    }
    expected["mailgun_emulator/openapi.json"] = (ROOT / "generated/openapi.json").read_bytes()
    found = {name: content for name, content in contents.items() if not name.startswith(info)}
    assert found.keys() == expected.keys()
    assert found == expected
    assert "mailgun_client/py.typed" in found


def test_the_wheel_needs_attrs_and_httpx_only(wheel: Path) -> None:
    told = metadata(wheel)
    needed = [Requirement(each) for each in told.get_all("Requires-Dist") or []]
    assert {each.name for each in needed if each.marker is None} == {"attrs", "httpx"}
    extras = set(told.get_all("Provides-Extra") or [])
    assert extras >= {"emulator", "contract", "otel", "dev"}
    for each in needed:
        assert each.url is None, "an index takes no dependency by URL"
    assert {each.name for each in needed if str(each.marker) == 'extra == "otel"'} == {
        "opentelemetry-api"
    }


def test_the_sdist_holds_what_a_checkout_does(dist: Path) -> None:
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    folders = ("benchmarks", "generated", "mailgun_emulator", "overlays", "pipeline", "specs")
    missing = tracked(*folders, "docs", "tests", "pyproject.toml", "Makefile") - names
    assert not missing
    assert not {name for name in names if name.endswith(".pyc") or name.startswith(".venv")}


def test_sdist_and_checkout_give_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    """That of the `wheel` fixture was built from the sdist; builds are byte for byte the same."""
    build(ROOT, tmp_path, "--wheel")
    (direct,) = tmp_path.iterdir()
    assert direct.name == wheel.name
    assert direct.read_bytes() == wheel.read_bytes()
