"""The attributes that logs are filtered by, and the comparators of each (LOG-009 to LOG-012)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mailgun_emulator.areas.analytics.dimensions import Values, dimensions
from mailgun_emulator.areas.analytics.facts import Fact
from mailgun_emulator.reply import ApiError

_EXACT = frozenset({"=", "!="})
_PART = frozenset({"contains", "not contains"})
_ANY = _EXACT | _PART
_COMPARATORS = {
    **dict.fromkeys(("from", "subject", "recipient", "domain", "bot", "device"), _ANY),
    **dict.fromkeys(
        ("mailing_list_address", "to", "recipients", "user_variables", "delivery_status_message"),
        _PART,
    ),
    "size": frozenset({"<", ">"}),
    # Nothing is said of this one.
    "delivered_at": frozenset({"=", "!=", "<", ">"}) | _PART,
}


def attributes() -> dict[str, Values]:
    """The values of an event by attribute."""
    return {
        **dimensions(),
        "id": lambda fact: [fact.event.id],
        "ip": _addresses,
        "tag": lambda fact: list(fact.event.tags),
        "event": _kinds,
        "attachment_filename": _files,
        "from": lambda fact: _text(fact.header("from")),
        "to": lambda fact: _text(fact.header("to")),
        "subject": lambda fact: _text(fact.header("subject")),
        "message_id": lambda fact: _text(fact.header("message-id")),
        "mailing_list_address": lambda fact: _text(fact.part("mailing-list").get("address")),
        "size": _size,
        "recipient": lambda fact: _text(fact.event.recipient),
        "recipients": _recipients,
        "severity": lambda fact: _text(fact.event.severity),
        "user_variables": lambda fact: [fact.variables()],
        "delivered_at": lambda fact: _text(fact.members.get("delivered-at")),
        "delivery_status_code": lambda fact: _text(fact.part("delivery-status").get("code")),
        "delivery_status_message": lambda fact: _text(fact.part("delivery-status").get("message")),
        "delivery_status_bounce_type": lambda f: _text(
            f.part("delivery-status").get("bounce-type")
        ),
        "is_routed": lambda fact: ["true" if fact.flag("is-routed") else "false"],
        "i_classification_rule_id": lambda f: _text(f.members.get("i-classification-rule-id")),
        "i_classification_group_id": lambda f: _text(f.members.get("i-classification-group-id")),
    }


def refuse_misfits(asked: Mapping[str, Any] | None) -> None:
    """LOG-010 to LOG-012: not every comparator fits every attribute. Status and text are ours."""
    for one in (asked or {}).get("AND", ()):
        attribute, comparator = one["attribute"], one["comparator"]
        if comparator not in _COMPARATORS.get(attribute, _EXACT):
            text = f"'{comparator}' is not a valid comparator for attribute '{attribute}'"
            raise ApiError(400, text)


def _text(value: Any) -> list[str]:
    return [] if value in (None, "") else [str(value)]


def _kinds(fact: Fact) -> list[str]:
    kind = fact.event.kind
    return [kind, f"unique_{kind}"] if fact.unique else [kind]


def _addresses(fact: Fact) -> list[str]:
    """Where the event came from, or what sent the message."""
    names = ("ip", "originating-ip")
    found = [str(fact.members[name]) for name in names if fact.members.get(name)]
    return [*found, fact.sending_ip] if fact.sending_ip else found


def _files(fact: Fact) -> list[str]:
    return [str(file.get("filename", "")) for file in fact.message.get("attachments") or ()]


def _recipients(fact: Fact) -> list[str]:
    listed = fact.message.get("recipients")
    return [str(one) for one in listed] if listed else _text(fact.event.recipient)


def _size(fact: Fact) -> list[str]:
    message = fact.event.show("").get("message") or {}
    return _text(message.get("size"))
