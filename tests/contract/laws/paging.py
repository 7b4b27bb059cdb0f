"""Property 7: the pages of a list partition it.

The list as a whole is what its pages of the greatest size give; the same list in small pages has
the same items in the same order, none twice and none lost, and walking back gives the same pages.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from attrs import frozen

from tests.contract.breaches import (
    Breach,
    NeverSucceeded,
    PageBack,
    PageEndless,
    PageLoss,
    PageOrder,
    PageOverfull,
    PageOverlap,
    PageRefused,
)
from tests.contract.calls import InexpressibleError
from tests.contract.evidence import evidence
from tests.contract.ledger import Entry
from tests.contract.pages import EndlessError, Page, PageError, Pager
from tests.contract.safety.errors import WithheldError
from tests.contract.scene import Scene
from tests.contract.truth import Operation
from tests.contract.world import UnreachableError

_ITEMS: Final = 5
_SIZE: Final = 2
# More of them, in an account that has much, would only cost calls.
_PAGES: Final = 20
_TOTALS: Final = ("total", "total_count")


def check(scene: Scene, operation: Operation, entry: Entry) -> None:
    """Judge the pages of a list that has several items, if there is a way to make them."""
    pointer = scene.truth.items(operation)
    if pointer is None:
        raise LookupError(f"{operation.id}: x-items has to say where the items are")
    try:
        for number in range(_ITEMS):
            scene.world.add(operation, number)
        produced = scene.world.succeed(operation)
    except UnreachableError as error:
        scene.judge(entry, [NeverSucceeded(str(error), error.evidence)])
        return
    pager = Pager(scene, operation, scene.world.plainest(operation, produced), pointer)
    walks, breaches = _walked(pager, entry)
    for exchange in pager.exchanges:
        scene.count(entry, exchange)
    if any(scene.target.makes_up(exchange.response) for exchange in pager.exchanges):
        entry.unkept.append("paging")
        return
    if entry.unchecked:
        return
    if walks is not None and len(walks.items) < 2:
        entry.unkept.append("paging")  # Nothing to be divided, and no way to make more.
        return
    entry.ran["paging"] += len(pager.exchanges)
    shown = evidence(*(exchange.request for exchange in pager.exchanges))
    scene.judge(entry, (type(each)(each.detail, shown) for each in breaches))


def _walked(pager: Pager, entry: Entry) -> tuple[_Walks | None, list[Breach]]:
    """The walks, if they came to their end, and what was wrong with them."""
    try:
        whole = list(pager.walk(None))
        # Two items are to be on two pages too, or nothing would be divided.
        count = len(_all(whole))
        size = max(min(_SIZE, count - 1), 1, math.ceil(count / _PAGES))
        walks = _Walks(size, whole, list(pager.walk(size)), list(pager.walk(size)))
        return walks, list(_breaches(pager, walks))
    except WithheldError as error:
        entry.leave("paging", str(error))
        return None, []
    except EndlessError as error:
        if pager.long and not pager.scene.target.complete:
            entry.leave("paging", "the account has too much in the list to walk it")
            return None, []
        return None, [PageEndless(str(error))]
    except (PageError, InexpressibleError) as error:
        return None, [PageRefused(str(error))]


@frozen
class _Walks:
    """The list as a whole, and twice in pages of `size` items."""

    size: int
    whole: list[Page]
    first: list[Page]
    second: list[Page]

    @property
    def items(self) -> list[str]:
        return _all(self.whole)


def _breaches(pager: Pager, walks: _Walks) -> Iterator[Breach]:
    whole, small = Counter(walks.items), Counter(_all(walks.first))
    for number, page in enumerate(walks.first, start=1):
        if len(page.items) > walks.size:
            yield PageOverfull(f"page {number} has {len(page.items)} items, not {walks.size}")
    if twice := small - whole:
        yield PageOverlap(f"{twice.total()} of {len(walks.items)} items on more than one page")
    if lost := whole - small:
        yield PageLoss(f"{lost.total()} of {len(walks.items)} items on no page")
    if small == whole and _all(walks.first) != walks.items:
        yield PageOrder("small pages give another order than great ones")
    if _all(walks.first) != _all(walks.second):
        yield PageOrder("the same walk again gives other pages")
    yield from _totals(walks)
    yield from _way_back(pager, walks)


def _totals(walks: _Walks) -> Iterator[Breach]:
    for page in walks.first:
        answer = page.exchange.response.json()
        for name in _TOTALS:
            total = answer.get(name) if isinstance(answer, dict) else None
            if isinstance(total, int) and total != len(walks.items):
                yield PageLoss(f"{name} is {total} where there are {len(walks.items)} items")
                return


def _way_back(pager: Pager, walks: _Walks) -> Iterator[Breach]:
    full = [page for page in walks.first if page.items]
    if len(full) < 2:
        return
    there = [_all([page]) for page in full[-2::-1]]
    back = [_all([page]) for page in pager.back(full[-1], walks.size)]
    if there != back:
        sizes = [len(each) for each in there], [len(each) for each in back]
        yield PageBack(f"pages of {sizes[0]} items before the last, of {sizes[1]} on the way back")


def _all(pages: list[Page]) -> list[str]:
    return [_text(item) for page in pages for item in page.items]


def _text(item: Any) -> str:
    return json.dumps(item, sort_keys=True)
