"""Mailing lists: created, read, changed, listed and deleted."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from mailgun_emulator import Emulator, create_app
from mailgun_emulator.areas.mailing_lists import rules
from tests.emulator.areas.clients import message, told
from tests.emulator.areas.mailing import MailingLists
from tests.emulator.conftest import Connect

FRESH: dict[str, Any] = {
    "access_level": "readonly",
    "address": "devs@sandbox.example.test",
    "created_at": "Fri, 24 Jan 2025 12:44:39 -0000",
    "description": "",
    "members_count": 0,
    "name": "",
    "reply_preference": "list",
}


def test_only_the_address_is_needed(api: httpx.Client, domain: str) -> None:
    """sending:LIST-001, LIST-002, LIST-003, DIFF-001; platform:DIFF-091: created with 200."""
    answer = MailingLists(api, domain).create()
    assert told(answer) == (200, {"list": FRESH, "message": "Mailing list has been created"})


def test_everything_given_is_kept(mailing: MailingLists) -> None:
    """sending:LIST-001, LIST-009: a list is read as it was made."""
    fields = {"access_level": "members", "reply_preference": "sender", "description": "All of us"}
    made = mailing.create("ops@example.com", name="Ops", **fields).json()["list"]
    assert made == {**FRESH, **fields, "address": "ops@example.com", "name": "Ops"}
    assert mailing.api.get("/v3/lists/OPS@example.com").json() == {"list": made}


def test_an_address_may_come_with_a_name(mailing: MailingLists) -> None:
    """sending:LIST-002: the list is known by the address alone."""
    made = mailing.create("Ops people <ops@example.com>").json()["list"]
    assert (made["address"], made["name"]) == ("ops@example.com", "Ops people")


def test_an_address_is_used_once(mailing: MailingLists) -> None:
    """sending:LIST-004: in whatever capitals, also by renaming."""
    assert told(mailing.create(mailing.address.upper())) == (400, {"message": "Duplicate object"})
    mailing.create("ops@example.com")
    assert told(mailing.update(address="ops@example.com")) == (400, {"message": "Duplicate object"})
    assert mailing.shown() == FRESH


LEVEL = "Invalid access level 'nobody'. It can be any of: 'readonly', 'members', 'everyone'."
PREFERENCE = "Invalid reply preference 'nobody'. It can be any of: 'sender', 'list'"


@pytest.mark.parametrize(
    ("field", "text"), [("access_level", LEVEL), ("reply_preference", PREFERENCE)]
)
def test_unknown_words_are_refused(mailing: MailingLists, field: str, text: str) -> None:
    """sending:LIST-005, LIST-006: on creation and update, and nothing changes."""
    for answer in (
        mailing.create("ops@example.com", **{field: "nobody"}),
        mailing.update(name="x", **{field: "nobody"}),
    ):
        assert told(answer) == (400, {"message": text})
    assert mailing.page()["items"] == [FRESH]


def test_an_update_changes_what_it_names(mailing: MailingLists) -> None:
    """sending:LIST-010, DIFF-031: the fifth field is reply_preference."""
    answer = mailing.update(reply_preference="sender", description="New")
    changed = {**FRESH, "reply_preference": "sender", "description": "New"}
    assert told(answer) == (200, {"list": changed, "message": "Mailing list has been updated"})
    assert mailing.shown() == changed


def test_a_new_address_renames(mailing: MailingLists) -> None:
    """sending:LIST-010: members stay, the old address is free again."""
    mailing.add("alice@example.com")
    mailing.update(address="News <news@example.com>")
    renamed = mailing.api.get("/v3/lists/news@example.com").json()["list"]
    assert renamed["members_count"] == 1
    assert mailing.api.get(mailing.path()).status_code == 404
    assert mailing.create().status_code == 200


def test_deleted_is_gone(mailing: MailingLists) -> None:
    """sending:LIST-011, LIST-012: the texts for a list and for a list that is not there."""
    gone = mailing.api.delete(mailing.path())
    assert told(gone) == (
        200,
        {"address": mailing.address, "message": "Mailing list has been removed"},
    )
    unknown = {"message": f"Mailing list {mailing.address} not found"}
    assert told(mailing.api.get(mailing.path())) == (404, unknown)
    assert told(mailing.update(name="x")) == (404, unknown)
    assert told(mailing.api.delete(mailing.path())) == (404, unknown)
    assert told(mailing.api.get(mailing.path("members"))) == (404, unknown)
    quoted = {"message": f"Mailing list '{mailing.address}' not found"}
    assert told(mailing.bulk(["a@example.com"])) == (404, quoted)
    assert told(mailing.upload("address\n")) == (404, quoted)


def test_lists_by_offset(mailing: MailingLists) -> None:
    """sending:LIST-007: limit, skip and address; the total counts what matches."""
    for name in ("a", "b", "c"):
        mailing.create(f"{name}@example.com")
    page = mailing.page(limit=2, skip=1)
    assert [item["address"] for item in page["items"]] == ["b@example.com", "c@example.com"]
    assert page["total_count"] == 4
    one = mailing.page(address="B@example.com")
    assert [item["address"] for item in one["items"]] == ["b@example.com"]
    assert one["total_count"] == 1


def test_a_page_holds_a_hundred_lists(mailing: MailingLists) -> None:
    """sending:LIST-007: the default limit."""
    for number in range(101):
        mailing.create(f"l{number}@example.com")
    page = mailing.page()
    assert (len(page["items"]), page["total_count"]) == (100, 102)


def test_lists_by_page(mailing: MailingLists) -> None:
    """sending:LIST-008, DIFF-012: absolute addresses, forwards and back with the word `prev`."""
    for name in ("a", "b", "c"):
        mailing.create(f"{name}@example.com")
    first = mailing.api.get("/v3/lists/pages", params={"limit": 2}).json()
    assert set(first["paging"]) == {"first", "last", "next", "previous"}
    assert all(url.startswith("http://mg.test/v3/lists/pages?") for url in first["paging"].values())
    second = mailing.api.get(first["paging"]["next"]).json()
    assert [item["address"] for item in second["items"]] == ["c@example.com", mailing.address]
    assert "page=prev&" in second["paging"]["previous"]
    assert mailing.api.get(second["paging"]["previous"]).json()["items"] == first["items"]
    assert mailing.api.get(second["paging"]["next"]).json()["items"] == []


def test_the_service_indents_and_sorts(mailing: MailingLists) -> None:
    """sending:ERR-006, ERR-010; platform:GEN-007: two blanks, keys in order, no charset."""
    answer = mailing.api.get(mailing.path())
    assert answer.text == json.dumps({"list": FRESH}, indent=2, sort_keys=True)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == "inline"
    assert not any("ratelimit" in name or "limit" in name for name in answer.headers)


def test_a_trailing_slash_is_another_path(mailing: MailingLists) -> None:
    """sending:ERR-003; platform:GEN-010: a page of HTML."""
    answer = mailing.api.get("/v3/lists/")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_an_address_is_needed_and_checked(mailing: MailingLists) -> None:
    """sending:LIST-002: without one, or with a wrong one, nothing is made."""
    assert message(mailing.api.post("/v3/lists", data={"name": "x"})) == (
        "address parameter is missing"
    )
    assert mailing.create("no address").status_code == 400
    assert mailing.page()["total_count"] == 1


def test_odd_addresses_are_found_again(mailing: MailingLists) -> None:
    """sending:LIST-009: what is special in a path is escaped by the caller."""
    for address in ("a/b+c@example.com", "ünï@bücher.example", "x%2fy@example.com"):
        made = mailing.create(address).json()["list"]
        assert mailing.api.get(f"/v3/lists/{quote(address, safe='')}").json()["list"] == made


def test_a_domain_takes_its_lists_along(mailing: MailingLists, domain: str) -> None:
    """Ours: lists elsewhere stay."""
    mailing.create("ops@example.com")
    assert mailing.api.delete(f"/v3/domains/{domain}").status_code == 200
    assert [item["address"] for item in mailing.page()["items"]] == ["ops@example.com"]


def test_accounts_share_no_lists(connect: Connect) -> None:
    """Ours: another account does not see the list, and may use its address."""
    shared = create_app(api_keys=("one", "two"))
    one, two = connect(shared, key="one"), connect(shared, key="two")
    assert one.post("/v3/lists", data={"address": "l@example.com"}).status_code == 200
    assert two.get("/v3/lists/l@example.com").status_code == 404
    assert two.post("/v3/lists", data={"address": "l@example.com"}).status_code == 200


def test_uploads_check_addresses_as_the_contract_does(app: Emulator) -> None:
    """sending:LIST-023: the patterns for entries are those of the description."""
    schemas = app.contract.document["components"]["schemas"]
    assert f"^{rules.PLAIN.pattern}$" == schemas["EmailAddress"]["pattern"]
    assert f"^{rules.NAMED.pattern}$" == schemas["NamedAddress"]["pattern"]


def test_any_call_may_come_too_often(app: Emulator, mailing: MailingLists) -> None:
    """sending:LIST-032: the limit is documented for each call, and can be tried out."""
    calls = [op for op in app.contract.operations.values() if op.tag == "mailing_lists"]
    assert len(calls) == 14
    for called in calls:
        assert called.response(429) is not None
        fault = {"operation": called.id, "status": 429, "body": {"message": "Too Many Requests"}}
        assert mailing.api.post("/_emulator/faults", json=fault).status_code == 201
        path = called.path.format(list_address=mailing.address, member_address="a@example.com")
        answer = mailing.api.request(called.method.upper(), path)
        assert told(answer) == (429, {"message": "Too Many Requests"})
    assert mailing.shown() == FRESH
