"""Fingerprints of kept data: equal contents give equal ones, however they came about.

Neither the order in which a dict or a set was filled counts, nor which equal objects are one and
the same. Fields declared with `eq=False` are bookkeeping and don't count either.
"""

from __future__ import annotations

import pickle
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import attrs
from attrs import define, field

_LITERAL = frozenset({str, int, float, bool, type(None), datetime, timedelta})


def fingerprint(value: Any) -> str:
    """The fingerprint of attrs objects, containers and plain values, nested as deep as it may be.

    Anything else counts by its pickle. For comparing within one process only.
    """
    return _hash(_Walk().text(value).encode(errors="surrogatepass"))


@define
class _Walk:
    """One pass over a value; an attrs object that is met again is not walked again."""

    _met: dict[int, str] = field(factory=dict)
    _fields: dict[type, tuple[str, ...]] = field(factory=dict)

    def text(self, value: Any) -> str:
        kind = type(value)
        if kind in _LITERAL:
            return repr(value)
        if kind is list or kind is tuple:
            return f"[{','.join(map(self.text, value))}]"
        if kind is dict:
            pairs = (f"{self.text(key)}:{self.text(held)}" for key, held in value.items())
            return f"{{{','.join(sorted(pairs))}}}"
        if kind is set or kind is frozenset:
            return f"<{','.join(sorted(map(self.text, value)))}>"
        if attrs.has(kind):
            return self._object(value, kind)
        return _hash(value if kind is bytes else pickle.dumps(value))

    def _object(self, value: Any, kind: type) -> str:
        known = self._met.get(id(value))
        if known is None:
            self._met[id(value)] = kind.__qualname__  # in case it leads back to itself
            held = ",".join([self.text(getattr(value, name)) for name in self._names(kind)])
            known = _hash(f"{kind.__qualname__}({held})".encode(errors="surrogatepass"))
            self._met[id(value)] = known
        return known

    def _names(self, kind: type) -> tuple[str, ...]:
        names = self._fields.get(kind)
        if names is None:
            names = tuple(a.name for a in attrs.fields(kind) if a.eq)
            self._fields[kind] = names
        return names


def _hash(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()
