"""Where the suite's requests go: one module for each target.

target.py    what the suite sees of a server
settings.py  what a target is told from outside; the errors of bad input
probe.py     one GET before anything else
network.py   the real network
emulator.py  the emulator in this process; the only module that knows it
url.py       any server by its base URL
live.py      the real API behind the guard; the same guard before the emulator
replay.py    recordings instead of a server
"""

from __future__ import annotations

import os

from attrs import field, frozen

from tests.contract.targets import emulator, live, replay, url
from tests.contract.targets.network import Nowhere
from tests.contract.targets.settings import TargetError
from tests.contract.targets.target import Target

__all__ = ["TARGETS", "Planned", "Target", "TargetError", "make", "planned", "probe"]

_MAKERS = {
    "emulator": emulator.make,
    "url": url.make,
    "live": live.make,
    "rehearsal": live.rehearse,
    "replay": replay.make,
}
_PROBES = {"url": url.probe, "live": live.probe, "replay": replay.probe}
TARGETS = tuple(_MAKERS)
# Several processes would spoil each other's state, or take each other's calls.
SHARED = frozenset(TARGETS) - {"emulator"}
# Accounts of people, which may lack features and data, and what was recorded of them.
INCOMPLETE = frozenset({"live", "rehearsal", "replay"})
# Those where a policy decides what may be sent.
GUARDED = frozenset({"live", "rehearsal"})


def make(name: str) -> Target:
    """The target, told by the environment; raises TargetError."""
    return _MAKERS[name](os.environ)


@frozen
class Planned:
    """What a plan is for: a target that sends nothing, its budget, what is taken for granted."""

    target: Target
    budget: int | None = None
    said: list[str] = field(factory=list)


def planned(name: str) -> Planned:
    """The target as far as the environment tells of it; raises TargetError."""
    if name == "emulator":
        return Planned(emulator.make(os.environ))
    if name == "url":
        told, said = url.planned(os.environ)
        return Planned(url.build(told, Nowhere(), control=False), told.budget, said)
    if name not in GUARDED:
        raise TargetError(f"--plan: target {name} sends nothing to any server")
    if name == "rehearsal":
        told, said = live.rehearsing(os.environ), []
    else:
        told, said = live.planned(os.environ)
    return Planned(live.Session.open(told, Nowhere(), None).target(), told.budget, said)


def probe(name: str) -> None:
    """Check what the environment tells, with one GET where there is a network.

    Raises TargetError, which says what to set.
    """
    if name in _PROBES:
        _PROBES[name](os.environ)
