"""Property 7: pages that do not partition their list are reported, each way of paging."""

from __future__ import annotations

import httpx
import pytest
from attrs import define, field

from tests.contract import truth as truths
from tests.contract.cases import Cases
from tests.contract.pages import Pager
from tests.contract.suite import Suite
from tests.contract.targets import emulator
from tests.suite.conftest import PROFILE, SEED, Bench, Benches
from tests.suite.faults import Altered, with_json
from tests.suite.server import BASE, Call, Json, Server

LISTS = ["list_things", "list_notes"]


@define(kw_only=True)
class Shifted(Server):
    """Every page but the first starts too early, or too late."""

    by: int

    def window(self, items: list[Json], start: int, size: int) -> list[Json]:
        return Server.window(self, items, max(start + self.by, 0) if start else 0, size)


@define
class Boundless(Server):
    """The size of pages is not looked at."""

    def window(self, items: list[Json], start: int, size: int) -> list[Json]:  # noqa: ARG002
        return items[start:]


@define
class Backwards(Server):
    """Small pages come in another order than great ones."""

    def window(self, items: list[Json], start: int, size: int) -> list[Json]:
        return Server.window(self, items[::-1] if size < 50 else items, start, size)


@define
class Unsteady(Server):
    """The order is another one for each walk in small pages."""

    walks: int = 0

    def window(self, items: list[Json], start: int, size: int) -> list[Json]:
        self.walks += start == 0 and size < 50
        turn = self.walks % max(len(items), 1)
        turned = items[turn:] + items[:turn]
        return Server.window(self, turned if size < 50 else items, start, size)


@define
class Circular(Server):
    """After the last page comes the first."""

    def window(self, items: list[Json], start: int, size: int) -> list[Json]:
        return [items[(start + number) % len(items)] for number in range(min(size, 50))]


def kinds(judge: Bench, operation: str) -> set[str]:
    return judge.breaches("paging", operation)


@pytest.mark.parametrize("operation", LISTS)
@pytest.mark.parametrize(
    ("server", "kind"),
    [
        (Shifted(by=-1), "PageOverlap"),
        (Shifted(by=1), "PageLoss"),
        (Boundless(), "PageOverfull"),
        (Backwards(), "PageOrder"),
        (Unsteady(), "PageOrder"),
        (Circular(), "PageEndless"),
    ],
)
def test_pages_that_are_no_partition_are_reported(
    bench: Benches, operation: str, server: Server, kind: str
) -> None:
    server.reset()
    assert kind in kinds(bench(server), operation)


def test_only_the_order_is_reported_where_only_the_order_is_wrong(bench: Benches) -> None:
    assert kinds(bench(Backwards()), "list_things") == {"PageOrder"}


def previous(leads: str) -> Server:
    """The link to the previous page leads elsewhere."""

    def change(answer: Json) -> None:
        if "previous" in answer["paging"]:
            answer["paging"]["previous"] = leads

    return Altered(operation="list_notes", change=with_json(change))


def test_a_way_back_to_other_pages_is_reported(bench: Benches) -> None:
    assert kinds(bench(previous(f"{BASE}/v1/notes?page=1&limit=2")), "list_notes") & {
        "PageBack",
        "PageEndless",
    }


def test_a_way_back_that_is_not_there_is_reported(bench: Benches) -> None:
    assert kinds(bench(previous("")), "list_notes") == {"PageBack"}


@pytest.mark.parametrize(
    "leads",
    [
        "http://other.example.test/v1/notes?page=2&limit=2",
        f"{BASE}/v1/pages/2",
        f"{BASE}/v1/notes?page=2&limit=2&token=x",
        f"{BASE}/v1/notes?page=x&limit=2",
    ],
)
def test_a_link_that_no_client_can_follow_is_reported(bench: Benches, leads: str) -> None:
    def change(answer: Json) -> None:
        answer["paging"]["next"] = leads

    server = Altered(operation="list_notes", change=with_json(change))
    assert kinds(bench(server), "list_notes") == {"PageRefused"}


def test_an_answer_without_a_list_is_reported(bench: Benches) -> None:
    server = Altered(operation="list_things", change=with_json(lambda it: it.clear()))
    assert kinds(bench(server), "list_things") & {"PageRefused", "NeverSucceeded"}


@define
class Counted(Server):
    """Gives a total beside the items."""

    totals: list[int] = field(factory=list)

    def list_things(self, call: Call) -> httpx.Response:
        answer = Server.list_things(self, call).json()
        total = len(self.things) + 1
        return httpx.Response(200, json=answer | {"total": total}, headers={"x-total-count": "0"})


def test_a_total_that_is_not_the_number_of_items_is_reported(bench: Benches) -> None:
    judge = bench(Counted())
    assert kinds(judge, "list_things") == {"PageLoss"}
    (detail,) = judge.details("paging", "list_things", "PageLoss")
    assert detail == "total is 6 where there are 5 items"


def test_the_report_repeats_the_walk(bench: Benches) -> None:
    rows = bench(Backwards()).run("paging", "list_things").broken
    assert rows[0]["curl"].count("curl -i -X GET") > 6


@define
class Poor(Server):
    """Keeps one thing at most."""

    def create_thing(self, body: Json) -> httpx.Response:
        self.things.clear()
        return Server.create_thing(self, body)


def test_a_list_of_one_item_proves_nothing(bench: Benches) -> None:
    entry = bench(Poor()).run("paging", "list_things")
    assert entry.unkept == ["paging"]
    assert not entry.ran["paging"]


@define(kw_only=True)
class Scarce(Shifted):
    """Keeps two things at most."""

    def create_thing(self, body: Json) -> httpx.Response:
        while len(self.things) > 1:
            del self.things[min(self.things, key=int)]
        return Server.create_thing(self, body)


def test_two_items_are_enough_to_be_divided(bench: Benches) -> None:
    assert kinds(bench(Scarce(by=0)), "list_things") == set()
    assert "PageOverlap" in kinds(bench(Scarce(by=-1)), "list_things")


@define(kw_only=True)
class Populated(Server):
    """An account that has much already, which no reset removes."""

    there: int

    def reset(self) -> None:
        Server.reset(self)
        for _ in range(self.there):
            self.create_thing({"name": "old"})
            self.add_note({"thing": "1", "text": "old"})


@pytest.mark.parametrize("operation", LISTS)
@pytest.mark.parametrize("there", [30, 150, 350])
def test_a_long_list_of_others_is_no_breach(bench: Benches, operation: str, there: int) -> None:
    judge = bench(Populated(there=there))
    judge.suite.target.complete = False
    entry = judge.run("paging", operation)
    assert not entry.broken, entry.broken[0]["detail"]
    assert entry.ran["paging"]
    assert not entry.unchecked


@pytest.mark.parametrize("operation", LISTS)
def test_a_list_too_long_to_be_walked_is_told(bench: Benches, operation: str) -> None:
    judge = bench(Populated(there=6500))
    judge.suite.target.complete = False
    entry = judge.run("paging", operation)
    assert not entry.broken
    assert entry.unchecked == ["paging: the account has too much in the list to walk it"]


@pytest.mark.parametrize("operation", LISTS)
def test_a_list_that_goes_round_is_a_breach_in_any_account(bench: Benches, operation: str) -> None:
    judge = bench(Circular())
    judge.suite.target.complete = False
    assert kinds(judge, operation) == {"PageEndless"}


def test_logs_are_walked_by_their_tokens_there_and_back() -> None:
    """Of the real truth: the only list whose pages are chosen by a token in the body."""
    truth = truths.load()
    target = emulator.make({})
    suite = Suite(truth, target, PROFILE, Cases.of(truth, SEED), [])
    operation = truth.operations["query_logs"]
    suite.start()
    for number in range(5):
        suite.world.add(operation, number)
    produced = suite.world.succeed(operation)
    pager = Pager(suite, operation, suite.world.plainest(operation, produced), "/items")
    assert pager.way == "token"
    whole = [item["id"] for page in pager.walk(None) for item in page.items]
    pages = [page for page in pager.walk(2) if page.items]
    assert [item["id"] for page in pages for item in page.items] == whole
    assert len(whole) == len(set(whole)) >= 5
    back = list(pager.back(pages[-1], 2))
    assert [page.items for page in back] == [page.items for page in pages[-2::-1]]
    target.close()
