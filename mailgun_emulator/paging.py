"""Pages and their absolute URLs, in the four ways the API pages.

URLs name the host the client used and are present on empty pages too (sending EVT-008, platform
EVT-010). Lists of items come in ascending order of the pivot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from attrs import frozen

from mailgun_emulator.call import Call

T = TypeVar("T")

Links = dict[str, str]


@frozen
class Page(Generic[T]):
    """The items of one page and the links to the others."""

    items: list[T]
    paging: Links


def pivot_page(
    call: Call,
    items: Sequence[T],
    key: Callable[[T], str],
    *,
    limit: int,
    pivot: str = "address",
    previous: str = "previous",
    extra: Mapping[str, Any] | None = None,
) -> Page[T]:
    """`page` + pivot paging: suppressions, tags, mailing lists (`pivot="address"`), templates
    (`pivot="p"`).

    `items` ascend by `key`; `page` in the query is first, last, next or previous (`prev` is taken
    as well), the pivot is exclusive. `extra` are query values to carry along in every link, such
    as `term`. `previous` is the word that this service writes in its links. Links have the recorded
    form: the first page has no `page`, an empty page links to the first one only (sending SUPP-012,
    SUPP-013, TPL-013).
    """
    page = str(call.query.get("page") or ("next" if call.query.get(pivot) else "first"))
    at = call.query.get(pivot)
    at = str(at) if at is not None else None
    chosen = _window(items, key, page, at, limit)

    def link(word: str | None = None, where: str | None = None) -> str:
        query = {"page": word, pivot: where, "limit": limit, **(extra or {})}
        return call.url(query={k: v for k, v in query.items() if v is not None})

    if not chosen:
        return Page(chosen, dict.fromkeys(("first", "last", "next", "previous"), link()))
    return Page(
        chosen,
        {
            "first": link(),
            "last": link("last"),
            "next": link("next", key(chosen[-1])),
            "previous": link(previous, key(chosen[0])),
        },
    )


def skip_page(items: Sequence[T], *, skip: int, limit: int) -> list[T]:
    """`skip` + `limit` paging (routes, lists, domains); the total is `len(items)`."""
    start = max(skip, 0)
    return list(items[start : start + max(limit, 0)])


def token_links(call: Call, path: str, tokens: Mapping[str, str]) -> Links:
    """Links whose token is a path segment (events): `<path>/<token>` for every name."""
    return {name: call.url(f"{path}/{token}") for name, token in tokens.items()}


def query_links(call: Call, tokens: Mapping[str, str], *, limit: int, name: str = "page") -> Links:
    """Links whose token is a query value (DKIM keys, Optimize, Inspect)."""
    return {word: call.url(query={name: token, "limit": limit}) for word, token in tokens.items()}


def clamp(value: Any, *, default: int, highest: int, lowest: int = 1) -> int:
    """A page size within its bounds; anything that is not an integer gives the default."""
    if not isinstance(value, int) or isinstance(value, bool):
        return default
    return max(lowest, min(value, highest))


def _window(
    items: Sequence[T], key: Callable[[T], str], page: str, at: str | None, limit: int
) -> list[T]:
    if page == "last":
        return list(items[-limit:]) if limit else []
    if page in ("previous", "prev") and at is not None:
        before = [item for item in items if key(item) < at]
        return before[-limit:] if limit else []
    if page == "next" and at is not None:
        return [item for item in items if key(item) > at][:limit]
    return list(items[:limit])
