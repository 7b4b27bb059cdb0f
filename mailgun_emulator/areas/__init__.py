"""The stateful areas; every module and package in this folder is found at start.

An area module holds its records, its store, its rules and its handlers; past 400 lines it becomes
a package of the same name.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def discover() -> list[ModuleType]:
    """All area modules and their submodules, imported, in order of name."""
    names = sorted(info.name for info in pkgutil.walk_packages(__path__, f"{__name__}."))
    return [importlib.import_module(name) for name in names]
