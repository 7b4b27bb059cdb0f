"""The clock by control."""

from __future__ import annotations

from typing import Any

import pytest

from mailgun_emulator import Emulator
from tests.emulator.areas.mail import Mail
from tests.emulator.conftest import START

from .conftest import Controls


def test_get(control: Controls) -> None:
    assert control.get("clock") == {
        "now": "2025-01-24T12:44:39+00:00",
        "timestamp": START.timestamp(),
        "frozen": True,
    }


def test_freeze_and_resume(app: Emulator, control: Controls) -> None:
    assert control.post("clock/resume")["frozen"] is False
    assert not app.state.clock.frozen
    assert control.post("clock/freeze")["frozen"] is True
    assert app.state.clock.frozen


@pytest.mark.parametrize(
    "at", ["2030-01-01T00:00:00Z", "2030-01-01", "2030-01-01T01:00:00+01:00", 1893456000]
)
def test_freeze_at(control: Controls, at: Any) -> None:
    """ISO 8601, in UTC unless it says otherwise, or epoch seconds."""
    assert control.post("clock/freeze", {"at": at})["timestamp"] == 1893456000


def test_advance_does_what_is_due(control: Controls, mail: Mail, app: Emulator) -> None:
    mail.send()
    assert control.post("clock/advance", {"seconds": 1.5})["timestamp"] == START.timestamp() + 1.5
    assert len(app.state.schedule) == 0
    assert mail.event("delivered")["timestamp"] == START.timestamp() + 0.5


@pytest.mark.parametrize("at", ["noon", "", 1e300, -1, True, [], 10**400, "+10000-01-01"])
def test_no_such_time(control: Controls, at: Any) -> None:
    control.refused("clock/freeze", {"at": at})
    assert control.get("clock")["timestamp"] == START.timestamp()


@pytest.mark.parametrize("seconds", [-1, None, "1", True, 1e300, 10**400])
def test_no_such_step(control: Controls, seconds: Any) -> None:
    control.refused("clock/advance", {"seconds": seconds})
    assert control.get("clock")["timestamp"] == START.timestamp()


def test_unknown_names_are_refused(control: Controls) -> None:
    assert control.refused("clock/advance", {"minutes": 1}) == "there is no 'minutes' here"
