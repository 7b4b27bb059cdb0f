"""What a faulty client really changes: each request is made twice, as it should be and as it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from tests.mutants.fault import Fault

_BOUNDARY = re.compile(r"boundary=([0-9a-f]+)")


def measured(
    fault: Fault, sound: FunctionType, name: str, broken: ModuleType
) -> Callable[..., Any]:
    """`sound` with `broken` in place of the module that it knows as `name`.

    `fault.fired` counts the requests that differ by that. A request that the sound runtime makes
    and the broken one cannot is an error of the fault.
    """
    faulty = FunctionType(
        sound.__code__,
        {**sound.__globals__, name: broken},
        sound.__name__,
        sound.__defaults__,
        sound.__closure__,
    )
    faulty.__kwdefaults__ = sound.__kwdefaults__

    def make(*rest: Any, **named: Any) -> Any:
        wanted = sound(*rest, **named)
        try:
            made = faulty(*rest, **named)
        except Exception as error:
            fault.failed = error
            raise
        fault.fired += shown(made) != shown(wanted)
        return made

    return make


def shown(outgoing: Any) -> tuple[Any, ...]:
    """All of a request, with nothing in it that two requests of one call may differ in."""
    content = outgoing.content
    if not isinstance(content, bytes | None):
        content = b"".join(content)
    headers = []
    for key, value in outgoing.headers:
        if boundary := _BOUNDARY.search(value):
            content = (content or b"").replace(boundary[1].encode(), b"")
        headers.append((key, _BOUNDARY.sub("", value)))
    return outgoing.method, outgoing.url, headers, content
