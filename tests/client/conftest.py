"""A package generated from a small description that has every construct in one place."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from attrs import frozen

from pipeline.client import generate
from pipeline.write import write_tree
from tests.client.wire import Wire

NAME = "small_client"


@frozen
class Package:
    """The imported package."""

    folder: Path

    def module(self, name: str) -> ModuleType:
        return importlib.import_module(f"{NAME}.{name}")

    def operation(self, name: str) -> ModuleType:
        return importlib.import_module(f"{NAME}.api.things.{name}")

    def model(self, name: str) -> Any:
        return getattr(importlib.import_module(f"{NAME}.models"), name)


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (Path(__file__).parent / "small.json").read_text(encoding="utf-8")
    )
    return found


@pytest.fixture(scope="session")
def small(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Package]:
    folder = tmp_path_factory.mktemp("generated")
    write_tree(folder / NAME, generate(document))
    sys.path.insert(0, str(folder))
    yield Package(folder / NAME)
    sys.path.remove(str(folder))


@pytest.fixture
def wire() -> Wire:
    return Wire()
