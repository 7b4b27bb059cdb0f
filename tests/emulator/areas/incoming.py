"""Mail from outside, the routes for it, and what is posted of it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qsl

import httpx
from attrs import define

from mailgun_emulator import Emulator
from tests.emulator.areas.mail import Mail
from tests.emulator.receiver import Receiver

URL = "http://hook.test/messages"
BOB = "Bob <bob@example.org>"


def mime(body: str = "Hi Alice", /, **headers: str) -> str:
    """A message with these headers (`_` for a hyphen) besides its own."""
    named = {"From": BOB, "To": "alice@sandbox.example.test", "Subject": "Hello", **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items()]
    return "\r\n".join([*lines, "", body])


@define
class Incoming:
    """An app in its default domain, a client for it, and who is posted to."""

    app: Emulator
    api: httpx.Client
    receiver: Receiver
    mail: Mail

    @property
    def domain(self) -> str:
        return self.mail.domain

    def route(self, *actions: str, expression: str = "catch_all()", **more: Any) -> str:
        """A new route; its id."""
        form = {"expression": expression, "action": list(actions), **more}
        answer = self.api.post("/v3/routes", data=form)
        assert answer.status_code == 200, answer.text
        name: str = answer.json()["route"]["id"]
        return name

    def post(self, fields: Mapping[str, Any], files: Any = None) -> httpx.Response:
        return self.api.post("/_emulator/inbound", data=dict(fields), files=files)

    def take(self, message: str | bytes | None = None, /, **fields: Any) -> dict[str, Any]:
        """Mail for alice; what became of it. `_` stands for a hyphen in names."""
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        raw = mime() if message is None else message
        data = raw.encode() if isinstance(raw, str) else raw
        form = {"sender": "bounce@example.org", "recipient": f"alice@{self.domain}", **named}
        answer = self.post(form, {"mime": ("m", data)})
        assert answer.status_code == 200, answer.text
        self.flush()
        told: dict[str, Any] = answer.json()["recipients"][0]
        return told

    def flush(self) -> None:
        assert self.api.post("/_emulator/flush").status_code == 200

    def wait(self, seconds: float) -> None:
        self.app.state.clock.advance(seconds)
        self.flush()

    def urls(self) -> list[str]:
        return [str(request.url) for request in self.receiver.received]

    def form(self, number: int = -1) -> dict[str, str]:
        """The fields of a post, the last value of each."""
        return dict(self.pairs(number))

    def pairs(self, number: int = -1) -> list[tuple[str, str]]:
        """The fields of a post, in order."""
        request = self.receiver.received[number]
        if request.headers["content-type"].startswith("multipart/"):
            return [(name, data.decode()) for name, file, _, data in self.parts(number) if not file]
        return parse_qsl(request.content.decode(), keep_blank_values=True)

    def parts(self, number: int = -1) -> list[tuple[str, str, str, bytes]]:
        """Name, file name, type and content of the parts of a multipart post."""
        request = self.receiver.received[number]
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        found = []
        for part in message_from_bytes(head + request.content).get_payload():
            assert not isinstance(part, str)
            name = str(part.get_param("name", header="content-disposition"))
            inner = part.get_payload()
            data = part.get_payload(decode=True)
            if isinstance(inner, list):
                data = b"".join(bytes(each) for each in inner if not isinstance(each, str))
            assert isinstance(data, bytes)
            found.append((name, part.get_filename() or "", part.get_content_type(), data))
        return found

    def signed(self, form: Mapping[str, str]) -> bool:
        """Whether a post is signed with the account's key, worked out as a receiver does."""
        key = self.api.get("/v5/accounts/http_signing_key").json()["http_signing_key"]
        text = (form["timestamp"] + form["token"]).encode()
        return hmac.new(key.encode(), text, hashlib.sha256).hexdigest() == form["signature"]
