"""A small client for sending from the default domain and looking at what became of it."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message
from typing import Any

import httpx

from mailgun_emulator import Emulator

BOB = "Bob <bob@example.org>"
ALICE = "alice@example.com"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
PLAIN: dict[str, Any] = {"from": BOB, "to": ALICE, "subject": "Hello", "text": "Hi there"}

Files = list[tuple[str, tuple[str, bytes, str]]]


class Mail:
    """Messages, events and tags of one domain; `wait` moves the clock."""

    def __init__(self, app: Emulator, api: httpx.Client, domain: str) -> None:
        self.app, self.api, self.domain = app, api, domain

    def path(self, *more: str) -> str:
        return "/".join((f"/v3/{self.domain}", *more))

    def send(self, fields: dict[str, Any] | None = None, files: Files | None = None) -> Any:
        """A plain mail with some fields more or other ones; None leaves a field out."""
        form = {k: v for k, v in {**PLAIN, **(fields or {})}.items() if v is not None}
        return self.api.post(self.path("messages"), data=form, files=files)

    def send_mime(self, mime: str | bytes, fields: dict[str, Any] | None = None) -> httpx.Response:
        data = mime.encode() if isinstance(mime, str) else mime
        form = {"to": ALICE, **(fields or {})}
        files = {"message": ("message.mime", data)}
        return self.api.post(self.path("messages.mime"), data=form, files=files)

    def refusal(self, fields: dict[str, Any]) -> tuple[int, str]:
        """Status and text of a send that is refused."""
        answer = self.send(fields)
        return answer.status_code, answer.json()["message"]

    def wait(self, seconds: float = 1) -> None:
        self.app.state.clock.advance(seconds)

    def page(self, **query: Any) -> dict[str, Any]:
        """A page of events; `_` in a name stands for a hyphen, at the end for nothing."""
        named = {name.rstrip("_").replace("_", "-"): value for name, value in query.items()}
        return self.follow(f"{self.api.base_url}{self.path('events')}", named)

    def follow(self, url: str, query: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self.api.get(url, params=query)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page

    def events(self, **query: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.page(**query)["items"]
        return items

    def event(self, kind: str = "accepted") -> dict[str, Any]:
        """The only event of this kind."""
        (event,) = self.events(event=kind)
        return event

    def stored(self, event: dict[str, Any] | None = None) -> dict[str, Any]:
        """The stored message that an event names."""
        return self.follow((event or self.event())["storage"]["url"])

    def raw(self, event: dict[str, Any] | None = None) -> str:
        """Its MIME text."""
        url = (event or self.event())["storage"]["url"]
        answer = self.api.get(url, headers={"accept": "message/rfc2822"})
        return str(answer.json()["body-mime"])

    def got(self, part: str, event: dict[str, Any] | None = None, **query: str) -> str:
        """What a recipient got of the message of an event: its `html`, `text` or `raw`."""
        key = (event or self.event())["storage"]["key"]
        answer = self.api.get(f"/_emulator/messages/{key}/{part}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.text

    def track(self, kind: str, **fields: str) -> None:
        """Change what is tracked in the domain; `active` unless told otherwise."""
        path = f"/v3/domains/{self.domain}/tracking/{kind}"
        answer = self.api.put(path, data={"active": "yes", **fields})
        assert answer.status_code == 200, answer.text

    def visit(self, url: str, agent: str = FIREFOX, method: str = "GET") -> httpx.Response:
        """Follow a link as somebody without a key does."""
        return self.api.request(method, url, headers={"user-agent": agent}, auth=("", ""))

    def options(self, event: dict[str, Any] | None = None) -> dict[str, str]:
        """The options of the message, as the control API shows them."""
        key = (event or self.event())["storage"]["key"]
        shown: dict[str, str] = self.follow(f"{self.api.base_url}/_emulator/messages/{key}")[
            "options"
        ]
        return shown

    def delivered(self, event: dict[str, Any] | None = None) -> Message:
        """The mail as the server of the event's recipient got it."""
        return message_from_bytes(self.arrived(event))

    def arrived(self, event: dict[str, Any] | None = None) -> bytes:
        """The same as it came."""
        event = event or self.event("delivered")
        url = f"/_emulator/messages/{event['storage']['key']}/raw"
        answer = self.api.get(url, params={"recipient": event["recipient"]})
        assert answer.status_code == 200, answer.text
        return answer.content

    def tags(self, **query: Any) -> list[str]:
        answer = self.api.get(self.path("tags"), params=query)
        assert answer.status_code == 200, answer.text
        return [item["tag"] for item in answer.json()["items"]]
