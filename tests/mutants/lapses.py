"""Servers that answer as documented and do the wrong thing: keys, writes, pages."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error

import httpx
from attrs import define, field

from tests.contract.truth import Operation, Truth
from tests.mutants.fault import Fault

_CONTROL = "/_emulator/"


@define(kw_only=True)
class KeyIgnored(Fault):
    """Takes calls with some keys for calls of the owner of everything.

    Which keys: `any` other one or none, only the `foreign` one, or only one that `may less`.
    """

    whose: str
    key: str = field(repr=False)
    foreign: str = field(repr=False)
    wrong: str = field(repr=False)

    def exchange(self, request: httpx.Request, wire: httpx.BaseTransport) -> httpx.Response:
        sent = key_of(request)
        if self._let_in(sent):
            self.fired += 1
            request = with_key(request, self.key)
        return wire.handle_request(request)

    def _let_in(self, sent: str | None) -> bool:
        if sent == self.key:
            return False
        if self.whose == "foreign":
            return sent == self.foreign
        if self.whose == "lesser":
            return sent not in (None, self.foreign, self.wrong)
        return True


@define
class WriteLost(Fault):
    """Answers a successful write as always, and then forgets that it ever happened.

    All that works over HTTP alone: the server is reset and everything else is sent again. The
    same requests give the same ids, so nobody can tell but for the missing write.
    """

    _sent: list[httpx.Request] = field(factory=list, repr=False)

    def serve(
        self, request: httpx.Request, operation: str | None, wire: httpx.BaseTransport
    ) -> httpx.Response:
        path = request.url.path
        if path.startswith(_CONTROL):
            if path.endswith("/reset"):
                self._sent.clear()
            return wire.handle_request(request)
        response = wire.handle_request(request)
        response.read()
        if operation == self.operation.id and response.status_code in self.operation.successes:
            self.fired += 1
            self._rebuild(request, wire)
        else:
            self._sent.append(request)
        return response

    def _rebuild(self, request: httpx.Request, wire: httpx.BaseTransport) -> None:
        reset = request.url.copy_with(raw_path=f"{_CONTROL}reset".encode())
        wire.handle_request(httpx.Request("POST", reset)).read()
        for earlier in self._sent:
            wire.handle_request(earlier).read()


def key_of(request: httpx.Request) -> str | None:
    """The key of a request; None without one that can be read."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    try:
        return b64decode(text).decode().partition(":")[2] or None if scheme == "Basic" else None
    except (Error, UnicodeDecodeError):
        return None


def with_key(request: httpx.Request, key: str) -> httpx.Request:
    headers = [(k, v) for k, v in request.headers.multi_items() if k.lower() != "authorization"]
    basic = "Basic " + b64encode(f"api:{key}".encode()).decode()
    return httpx.Request(
        request.method,
        request.url,
        headers=[*headers, ("authorization", basic)],
        content=request.content,
    )


def public(truth: Truth, operation: Operation) -> str:
    return "needs no key" if operation.public else ""


def no_owner(truth: Truth, operation: Operation) -> str:
    if operation.public:
        return "needs no key"
    return "" if operation.domain_parameters else "names no domain that has an owner"



def no_write(truth: Truth, operation: Operation, methods: tuple[str, ...]) -> str:
    """Why the operation is no write by one of `methods`; a producer of links for POST."""
    if operation.method not in methods:
        return f"no {' or '.join(methods)}"
    if operation.raw.get("x-gone"):
        return "switched off"
    made = any(link.producer == operation.id for link in truth.links.values())
    return "" if made or "POST" not in methods else "makes nothing that another operation needs"
