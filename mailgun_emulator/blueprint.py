"""What apps share: the truth, and all that is worked out of it once.

Nothing here changes while apps run, so one blueprint serves any number of them. Working out the
shipped one takes a tenth of a second, which a test suite with an app for each test would pay again
and again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

from attrs import field, frozen

from mailgun_emulator import areas, contract
from mailgun_emulator.contract import Contract
from mailgun_emulator.envelopes import Envelopes
from mailgun_emulator.handlers import Binding, collect
from mailgun_emulator.router import Router
from mailgun_emulator.synth import Synthesiser
from mailgun_emulator.validate import Validators


@frozen(eq=False)
class Blueprint:
    """A contract with its handlers by operationId, and what is compiled from it."""

    contract: Contract = field(repr=False)
    bindings: Mapping[str, Binding] = field(repr=False)
    router: Router = field(init=False, repr=False)
    validators: Validators = field(init=False, repr=False)
    envelopes: Envelopes = field(init=False, repr=False)
    synthesiser: Synthesiser = field(init=False, repr=False)

    @router.default
    def _routes(self) -> Router:
        return Router.of(self.contract.operations.values())

    @validators.default
    def _compiled(self) -> Validators:
        return Validators(self.contract)

    @envelopes.default
    def _shapes(self) -> Envelopes:
        return Envelopes(self.contract)

    @synthesiser.default
    def _maker(self) -> Synthesiser:
        return Synthesiser(self.contract, self.validators)


@cache
def shipped() -> Blueprint:
    """All areas over the description that ships with the package.

    Raises ContractError or BootError.
    """
    return read()


def read(path: Path | None = None, modules: Iterable[ModuleType] | None = None) -> Blueprint:
    """Another description, or other areas. Raises ContractError or BootError."""
    truth = contract.load(path)
    return Blueprint(truth, collect(areas.discover() if modules is None else modules, truth))
