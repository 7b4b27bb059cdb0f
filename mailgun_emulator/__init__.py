"""A stateful emulator of the Mailgun HTTP API: `create_app()` gives an ASGI application.

The app is imported when it is asked for, so that `entry` can say what is missing without the
`emulator` extra.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mailgun_emulator.app import Emulator, create_app
    from mailgun_emulator.settings import Settings

__all__ = ["Emulator", "Settings", "create_app"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from mailgun_emulator import app
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("mailgun_emulator"):
            raise
        raise ModuleNotFoundError(
            f"{error.name} is not installed; run: pip install 'mailgun-toolkit[emulator]'",
            name=error.name,
        ) from error
    return getattr(app, name)
