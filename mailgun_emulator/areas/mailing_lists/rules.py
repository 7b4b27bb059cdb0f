"""From what is sent to members: addresses with names, variables, and entries of uploads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from mailgun_emulator import decode
from mailgun_emulator.areas.mailing_lists.records import MailingList, Member
from mailgun_emulator.areas.messages.addresses import Address
from mailgun_emulator.handlers import Problem
from mailgun_emulator.reply import ApiError

MOST_AT_ONCE = 1000  # LIST-023

DUPLICATE = "Duplicate object"
# That there are limits is documented, the texts are ours.
TOO_MANY = f"Too many members, max is {MOST_AT_ONCE}"
FULL = "Mailing list is full"
BAD_VARS = "'vars' parameter is not a valid JSON object"
BAD_SUBSCRIBED = "invalid subscribed"
BAD_NAME = "invalid name"
BAD_ADDRESS = "invalid address"
NO_ADDRESS = "address parameter is missing"
NO_MEMBERS = "members parameter is missing"
BAD_MEMBERS = "invalid members"

# Deeper ones can be parsed, but nothing that walks them is safe.
_DEPTH = 50
# The patterns of the description, which does not look into uploads.
_LOCAL = r'[^\x00-\x20"(),.:;<>@\[-\]\x7f-\xa0](?:\.?[^\x00-\x20"(),.:;<>@\[-\]\x7f-\xa0])*'
_HOST = r"[^\x00-/:-@\[-`{-\xa0](?:(?:\.|-+)?[^\x00-/:-@\[-`{-\xa0])*"
_SPEC = f"{_LOCAL}@{_HOST}"
_NAME = (
    r'(?:"(?:[^"\\\x00-\x1f\x7f]|\\[ -~])*" *'
    r'|[^"(),:;<>@\\\x00-\x1f\x7f]*(?:\([^()\\\x00-\x1f\x7f]*\) *)?)'
)
PLAIN = re.compile(_SPEC)
NAMED = re.compile(f"(?:{_NAME}<{_SPEC}>| *{_SPEC}) *")
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}


def bad_list(problem: Problem) -> str | None:
    """LIST-005, LIST-006: the texts for words that are none of the known ones."""
    if problem.name == "access_level":
        levels = "'readonly', 'members', 'everyone'."
        return f"Invalid access level '{problem.value}'. It can be any of: {levels}"
    if problem.name == "reply_preference":
        return f"Invalid reply preference '{problem.value}'. It can be any of: 'sender', 'list'"
    return None


def bad_member(problem: Problem) -> str | None:
    """The text for variables that are no JSON object; the others have a plain one."""
    return BAD_VARS if problem.name == "vars" else None


def unknown_list(address: str) -> ApiError:
    """LIST-012."""
    return ApiError(404, f"Mailing list {address} not found")


def unknown_list_of_upload(address: str) -> ApiError:
    """LIST-012: the bulk endpoints quote the address."""
    return ApiError(404, f"Mailing list '{address}' not found")


def unknown_member(address: str, mailing_list: MailingList) -> ApiError:
    """LIST-020."""
    return ApiError(404, f"Member {address} of mailing list {mailing_list.address} not found")


def known_member(address: str) -> ApiError:
    """LIST-015."""
    return ApiError(400, f"Address already exists '{address}'")


def split(text: str) -> Address:
    """A valid address, or `Name <address>`, taken apart (LIST-002)."""
    text = text.strip()
    inside = text.rpartition("<")[2].removesuffix(">") if text.endswith(">") else text
    return Address(text, inside)


def variables(value: Any) -> dict[str, Any]:
    """The variables in a JSON text, or as they are (LIST-016).

    Raises ApiError 400 when they are no JSON object.
    """
    if isinstance(value, str):
        value = decode.parse_json(value.encode(errors="replace"))
    if not isinstance(value, dict) or _deeper(value, _DEPTH):
        raise ApiError(400, BAD_VARS)
    return value


def member(fields: Mapping[str, Any], known: Member | None = None) -> Member:
    """The member that some fields describe; `known` is the one that they update.

    Fields that are not there keep their value, but who is not said to be unsubscribed becomes
    subscribed (LIST-014, LIST-023). Raises ApiError 400.
    """
    given = fields.get("address")
    if given is None:
        raise ApiError(400, NO_ADDRESS)
    if not isinstance(given, str) or not NAMED.fullmatch(given):
        raise ApiError(400, BAD_ADDRESS)
    address = split(given)
    subscribed = boolean(fields.get("subscribed", True))
    if subscribed is None:
        raise ApiError(400, BAD_SUBSCRIBED)
    base = known or Member(address.address, address.name)
    name = fields.get("name", address.name or base.name)
    if not isinstance(name, str):
        raise ApiError(400, BAD_NAME)
    held = variables(fields["vars"]) if "vars" in fields else base.vars
    return evolve(base, address=address.address, name=name, vars=held, subscribed=subscribed)


def updated(known: Member, fields: Mapping[str, Any]) -> Member:
    """LIST-018: only the fields sent change. Raises ApiError 400."""
    changes: dict[str, Any] = {
        name: fields[name] for name in ("name", "subscribed") if name in fields
    }
    if "address" in fields:
        address = split(fields["address"])
        changes["address"] = address.address
        if address.name:
            changes.setdefault("name", address.name)
    if "vars" in fields:
        changes["vars"] = variables(fields["vars"])
    return evolve(known, **changes)


def entries(texts: Sequence[str]) -> list[Mapping[str, Any]]:
    """The entries of an upload as fields: one JSON array of addresses or objects (LIST-023).

    Addresses in fields of the same name are taken as well. Raises ApiError 400, also when an entry
    is wrong.
    """
    listed: Any = list(texts)
    if len(listed) == 1 and listed[0].lstrip()[:1] in ("[", "{"):
        listed = decode.parse_json(listed[0].encode(errors="replace"))
    if not isinstance(listed, list) or not listed:
        raise ApiError(400, BAD_MEMBERS)
    if len(listed) > MOST_AT_ONCE:
        raise ApiError(400, TOO_MANY)
    return [_entry(entry) for entry in listed]


def _entry(entry: Any) -> Mapping[str, Any]:
    if isinstance(entry, str) and PLAIN.fullmatch(entry):
        return {"address": entry}
    if not isinstance(entry, dict):
        raise ApiError(400, BAD_MEMBERS)
    member(entry)
    return entry


def boolean(value: Any) -> bool | None:
    """A flag as forms and JSON write it; None when it is none (LIST-014)."""
    if isinstance(value, bool):
        return value
    return _BOOLEANS.get(value.lower()) if isinstance(value, str) else None


def _deeper(value: Any, depth: int) -> bool:
    """Whether lists and objects are nested beyond `depth`."""
    level = [value]
    while level and depth:
        level = [
            inner
            for held in level
            for inner in (held.values() if isinstance(held, dict) else held)
            if isinstance(inner, dict | list)
        ]
        depth -= 1
    return bool(level)
