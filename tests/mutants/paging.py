"""Servers whose pages overlap, or leave something out between them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from attrs import define, field

from tests.contract.families import items_at
from tests.contract.truth import Operation, Truth
from tests.mutants.answers import replaced
from tests.mutants.fault import Fault

_OFFSETS = ("skip", "offset")
_BODY = "pagination"
Address = tuple[str, tuple[tuple[str, str], ...]]


@define(kw_only=True)
class PageShifted(Fault):
    """Every page after the first starts `by` items too early (negative) or too late."""

    by: int
    _pages: dict[Address, Any] = field(factory=dict, init=False, repr=False)

    def serve(
        self, request: httpx.Request, operation: str | None, wire: httpx.BaseTransport
    ) -> httpx.Response:
        here = self._here(request)
        if here in self._pages and request.method == self.operation.method:
            return self._turned(request, wire, self._pages[here])
        if operation != self.operation.id:
            return wire.handle_request(request)
        if (shifted := self._shifted(request)) is not None:
            self.fired += 1
            return wire.handle_request(shifted)
        return self._noted(wire.handle_request(request))

    def _here(self, request: httpx.Request) -> Address:
        """The page that is asked for: the address, and the token where there is one in the body."""
        address = _address(str(request.url))
        token = ""
        if self.operation.raw.get("x-paging") == "body":
            pages = _object(request.content).get(_BODY)
            token = str(pages.get("token", "")) if isinstance(pages, dict) else ""
        return (address[0], (("token", token),)) if token else address

    def _shifted(self, request: httpx.Request) -> httpx.Request | None:
        """The request with another offset, when it has one."""
        url = str(request.url).partition("?")[0]
        pairs = parse_qsl(request.url.query.decode("ascii"), keep_blank_values=True)
        moved = [(k, self._moved(v) if k in _OFFSETS else v) for k, v in pairs]
        if moved != pairs:
            return httpx.Request(
                request.method,
                f"{url}?{urlencode(moved)}",
                headers=request.headers,
                content=request.content,
            )
        if self.operation.raw.get("x-paging") != "body":
            return None
        body = json.loads(request.content or b"{}")
        pages = body.get(_BODY) if isinstance(body, dict) else None
        skip = pages.get("skip") if isinstance(pages, dict) else None
        if not isinstance(skip, int) or skip < 1:
            return None
        body[_BODY]["skip"] = skip + self.by
        headers = {k: v for k, v in request.headers.items() if k != "content-length"}
        return httpx.Request(
            request.method, request.url, headers=headers, content=json.dumps(body).encode()
        )

    def _moved(self, text: str) -> str:
        return str(int(text) + self.by) if text.isdecimal() and int(text) > 0 else text

    def _turned(
        self, request: httpx.Request, wire: httpx.BaseTransport, last: Any
    ) -> httpx.Response:
        """The page behind the address that the page before gave, whose last item was `last`."""
        response = self._noted(wire.handle_request(request))
        answer, items = self._items(response)
        if not items:
            return response
        self.fired += 1
        items[:] = [last, *items] if self.by < 0 else items[1:]
        return replaced(response, content=json.dumps(answer).encode())

    def _noted(self, response: httpx.Response) -> httpx.Response:
        """`response`, whose address of the next page is remembered."""
        response.read()
        answer, items = self._items(response)
        links = answer.get("paging") if isinstance(answer, dict) else None
        tokens = answer.get(_BODY) if isinstance(answer, dict) else None
        following = links.get("next") if isinstance(links, dict) else None
        token = tokens.get("next") if isinstance(tokens, dict) else None
        if items and isinstance(following, str):
            self._pages[_address(following)] = items[-1]
        elif items and isinstance(token, str):
            self._pages[self.operation.path, (("token", token),)] = items[-1]
        return response

    def _items(self, response: httpx.Response) -> tuple[Any, list[Any]]:
        """The answer and the items in it, if it is one of a list."""
        pointer = self.truth.items(self.operation)
        if response.status_code not in self.operation.successes or pointer is None:
            return None, []
        answer = response.json()
        try:
            return answer, items_at(answer, pointer)
        except LookupError:  # Of several lists at one address, this is another one.
            return None, []


def _address(url: str) -> Address:
    """Path and query; the parameters may come in any order."""
    parts = urlsplit(url)
    return parts.path, tuple(sorted(parse_qsl(parts.query, keep_blank_values=True)))


def _object(content: bytes) -> dict[str, Any]:
    """The JSON object that `content` is; an empty one for anything else."""
    try:
        found = json.loads(content or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def no_pages(truth: Truth, operation: Operation) -> str:
    return "" if operation.pages else "no list in pages"
