"""The content of a message while it comes in, up to the line with a dot."""

from __future__ import annotations

from attrs import define, field

_END = b"\r\n.\r\n"


@define(eq=False)
class Incoming:
    """Collects content; past `limit` bytes it only looks for the end, and `too_large` is set.

    Nothing but CR LF, dot, CR LF is the end: servers that also take a bare LF for a line break can
    be made to see two messages in one.
    """

    limit: int
    too_large: bool = False
    # The first line has the end of a line before it as well.
    _data: bytearray = field(factory=lambda: bytearray(b"\r\n"), init=False, repr=False)

    def take(self, chunk: bytes) -> bytes | None:
        """Add some bytes: what comes behind the end, or None when that is still to come."""
        start = max(0, len(self._data) - len(_END) + 1)
        self._data += chunk
        end = self._data.find(_END, start)
        if end >= 0:
            rest = bytes(self._data[end + len(_END) :])
            del self._data[end + 2 :]
            self._check()
            return rest
        self._check()
        return None

    def message(self) -> bytes:
        """The content without the dots that protect others at the start of a line."""
        return bytes(self._data.replace(b"\r\n.", b"\r\n")[2:])

    def _check(self) -> None:
        if len(self._data) > self.limit + 2:
            self.too_large = True
        if self.too_large:
            del self._data[: -len(_END)]
