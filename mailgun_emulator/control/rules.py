"""Deciding what becomes of mail."""

from __future__ import annotations

from typing import Any

from mailgun_emulator import rules
from mailgun_emulator.control.routing import ControlError, Visit, control
from mailgun_emulator.reply import Reply
from mailgun_emulator.rules import RuleError


@control("GET", "rules")
def list_rules(visit: Visit) -> dict[str, Any]:
    """The rules, in the order they are asked."""
    return {"rules": [rule.shown() for rule in visit.state.rules.all()]}


@control("POST", "rules")
def add_rule(visit: Visit) -> Reply:
    """One more rule, after the others; for one account when the query names it."""
    account = ""
    if "account" in visit.query or "key" in visit.query:
        found = visit.accounts()
        if not found:
            raise ControlError(404, "there is no such account")
        account = found[0].id
    try:
        rule = rules.read(visit.body(), account)
    except RuleError as error:
        raise ControlError(400, str(error)) from None
    return Reply(201, visit.state.rules.add(rule).shown())


@control("DELETE", "rules")
def clear_rules(visit: Visit) -> dict[str, Any]:
    """Take all back."""
    visit.state.rules.clear()
    return {"message": "cleared"}


@control("DELETE", "rules/{id}")
def delete_rule(visit: Visit) -> dict[str, Any]:
    """Take one back."""
    text = visit.path["id"]
    if not (text.isascii() and text.isdigit() and visit.state.rules.remove(int(text))):
        raise ControlError(404, f"no rule {text!r}")
    return {"message": "deleted"}
