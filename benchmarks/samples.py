"""The message and the list that every benchmark uses, and the requests for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
from attrs import field, frozen

KEY = "key-bench"
DOMAIN = "bench.example.test"
BASE_URL = "http://api.example.test"
# In the order in which the client writes them, so that both sides send the same bytes.
MESSAGE = (
    ("to", "alice@example.com"),
    ("from", f"Bench <bench@{DOMAIN}>"),
    ("subject", "A message of five fields"),
    ("text", "Some words that go to one recipient.\n" * 4),
    ("o:tag", "bench"),
)
ACCEPTED = {"id": f"<20260115120000.1.0@{DOMAIN}>", "message": "Queued. Thank you."}


@frozen
class Request:
    """A request as bytes, ready for an ASGI app or a socket."""

    method: str
    path: str
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...] = field(repr=False)
    body: bytes = field(repr=False)

    @classmethod
    def of(cls, request: httpx.Request) -> Request:
        """What httpx would send."""
        headers = tuple((name.lower(), value) for name, value in request.headers.raw)
        url = request.url
        return cls(request.method, url.path, url.query, headers, request.read())

    def scope(self) -> dict[str, Any]:
        """A new ASGI scope: apps may keep or change theirs."""
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": self.query,
            "root_path": "",
            "headers": list(self.headers),
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }

    def wire(self) -> bytes:
        """The bytes of HTTP/1.1."""
        target = self.path.encode() + (b"?" + self.query if self.query else b"")
        head = [b"%s %s HTTP/1.1" % (self.method.encode(), target)]
        head += [b"%s: %s" % pair for pair in self.headers]
        return b"\r\n".join([*head, b"", self.body])


@frozen
class Requests:
    """What is measured (`send`, `list`), and what brings an emulator into the same state."""

    send: Request
    list: Request
    prepare: tuple[Request, ...]


def requests() -> Requests:
    """The requests as httpx writes them, form boundaries included."""
    lists = f"/v3/{DOMAIN}/bounces"
    with httpx.Client(base_url=BASE_URL) as http:
        parts = [(name, (None, value)) for name, value in MESSAGE]
        return Requests(
            send=_signed(http.build_request("POST", f"/v3/{DOMAIN}/messages", files=parts)),
            list=_signed(http.build_request("GET", lists, params={"limit": 100})),
            prepare=(
                _signed(http.build_request("POST", "/_emulator/reset")),
                _signed(http.build_request("POST", lists, json=list(bounces(100)))),
            ),
        )


def bounces(count: int) -> Iterator[dict[str, str]]:
    """Entries of a bounce list."""
    for number in range(count):
        yield {
            "address": f"user{number:03}@example.com",
            "code": "550",
            "error": "No such mailbox",
            "created_at": "Thu, 15 Jan 2026 12:00:00 UTC",
        }


def page() -> dict[str, Any]:
    """One page of 100 bounces."""
    url = f"{BASE_URL}/v3/{DOMAIN}/bounces?limit=100&page="
    places = ("previous", "first", "next", "last")
    return {"items": list(bounces(100)), "paging": {place: url + place for place in places}}


def answering(value: Any) -> httpx.MockTransport:
    """A transport without network that answers everything, sync and async, with this JSON."""
    content = json.dumps(value).encode()
    headers = {"content-type": "application/json"}
    return httpx.MockTransport(lambda _: httpx.Response(200, content=content, headers=headers))


def _signed(request: httpx.Request) -> Request:
    return Request.of(next(httpx.BasicAuth("api", KEY).auth_flow(request)))
