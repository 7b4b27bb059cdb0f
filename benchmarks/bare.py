"""The limit: an ASGI app that only parses a form and answers JSON. `python -m benchmarks.bare`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

from attrs import define, field
from multipart import MultipartSegment, PushMultipartParser, parse_options_header

from benchmarks.samples import ACCEPTED, page
from mailgun_emulator.server import listen, run

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@define
class Bare:
    """Answers a post as an accepted message, and anything else with a page of bounces."""

    accepted: dict[str, str] = field(factory=lambda: dict(ACCEPTED), repr=False)
    page: dict[str, Any] = field(factory=page, repr=False)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await _lifespan(receive, send)
            return
        body = bytearray()
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        content_type = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
        posted = scope["method"] == "POST"
        if posted and content_type.startswith("multipart/"):
            posted = bool(dict(fields(bytes(body), content_type)))
        answer: dict[str, Any] = self.accepted if posted else self.page
        data = json.dumps(answer).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(data)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": data})


def fields(body: bytes, content_type: str) -> Iterator[tuple[str, bytes]]:
    """Name and value of every part of a form."""
    boundary = parse_options_header(content_type)[1]["boundary"]
    name, value = "", b""
    for event in PushMultipartParser(boundary).parse(body):
        if isinstance(event, MultipartSegment):
            name, value = event.name, b""
        elif event:
            value += event
        else:
            yield name, value


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


if __name__ == "__main__":
    run(Bare(), listen("127.0.0.1", 0), ready=lambda url: print(f"ready: {url}", flush=True))
