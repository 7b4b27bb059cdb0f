"""What an account may send, as a seed says it: the part `sending`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mailgun_emulator.areas.messages.limits import Standing
from mailgun_emulator.areas.messages.quotas import Quota, Quotas
from mailgun_emulator.state import Account, State

_SWITCHES = ("activated", "free")
_LISTS = ("authorized", "sending_ips")


def apply(state: State, account: Account, given: Mapping[str, Any]) -> None:
    """Set what is given; the rest stays. Raises ValueError with what is wrong.

    `activated` and `free` are booleans, `authorized` and `sending_ips` lists of texts, `young` an
    object of numbers by domain, `limits` a list of objects with `what`, `most` and `seconds`.
    """
    standing, quotas = state.store(account, Standing), state.store(account, Quotas)
    for name, value in given.items():
        if name in _SWITCHES:
            setattr(standing, name, _is(name, value, bool))
        elif name in _LISTS:
            texts = [_is(name, text, str) for text in _is(name, value, list)]
            setattr(standing, name, {text.lower() for text in texts})
        elif name == "young":
            pairs = _is(name, value, dict).items()
            standing.young = {str(domain).lower(): _is(name, n, int) for domain, n in pairs}
        elif name == "limits":
            quotas.limits = tuple(_quota(entry) for entry in _is(name, value, list))
        else:
            raise ValueError(f"{name}: there is no such part")


def _quota(entry: Any) -> Quota:
    try:
        return Quota(**_is("limits", entry, dict))
    except TypeError:
        raise ValueError("limits: each needs what and most, and may have seconds") from None


def _is(name: str, value: Any, kind: type) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"{name}: {value!r} is no {kind.__name__}")
    return value
