"""Members of a mailing list, one by one and many at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.areas.mailing_lists.store import MailingListStore
from tests.emulator.areas.clients import ALICE, message, told
from tests.emulator.areas.mail import Mail
from tests.emulator.areas.mailing import MailingLists

MEMBER: dict[str, Any] = {"address": ALICE, "name": "", "subscribed": True, "vars": {}}
FULL = "Mailing list is full"


def test_a_member_is_created_and_read(mailing: MailingLists) -> None:
    """sending:LIST-013, LIST-014, LIST-017, DIFF-002: subscribed, without variables."""
    answer = mailing.add(ALICE)
    made = {"member": MEMBER, "message": "Mailing list member has been created"}
    assert told(answer) == (200, made)
    assert told(mailing.api.get(mailing.path("members", "ALICE@example.com"))) == (
        200,
        {"member": MEMBER},
    )
    assert mailing.shown()["members_count"] == 1


def test_variables_are_text_in_and_object_out(mailing: MailingLists) -> None:
    """sending:LIST-016."""
    mailing.add(f"Alice <{ALICE}>", vars='{"age": 27, "likes": ["é", null]}')
    assert mailing.member(ALICE) == {
        **MEMBER,
        "name": "Alice",
        "vars": {"age": 27, "likes": ["é", None]},
    }


@pytest.mark.parametrize("text", ["", "[1]", "no", '{"a": NaN}', '{"a": 1e999}', "[" * 90])
def test_other_variables_are_refused(mailing: MailingLists, text: str) -> None:
    """sending:LIST-016: what is no JSON object adds nobody."""
    assert mailing.add(ALICE, vars=text).status_code == 400
    assert mailing.shown()["members_count"] == 0


def test_deep_variables_are_refused(mailing: MailingLists) -> None:
    """sending:LIST-016: neither an error of the server nor a member."""
    for depth in (60, 900, 5000):
        text = '{"a":' * depth + "1" + "}" * depth
        assert mailing.add(ALICE, vars=text).status_code == 400
    assert mailing.shown()["members_count"] == 0


@pytest.mark.parametrize(
    ("text", "flag"), [("yes", True), ("True", True), ("no", False), ("false", False)]
)
def test_flags_come_in_words(mailing: MailingLists, text: str, flag: bool) -> None:
    """sending:LIST-014; platform:GEN-022."""
    assert mailing.add(ALICE, subscribed=text).json()["member"]["subscribed"] is flag


def test_a_member_is_added_once(mailing: MailingLists) -> None:
    """sending:LIST-015: without upsert the second time is refused."""
    mailing.add(ALICE, name="Alice")
    for upsert in ({}, {"upsert": "no"}):
        answer = mailing.add("Alice@example.com", name="Other", **upsert)
        assert told(answer) == (400, {"message": "Address already exists 'Alice@example.com'"})
    assert mailing.member(ALICE)["name"] == "Alice"


def test_upsert_updates(mailing: MailingLists) -> None:
    """sending:LIST-014, LIST-015: and there is still one member."""
    mailing.add(ALICE, name="Alice", vars='{"a": 1}')
    answer = mailing.add(ALICE, name="Other", upsert="True")
    assert told(answer)[0] == 200
    assert mailing.member(ALICE) == {**MEMBER, "name": "Other", "vars": {"a": 1}}
    assert mailing.shown()["members_count"] == 1


def test_an_update_changes_what_it_names(mailing: MailingLists) -> None:
    """sending:LIST-018."""
    mailing.add(ALICE, name="Alice", vars='{"a": 1}')
    answer = mailing.change(ALICE, subscribed="no")
    changed = {**MEMBER, "name": "Alice", "vars": {"a": 1}, "subscribed": False}
    text = "Mailing list member has been updated"
    assert told(answer) == (200, {"member": changed, "message": text})
    mailing.change(ALICE, vars='{"b": 2}', name="A")
    assert mailing.member(ALICE) == {**changed, "name": "A", "vars": {"b": 2}}


def test_a_member_may_move(mailing: MailingLists) -> None:
    """sending:LIST-018: to an address that nobody on the list has."""
    mailing.add(ALICE, name="Alice")
    mailing.add("bob@example.com")
    refused = mailing.change(ALICE, address="bob@example.com")
    assert told(refused) == (400, {"message": "Address already exists 'bob@example.com'"})
    assert mailing.change(ALICE, address="al@example.com").status_code == 200
    assert mailing.addresses() == ["al@example.com", "bob@example.com"]
    assert mailing.member("al@example.com")["name"] == "Alice"


def test_deleted_is_gone(mailing: MailingLists) -> None:
    """sending:LIST-019, LIST-020."""
    mailing.add(ALICE)
    path = mailing.path("members", ALICE)
    gone = {"member": {"address": ALICE}, "message": "Mailing list member has been deleted"}
    assert told(mailing.api.delete(path)) == (200, gone)
    unknown = {"message": f"Member {ALICE} of mailing list {mailing.address} not found"}
    for method in ("GET", "PUT", "DELETE"):
        assert told(mailing.api.request(method, path)) == (404, unknown)
    assert mailing.page("members") == {"items": [], "total_count": 0}


def test_members_by_offset(mailing: MailingLists) -> None:
    """sending:LIST-021: filters, limit and skip."""
    mailing.bulk(
        ["c@example.com", "a@example.com", {"address": "b@example.com", "subscribed": False}]
    )
    assert mailing.addresses(limit=2, skip=1) == ["b@example.com", "c@example.com"]
    assert mailing.addresses(subscribed="yes") == ["a@example.com", "c@example.com"]
    assert mailing.addresses(subscribed="false") == ["b@example.com"]
    assert mailing.addresses(address="Bee <B@example.com>") == ["b@example.com"]
    assert mailing.page("members", limit=1)["total_count"] == 3


def test_a_page_holds_a_hundred_members(mailing: MailingLists) -> None:
    """sending:LIST-021: by default and at most."""
    mailing.bulk([f"m{n}@example.com" for n in range(100)])
    mailing.bulk([f"m{n}@example.com" for n in range(100, 120)])
    assert len(mailing.addresses()) == 100
    assert mailing.page("members")["total_count"] == 120
    refused = mailing.api.get(mailing.path("members"), params={"limit": 101})
    assert refused.status_code == 400


def test_members_by_page(mailing: MailingLists) -> None:
    """sending:LIST-022, DIFF-012, DIFF-032: members, ascending, by `page` and `address`."""
    mailing.bulk([f"{name}@example.com" for name in "ebdac"])
    mailing.change("d@example.com", subscribed="no")
    first = mailing.page("members", "pages", limit=2, subscribed="yes")
    assert [item["address"] for item in first["items"]] == ["a@example.com", "b@example.com"]
    assert set(first["items"][0]) == set(MEMBER)
    second = mailing.api.get(first["paging"]["next"]).json()
    assert [item["address"] for item in second["items"]] == ["c@example.com", "e@example.com"]
    assert mailing.api.get(second["paging"]["previous"]).json()["items"] == first["items"]
    assert mailing.api.get(second["paging"]["last"]).json()["items"] == second["items"]
    back = mailing.page("members", "pages", page="prev", address="c@example.com", limit=1)
    assert [item["address"] for item in back["items"]] == ["b@example.com"]
    assert mailing.page("members", "pages", page="last", limit=1)["items"][0]["address"][0] == "e"


def test_many_at_once(mailing: MailingLists) -> None:
    """sending:LIST-023, LIST-024: addresses and objects, all subscribed unless they say not."""
    entries = [
        "bob@example.com",
        {"address": "Carol <carol@example.com>", "vars": '{"a": 1}'},
        {"address": "dan@example.com", "name": "Dan", "subscribed": False, "vars": {"b": 2}},
    ]
    answer = mailing.bulk(entries)
    assert told(answer) == (
        200,
        {"list": mailing.shown(), "message": "Mailing list has been updated"},
    )
    assert mailing.shown()["members_count"] == 3
    assert mailing.page("members")["items"] == [
        {**MEMBER, "address": "bob@example.com"},
        {**MEMBER, "address": "carol@example.com", "name": "Carol", "vars": {"a": 1}},
        {"address": "dan@example.com", "name": "Dan", "subscribed": False, "vars": {"b": 2}},
    ]


@pytest.mark.parametrize("place", ["data", "params", "files"])
def test_many_by_form_or_query(mailing: MailingLists, place: str) -> None:
    """sending:LIST-027: both fields are read from the body, in either wire format, or the query."""
    mailing.add(ALICE, name="Alice", subscribed="no")
    fields: dict[str, Any] = {"members": json.dumps([ALICE, "bob@example.com"]), "upsert": "yes"}
    if place == "files":
        fields = {name: (None, text) for name, text in fields.items()}
    send: Any = mailing.api.post
    answer = send(mailing.path("members.json"), **{place: fields})
    assert answer.json()["list"]["members_count"] == 2
    assert mailing.member(ALICE) == {**MEMBER, "name": "Alice"}


def test_many_without_upsert_skip_who_is_there(mailing: MailingLists) -> None:
    """sending:LIST-026."""
    mailing.add(ALICE, name="Alice", subscribed="no")
    answer = mailing.bulk([{"address": ALICE, "name": "Other"}, "bob@example.com"])
    assert answer.json()["list"]["members_count"] == 2
    assert mailing.member(ALICE) == {**MEMBER, "name": "Alice", "subscribed": False}


@pytest.mark.parametrize(
    "entries",
    [
        [],
        {},
        "x",
        5,
        ["no address"],
        [[ALICE]],
        [{"name": "Bob"}],
        [{"address": ALICE, "subscribed": 3}],
        [{"address": ALICE, "vars": "no"}],
        [{"address": ALICE, "vars": []}],
        [{"address": ALICE, "name": None}],
        ["bob@example.com", None],
    ],
)
def test_many_with_a_wrong_one_add_nobody(mailing: MailingLists, entries: Any) -> None:
    """sending:LIST-023: the whole call is refused."""
    assert mailing.bulk(entries).status_code == 400
    assert mailing.shown()["members_count"] == 0


def test_many_need_members_and_take_a_flag(mailing: MailingLists) -> None:
    """sending:LIST-023, LIST-014."""
    path = mailing.path("members.json")
    for form in ({}, {"members": ""}):
        assert message(mailing.api.post(path, data=form)) == "members parameter is missing"
    assert mailing.bulk([ALICE], upsert="").status_code == 400
    assert mailing.api.post(path, data={"members": "["}).status_code == 400
    assert mailing.shown()["members_count"] == 0


def test_a_thousand_at_most(mailing: MailingLists, mail: Mail) -> None:
    """sending:LIST-023: one more is refused."""
    many = [f"m{n}@example.com" for n in range(1001)]
    assert mailing.bulk(many).status_code == 400
    assert mailing.bulk(many[:1000]).status_code == 200
    mail.wait()
    assert mailing.shown()["members_count"] == 1000


def test_above_a_hundred_in_the_background(mailing: MailingLists, mail: Mail) -> None:
    """sending:LIST-025: answered at once with a task, the members appear later."""
    answer = mailing.bulk([f"m{n}@example.com" for n in range(101)])
    told_now = answer.json()
    assert answer.status_code == 200
    assert told_now["message"] == "Mailing list upload started in background"
    assert told_now["task-id"].isdecimal()
    assert told_now["list"]["members_count"] == mailing.shown()["members_count"] == 0
    mail.wait()
    assert mailing.shown()["members_count"] == 101


CSV = """address,name,subscribed,vars
Bob <bob@example.com>,,,"{""age"": 26}"
carol@example.com,Carol,no,
broken,Nobody,,
dan@example.com,Dan,,not json
"""


def test_a_file_of_members(mailing: MailingLists, mail: Mail) -> None:
    """sending:LIST-028: always in the background; rows that are no members are left out."""
    answer = mailing.upload(CSV)
    assert answer.status_code == 200
    assert answer.json()["message"] == "Mailing list upload started in background"
    mail.wait()
    assert mailing.page("members")["items"] == [
        {**MEMBER, "address": "bob@example.com", "name": "Bob", "vars": {"age": 26}},
        {**MEMBER, "address": "carol@example.com", "name": "Carol", "subscribed": False},
    ]


def test_a_file_with_flags(mailing: MailingLists, mail: Mail) -> None:
    """sending:LIST-028: `upsert` updates, `subscribed` is for rows that do not say."""
    mailing.add(ALICE, name="Alice")
    mailing.upload(f"{ALICE},New\nbob@example.com\n")
    mail.wait()
    assert mailing.member(ALICE)["name"] == "Alice"
    mailing.upload(f"{ALICE},New\ncarol@example.com\n", upsert="yes", subscribed="no")
    mail.wait()
    assert mailing.member(ALICE) == {**MEMBER, "name": "New", "subscribed": False}
    assert mailing.member("carol@example.com")["subscribed"] is False
    assert mailing.member("bob@example.com")["subscribed"] is True


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe\x00", b"\x00\n\x00", b'"' + b"x" * 200_000, b'a,"b\r\nc']
)
def test_any_file_is_taken(mailing: MailingLists, mail: Mail, data: bytes) -> None:
    """sending:LIST-028: what is in it shows later, in the events."""
    assert mailing.upload(data).status_code == 200
    mail.wait()
    assert mailing.shown()["members_count"] == 0
    assert mail.event("list_uploaded")["upserted-count"] == 0


def test_a_file_has_five_megabytes(mailing: MailingLists, mail: Mail) -> None:
    """sending:LIST-028."""
    big = b"address\n" + b"\n" * (5 * 1024 * 1024 - 8)
    assert mailing.upload(big).status_code == 200
    text = "CSV file is too big, max allowed size is 5 MB"
    assert told(mailing.upload(big + b"\n")) == (400, {"message": text})


def test_uploads_make_events(mailing: MailingLists, mail: Mail, domain: str) -> None:
    """sending:LIST-029; platform:EVT-070, EVT-039: each member, each failure, and the end."""
    task = mailing.upload(CSV, upsert="yes").json()["task-id"]
    mail.wait()
    added = mail.events(event="list_member_uploaded", ascending="yes", begin="1")
    assert [e["member"] for e in added] == [
        {"address": "bob@example.com", "name": "Bob", "subscribed": True},
        {"address": "carol@example.com", "name": "Carol", "subscribed": False},
    ]
    failed = mail.events(event="list_member_upload_error", ascending="yes", begin="1")
    assert [e["member-description"] for e in failed] == ["broken", "dan@example.com"]
    assert all(e["error"]["message"] and e["format"] == "csv" for e in failed)
    end = mail.event("list_uploaded")
    assert (end["upserted-count"], end["failed-count"]) == (2, 2)
    assert (end["is-upsert"], end["subscribed"], end["format"]) == (True, True, "csv")
    for event in (*added, *failed, end):
        assert event["task-id"] == task
        assert event["mailing-list"] == {"address": f"devs@{domain}"}
        assert event["log-level"] == ("error" if "error" in event else "info")


def test_a_large_file_goes_in_steps(mailing: MailingLists, mail: Mail) -> None:
    """sending:LIST-028: requests in between see it grow."""
    mailing.upload("address\n" + "".join(f"m{n}@example.com\n" for n in range(1200)))
    mail.wait(0.5)
    assert mailing.shown()["members_count"] == 500
    mail.wait(0.5)
    assert mailing.shown()["members_count"] == 1200
    assert mail.event("list_uploaded")["upserted-count"] == 1200


def test_an_upload_to_a_deleted_list_ends(mailing: MailingLists, mail: Mail) -> None:
    """sending:LIST-011, LIST-025: a list of the same name is another one."""
    mailing.upload(f"{ALICE}\n")
    mailing.api.delete(mailing.path())
    mailing.create()
    mail.wait()
    assert mailing.shown()["members_count"] == 0
    assert mail.events() == []


def test_a_list_can_be_full(app: Emulator, mailing: MailingLists, mail: Mail) -> None:
    """sending:LIST-030: whichever way members come; who is there can still be updated."""
    store = app.state.store(app.state.accounts[0], MailingListStore)
    assert store.most_members == 2_500_000
    store.most_members = 2
    mailing.bulk([ALICE, "bob@example.com"])
    assert told(mailing.add("carol@example.com")) == (400, {"message": FULL})
    assert told(mailing.bulk(["carol@example.com"])) == (400, {"message": FULL})
    assert mailing.bulk([ALICE], upsert="yes").status_code == 200
    mailing.upload("carol@example.com\n")
    mail.wait()
    assert mail.event("list_member_upload_error")["error"] == {"message": FULL}
    assert mailing.addresses() == [ALICE, "bob@example.com"]
