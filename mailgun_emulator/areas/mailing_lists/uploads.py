"""Many members at once: JSON arrays and CSV files (sending LIST-023 to LIST-029)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from attrs import define, field

from mailgun_emulator.areas.events.records import Event, event_id
from mailgun_emulator.areas.events.store import EventStore
from mailgun_emulator.areas.mailing_lists import rules
from mailgun_emulator.areas.mailing_lists.records import MailingList, Member
from mailgun_emulator.areas.mailing_lists.store import MailingListStore
from mailgun_emulator.call import Call
from mailgun_emulator.reply import ApiError
from mailgun_emulator.state import Account, State

# How soon an upload begins, and how much of it is done at once and how often: ours. A large file
# must not hold up the requests in between.
DELAY = 0.5
STEP = 500
PAUSE = 0.05

_COLUMNS = ("address", "name", "subscribed", "vars")

Fields = Mapping[str, Any]


def put(
    store: MailingListStore, target: MailingList, fields: Fields, *, upsert: bool
) -> Member | None:
    """Add or update the member that some fields describe; None when one is there and stays.

    Raises ApiError 400.
    """
    sent = rules.member(fields)
    known = target.members.get(sent.address)
    if known is not None and not upsert:
        return None
    if known is None and len(target.members) >= store.most_members:
        raise ApiError(400, rules.FULL)
    made = sent if known is None else rules.member(fields, known)
    target.members.put(made)
    return made


def rows(data: bytes, *, subscribed: bool) -> Iterator[Fields]:
    """The entries of a CSV file; cells that are empty say nothing.

    The first row names the columns if it has an `address`, otherwise they are address, name,
    subscribed and vars; `subscribed` is for rows that do not say. Neither is documented. A row that
    cannot be read ends the file as an entry without an address.
    """
    text = data.decode("utf-8-sig", errors="replace")
    reader = csv.reader(io.StringIO(text, newline=""))
    columns: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = [cell.strip().lower() for cell in cells]
                if "address" in columns:
                    continue
                columns = list(_COLUMNS)
            named = {n: c.strip() for n, c in zip(columns, cells, strict=False) if c.strip()}
            yield {"subscribed": subscribed, **{n: named[n] for n in _COLUMNS if n in named}}
    except csv.Error:
        yield {}


def in_background(
    call: Call, target: MailingList, entries: Iterable[Fields], upload_format: str, **flags: bool
) -> str:
    """Begin an upload; its task id. `flags` are `upsert` and `subscribed`."""
    task = call.store(MailingListStore).task()
    upload = Upload(call.state, call.account, target, iter(entries), task, upload_format, **flags)
    call.state.schedule.at(call.now.timestamp() + DELAY, upload)
    return task


@define(eq=False)
class Upload:
    """An upload on its way, a step at a time, with the events of LIST-029."""

    state: State
    account: Account
    target: MailingList
    entries: Iterator[Fields]
    task: str
    format: str
    upsert: bool
    subscribed: bool = True
    upserted: int = field(default=0, init=False)
    failed: int = field(default=0, init=False)

    def __call__(self, when: datetime) -> None:
        """Do a step, and plan the next one; an upload to a list that is gone ends."""
        store = self.state.store(self.account, MailingListStore)
        if not store.has(self.target):
            return
        moment = when.timestamp()
        chunk = list(islice(self.entries, STEP))
        for fields in chunk:
            self._add(store, fields, moment)
        if len(chunk) == STEP:
            self.state.schedule.at(moment + PAUSE, self)
            return
        details = {
            "is-upsert": self.upsert,
            "format": self.format,
            "subscribed": self.subscribed,
            "upserted-count": self.upserted,
            "failed-count": self.failed,
        }
        self._record("list_uploaded", moment, details)

    def _add(self, store: MailingListStore, fields: Fields, moment: float) -> None:
        try:
            made = put(store, self.target, fields, upsert=self.upsert)
        except ApiError as error:
            self.failed += 1
            details = {
                "format": self.format,
                "error": {"message": error.message},
                "member-description": str(fields.get("address", "")),
                "log-level": "error",
            }
            self._record("list_member_upload_error", moment, details)
            return
        if made is not None:
            self.upserted += 1
            shown = made.shown()
            del shown["vars"]
            self._record("list_member_uploaded", moment, {"member": shown})

    def _record(self, kind: str, moment: float, details: Fields) -> None:
        members = {
            "task-id": self.task,
            "mailing-list": {"address": self.target.address},
            **details,
        }
        event = Event(event_id(self.state.ids), kind, moment, self.target.domain, details=members)
        self.state.store(self.account, EventStore).add(event)
