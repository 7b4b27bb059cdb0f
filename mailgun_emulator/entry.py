"""The command `mailgun-emulator`, which says what to install when the extra is not there."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; exit status 2 without the `emulator` extra."""
    try:
        from mailgun_emulator.cli import main as run
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("mailgun_emulator"):
            raise
        print(
            f"mailgun-emulator: {error.name} is not installed; "
            "run: pip install 'mailgun-toolkit[emulator]'",
            file=sys.stderr,
        )
        raise SystemExit(2) from None
    run(prog_name="mailgun-emulator")
