"""What every metric counts (platform METRIC-028 to METRIC-049).

A count is a question to one event, so that the same definition counts it and finds it in the logs
(LOG-008). The sums and differences of the documentation follow from the questions. A rate is two
counts; those without a documented divisor are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import frozen

from mailgun_emulator.areas.analytics.facts import Fact

_SUPPRESSED = frozenset({"suppress-bounce", "suppress-complaint", "suppress-unsubscribe"})
_SOFT = frozenset({"generic", "greylisted", "blacklisted", "espblock"})
_NOTHING = "0.0000"


@frozen
class Count:
    """Which kinds of events count; each kind has a test, None takes all of them."""

    tests: Mapping[str, Callable[[Fact], bool] | None]

    def holds(self, fact: Fact) -> bool:
        """Whether the event counts."""
        kind = fact.event.kind
        if kind not in self.tests:
            return False
        test = self.tests[kind]
        return test is None or test(fact)


def _failed(test: Callable[[Fact], bool] | None = None) -> Count:
    return Count({"failed": test})


def _for(reason: str) -> Count:
    return _failed(lambda fact: fact.permanent and fact.reason == reason)


def _bounced(fact: Fact) -> bool:
    return fact.permanent and fact.reason not in _SUPPRESSED


def _of(fact: Fact, reasons: frozenset[str]) -> bool:
    return fact.permanent and fact.reason in reasons and not fact.flag("is-delayed-bounce")


def _processed(fact: Fact) -> bool:
    return fact.permanent and not fact.flag("is-callback") and not fact.flag("is-delayed-bounce")


def _temporary_block(fact: Fact) -> bool:
    return not fact.permanent and fact.reason == "espblock"


def _late(fact: Fact) -> bool:
    return fact.attempt >= 2


def _old(fact: Fact) -> bool:
    return fact.permanent and fact.reason == "old"


def counts() -> dict[str, Count]:
    """All counts by name, without `_count`."""
    late = Count({"delivered": _late})
    block = _failed(_temporary_block)
    callback = _failed(lambda fact: fact.permanent and fact.flag("is-callback"))
    plain = ("opened", "clicked", "unsubscribed", "complained", "stored", "delivered", "failed")
    return {
        **{kind: Count({kind: None}) for kind in plain},
        "accepted": Count({"accepted": None}),
        "accepted_incoming": Count({"accepted": lambda fact: fact.incoming}),
        "accepted_outgoing": Count({"accepted": lambda fact: not fact.incoming}),
        "delivered_smtp": Count({"delivered": lambda fact: not fact.forwarded}),
        "delivered_http": Count({"delivered": lambda fact: fact.forwarded}),
        "delivered_optimized": Count({"delivered": lambda fact: fact.optimized}),
        "delivered_first_attempt": Count({"delivered": lambda fact: fact.attempt == 1}),
        "delivered_two_plus_attempts": late,
        "delivered_subsequent": late,
        "delayed_first_attempt": Count({"delivered": _late, "failed": _old}),
        "processed": Count({"delivered": None, "failed": _processed}),
        "sent": Count({"delivered": None, "failed": _bounced}),
        "unique_opened": Count({"opened": lambda fact: fact.unique}),
        "unique_clicked": Count({"clicked": lambda fact: fact.unique}),
        "temporary_failed": _failed(lambda fact: not fact.permanent),
        "permanent_failed": _failed(lambda fact: fact.permanent),
        "esp_block": block,
        "temporary_failed_esp_block": block,
        "permanent_failed_esp_block": _for("espblock"),
        "permanent_failed_optimized": _failed(
            lambda fact: fact.permanent and fact.reason == "bounce" and fact.optimized
        ),
        "permanent_failed_old": _failed(_old),
        "bounced": _failed(_bounced),
        "hard_bounces": _failed(lambda fact: _of(fact, frozenset({"bounce"}))),
        "soft_bounces": _failed(lambda fact: _of(fact, _SOFT)),
        "delayed_bounce": _failed(lambda f: f.permanent and f.flag("is-delayed-bounce")),
        "suppressed_bounces": _for("suppress-bounce"),
        "suppressed_complaints": _for("suppress-complaint"),
        "suppressed_unsubscribed": _for("suppress-unsubscribe"),
        "webhook": callback,
        "webhook_failure": callback,
        "email_validation": Count({"email_validation": None}),
    }


# METRIC-047 to METRIC-049.
RATES = {
    "bounce_rate": ("bounced", "processed"),
    "hard_bounce_rate": ("hard_bounces", "processed"),
    "soft_bounce_rate": ("soft_bounces", "processed"),
    "fail_rate": ("failed", "processed"),
    "permanent_fail_rate": ("permanent_failed", "processed"),
    "temporary_fail_rate": ("temporary_failed", "processed"),
    "delivered_rate": ("delivered", "sent"),
    "delayed_rate": ("delivered_two_plus_attempts", "delivered"),
    "delayed_first_attempt_rate": ("delayed_first_attempt", "sent"),
    "opened_rate": ("opened", "delivered"),
    "clicked_rate": ("clicked", "delivered"),
    "unique_opened_rate": ("unique_opened", "delivered"),
    "unique_clicked_rate": ("unique_clicked", "delivered"),
    "unsubscribed_rate": ("unsubscribed", "delivered"),
    "complained_rate": ("complained", "delivered"),
}


def rate(part: int, whole: int) -> str:
    """METRIC-017, METRIC-018: a fraction of one as text with four decimals."""
    return f"{part / whole:.4f}" if whole else _NOTHING


def base(name: str) -> str:
    """The count that a metric is about: its name without `_count`."""
    return name.removesuffix("_count")
