"""Answers for paths and methods that no operation has, as the service behind the path gives them.

Sources: sending ERR-002, ERR-003, DIFF-052; platform GEN-008 to GEN-010. For a known path with
another method nothing is recorded except below /v1/analytics; 405 with Allow is our choice.
"""

from __future__ import annotations

from mailgun_emulator.reply import HTML, TEXT, Reply
from mailgun_emulator.router import WrongMethod

_ANALYTICS = "/v1/analytics/"
_PYTHON = ("/v3/lists", "/v3/routes", "/v5/accounts/subaccounts")
_PAGE = "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>"


def unknown_path(path: str) -> Reply:
    """404 for a path that is not routed."""
    if path.startswith(_ANALYTICS):
        return Reply(404, {"error": f"{path} not found"})
    if path.startswith(_PYTHON):
        return Reply(404, _PAGE, HTML)
    return Reply(404, "404 page not found\n", TEXT, (("x-content-type-options", "nosniff"),))


def wrong_method(path: str, miss: WrongMethod) -> Reply:
    """405 for a path that takes other methods."""
    if path.startswith(_ANALYTICS):
        return unknown_path(path)
    return Reply(
        405, {"message": "Method Not Allowed"}, headers=(("allow", ", ".join(miss.allow)),)
    )
