"""What each metric counts, from events to figures."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.areas.happenings import DAY, Happenings

ROUTED: dict[str, Any] = {"flags": {"is-routed": True}}
CALLBACK: dict[str, Any] = {"flags": {"is-callback": True}}
LATE: dict[str, Any] = {"flags": {"is-delayed-bounce": True}}
OPTIMIZED: dict[str, Any] = {"i_delivery_optimizer": "zone"}


@pytest.fixture
def busy(happenings: Happenings) -> Happenings:
    """Some of everything."""
    happenings.add("accepted")
    happenings.add("accepted", flags={"is-authenticated": True})
    happenings.add("accepted", flags={"is-authenticated": False})
    listed: dict[str, Any] = {"mailing-list": {"address": "all@example.com"}}
    happenings.add("accepted", "all@example.com", **listed)
    happenings.add("accepted", "member@example.com", **listed)
    happenings.add("delivered", delivery_status={"attempt-no": 1})
    happenings.add("delivered", delivery_status={"attempt-no": 3})
    happenings.add("delivered", **OPTIMIZED)
    happenings.add("delivered", **ROUTED)
    for reason in ("suppress-bounce", "suppress-complaint", "suppress-unsubscribe"):
        happenings.fail(reason)
    happenings.fail("bounce")
    happenings.fail("bounce", **OPTIMIZED)
    happenings.fail("bounce", **LATE)
    for reason in ("generic", "greylisted", "blacklisted", "espblock"):
        happenings.fail(reason)
    happenings.fail("old")
    happenings.fail("generic", **CALLBACK)
    happenings.fail("espblock", permanent=False)
    happenings.fail("greylisted", permanent=False)
    for kind, count in (("opened", 3), ("clicked", 2), ("unsubscribed", 2), ("complained", 1)):
        for number in range(count):
            happenings.add(kind, f"{number}@example.com")
    return happenings


@pytest.mark.parametrize(
    ("name", "count", "behaviour"),
    [
        ("accepted_count", 5, "METRIC-028"),
        ("accepted_incoming_count", 2, "METRIC-029"),
        ("accepted_outgoing_count", 3, "METRIC-030"),
        ("delivered_count", 4, "METRIC-031"),
        ("delivered_smtp_count", 3, "METRIC-031"),
        ("delivered_http_count", 1, "METRIC-031"),
        ("delivered_first_attempt_count", 3, "METRIC-032"),
        ("delivered_two_plus_attempts_count", 1, "METRIC-032"),
        ("delayed_first_attempt_count", 2, "METRIC-032"),
        ("delivered_optimized_count", 1, "METRIC-033"),
        ("failed_count", 14, "METRIC-034"),
        ("permanent_failed_count", 12, "METRIC-034"),
        ("temporary_failed_count", 2, "METRIC-034"),
        ("bounced_count", 9, "METRIC-035"),
        ("hard_bounces_count", 2, "METRIC-036"),
        ("soft_bounces_count", 5, "METRIC-037"),
        ("delayed_bounce_count", 1, "METRIC-038"),
        ("permanent_failed_old_count", 1, "METRIC-039"),
        ("permanent_failed_optimized_count", 1, "METRIC-039"),
        ("temporary_failed_esp_block_count", 1, "METRIC-040"),
        ("permanent_failed_esp_block_count", 1, "METRIC-040"),
        ("suppressed_bounces_count", 1, "METRIC-041"),
        ("suppressed_complaints_count", 1, "METRIC-041"),
        ("suppressed_unsubscribed_count", 1, "METRIC-041"),
        ("webhook_count", 1, "METRIC-042"),
        ("processed_count", 14, "METRIC-043"),
        ("sent_count", 13, "METRIC-044"),
        ("opened_count", 3, "METRIC-045"),
        ("clicked_count", 2, "METRIC-045"),
        ("unsubscribed_count", 2, "METRIC-045"),
        ("complained_count", 1, "METRIC-045"),
        ("rate_limit_count", 0, "METRIC-025"),
        ("bounce_rate", "0.6429", "METRIC-047"),
        ("permanent_fail_rate", "0.8571", "METRIC-047"),
        ("delivered_rate", "0.3077", "METRIC-048"),
        ("delayed_rate", "0.2500", "METRIC-048"),
        ("opened_rate", "0.7500", "METRIC-049"),
        ("clicked_rate", "0.5000", "METRIC-049"),
        ("unsubscribed_rate", "0.5000", "METRIC-049"),
        ("complained_rate", "0.2500", "METRIC-049"),
    ],
)
def test_definitions(busy: Happenings, name: str, count: int | str, behaviour: str) -> None:
    """platform:METRIC-028 to METRIC-045, METRIC-047 to METRIC-049, DIFF-027."""
    assert busy.totals(name) == {name: count}, behaviour


def test_sums_and_differences(busy: Happenings) -> None:
    """platform:METRIC-028, METRIC-031, METRIC-032, METRIC-034, METRIC-035, METRIC-043, METRIC-044:
    the formulas of the documentation hold."""

    def value(name: str) -> Any:
        return busy.totals(f"{name}_count")[f"{name}_count"]

    suppressed = sum(value(f"suppressed_{w}") for w in ("bounces", "complaints", "unsubscribed"))
    final = value("permanent_failed")
    assert value("accepted") == value("accepted_incoming") + value("accepted_outgoing")
    assert value("delivered") == value("delivered_smtp") + value("delivered_http")
    late = value("delivered_two_plus_attempts")
    assert value("delayed_first_attempt") == late + value("permanent_failed_old")
    assert value("failed") == final + value("temporary_failed")
    assert value("bounced") == final - suppressed
    gone = value("webhook") + value("delayed_bounce")
    assert value("processed") == value("delivered") + final - gone
    assert value("sent") == value("delivered") + final - suppressed


def test_a_batch_counts_once_more(happenings: Happenings) -> None:
    """platform:METRIC-030: the request counts beside its messages."""
    for number in range(3):
        happenings.add("accepted", f"{number}@example.com", batch={"id": "b1"})
    names = ("accepted_count", "accepted_outgoing_count", "accepted_incoming_count")
    assert list(happenings.totals(*names).values()) == [4, 4, 0]


def test_unique_opens_and_clicks(happenings: Happenings) -> None:
    """platform:METRIC-046, METRIC-049: one for message, recipient and bot in seven days, also
    when the one before lies outside the range."""

    def engage(kind: str, days: float, to: str = "a@x.example", bot: str = "") -> None:
        message = {"headers": {"message-id": "m1"}}
        client = {"bot": bot}
        happenings.add(kind, to, ago=days * DAY, message=message, client_info=client)

    for days in (20, 15, 12.5, 5.6, 5.5, 1):
        engage("clicked", days)
    engage("clicked", 1, "A@x.example")
    engage("clicked", 1, "b@x.example")
    engage("clicked", 1, "b@x.example", "gmail")
    engage("opened", 1)
    names = ("clicked_count", "unique_clicked_count", "unique_opened_count")
    assert list(happenings.totals(*names, duration="25d").values()) == [9, 5, 1]
    assert list(happenings.totals(*names, duration="2d").values()) == [4, 2, 1]
    happenings.add("delivered")
    rates = ("unique_clicked_rate", "unique_opened_rate")
    assert list(happenings.totals(*rates, duration="2d").values()) == ["2.0000", "1.0000"]
