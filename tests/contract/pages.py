"""Pages of a list, fetched through the client, whichever way the list pages.

The way is in the truth: `skip` or `offset` with `limit` among the parameters; a `pagination` object
in the body (x-paging: body), with `skip` or with the `token` that the last answer gave; or absolute
URLs in the answer's `paging`. A URL is not just fetched:
it is read back into a call of the operation that its path belongs to, as a user of the client has
to do it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from attrs import define, evolve, field, frozen

from tests.contract.checks import Exchange
from tests.contract.families import items_at
from tests.contract.scene import Scene
from tests.contract.truth import Operation
from tests.contract.values import NO_BODY, Values

_OFFSETS: Final = ("skip", "offset")
_MOST: Final = 60
_BODY: Final = "pagination"


class PageError(Exception):
    """A page can't be had: refused, not a list, or at an address that can't be called."""


class EndlessError(PageError):
    """More pages than there can be."""


@frozen
class Page:
    items: list[Any] = field(repr=False)
    exchange: Exchange
    values: Values
    links: dict[str, str]


@define
class Pager:
    """Walks one list. `values` are those of its first call; `items` points to them in answers."""

    scene: Scene
    operation: Operation
    values: Values
    items: str
    exchanges: list[Exchange] = field(factory=list)
    # How many items a page has when nobody says.
    _default: int = field(default=0, init=False)
    # The pages of the last walk.
    _walked: list[Page] = field(factory=list, init=False, repr=False)

    @property
    def way(self) -> str:
        """`offset`, `body`, `token`, `url`, or `none` for a list that comes as a whole."""
        if self.operation.raw.get("x-paging") == "body":
            return "token" if self._by_token else "body"
        if self._offset:
            return "offset"
        return "url" if self._size else "none"

    def walk(self, size: int | None) -> Iterator[Page]:
        """Pages from the first on, the last one included; `size` items each."""
        self._default, self._walked = 0, []
        page = self.fetch(self.operation, self._sized(size, 0))
        for number in range(1, _MOST):
            self._walked.append(page)
            yield page
            following = self._following(page, size, number)
            if following is None:
                return
            page = following
        raise EndlessError(f"no end after {_MOST} pages")

    @property
    def long(self) -> bool:
        """Whether the last pages show a list that goes on, not one that goes round."""
        return len(self._walked) == len({json.dumps(page.items) for page in self._walked})

    def back(self, page: Page, size: int) -> Iterator[Page]:
        """Pages before `page`, the nearest first."""
        for _ in range(_MOST):
            before = self._before(page, size)
            if before is None or not before.items:
                return
            page = before
            yield page
        raise EndlessError(f"no beginning after {_MOST} pages")

    def fetch(self, operation: Operation, values: Values) -> Page:
        exchange = self.scene.caller.call(operation, values)
        self.exchanges.append(exchange)
        if exchange.error is not None or exchange.status not in operation.successes:
            text = exchange.response.text[:120]
            raise PageError(f"{operation.id}: {exchange.status} {exchange.error or text}")
        answer = exchange.response.json()
        try:
            items = items_at(answer, self.items)
        except LookupError as error:
            raise PageError(f"{operation.id}: {error}") from None
        links = answer.get(_BODY if self.way == "token" else "paging") or {}
        found = {name: link for name, link in links.items() if isinstance(link, str) and link}
        return Page(items, exchange, values, found)

    def _following(self, page: Page, size: int | None, number: int) -> Page | None:
        # The documented end: a page with nothing on it.
        if not page.items or self.way == "none":
            return None
        if self.way == "url":
            return self._linked(page, "next")
        if self.way == "token":
            return self._turned(page, "next")
        if size is None:
            # Here the list may hold more than a page: things that the run did not make.
            if self.scene.target.complete:
                return None
            size = self._default = self._default or len(page.items)
        if len(page.items) < size:
            return None
        return self.fetch(self.operation, self._sized(size, number * size))

    def _before(self, page: Page, size: int) -> Page | None:
        if self.way == "url":
            return self._linked(page, "previous")
        if self.way == "token":
            return self._turned(page, "previous")
        skipped = self._skipped(page.values)
        return self.fetch(self.operation, self._sized(size, skipped - size)) if skipped else None

    def _linked(self, page: Page, name: str) -> Page | None:
        """The page behind one of the URLs that `page` carries, called through the client."""
        url = page.links.get(name)
        if url is None:
            return None
        parts = urlsplit(url)
        base = urlsplit(self.scene.target.base_url)
        path = parts.path.removeprefix(base.path.rstrip("/"))
        if parts.netloc != base.netloc:
            raise PageError(f"{name} leads elsewhere: {url}")
        found = self.scene.truth.find("GET", path)
        if found is None:
            raise PageError(f"{name} is at no documented path: {url}")
        operation, names = found
        query = _query(parts.query)
        if unknown := query.keys() - operation.parameters("query").keys():
            raise PageError(f"{name} has undocumented parameters {sorted(unknown)}: {url}")
        return self.fetch(operation, Values(path=dict(names), query=query))

    def _turned(self, page: Page, name: str) -> Page | None:
        """The page behind one of the tokens that `page` carries."""
        token = page.links.get(name)
        if token is None:
            return None
        paging = {"token": token}
        given = page.values.body.get(_BODY, {}) if isinstance(page.values.body, dict) else {}
        if "limit" in given:
            paging |= {"limit": given["limit"]}
        return self.fetch(self.operation, self._asking(paging))

    def _asking(self, paging: dict[str, Any]) -> Values:
        """The first call, with another object for the page."""
        body = {} if self.values.body is NO_BODY else dict(self.values.body)
        return evolve(self.values, body=body | {_BODY: dict(body.get(_BODY) or {}) | paging})

    @property
    def _by_token(self) -> bool:
        truth = self.scene.truth
        content = self.operation.raw["requestBody"]["content"]["application/json"]
        fields = truth.resolve(content["schema"])["properties"]
        return "token" in truth.resolve(fields[_BODY]).get("properties", {})

    @property
    def _size(self) -> str | None:
        names = {name.lower(): name for name in self.operation.parameters("query")}
        return names.get("limit")

    @property
    def _offset(self) -> str | None:
        names = self.operation.parameters("query")
        return next((name for name in _OFFSETS if name in names), None)

    def _skipped(self, values: Values) -> int:
        if self.way == "body":
            return int(values.body[_BODY].get("skip", 0))
        return int(values.query.get(str(self._offset), 0))

    def _sized(self, size: int | None, skip: int) -> Values:
        if size is None:
            return self.values
        if self.way == "token":
            return self._asking({"limit": size})
        if self.way == "body":
            return self._asking({"limit": size, "skip": max(skip, 0)})
        query = dict(self.values.query)
        if self._size:
            query[self._size] = size
        if self._offset and skip > 0:
            query[self._offset] = skip
        return evolve(self.values, query=query)


def _query(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name in found:
            kept = found[name] if isinstance(found[name], list) else [found[name]]
            found[name] = [*kept, value]
        else:
            found[name] = value
    return found
