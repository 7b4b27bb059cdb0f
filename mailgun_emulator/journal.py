"""The requests of late, for people who want to know what their program really sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, field, frozen

from mailgun_emulator.call import Request
from mailgun_emulator.reply import Body, Reply

# Requests, and bytes of each body; so the journal has a bound whatever comes in.
MOST = 1_000
MOST_BODY = 4_096
HIDDEN = "(hidden)"


@frozen
class Entry:
    """One request and its answer. `answer` is kept of refusals only: they are small."""

    number: int
    at: float
    method: str
    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    size: int
    operation: str
    status: int
    answer: Body = field(repr=False)
    forced: bool = False

    def shown(self) -> dict[str, Any]:
        """The entry as JSON."""
        headers = {k: HIDDEN if k == "authorization" else v for k, v in self.headers.items()}
        answer = self.answer
        return {
            "number": self.number,
            "at": self.at,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": headers,
            "body": self.body.decode(errors="replace"),
            "size": self.size,
            "operation": self.operation,
            "status": self.status,
            "answer": answer.decode(errors="replace") if isinstance(answer, bytes) else answer,
            "forced": self.forced,
        }


@define
class Journal:
    """The last requests, oldest first."""

    _entries: deque[Entry] = field(factory=lambda: deque(maxlen=MOST), init=False, repr=False)
    _count: int = field(default=0, init=False)

    def add(
        self, at: float, request: Request, operation: str, reply: Reply | None, *, forced: bool
    ) -> None:
        """Note a request; `reply` is None when the connection was dropped instead."""
        self._count += 1
        status = 0 if reply is None else reply.status
        body = request.body
        self._entries.append(
            Entry(
                self._count,
                at,
                request.method,
                request.path,
                request.query,
                request.headers,
                body if len(body) <= MOST_BODY else body[:MOST_BODY],
                len(body),
                operation,
                status,
                reply.body if reply is not None and status >= 400 else None,
                forced,
            )
        )

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()
