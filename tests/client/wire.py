"""A transport that keeps what the client sent and answers as told."""

from __future__ import annotations

import io
from collections.abc import Iterator
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

import httpx
from attrs import define, field, frozen
from mailgun_client import Client
from multipart import MultipartParser, MultipartPart


@frozen
class Part:
    """One field of a form as a server sees it; text fields have no file name."""

    name: str
    value: bytes
    filename: str | None = None
    content_type: str | None = None

    @property
    def text(self) -> str:
        return self.value.decode()


@define
class Wire:
    """Answers every request with `status`, `content` and `headers`; sync and async.

    The status is by default one that no operation documents, so that nothing is parsed.
    """

    status: int = 418
    content: bytes = b""
    headers: dict[str, str] = field(factory=lambda: {"content-type": "application/json"})
    requests: list[httpx.Request] = field(factory=list)

    def client(self, **arguments: Any) -> Client:
        transport = httpx.MockTransport(self._answer)
        usual: dict[str, Any] = {"transport": transport, "async_transport": transport}
        usual |= {"region": "us", "retries": None}
        return Client("key-secret", **(usual | arguments))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        return httpx.Response(self.status, content=self.content, headers=self.headers)

    @property
    def sent(self) -> httpx.Request:
        (request,) = self.requests
        return request

    @property
    def path(self) -> str:
        return self.sent.url.raw_path.decode().split("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.sent.url.query.decode(), keep_blank_values=True)

    @property
    def media_type(self) -> str:
        content_type: str = self.sent.headers.get("content-type", "")
        return content_type.split(";")[0]

    @property
    def form(self) -> list[Part]:
        """The fields of the urlencoded or multipart body that was sent."""
        body = self.sent.content
        if self.media_type == "application/x-www-form-urlencoded":
            pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body))
            return [Part(name, value.encode()) for name, value in pairs]
        return list(_multipart(body, self.sent.headers["content-type"]))

    @property
    def fields(self) -> list[tuple[str, str]]:
        return [(part.name, part.text) for part in self.form]


def _multipart(body: bytes, content_type: str) -> Iterator[Part]:
    message = Message()
    message["content-type"] = content_type
    boundary = message.get_param("boundary")
    assert isinstance(boundary, str)
    part: MultipartPart
    for part in MultipartParser(io.BytesIO(body), boundary, strict=True):
        headers = {name.lower(): value for name, value in part.headerlist}
        yield Part(part.name, part.raw, part.filename, headers.get("content-type"))
        part.close()
