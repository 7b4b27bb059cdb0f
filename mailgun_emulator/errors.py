"""Errors of the emulator.

EmulatorError
├── ContractError   the description of the API cannot be found or read
├── BootError       the handlers of the areas do not fit the contract (names all problems)
├── CatalogueError  a file of the catalogue of behaviours is not as it must be
├── ServeError      the server cannot start as asked (address in use, bad option)
└── ApiError        not a failure: an answer with a 4xx or 5xx status (in `reply`)
"""

from __future__ import annotations

from collections.abc import Sequence


class EmulatorError(Exception):
    """Root of everything the package raises on purpose."""


class ContractError(EmulatorError):
    """The OpenAPI document is missing, unreadable or unusable."""


class BootError(EmulatorError):
    """The areas' handlers do not fit the contract; `problems` names every misfit."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class CatalogueError(EmulatorError):
    """A file of the catalogue of behaviours is malformed."""


class ServeError(EmulatorError):
    """The server cannot start as asked."""
