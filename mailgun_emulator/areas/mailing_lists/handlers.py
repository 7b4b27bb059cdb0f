"""The operations on mailing lists and their members."""

from __future__ import annotations

from typing import Any

from mailgun_emulator.areas.mailing_lists import rules, uploads
from mailgun_emulator.areas.mailing_lists.records import LIST, READONLY, MailingList, Member
from mailgun_emulator.areas.mailing_lists.store import MailingListStore
from mailgun_emulator.areas.messages import addresses
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import operation
from mailgun_emulator.paging import clamp, pivot_page, skip_page
from mailgun_emulator.reply import ApiError

COVERS = ("mailing_lists",)

PAGE = 100
# LIST-024: larger uploads are done in the background.
AT_ONCE = 100
# LIST-028.
MAX_FILE = 5 * 1024 * 1024

UPDATED = "Mailing list has been updated"
IN_BACKGROUND = "Mailing list upload started in background"
TOO_BIG = "CSV file is too big, max allowed size is 5 MB"


@operation("create_mailing_list", invalid=rules.bad_list)
def create_mailing_list(call: Call) -> dict[str, Any]:
    """LIST-001 to LIST-006."""
    store = call.store(MailingListStore)
    address = rules.split(call.values["address"])
    if store.find(address.address):
        raise ApiError(400, rules.DUPLICATE)
    store.lists_made += 1
    made = MailingList(
        address.address,
        call.now,
        call.state.ids.hex(24),
        str(store.lists_made),
        call.values.get("name", address.name),
        call.values.get("description", ""),
        call.values.get("access_level", READONLY),
        call.values.get("reply_preference", LIST),
    )
    store.put(made)
    return {"list": made.shown(), "message": "Mailing list has been created"}


@operation("list_mailing_lists")
def list_mailing_lists(call: Call) -> dict[str, Any]:
    """LIST-007; the page has no documented maximum."""
    found = call.store(MailingListStore).all()
    if (address := call.query.get("address")) is not None:
        found = [held for held in found if held.key == addresses.key(address)]
    limit = int(call.query.get("limit", PAGE))
    page = skip_page(found, skip=int(call.query.get("skip", 0)), limit=limit)
    return {"items": [held.shown() for held in page], "total_count": len(found)}


@operation("list_mailing_list_pages")
def list_mailing_list_pages(call: Call) -> dict[str, Any]:
    """LIST-008."""
    page = pivot_page(
        call,
        call.store(MailingListStore).all(),
        lambda held: held.key,
        limit=int(call.query.get("limit", PAGE)),
        previous="prev",
    )
    return {"items": [held.shown() for held in page.items], "paging": page.paging}


@operation("get_mailing_list")
def get_mailing_list(call: Call) -> dict[str, Any]:
    """LIST-009, LIST-012."""
    return {"list": _list(call).shown()}


@operation("update_mailing_list", invalid=rules.bad_list)
def update_mailing_list(call: Call) -> dict[str, Any]:
    """LIST-010: only the fields sent change."""
    found, store, sent = _list(call), call.store(MailingListStore), call.values
    if "address" in sent:
        address = rules.split(sent["address"]).address
        if store.find(address) not in (None, found):
            raise ApiError(400, rules.DUPLICATE)
        store.rename(found, address)
    found.name = sent.get("name", found.name)
    found.description = sent.get("description", found.description)
    found.access_level = sent.get("access_level", found.access_level)
    found.reply_preference = sent.get("reply_preference", found.reply_preference)
    # DIFF-031: the documents write the name in both ways.
    found.list_id = sent.get("list-id", sent.get("list_id", found.list_id))
    return {"message": UPDATED, "list": found.shown()}


@operation("delete_mailing_list")
def delete_mailing_list(call: Call) -> dict[str, Any]:
    """LIST-011."""
    found = _list(call)
    call.store(MailingListStore).drop(found)
    return {"address": found.address, "message": "Mailing list has been removed"}


@operation("list_mailing_list_members")
def list_mailing_list_members(call: Call) -> dict[str, Any]:
    """LIST-021."""
    members = _subscribed(call, _list(call))
    if (address := call.query.get("address")) is not None:
        wanted = addresses.key(rules.split(address).address)
        members = [held for held in members if held.key == wanted]
    limit = clamp(call.query.get("limit"), default=PAGE, highest=PAGE)
    page = skip_page(members, skip=int(call.query.get("skip", 0)), limit=limit)
    return {"items": [held.shown() for held in page], "total_count": len(members)}


@operation("list_mailing_list_member_pages")
def list_mailing_list_member_pages(call: Call) -> dict[str, Any]:
    """LIST-022, DIFF-032."""
    wanted = call.query.get("subscribed")
    page = pivot_page(
        call,
        _subscribed(call, _list(call)),
        lambda held: held.key,
        limit=int(call.query.get("limit", PAGE)),
        previous="prev",
        extra={"subscribed": None if wanted is None else str(wanted).lower()},
    )
    return {"items": [held.shown() for held in page.items], "paging": page.paging}


@operation("add_mailing_list_member", invalid=rules.bad_member)
def add_mailing_list_member(call: Call) -> dict[str, Any]:
    """LIST-013 to LIST-016."""
    found = _list(call)
    fields = _fields(call)
    upsert = bool(call.values.get("upsert", False))
    made = uploads.put(call.store(MailingListStore), found, fields, upsert=upsert)
    if made is None:
        raise rules.known_member(rules.split(fields["address"]).address)
    return {"member": made.shown(), "message": "Mailing list member has been created"}


@operation("get_mailing_list_member")
def get_mailing_list_member(call: Call) -> dict[str, Any]:
    """LIST-017, LIST-020, DIFF-002."""
    return {"member": _member(call, _list(call)).shown()}


@operation("update_mailing_list_member", invalid=rules.bad_member)
def update_mailing_list_member(call: Call) -> dict[str, Any]:
    """LIST-018."""
    found = _list(call)
    known = _member(call, found)
    made = rules.updated(known, _fields(call))
    if made.key != known.key and made.address in found.members:
        raise rules.known_member(made.address)
    found.members.drop(known.address)
    found.members.put(made)
    return {"member": made.shown(), "message": "Mailing list member has been updated"}


@operation("remove_mailing_list_member")
def remove_mailing_list_member(call: Call) -> dict[str, Any]:
    """LIST-019."""
    found = _list(call)
    known = _member(call, found)
    found.members.drop(known.address)
    return {
        "member": {"address": known.address},
        "message": "Mailing list member has been deleted",
    }


# The variables of an entry may be a JSON text, which the description does not say.
@operation("add_mailing_list_members", validate=False)
def add_mailing_list_members(call: Call) -> dict[str, Any]:
    """LIST-023 to LIST-027: nothing is added when an entry is wrong."""
    sent = call.form.all("members") or _texts(call.query.get("members"))
    if not any(sent):
        raise ApiError(400, rules.NO_MEMBERS)
    upsert = rules.boolean(call.param("upsert", False))
    if upsert is None:
        raise ApiError(400, "invalid upsert")
    entries = rules.entries(sent)
    found = _list_of_upload(call)
    store = call.store(MailingListStore)
    if len(entries) > AT_ONCE:
        return _begun(found, uploads.in_background(call, found, entries, "json", upsert=upsert))
    keys = {rules.member(entry).key for entry in entries}
    new = sum(key not in found.members for key in keys)
    if len(found.members) + new > store.most_members:
        raise ApiError(400, rules.FULL)
    for entry in entries:
        uploads.put(store, found, entry, upsert=upsert)
    return {"list": found.shown(), "message": UPDATED}


@operation("import_mailing_list_members")
def import_mailing_list_members(call: Call) -> dict[str, Any]:
    """LIST-028: always in the background."""
    found = _list_of_upload(call)
    files = call.uploads("members")
    data = files[0].data if files else call.form.get("members").encode()
    if len(data) > MAX_FILE:
        raise ApiError(400, TOO_BIG)
    subscribed = bool(call.values.get("subscribed", True))
    upsert = bool(call.values.get("upsert", False))
    rows = uploads.rows(data, subscribed=subscribed)
    return _begun(
        found,
        uploads.in_background(call, found, rows, "csv", upsert=upsert, subscribed=subscribed),
    )


def _begun(found: MailingList, task: str) -> dict[str, Any]:
    """LIST-025."""
    return {"list": found.shown(), "message": IN_BACKGROUND, "task-id": task}


def _list(call: Call) -> MailingList:
    address = str(call.path["list_address"])
    found = call.store(MailingListStore).find(address)
    if found is None:
        raise rules.unknown_list(address)
    return found


def _list_of_upload(call: Call) -> MailingList:
    address = str(call.path["list_address"])
    found = call.store(MailingListStore).find(address)
    if found is None:
        raise rules.unknown_list_of_upload(address)
    return found


def _member(call: Call, found: MailingList) -> Member:
    address = str(call.path["member_address"])
    known = found.members.get(address)
    if known is None:
        raise rules.unknown_member(address, found)
    return known


def _fields(call: Call) -> dict[str, Any]:
    """What the form says of a member; the variables as they were written, to be read strictly."""
    fields = {n: call.values[n] for n in ("address", "name", "subscribed") if n in call.values}
    return fields | ({"vars": call.form.get("vars")} if "vars" in call.form else {})


def _subscribed(call: Call, found: MailingList) -> list[Member]:
    """The members, or only those who are subscribed, or those who are not."""
    wanted = call.query.get("subscribed")
    return [held for held in found.members if wanted is None or held.subscribed is wanted]


def _texts(value: Any) -> list[str]:
    """A query value that the description does not know (LIST-027): a text or several."""
    return value if isinstance(value, list) else [value or ""]
