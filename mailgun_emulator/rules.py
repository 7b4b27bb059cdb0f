"""Rules that decide what becomes of mail, in place of the servers that are not there.

Asked at every attempt to deliver to a recipient; the first rule that fits decides. Without one an
address of a telling name decides (`NAMED`), and all other mail is delivered. Suppression lists go
before the rules, and mail in test mode meets none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import translate
from random import Random
from types import MappingProxyType
from typing import Any

from attrs import define, field, fields, frozen

from mailgun_emulator.errors import EmulatorError

DELIVERED, TEMPORARY, PERMANENT, REJECTED = "delivered", "temporary", "permanent", "rejected"
NO_MX, NO_TLS, BAD_CERTIFICATE = "no-mx", "no-tls", "bad-certificate"
DELAYED_BOUNCE, COMPLAINED, UNSUBSCRIBED = "delayed-bounce", "complained", "unsubscribed"
OUTCOMES = (
    DELIVERED,
    TEMPORARY,
    PERMANENT,
    REJECTED,
    NO_MX,
    NO_TLS,
    BAD_CERTIFICATE,
    DELAYED_BOUNCE,
    COMPLAINED,
    UNSUBSCRIBED,
)
# sending DELIV-012, without those that belong to the suppression lists.
REASONS = ("generic", "bounce", "espblock", "greylisted", "blacklisted", "hardfail", "old")
ANYBODY = "*"


class RuleError(EmulatorError):
    """A rule that says something impossible."""


@define(eq=False)
class Rule:
    """What happens to mail for the recipients that fit the pattern `recipient`.

    In patterns `*` and `?` stand for characters; case does not count. `domain` is the domain that
    sends, `account` the id of an account; empty ones fit all. `reason`, `code`, `message` and
    `description` are what a failed delivery says instead of the usual. `attempts` limits the rule
    to so many first attempts for each recipient of a message, `times` to so many decisions
    altogether, after which it is gone; None is no limit. `probability` is how likely it decides
    when it fits.
    """

    id: int = field(default=0, init=False)
    outcome: str
    recipient: str = ANYBODY
    domain: str = ""
    account: str = ""
    reason: str = ""
    code: int | None = None
    message: str = ""
    description: str = ""
    attempts: int | None = None
    times: int | None = None
    probability: float = 1.0
    _pattern: re.Pattern[str] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._pattern = re.compile(translate(self.recipient), re.IGNORECASE)

    def fits(self, account: str, domain: str, recipient: str, attempt: int) -> bool:
        """Whether the rule is about this attempt."""
        return (
            (self.attempts is None or attempt <= self.attempts)
            and self.domain in ("", domain)
            and self.account in ("", account)
            and self._pattern.match(recipient) is not None
        )

    def shown(self) -> dict[str, Any]:
        """The rule as JSON; `times` is how often it still decides."""
        names = (f.name for f in fields(Rule) if not f.name.startswith("_"))
        return {name: getattr(self, name) for name in names}


# The local part of an address, up to a `+`, and what becomes of its mail.
NAMED: Mapping[str, Rule] = MappingProxyType(
    {
        "bounce": Rule(PERMANENT),
        "blocked": Rule(
            PERMANENT, reason="espblock", code=554, message="5.7.1 Message refused as spam"
        ),
        "tempfail": Rule(TEMPORARY),
        "mailbox-full": Rule(TEMPORARY, code=452, message="4.2.2 The mailbox is full"),
        "greylist": Rule(
            TEMPORARY, reason="greylisted", code=450, message="4.7.1 Greylisted", attempts=1
        ),
        "no-mx": Rule(NO_MX),
        "no-tls": Rule(NO_TLS),
        "bad-certificate": Rule(BAD_CERTIFICATE),
        "delayed-bounce": Rule(DELAYED_BOUNCE),
        "complaint": Rule(COMPLAINED),
        "unsubscribe": Rule(UNSUBSCRIBED),
    }
)


@frozen
class _Kind:
    """What a member of a rule may be."""

    type: type | tuple[type, ...]
    what: str


_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        **dict.fromkeys(("outcome", "recipient", "domain"), _Kind(str, "a text")),
        **dict.fromkeys(("reason", "message", "description"), _Kind(str, "a text")),
        **dict.fromkeys(("code", "attempts", "times"), _Kind(int, "a whole number")),
        "probability": _Kind((int, float), "a number"),
    }
)


def read(values: Mapping[str, Any], account: str = "") -> Rule:
    """A rule as JSON or YAML writes it; a null is as good as nothing. Raises RuleError."""
    given = {name: value for name, value in values.items() if value is not None}
    for name, value in given.items():
        kind = _KINDS.get(name)
        if kind is None:
            raise RuleError(f"there is no {name!r} here")
        if not isinstance(value, kind.type) or isinstance(value, bool):
            raise RuleError(f"{name} is not {kind.what}")
    if given.get("outcome") not in OUTCOMES:
        raise RuleError(f"outcome is none of {', '.join(OUTCOMES)}")
    if given.get("reason", REASONS[0]) not in REASONS:
        raise RuleError(f"reason is none of {', '.join(REASONS)}")
    if not 0 < given.get("probability", 1) <= 1:
        raise RuleError("probability is not above 0 and up to 1")
    if not 100 <= given.get("code", 100) <= 999:
        raise RuleError("code is not between 100 and 999")
    if low := next((name for name in ("attempts", "times") if given.get(name, 1) < 1), None):
        raise RuleError(f"{low} is less than 1")
    given["domain"] = given.get("domain", "").lower()
    return Rule(**given, account=account)


@define
class Rules:
    """All rules of an emulator, in the order they were made; `named` turns on `NAMED`."""

    named: bool = True
    _rules: list[Rule] = field(factory=list, init=False)
    _count: int = field(default=0, init=False)

    def add(self, rule: Rule) -> Rule:
        """One more rule, after the others."""
        self._count += 1
        rule.id = self._count
        self._rules.append(rule)
        return rule

    def decide(
        self, account: str, domain: str, recipient: str, attempt: int, random: Random
    ) -> Rule | None:
        """The rule for an attempt (counted from 1) to deliver; None lets the mail arrive."""
        for rule in self._rules:
            if not rule.fits(account, domain, recipient, attempt):
                continue
            if rule.probability < 1 and random.random() >= rule.probability:
                continue
            if rule.times is not None:
                rule.times -= 1
                if rule.times < 1:
                    self._rules.remove(rule)
            return rule
        found = self._named(recipient)
        if found is None or (found.attempts is not None and attempt > found.attempts):
            return None
        return found

    def has_none_for(self, recipient: str) -> bool:
        """Whether nothing but arrival can happen to mail for this recipient."""
        return not self._rules and self._named(recipient) is None

    def all(self) -> list[Rule]:
        """The rules, in the order they are asked."""
        return list(self._rules)

    def remove(self, rule_id: int) -> bool:
        """Take one back; whether there was one."""
        before = len(self._rules)
        self._rules = [rule for rule in self._rules if rule.id != rule_id]
        return len(self._rules) < before

    def clear(self) -> None:
        """Take all back."""
        self._rules.clear()

    def _named(self, recipient: str) -> Rule | None:
        if not self.named:
            return None
        return NAMED.get(recipient.partition("@")[0].partition("+")[0].lower())
