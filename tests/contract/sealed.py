"""Nothing but the target's transport talks to a server.

schemathesis has a transport of its own, and parts of it that look like mere checks use it. On the
real API such a request would pass by the guard, its ledger and its budget.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn
from unittest import mock

import requests


class SealedError(Exception):
    """Something was about to send a request past the target's transport."""


@contextmanager
def sealed() -> Iterator[None]:
    """Every request that is not sent through the target raises SealedError."""
    with mock.patch.object(requests.adapters.HTTPAdapter, "send", _refuse):
        yield


def _refuse(_adapter: Any, request: requests.PreparedRequest, **_options: Any) -> NoReturn:
    raise SealedError(f"{request.method} {request.url}: not through the target")
