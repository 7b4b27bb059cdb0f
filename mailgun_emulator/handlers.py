"""Handlers: functions bound to operations by operationId, collected from the areas at start.

A handler is a module-level function `def name(call: Call) -> Reply | dict | list` (or async). The
decorator only marks it; nothing is registered on import, so every app has handlers of its own.
An area module may declare `COVERS = ("bounces",)`: boot then fails when an operation under one of
these tags has no handler.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any, TypeVar

from attrs import field, frozen

from mailgun_emulator.call import Call
from mailgun_emulator.contract import Contract
from mailgun_emulator.errors import BootError
from mailgun_emulator.reply import ApiError, Reply

Answer = Reply | dict[str, Any] | list[Any]
Handler = Callable[[Call], Answer | Awaitable[Answer]]
F = TypeVar("F", bound=Callable[[Call], Any])

_MARK = "__emulator_operations__"
BY_FAMILY = "by family"


@frozen
class Problem:
    """One way in which a request breaks the truth.

    `where` is path, query, header, form or json; `name` the parameter, field or property path;
    `kind` the schema keyword that failed (`required`, `type`, `enum`, `format`, ...).
    """

    where: str
    name: str
    kind: str
    value: Any = field(default=None, repr=False)


Invalid = Callable[[Problem], "ApiError | str | None"]
Before = Callable[[Call], None]


@frozen
class Binding:
    """A handler with what its decorator said."""

    operation_id: str
    handler: Handler
    validate: bool = True
    invalid: Invalid | None = None
    foreign_domain: str | None = BY_FAMILY
    before: Before | None = None


def operation(
    operation_id: str,
    *,
    validate: bool = True,
    invalid: Invalid | None = None,
    foreign_domain: str | None = BY_FAMILY,
    before: Before | None = None,
) -> Callable[[F], F]:
    """Bind a handler to an operation; may be stacked.

    - `validate=False`: the request reaches the handler unchecked (values are still converted where
      they fit), for operations with a literal message of their own for everything.
    - `invalid`: gives the area's own text or ApiError for a `Problem`; None keeps the default.
    - `foreign_domain`: text of the 404 for a domain of somebody else, where the family's own does
      not fit; None leaves the check to the handler.
    - `before`: a check of what may be done now, which goes before any check of the input (sending
      ERR-052). The caller may make the call; `call.body` and `call.form` are still empty, path and
      query not yet validated. It refuses by raising ApiError.
    """

    def mark(function: F) -> F:
        binding = Binding(operation_id, function, validate, invalid, foreign_domain, before)
        setattr(function, _MARK, (binding, *getattr(function, _MARK, ())))
        return function

    return mark


def collect(modules: Iterable[ModuleType], contract: Contract) -> Mapping[str, Binding]:
    """The bindings of these modules by operationId.

    Raises BootError naming every unknown, duplicate, missing or wrongly shaped handler.
    """
    bound: dict[str, Binding] = {}
    problems: list[str] = []
    covered: dict[str, str] = {}
    for module in modules:
        covered.update(dict.fromkeys(getattr(module, "COVERS", ()), module.__name__))
        for where, binding in _marked(module):
            if binding.operation_id not in contract.operations:
                problems.append(f"{where}: no operation {binding.operation_id!r}")
            elif binding.operation_id in bound:
                problems.append(f"{where}: {binding.operation_id!r} has a handler already")
            elif reason := _misfit(binding.handler):
                problems.append(f"{where}: {reason}")
            bound.setdefault(binding.operation_id, binding)
    problems += _missing(covered, bound, contract)
    if problems:
        raise BootError(problems)
    return bound


def _marked(module: ModuleType) -> Iterator[tuple[str, Binding]]:
    """The bindings made in this module itself, not those it imported."""
    for name, function in vars(module).items():
        if getattr(function, "__module__", None) == module.__name__:
            for binding in getattr(function, _MARK, ()):
                yield f"{module.__name__}.{name}", binding


def _missing(
    covered: Mapping[str, str], bound: Mapping[str, Binding], contract: Contract
) -> Iterator[str]:
    for tag, module in covered.items():
        tagged = [op.id for op in contract.operations.values() if op.tag == tag]
        if not tagged:
            yield f"{module}: COVERS names {tag!r}, which no operation has"
        for name in tagged:
            if name not in bound:
                yield f"{module}: covers {tag!r} but has no handler for {name!r}"


def _misfit(function: Callable[..., Any]) -> str:
    parameters = list(inspect.signature(function).parameters.values())
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if len(parameters) != 1 or parameters[0].kind not in kinds:
        return "a handler takes exactly one argument, the call"
    return ""
