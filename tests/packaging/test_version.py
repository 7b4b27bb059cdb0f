"""One version: written in one file, said alike everywhere."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import httpx
import mailgun_client
import pytest
from mailgun_client import Client
from mailgun_client.api.domains import get_domain

ROOT = Path(__file__).parents[2]
SOURCE = "pipeline/client/runtime/_version.py"


def written() -> str:
    (found,) = re.findall(r'^__version__ = "(.+)"$', (ROOT / SOURCE).read_text(), re.MULTILINE)
    return str(found)


def test_everything_says_the_version_of_the_one_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" not in project["project"]
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == SOURCE
    assert mailgun_client.__version__ == written()
    # Of the installed distribution: `make install` renews it when the file changes.
    assert version("mailgun-toolkit") == written()
    command = [sys.executable, "-m", "mailgun_emulator", "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert said == f"mailgun-emulator, version {written()}\n"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (None, f"mailgun-toolkit/{written()} httpx/{httpx.__version__}"),
        ({"user-agent": "shop/3"}, "shop/3"),
    ],
)
def test_requests_name_the_package_and_its_version(
    headers: dict[str, str] | None, expected: str
) -> None:
    heard: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        heard.append(request)
        return httpx.Response(404)

    transport = httpx.MockTransport(answer)
    client = Client(
        "key", region="us", headers=headers, transport=transport, async_transport=transport
    )
    get_domain.sync("a.example", client=client)
    asyncio.run(get_domain.asyncio("a.example", client=client))
    client.request("GET", "/v4/domains")
    assert [each.headers.get_list("user-agent") for each in heard] == [[expected]] * 3
