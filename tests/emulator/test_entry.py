"""Without the extra, the command says what to install."""

from __future__ import annotations

import builtins
import sys
from typing import Any

import pytest

from mailgun_emulator import entry


def test_a_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = builtins.__import__

    def without_uvicorn(name: str, *args: Any) -> Any:
        if name == "mailgun_emulator.cli":
            raise ModuleNotFoundError("No module named 'uvicorn'", name="uvicorn")
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", without_uvicorn)
    with pytest.raises(SystemExit, match="2"):
        entry.main()
    told = capsys.readouterr().err
    assert "uvicorn is not installed" in told
    assert "pip install 'mailgun-toolkit[emulator]'" in told


def test_a_fault_of_our_own_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mailgun_emulator.cli", None)
    with pytest.raises(ModuleNotFoundError):
        entry.main()
