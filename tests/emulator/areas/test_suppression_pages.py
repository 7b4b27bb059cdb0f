"""Pages of the suppression lists."""

from __future__ import annotations

import pytest

from tests.emulator.areas.clients import ALICE, Lists

ALL = ("bounces", "unsubscribes", "complaints", "whitelists")


def test_page_urls_have_the_recorded_form(lists: Lists) -> None:
    """sending:SUPP-012; platform:SUPP-004, SUPP-006, DIFF-064."""
    for who in "cab":
        lists.add("complaints", address=f"{who}@example.com")
    page = lists.page("complaints")
    here = f"http://mg.test{lists.path('complaints')}"
    assert [item["address"][0] for item in page["items"]] == ["a", "b", "c"]
    assert page["paging"] == {
        "first": f"{here}?limit=100&term=",
        "last": f"{here}?page=last&limit=100&term=",
        "next": f"{here}?page=next&address=c%40example.com&limit=100&term=",
        "previous": f"{here}?page=previous&address=a%40example.com&limit=100&term=",
    }


@pytest.mark.parametrize("name", ALL)
def test_an_empty_page_links_to_the_first_only(lists: Lists, name: str) -> None:
    """sending:SUPP-013; platform:SUPP-007, SUPP-008."""
    first = f"http://mg.test{lists.path(name)}?limit=100&term="
    empty = {"items": [], "paging": dict.fromkeys(("first", "last", "next", "previous"), first)}
    assert lists.page(name) == empty
    lists.add(name, address=ALICE)
    following = lists.page(name)["paging"]["next"]
    assert lists.api.get(following).json() == empty


@pytest.mark.parametrize("name", ALL)
def test_pages_partition_the_list_in_both_directions(lists: Lists, name: str) -> None:
    """platform:SUPP-009."""
    everybody = [f"user{number}@example.com" for number in range(5)]
    for address in reversed(everybody):
        lists.add(name, address=address)
    seen: list[list[str]] = []
    page = lists.page(name, limit=2)
    key = "value" if name == "whitelists" else "address"
    while page["items"]:
        seen.append([item[key] for item in page["items"]])
        page = lists.api.get(page["paging"]["next"]).json()
    assert seen == [everybody[:2], everybody[2:4], everybody[4:]]
    last = lists.page(name, limit=2, page="last")
    assert [item[key] for item in last["items"]] == everybody[3:]
    before = lists.api.get(last["paging"]["previous"]).json()
    assert [item[key] for item in before["items"]] == everybody[1:3]


def test_a_pivot_need_not_be_listed(lists: Lists) -> None:
    """platform:SUPP-009."""
    for who in "ace":
        lists.add("bounces", address=f"{who}@example.com")
    assert lists.values("bounces", page="next", address="b") == ["c@example.com", "e@example.com"]
    assert lists.values("bounces", page="previous", address="b") == ["a@example.com"]


@pytest.mark.parametrize("name", ALL)
def test_a_term_is_the_beginning_of_what_is_listed(lists: Lists, name: str) -> None:
    """sending:SUPP-014; platform:SUPP-005."""
    for address in ("ann@example.com", "anton@example.com", "bert@anhalt.test"):
        lists.add(name, address=address)
    page = lists.page(name, term="an", limit=1)
    assert lists.values(name, term="an") == ["ann@example.com", "anton@example.com"]
    assert page["paging"]["last"].endswith("?page=last&limit=1&term=an")
    following = lists.api.get(page["paging"]["next"]).json()["items"]
    assert [item.get("address", item.get("value")) for item in following] == ["anton@example.com"]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("limit", ["0", "1001", "many"])
def test_a_page_size_has_bounds(lists: Lists, name: str, limit: str) -> None:
    """sending:SUPP-014: at most 1000."""
    assert lists.api.get(lists.path(name), params={"limit": limit}).status_code == 400
