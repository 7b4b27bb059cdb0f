"""A whole area with a description of its own: what the tests of the core run on."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from mailgun_emulator import Emulator
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import Problem, operation
from mailgun_emulator.reply import ApiError
from mailgun_emulator.state import Account, State

from . import small

COVERS = ("notes",)
LOCKED = "Notes are locked"
NOT_FOUND = "Note not found"


@define
class NoteStore:
    """Notes by domain and title. `reads` counts how often they were looked at."""

    notes: dict[str, dict[str, str]] = field(factory=dict)
    locked: bool = False
    reads: int = field(default=0, eq=False)

    @classmethod
    def open(cls, _: State, account: Account) -> NoteStore:
        """Every domain begins with a note."""
        return cls({name: {"welcome": "Hello"} for name in sorted(account.domains)})

    def of(self, domain: str) -> dict[str, str]:
        self.reads += 1
        return self.notes.get(domain, {})

    def forget_domain(self, name: str) -> None:
        self.notes.pop(name, None)


def unlocked(call: Call) -> None:
    if call.store(NoteStore).locked:
        raise ApiError(403, LOCKED)


def refused(problem: Problem) -> str | None:
    return "A note needs a title" if problem.name == "title" else None


@operation("list_notes")
def list_notes(call: Call) -> dict[str, Any]:
    return {"items": sorted(call.store(NoteStore).of(call.domain))}


@operation("create_note", before=unlocked, invalid=refused)
def create_note(call: Call) -> dict[str, Any]:
    title, text = call.body["title"], call.body.get("text", "")
    call.store(NoteStore).notes.setdefault(call.domain, {})[title] = text
    return {"message": f"Note {title} added from {call.request.client}"}


@operation("delete_note", before=unlocked)
def delete_note(call: Call) -> dict[str, Any]:
    if call.store(NoteStore).of(call.domain).pop(call.path["title"], None) is None:
        raise ApiError(404, NOT_FOUND)
    return {"message": "Note deleted"}


def paths() -> small.Json:
    """The description of the area; a new one for each, as building an app completes it."""
    told = small.json_body(small.MESSAGE)
    answers = {str(status): told for status in (200, 400, 403, 404)}
    note = {
        "type": "object",
        "properties": {"title": {"type": "string", "minLength": 1}, "text": {"type": "string"}},
        "required": ["title"],
    }
    return {
        "/v3/{domain}/notes": {
            "get": small.operation("list_notes", tags=["notes"]),
            "post": small.operation(
                "create_note", tags=["notes"], responses=answers, requestBody=small.form_body(note)
            ),
        },
        "/v3/{domain}/notes/{title}": {
            "delete": small.operation("delete_note", tags=["notes"], responses=answers)
        },
    }


def store(app: Emulator) -> NoteStore:
    """The notes of the only account."""
    return app.state.store(app.state.accounts[0], NoteStore)
