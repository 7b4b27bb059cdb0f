"""What one fault is, and the seeded choice of where it strikes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from hashlib import blake2b
from types import ModuleType
from typing import TypeVar

import httpx
from attrs import define, field, frozen

from tests.contract.truth import Operation, Truth

T = TypeVar("T")


@frozen
class Dice:
    """Choices that depend on the seed and on what is chosen from, never on the order of calls."""

    seed: int
    mutant: str
    operation: str

    def first(self, found: Iterable[T], name: Callable[[T], str] = str) -> T | None:
        """One of `found`, the same whenever it is there; None when there is nothing."""
        return min(found, key=lambda each: self._rank(name(each)), default=None)

    def _rank(self, name: str) -> bytes:
        return blake2b(f"{self.seed} {self.mutant} {self.operation} {name}".encode()).digest()


@define
class Fault:
    """A fault of one operation, without effect.

    `fired` counts how often it changed something; `made_up` is set once the target said that it
    keeps nothing behind the operation's answers; `failed` is an error of the fault itself, which
    must not look like a catch.
    """

    truth: Truth = field(repr=False)
    operation: Operation
    dice: Dice
    fired: int = 0
    made_up: bool = False
    failed: Exception | None = field(default=None, repr=False)

    def serve(
        self, request: httpx.Request, operation: str | None, wire: httpx.BaseTransport
    ) -> httpx.Response:
        """The faulty server's answer to any request; `operation` is the one it calls, if any."""
        if operation != self.operation.id:
            return wire.handle_request(request)
        return self.exchange(request, wire)

    def exchange(self, request: httpx.Request, wire: httpx.BaseTransport) -> httpx.Response:
        """The faulty server's answer to a call of the operation."""
        return wire.handle_request(request)

    def send(self, request: httpx.Request) -> httpx.Request:
        """What the faulty client puts on the wire instead of `request`, a call of the operation."""
        return request

    def installed(self, module: ModuleType) -> AbstractContextManager[None]:  # noqa: ARG002
        """While it lasts, the generated `module` of the operation has the fault."""
        return nullcontext()


@frozen
class Mutant:
    """A class of faults.

    `excluded` says why the operation cannot have the fault, or nothing when it can. `bodies` are
    the suite's checks that promise most; `kept` marks faults of what the server keeps, which need
    a server that keeps something.
    """

    name: str
    side: str
    words: str
    excluded: Callable[[Truth, Operation], str]
    make: Callable[[Truth, Operation, Dice], Fault]
    bodies: tuple[str, ...] = ("valid",)
    kept: bool = False
