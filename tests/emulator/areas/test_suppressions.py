"""Bounces, unsubscribes, complaints and the allowlist: adding, reading, removing."""

from __future__ import annotations

import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.areas.suppressions.store import SuppressionStore
from mailgun_emulator.state import ApiKey
from tests.emulator.areas.clients import ALICE, Lists, message
from tests.emulator.conftest import Connect

NOW = "Fri, 24 Jan 2025 12:44:39 UTC"
LATER = "Fri, 24 Jan 2025 13:44:39 UTC"
LISTS = ("bounces", "unsubscribes", "complaints")
ALL = (*LISTS, "whitelists")


# Adding one


def test_adding_one_tells_the_address_message_first_for_bounces_only(lists: Lists) -> None:
    """sending:SUPP-001, SUPP-002; platform:BOUNCE-001, UNSUB-001, COMP-001, DIFF-058."""
    added = {name: lists.add(name, address=ALICE) for name in LISTS}
    assert {answer.status_code for answer in added.values()} == {200}
    assert [list(added[name].json().items()) for name in LISTS] == [
        [("message", "Address has been added to the bounces table"), ("address", ALICE)],
        [("address", ALICE), ("message", "Address has been added to the unsubscribes table")],
        [("address", ALICE), ("message", "Address has been added to the complaints table")],
    ]


def test_an_entry_has_its_defaults(lists: Lists) -> None:
    """sending:SUPP-005, SUPP-006; platform:SUPP-010, BOUNCE-004, UNSUB-004, COMP-003."""
    for name in LISTS:
        lists.add(name, address=ALICE)
    assert lists.get("bounces").json() == {
        "address": ALICE,
        "code": "550",
        "error": "",
        "created_at": NOW,
    }
    assert lists.get("unsubscribes").json() == {"address": ALICE, "tags": ["*"], "created_at": NOW}
    assert lists.get("complaints").json() == {"address": ALICE, "created_at": NOW}


def test_a_code_is_any_text(lists: Lists) -> None:
    """platform:BOUNCE-002."""
    assert lists.add("bounces", address=ALICE, code="777", error="why").status_code == 200
    bounce = lists.get("bounces").json()
    assert (bounce["code"], bounce["error"]) == ("777", "why")


def test_a_date_may_be_given_in_any_zone(lists: Lists) -> None:
    """platform:GEN-014, DIFF-063: read as RFC 2822, shown in UTC."""
    for name in LISTS:
        lists.add(name, address=ALICE, created_at="Fri, 24 Jan 2025 14:44:39 +0100")
        assert lists.get(name).json()["created_at"] == LATER


def test_adding_again_overwrites(app: Emulator, lists: Lists) -> None:
    """platform:SUPP-012."""
    lists.add("bounces", address=ALICE, code="500", error="old")
    app.state.clock.advance(3600)
    lists.add("bounces", address="Alice@Example.com")
    assert lists.page("bounces")["items"] == [
        {"address": "Alice@Example.com", "code": "550", "error": "", "created_at": LATER}
    ]


def test_unsubscribes_read_the_field_tag_of_a_form(lists: Lists) -> None:
    """sending:SUPP-007; platform:UNSUB-002."""
    lists.add("unsubscribes", address="one@example.com", tag="news")
    lists.add("unsubscribes", address="two@example.com", tags="news")
    assert lists.get("unsubscribes", "one@example.com").json()["tags"] == ["news"]
    assert lists.get("unsubscribes", "two@example.com").json()["tags"] == ["*"]


@pytest.mark.parametrize("name", LISTS)
def test_what_is_no_record_is_refused_and_changes_nothing(
    app: Emulator, lists: Lists, name: str
) -> None:
    """sending:ERR-001."""
    lists.add(name, address=ALICE)
    before = app.state.digest()
    refused = [
        lists.add(name),
        lists.add(name, address="nobody"),
        lists.add(name, address="bob@example.com", created_at="yesterday"),
        lists.api.post(lists.path(name), json=[{"address": "bob@example.com"}, {}]),
        lists.api.post(lists.path(name), json=[]),
        lists.api.post(lists.path(name), json={"address": "bob@example.com"}),
        lists.api.post(lists.path(name), json=[{"address": 1}]),
    ]
    assert [answer.status_code for answer in refused] == [400] * len(refused)
    assert all(message(answer) for answer in refused)
    assert app.state.digest() == before


# Adding many


@pytest.mark.parametrize(
    ("name", "one", "many"),
    [
        ("bounces", "1 address has been added to", "4 addresses have been added to"),
        ("unsubscribes", "1 address has been added to", "4 addresses have been added to"),
        (
            "complaints",
            "1 complaint address has been added to",
            "4 complaint addresses have been added to",
        ),
    ],
)
def test_a_batch_is_counted(lists: Lists, name: str, one: str, many: str) -> None:
    """sending:SUPP-003; platform:BOUNCE-003, UNSUB-003, COMP-002."""
    batch = [{"address": f"{who}@example.com"} for who in "abcd"]
    answer = lists.api.post(lists.path(name), json=batch)
    assert (answer.status_code, answer.json()) == (200, {"message": f"{many} the {name} table"})
    assert lists.values(name) == [f"{who}@example.com" for who in "abcd"]
    assert message(lists.api.post(lists.path(name), json=batch[:1])) == f"{one} the {name} table"


def test_records_of_a_batch_have_fields_and_defaults(lists: Lists) -> None:
    """sending:SUPP-005, SUPP-007."""
    lists.api.post(
        lists.path("bounces"),
        json=[
            {"address": "a@example.com", "code": "554", "error": "no", "created_at": LATER},
            {"address": "b@example.com"},
        ],
    )
    assert lists.page("bounces")["items"] == [
        {"address": "a@example.com", "code": "554", "error": "no", "created_at": LATER},
        {"address": "b@example.com", "code": "550", "error": "", "created_at": NOW},
    ]
    lists.api.post(
        lists.path("unsubscribes"),
        json=[
            {"address": "a@example.com", "tags": ["x", "y"]},
            {"address": "b@example.com", "tag": "z"},
            {"address": "c@example.com", "tags": []},
        ],
    )
    tags = [item["tags"] for item in lists.page("unsubscribes")["items"]]
    assert tags == [["x", "y"], ["z"], ["*"]]


@pytest.mark.parametrize("name", LISTS)
def test_a_batch_has_a_thousand_records_at_most(lists: Lists, name: str) -> None:
    """sending:SUPP-004; platform:SUPP-011."""
    batch = [{"address": f"user{number}@example.com"} for number in range(1001)]
    refused = lists.api.post(lists.path(name), json=batch)
    assert (refused.status_code, message(refused)) == (400, "Batch size should be less than 1000")
    assert lists.values(name) == []
    assert lists.api.post(lists.path(name), json=batch[:1000]).status_code == 200
    assert len(lists.values(name, limit=1000)) == 1000


# Reading and removing


@pytest.mark.parametrize(
    ("name", "read", "removed"),
    [
        ("bounces", "Address not found in bounces table", "Address not found in bounces table"),
        (
            "unsubscribes",
            "Address not found in unsubscribers table",
            "Unsubscribe event for this tag does not exist",
        ),
        (
            "complaints",
            "No spam complaints found for this address",
            "No spam complaints found for this address",
        ),
        (
            "whitelists",
            "Address/Domain not found in allowlist table",
            "Address/Domain not found in allowlist table",
        ),
    ],
)
def test_what_is_not_listed_is_not_found(lists: Lists, name: str, read: str, removed: str) -> None:
    """sending:SUPP-010; platform:BOUNCE-004, UNSUB-004, COMP-003, COMP-004, WL-003."""
    found = lists.get(name)
    assert (found.status_code, found.json()) == (404, {"message": read})
    dropped = lists.delete(name)
    assert (dropped.status_code, dropped.json()) == (404, {"message": removed})


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("bounces", {"address": ALICE, "message": "Bounced address has been removed"}),
        ("unsubscribes", {"address": ALICE, "message": "Unsubscribe event has been removed"}),
        ("complaints", {"address": ALICE, "message": "Spam complaint has been removed"}),
        (
            "whitelists",
            {"message": "Allowlist address/domain has been removed", "value": ALICE},
        ),
    ],
)
def test_a_removed_entry_is_gone(lists: Lists, name: str, body: dict[str, str]) -> None:
    """sending:SUPP-008; platform:BOUNCE-005, UNSUB-005, COMP-004, WL-004."""
    lists.add(name, address=ALICE)
    lists.add(name, address="bob@example.com")
    answer = lists.delete(name, ALICE.upper())
    assert (answer.status_code, list(answer.json().items())) == (200, list(body.items()))
    assert lists.get(name).status_code == 404
    assert lists.values(name) == ["bob@example.com"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bounces", "Bounced addresses for this domain have been removed"),
        ("unsubscribes", "Unsubscribe addresses for this domain have been removed"),
        ("complaints", "Complaint addresses for this domain have been removed"),
        ("whitelists", "Allowlist addresses/domains for this domain have been removed"),
    ],
)
def test_a_list_is_emptied_alone(lists: Lists, name: str, text: str) -> None:
    """sending:SUPP-009; platform:BOUNCE-006, UNSUB-006, COMP-005, WL-004."""
    for other in ALL:
        lists.add(other, address=ALICE)
    answer = lists.api.delete(lists.path(name))
    assert (answer.status_code, answer.json()) == (200, {"message": text})
    assert {other: lists.values(other) for other in ALL} == {
        other: [] if other == name else [ALICE] for other in ALL
    }


def test_a_single_tag_is_taken_from_an_unsubscribe(lists: Lists) -> None:
    """sending:SUPP-011; platform:UNSUB-005."""
    lists.api.post(
        lists.path("unsubscribes"), json=[{"address": ALICE, "tags": ["news", "offers"]}]
    )
    unknown = lists.delete("unsubscribes", tag="other")
    assert unknown.status_code == 404
    assert message(unknown) == "Unsubscribe event for this tag does not exist"
    assert lists.delete("unsubscribes", tag="news").status_code == 200
    assert lists.get("unsubscribes").json()["tags"] == ["offers"]
    assert lists.delete("unsubscribes", tag="offers").status_code == 200
    assert lists.get("unsubscribes").status_code == 404


def test_an_address_may_have_a_plus_or_other_letters(lists: Lists) -> None:
    """sending:SUPP-017, IDN-002: in a path it is literal, in a page URL escaped."""
    for address in ("a+b@example.com", "ünï@exämple.com"):
        lists.add("bounces", address=address)
        assert lists.get("bounces", address).json()["address"] == address
    following = lists.page("bounces", limit=1)["paging"]["next"]
    assert "address=a%2Bb%40example.com&" in following
    assert lists.api.get(following).json()["items"][0]["address"] == "ünï@exämple.com"


def test_a_domain_is_the_same_in_both_of_its_forms(lists: Lists) -> None:
    """sending:IDN-001: mail goes to the ASCII form, whatever the list was given."""
    lists.add("complaints", address="a@Bücher.example")
    for form in ("a@xn--bcher-kva.example", "a@bücher.example"):
        assert lists.get("complaints", form).json()["address"] == "a@Bücher.example"
    assert lists.delete("complaints", "a@xn--bcher-kva.example").status_code == 200
    assert lists.get("complaints", "a@Bücher.example").status_code == 404


# The allowlist


def test_the_allowlist_takes_an_address_or_a_domain(lists: Lists) -> None:
    """sending:SUPP-016; platform:WL-001, WL-003, DIFF-065: the address wins."""
    text = "Address/Domain has been added to the allowlists table"
    assert lists.add("whitelists", domain="example.org").json() == {
        "message": text,
        "type": "domain",
        "value": "example.org",
    }
    assert lists.add("whitelists", address=ALICE, domain="example.net").json() == {
        "message": text,
        "type": "address",
        "value": ALICE,
    }
    assert lists.get("whitelists").json() == {
        "type": "address",
        "value": ALICE,
        "reason": "",
        "createdAt": NOW,
    }
    assert lists.values("whitelists") == [ALICE, "example.org"]


def test_the_allowlist_needs_one_of_them(lists: Lists) -> None:
    """platform:WL-002."""
    answer = lists.add("whitelists")
    assert answer.status_code == 400
    assert message(answer) == "Missing mandatory parameter: address/domain"


def test_an_allowlisted_address_never_bounces(
    app: Emulator, lists: Lists, suppressions: SuppressionStore
) -> None:
    """platform:WL-005, BOUNCE-008."""
    lists.add("whitelists", domain="example.org")
    lists.add("whitelists", address=ALICE)
    now = app.state.clock.now()
    told = [
        suppressions.bounced(lists.domain, who, "550", "No such mailbox", now)
        for who in (ALICE, "x@example.org", "x@sub.example.org", "bob@example.com")
    ]
    assert told == [False, False, True, True]
    assert lists.values("bounces") == ["bob@example.com", "x@sub.example.org"]
    assert lists.get("bounces", "bob@example.com").json()["error"] == "No such mailbox"


# Around the operations


def test_three_lists_share_a_request_counter(app: Emulator, lists: Lists) -> None:
    """sending:ERR-009; platform:GEN-017, SUPP-015: the reset is in milliseconds."""
    told = [lists.api.get(lists.path(name)).headers for name in LISTS]
    assert [headers["x-request-limit"] for headers in told] == ["2500"] * 3
    assert [headers["x-request-remaining"] for headers in told] == ["2499", "2498", "2497"]
    assert {headers["x-request-reset"] for headers in told} == {"1737722694000"}
    app.state.clock.advance(15)
    assert lists.add("bounces", address=ALICE).headers["x-request-remaining"] == "2499"


def test_an_analyst_has_no_access_to_the_three_lists(
    app: Emulator, connect: Connect, domain: str
) -> None:
    """sending:AUTH-015."""
    app.state.add_key(app.state.accounts[0], ApiKey("k", "analyst", role="basic"))
    analyst = connect(key="analyst")
    statuses = {name: analyst.get(f"/v3/{domain}/{name}").status_code for name in ALL}
    assert statuses == {"bounces": 403, "unsubscribes": 403, "complaints": 403, "whitelists": 200}
