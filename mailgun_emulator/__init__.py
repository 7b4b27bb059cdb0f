"""A stateful emulator of the Mailgun HTTP API: `create_app()` gives an ASGI application."""

from __future__ import annotations

from mailgun_emulator.app import Emulator, create_app

__all__ = ["Emulator", "create_app"]
