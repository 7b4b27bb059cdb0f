"""The operations of the four lists; a handler serves every list that works the same way."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from mailgun_emulator.areas.suppressions import rules
from mailgun_emulator.areas.suppressions.lists import LISTS, Listing
from mailgun_emulator.areas.suppressions.store import SuppressionStore, Table
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import Problem, operation
from mailgun_emulator.paging import clamp, pivot_page
from mailgun_emulator.reply import ApiError

COVERS = ("bounces", "unsubscribes", "complaints", "allowlist")

TOO_MANY = "Batch size should be less than 1000"
NO_SUCH_TAG = "Unsubscribe event for this tag does not exist"
ALLOWED = "Address/Domain has been added to the allowlists table"
IMPORTING = "file uploaded successfully for processing. standby..."


def too_many(problem: Problem) -> str | None:
    """SUPP-004: the text for a batch beyond the limit."""
    return TOO_MANY if (problem.where, problem.kind) == ("json", "maxItems") else None


def neither(problem: Problem) -> str | None:
    """WL-002: the text for a form with neither an address nor a domain."""
    return None if problem.name else rules.NEITHER


@operation("create_bounces", invalid=too_many)
@operation("create_unsubscribes", invalid=too_many)
@operation("create_complaints", invalid=too_many)
def create(call: Call) -> dict[str, Any]:
    """One record of a form, or a JSON array of them; nothing is added when one is wrong."""
    listing, table = _place(call)
    batch = call.body if isinstance(call.body, list) else None
    # UNSUB-002: the field is `tag` in forms, and `tags` is not read there.
    form = {name: texts[0] for name, texts in call.form.fields.items() if name != "tags"}
    sent = [form] if batch is None else batch
    records = [listing.record(fields, call.now) for fields in sent]
    for record in records:
        table.put(call.domain, record)
    if batch is not None:
        return {"message": listing.many(len(batch))}
    added = {"message": listing.one, "address": records[0].value}
    # SUPP-001, SUPP-002: bounces name the message first, the others the address.
    return added if call.operation.tag == "bounces" else dict(reversed(added.items()))


@operation("create_allowlist_entry", invalid=neither)
def create_allowlist_entry(call: Call) -> dict[str, Any]:
    """WL-001."""
    form = {name: texts[0] for name, texts in call.form.fields.items()}
    record = rules.allowed(form, call.now)
    call.store(SuppressionStore).allowlist.put(call.domain, record)
    return {"message": ALLOWED, "type": record.type, "value": record.value}


@operation("import_bounces")
@operation("import_unsubscribes")
@operation("import_complaints")
@operation("import_allowlist")
def import_file(call: Call) -> dict[str, Any]:
    """SUPP-013: the file is applied at once; rows that are no entries are passed over."""
    listing, table = _place(call)
    files = call.uploads("file")
    data = files[0].data if files else call.form.get("file").encode()
    for row in rules.rows(data, listing.fields, listing.keys):
        if rules.row_is_usable(row):
            fields: dict[str, Any] = {**row, "tags": [row["tags"]] if row.get("tags") else []}
            table.put(call.domain, listing.record(fields, call.now))
    return {"message": IMPORTING}


@operation("list_bounces")
@operation("list_unsubscribes")
@operation("list_complaints")
@operation("list_allowlist_entries")
def list_entries(call: Call) -> dict[str, Any]:
    """Ascending by address; SUPP-012 to SUPP-014."""
    _, table = _place(call)
    term = str(call.query.get("term") or "")
    page = pivot_page(
        call,
        table.beginning(call.domain, term),
        lambda record: str(record.value),
        limit=clamp(call.query.get("limit"), default=100, highest=1000),
        extra={"term": term},
    )
    items = [record.shown() for record in page.items]
    return {"items": items, "paging": page.paging}


@operation("get_bounce")
@operation("get_unsubscribe")
@operation("get_complaint")
@operation("get_allowlist_entry")
def get_entry(call: Call) -> dict[str, Any]:
    """SUPP-006, SUPP-010."""
    listing, table = _place(call)
    record = table.get(call.domain, _named(call))
    if record is None:
        raise ApiError(404, listing.unknown)
    shown: dict[str, Any] = record.shown()
    return shown


@operation("delete_bounce")
@operation("delete_complaint")
def delete_entry(call: Call) -> dict[str, Any]:
    """SUPP-008, SUPP-010."""
    listing, table = _place(call)
    record = table.drop(call.domain, _named(call))
    if record is None:
        raise ApiError(404, listing.unknown)
    return {"address": record.value, "message": listing.removed}


@operation("delete_unsubscribe")
def delete_unsubscribe(call: Call) -> dict[str, Any]:
    """UNSUB-005: with a tag only that tag goes, and the record with the last one."""
    listing, _ = _place(call)
    table = call.store(SuppressionStore).unsubscribes
    record = table.get(call.domain, _named(call))
    tag = str(call.query.get("tag") or "").lower()
    if record is None or (tag and tag not in map(str.lower, record.tags)):
        raise ApiError(404, NO_SUCH_TAG)
    left = tuple(kept for kept in record.tags if tag and kept.lower() != tag)
    if left:
        table.put(call.domain, evolve(record, tags=left))
    else:
        table.drop(call.domain, record.value)
    return {"address": record.value, "message": listing.removed}


@operation("delete_allowlist_entry")
def delete_allowlist_entry(call: Call) -> dict[str, Any]:
    """WL-004."""
    listing, table = _place(call)
    record = table.drop(call.domain, _named(call))
    if record is None:
        raise ApiError(404, listing.unknown)
    return {"message": listing.removed, "value": record.value}


@operation("clear_bounces")
@operation("clear_unsubscribes")
@operation("clear_complaints")
@operation("clear_allowlist")
def clear(call: Call) -> dict[str, Any]:
    """SUPP-009: also when there is nothing to remove."""
    listing, table = _place(call)
    table.clear(call.domain)
    return {"message": listing.cleared}


def _place(call: Call) -> tuple[Listing, Table[Any]]:
    listing = LISTS[call.operation.tag]
    return listing, listing.table(call.store(SuppressionStore))


def _named(call: Call) -> str:
    """The address, or value, that the path names."""
    return str(call.path["value"] if "value" in call.path else call.path["address"])
