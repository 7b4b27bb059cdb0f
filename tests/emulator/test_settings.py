"""The settings as options of `serve`."""

from __future__ import annotations

import socket

import pytest
from click.testing import CliRunner

from mailgun_emulator import Emulator, Settings, cli


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Emulator]:
    """The apps that `serve` would have served."""
    apps: list[Emulator] = []

    def run(app: Emulator, held: socket.socket, **_: object) -> None:
        apps.append(app)
        held.close()

    monkeypatch.setattr(cli, "run", run)
    return apps


def test_defaults(served: list[Emulator]) -> None:
    result = CliRunner().invoke(cli.main, ["serve", "--port", "0"])
    assert result.exit_code == 0, result.output
    assert served[0].state.settings == Settings()


def test_options_and_environment(served: list[Emulator]) -> None:
    options = ["--keep-messages", "7", "--keep-megabytes", "2", "--keep-hours", "0.5"]
    environment = {
        "MAILGUN_EMULATOR_KEEP_EVENTS": "9",
        "MAILGUN_EMULATOR_KEEP_EVENT_DAYS": "2",
        "MAILGUN_EMULATOR_NAMED_RECIPIENTS": "no",
    }
    result = CliRunner().invoke(cli.main, ["serve", "--port", "0", *options], env=environment)
    assert result.exit_code == 0, result.output
    assert served[0].state.settings == Settings(
        messages=7,
        message_bytes=2 * 1024 * 1024,
        message_age=1_800,
        events=9,
        event_age=2 * 86_400,
        named_recipients=False,
    )


@pytest.mark.parametrize(
    "option", ["--keep-messages", "--keep-megabytes", "--keep-hours", "--keep-events"]
)
def test_bounds_are_above_zero(option: str) -> None:
    result = CliRunner().invoke(cli.main, ["serve", option, "0"])
    assert result.exit_code == 2
    assert option in result.stderr
