"""Servers that answer as documented and do the wrong thing: keys, writes, pages."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error

import httpx
from attrs import define, field

from tests.contract.truth import Operation, Truth
from tests.mutants.fault import Fault

CONTROL = "/_emulator/"


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
    same requests give the same ids, so nothing tells but the missing write.
    """

    _sent: list[httpx.Request] = field(factory=list, repr=False)

    def serve(
        self, request: httpx.Request, operation: str | None, wire: httpx.BaseTransport
    ) -> httpx.Response:
        path = request.url.path
        if path.startswith(CONTROL):
            if path.endswith("/reset"):
                self._sent.clear()
            return wire.handle_request(request)
        if operation != self.operation.id:
            self._sent.append(request)
            return wire.handle_request(request)
        before = _control(request, wire, "GET", "digest")
        response = wire.handle_request(request)
        response.read()
        done = response.status_code in self.operation.successes
        if done and _control(request, wire, "GET", "digest") != before:
            self.fired += 1
            _control(request, wire, "POST", "reset")
            for earlier in self._sent:
                wire.handle_request(earlier).read()
        else:
            self._sent.append(request)
        return response


def _control(request: httpx.Request, wire: httpx.BaseTransport, method: str, name: str) -> bytes:
    """What the control of the server that `request` goes to answers."""
    url = request.url.copy_with(raw_path=f"{CONTROL}{name}".encode())
    return wire.handle_request(httpx.Request(method, url)).read()


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
    """Why no account owns what the call names."""
    if operation.public:
        return "needs no key"
    link = truth.links.get(operation.id)
    taken = link.raw.get("parameters", {}).values() if link else ()
    made = any(isinstance(each, str) and "$response" in each for each in taken)
    owned = operation.domain_parameters or made
    return "" if owned else "names nothing that has an owner"


def no_write(truth: Truth, operation: Operation, methods: tuple[str, ...]) -> str:
    """Why the operation is no write by one of `methods`."""
    if operation.method not in methods:
        return f"no {' or '.join(methods)}"
    return "" if operation.changes else "only reads, or is switched off"
