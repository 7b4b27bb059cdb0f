"""Mail by SMTP: logins send as the API does, everybody else hands in mail for the own domains.

`serve` runs the relay beside the app, on the same loop. The replies are the API's where they are
known, and the dialogue is written out here because of them: a ready-made server brings its own.
"""

from __future__ import annotations

from mailgun_emulator.smtp.server import Server, serve

__all__ = ["Server", "serve"]
