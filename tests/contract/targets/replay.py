"""Recordings instead of a server: nothing goes over a network.

CONTRACT_RECORDINGS  the folder with the recordings; default: tests/recordings
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.contract import truth
from tests.contract.recordings import files, match
from tests.contract.recordings.errors import RecordingError
from tests.contract.recordings.exchange import BASE, Recorded
from tests.contract.recordings.playback import Playback
from tests.contract.targets.settings import WRONG_KEY, TargetError
from tests.contract.targets.target import Target
from tests.contract.truth import Truth

_SHIPPED = Path(__file__).parents[2] / "recordings"


def folder(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("CONTRACT_RECORDINGS", "").strip() or _SHIPPED)


def recorded(environment: Mapping[str, str], the_truth: Truth) -> dict[str, list[Recorded]]:
    """The recordings by operation; raises TargetError."""
    try:
        return match.by_operation(the_truth.operations, files.read(folder(environment)))
    except RecordingError as error:
        raise TargetError(f"target replay: {error} (CONTRACT_RECORDINGS)") from None


def probe(environment: Mapping[str, str]) -> None:
    """Raises TargetError."""
    recorded(environment, truth.load())


def make(_environment: Mapping[str, str]) -> Target:
    return Target(
        name="replay",
        base_url=BASE,
        domain="sandbox.example.test",
        key="key-recorded",
        foreign_key="",
        wrong_key=WRONG_KEY,
        transport=Playback(),
        control=False,
        complete=False,
        makes_keys=False,
    )
