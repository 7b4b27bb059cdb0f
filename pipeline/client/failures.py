"""What goes wrong with an operation, as its docstring tells it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.client import response

# By status, as `mailgun_client.errors` has it; a test compares the two.
_ERRORS = (
    ("InvalidRequestError", (400, 405, 406, *range(411, 418), 422)),
    ("AuthenticationError", (401,)),
    ("PermissionDeniedError", (403,)),
    ("NotFoundError", (404, 410)),
    ("ConflictError", (409,)),
    ("RateLimitError", (420, 429)),
    ("ServerError", (5, *range(500, 600))),
)


def failures(responses: Any) -> Iterator[tuple[str, str]]:
    """Error class and what is documented of its statuses: `400, 413 (MessageResponse)`."""
    found: dict[str, dict[str, list[str]]] = {}
    for answer in responses:
        for status in response.statuses(answer):
            if status in (4, 5) or status >= 400:
                body = response.types(answer)
                found.setdefault(_error(status), {}).setdefault(body, []).append(_shown(status))
    order = [name for name, _ in _ERRORS]
    for name in sorted(found, key=lambda name: order.index(name) if name in order else -1):
        parts = [
            ", ".join(statuses) + (f" ({body})" if body != "None" else "")
            for body, statuses in found[name].items()
        ]
        yield name, "; ".join(parts)


def _error(status: int) -> str:
    return next((name for name, statuses in _ERRORS if status in statuses), "ApiError")


def _shown(status: int) -> str:
    return f"any other {status}xx" if status < 10 else str(status)
