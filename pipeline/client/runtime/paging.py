"""The items of a list, from page to page, whichever way the API pages them.

    from mailgun_client.api.bounces import list_bounces
    from mailgun_client.paging import paginate

    for bounce in paginate(list_bounces, "mg.example.com", client=client, limit=1000):
        print(bounce.address)
    async for bounce in paginate(list_bounces, "mg.example.com", client=client):
        print(bounce.address)

Pages are fetched when their items are asked for. `cursor` says where to go on, in a text that can
be saved:

    bounces = paginate(list_bounces, "mg.example.com", client=client)
    for bounce in bounces:
        ...
    later = paginate(list_bounces, "mg.example.com", client=client).resume(bounces.cursor)

A list ends with an empty page, with a page that does not name another one, or that names one that
was there before; a total that is told counts only together with a short page. Of a link to the next
page only what differs from the operation's own path is used: no request goes to another host or
another operation, whatever an answer or a saved cursor says.

Source: documentation page user-manual/events/events; each operation's `PAGING`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeVar
from urllib.parse import unquote, urlsplit

from attrs import define, evolve, field, frozen

from . import _request
from ._paging import Paging, at
from .errors import MailgunError

P = ParamSpec("P")
T = TypeVar("T")

# What follows the path of the operation: one more segment (a token), a query, or both.
_REST = re.compile(r"(?:/(?!\.{1,2}(?:\?|$))[^/?#\\\s]+)?(?:\?[^#\s]*)?")


class Listing(Protocol[P, T]):
    """A module of `mailgun_client.api` whose operation gives a list."""

    def sync_detailed(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """One page."""
        ...

    def page_items(self, page: Any) -> list[T]:
        """Its items."""
        ...


class PagingError(MailgunError):
    """The link to the next page leads elsewhere; it is not followed.

    Attributes:
        response: the answer that has the link.
        cursor: the page that it came in.
    """

    def __init__(self, reason: str, response: Any, cursor: str) -> None:
        self.reason = reason
        self.response = response
        self.cursor = cursor
        super().__init__(reason)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.response, self.cursor)


@frozen
class Page(Generic[T]):
    """One page.

    Attributes:
        items: what is on it; none on the last page of some lists.
        cursor: what leads to this page; empty for the first one.
        next_cursor: what leads to the next page; None if this is the last one.
        response: the answer that it came in.
    """

    items: list[T] = field(repr=False)
    cursor: str
    next_cursor: str | None
    response: Any = field(repr=False)


def paginate(operation: Listing[P, T], *args: P.args, **kwargs: P.kwargs) -> Pages[T]:
    """The items of a list operation, to iterate over by `for` or `async for`.

    Args:
        operation: the module, such as `mailgun_client.api.bounces.list_bounces`.
        args, kwargs: those of its `sync`; they choose the first page and its size.

    Raises:
        TypeError: the operation has no list in its answer.
    """
    return Pages(operation, args, kwargs)


class Pages(Generic[T]):
    """A list that comes in pages; nothing is fetched before its items are asked for.

    Every iteration starts where `paginate` or `resume` says. It raises ApiError for an answer of
    status 400 and above, whatever the client does otherwise, PagingError for a link that leads
    elsewhere, and what the operation itself raises; `cursor` then is where to try again.
    """

    def __init__(
        self, operation: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], start: str = ""
    ) -> None:
        self._operation = operation
        self._args = args
        self._kwargs = dict(kwargs)
        self._start = start
        self._cursor = start
        if not isinstance(getattr(operation, "PAGING", None), Paging):
            name = getattr(operation, "__name__", repr(operation))
            raise TypeError(f"{name}: expected a list operation, such as api.bounces.list_bounces")

    @property
    def cursor(self) -> str:
        """Where to go on: the page of the item that came last, until all of its items have come,
        then the one after it. The same cursor may have more to give later, as that of a list of
        events that is open at its end."""
        return self._cursor

    def resume(self, cursor: str) -> Self:
        """The same list from a saved cursor on; that page's items come again from its first.

        Raises ValueError for a text that is no cursor of this operation.
        """
        later = type(self)(self._operation, self._args, self._kwargs, cursor)
        later._first()
        return later

    def pages(self) -> Iterator[Page[T]]:
        """The pages as such."""
        walk = self._walk()
        while walk.cursor is not None:
            page = walk.take(self._operation, self._answer(walk))
            if page is not None:
                self._cursor = page.cursor
                yield page
                self._cursor = walk.after

    async def apages(self) -> AsyncIterator[Page[T]]:
        """The pages as such."""
        walk = self._walk()
        while walk.cursor is not None:
            page = walk.take(self._operation, await self._aanswer(walk))
            if page is not None:
                self._cursor = page.cursor
                yield page
                self._cursor = walk.after

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.apages():
            for item in page.items:
                yield item

    def _walk(self) -> _Walk:
        self._cursor = self._start
        return self._first()

    def _first(self) -> _Walk:
        given = self._kwargs.copy()
        if given.pop("client", None) is None:
            raise TypeError("paginate: give the client, as for the operation itself")
        try:
            outgoing = self._operation._outgoing(*self._args, **given)
        except TypeError as error:
            told = str(error)
            if not told.startswith("_outgoing()"):
                raise
            raise TypeError(told.replace("_outgoing", _name(self._operation), 1)) from None
        walk = _Walk(self._operation.PAGING, outgoing, self._kwargs)
        if self._start:
            walk.go(self._start)
        return walk

    def _answer(self, walk: _Walk) -> Any:
        link = walk.link()
        if link is None:
            return self._operation.sync_detailed(*self._args, **walk.kwargs)
        return self._kwargs["client"].call(self._operation._OPERATION, link)

    async def _aanswer(self, walk: _Walk) -> Any:
        link = walk.link()
        if link is None:
            return await self._operation.asyncio_detailed(*self._args, **walk.kwargs)
        return await self._kwargs["client"].acall(self._operation._OPERATION, link)

    def __repr__(self) -> str:
        return f"Pages({_name(self._operation)}, cursor={self._cursor!r})"


@define
class _Walk:
    """From one page to the next; what it needs of the network is done elsewhere.

    Attributes:
        paging: how the pages follow each other.
        outgoing: the request for the first page.
        kwargs: the arguments of the next call.
        cursor: of the next page; None after the last one.
        after: where to go on later, once the page that came last is done with.
        rest: what follows the path for the next page, where a link leads to it.
        problem: why that page can't be had.
    """

    paging: Paging
    outgoing: _request.Outgoing
    kwargs: dict[str, Any] = field(converter=dict)
    cursor: str | None = ""
    after: str = ""
    rest: str | None = None
    problem: PagingError | None = None
    _seen: set[str] = field(factory=set)
    _before: bytes = b""
    _first: bytes = b""

    @property
    def path(self) -> str:
        """The path of the operation with its arguments in it."""
        return self.outgoing.url.partition("?")[0]

    def link(self) -> _request.Outgoing | None:
        """The request that a link leads to; None for a call with `kwargs`. Raises PagingError."""
        if self.problem is not None:
            raise self.problem
        return None if self.rest is None else evolve(self.outgoing, url=self.path + self.rest)

    def go(self, cursor: str) -> None:
        """Make the page of `cursor` the next one. Raises ValueError if it is no such cursor."""
        kind, _, rest = cursor.partition(":")
        fits = False
        if kind == "url" and self.paging.kind == "links":
            fits = bool(rest and _REST.fullmatch(rest))
            self.rest = rest
        elif kind == "token" and self.paging.kind == "body_token":
            fits = bool(rest)
            self.kwargs["body"] = self._body(rest)
        elif kind == "at" and self.paging.argument and self.paging.kind != "body_token":
            fits = rest.isascii() and rest.isdigit() and len(rest) < 20
            if fits and self.paging.kind == "body_skip":
                self.kwargs["body"] = self._body(int(rest))
            elif fits:
                self.kwargs[self.paging.argument] = int(rest)
                self.rest = None
        if not fits:
            raise ValueError(f"cursor: expected one of this operation, found {cursor!r}")
        self.cursor = cursor
        self._seen.add(cursor)

    def take(self, operation: Any, response: Any) -> Page[Any] | None:
        """The page that came; None if it was there before. Raises ApiError."""
        cursor = self.cursor or ""
        response.raise_for_status()
        items = [] if response.parsed is None else operation.page_items(response.parsed)
        following = self._following(response.parsed, items, cursor) if items else None
        repeated = self._repeated(response, items, following)
        self.cursor, self.after = None, cursor
        if not repeated and following is not None and following not in self._seen:
            self.after = following
            if not self._complete(response.parsed, items, following):
                self._turn(following, cursor, response)
        self._before = response.content
        self._first = self._first or response.content
        return None if repeated else Page(items, cursor, self.cursor, response)

    def _turn(self, following: str, cursor: str, response: Any) -> None:
        try:
            self.go(following)
        except ValueError:
            # Told when that page is wanted: the items of this one have come.
            reason = "the link to the next page leads to another operation"
            self.problem = PagingError(reason, response, cursor)
            self.cursor = self.after = cursor

    def _following(self, page: Any, items: list[Any], cursor: str) -> str | None:
        """The cursor of the next page; None if nothing leads to one."""
        paging = self.paging
        if paging.kind == "single":
            return None
        if paging.next:
            link = at(page, paging.next)
            if isinstance(link, str) and link:
                return f"token:{link}" if paging.kind == "body_token" else self._link(link)
            # Where the answer has no links at all, the items can still be counted.
            if at(page, paging.next[:-1]) or not paging.argument:
                return None
        if paging.kind == "number":
            return f"at:{self._chosen(cursor, 1) + 1}"
        return f"at:{self._chosen(cursor, 0) + len(items)}"

    def _complete(self, page: Any, items: list[Any], following: str) -> bool:
        """Whether the page after this one can be spared: the total was counted, and this page is a
        short one. Either alone could mean something else: that the size of pages is bounded, or
        that the total is of this page."""
        total, limit = at(page, self.paging.total), self._limit()
        counted = following.startswith("at:") and self.paging.kind != "number"
        return (
            counted
            and isinstance(total, int)
            and limit is not None
            and int(following[3:]) >= total
            and len(items) < limit
        )

    def _repeated(self, response: Any, items: list[Any], following: str | None) -> bool:
        """Whether the server gave a page again: its last link leads to the first one, or it does
        not know the argument that chooses a page."""
        if not items or not self._before:
            return False
        if following is not None and following in self._seen:
            return bool(response.content == self._first)
        counting = following is None or following.startswith("at:")
        return counting and self.paging.kind != "single" and self._stuck(response)

    def _stuck(self, response: Any) -> bool:
        total = at(response.parsed, self.paging.total) if self.paging.total else None
        same: bool = response.content == self._before
        return same and (not isinstance(total, int) or total <= self._chosen(self._last(), 0))

    def _last(self) -> str:
        value = self.kwargs.get(self.paging.argument)
        if self.paging.kind == "body_skip":
            value = _pagination(self.kwargs.get("body")).get(self.paging.argument)
        return f"at:{value}" if isinstance(value, int) else ""

    def _chosen(self, cursor: str, absent: int) -> int:
        """The number in a cursor, or that which the first call was made with."""
        if cursor.startswith("at:"):
            return int(cursor[3:])
        given = self._last()
        return int(given[3:]) if given else absent

    def _limit(self) -> int | None:
        if self.paging.kind == "body_skip":
            given = _pagination(self.kwargs.get("body")).get(self.paging.limit)
        else:
            given = self.kwargs.get(self.paging.limit)
        return given if isinstance(given, int) else self.paging.default

    def _link(self, link: str) -> str:
        """A link as a cursor: what follows the path of the operation, whatever stands before."""
        try:
            parts = urlsplit(link)
        except ValueError:
            return "url:"
        own = [unquote(part) for part in self.path.split("/")[1:]]
        given = parts.path.split("/")
        plain = [unquote(part) for part in given]
        for start in range(len(plain) - len(own) + 1):
            if plain[start : start + len(own)] == own:
                rest = "".join(f"/{part}" for part in given[start + len(own) :])
                return f"url:{rest}?{parts.query}" if parts.query else f"url:{rest}"
        return "url:"

    def _body(self, value: str | int) -> Any:
        body = self.kwargs["body"]
        chosen = {**_pagination(body), self.paging.argument: value}
        return type(body).from_dict({**body.to_dict(), "pagination": chosen})


def _name(operation: Any) -> str:
    return str(operation.__name__.rpartition(".")[2])


def _pagination(body: Any) -> dict[str, Any]:
    """The object in a body that chooses the page."""
    found = body.to_dict().get("pagination") if body else None
    return found if isinstance(found, dict) else {}
