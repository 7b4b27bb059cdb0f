"""Somebody who is posted to: answers as told and keeps what came."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import httpx
from attrs import define, field

from mailgun_emulator import Emulator, create_app

from .conftest import START


@define
class Receiver:
    """`answers` gives the next statuses by URL, an exception for a broken connection; then 200."""

    received: list[httpx.Request] = field(factory=list)
    answers: dict[str, list[int | Exception]] = field(factory=dict)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.received.append(request)
        waiting = self.answers.get(str(request.url))
        answer = waiting.pop(0) if waiting else 200
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer)

    def app(self, **settings: Any) -> Emulator:
        """An app that posts to here, with the clock of the other tests."""
        made = create_app(seed=1, outgoing=httpx.MockTransport(self), **settings)
        made.state.clock.freeze(START)
        return made

    def bodies(self, url: str = "") -> list[dict[str, Any]]:
        """The JSON that came, to one URL or to all."""
        found = [r for r in self.received if url in ("", str(r.url))]
        return [json.loads(request.content) for request in found]

    def events(self, url: str = "") -> list[str]:
        """The types of the events that came."""
        return [body["event-data"]["event"] for body in self.bodies(url)]


def signed_with(key: str, body: dict[str, Any]) -> bool:
    """Whether the signature of a webhook is right, worked out as a receiver does."""
    given = body["signature"]
    text = (given["timestamp"] + given["token"]).encode()
    return bool(given["signature"] == hmac.new(key.encode(), text, hashlib.sha256).hexdigest())
