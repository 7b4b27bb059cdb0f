"""Mail that did not arrive, or not at once, as metrics and statistics count it."""

from __future__ import annotations

from typing import Any

from tests.emulator.areas.clients import ALICE
from tests.emulator.areas.happenings import DAY, Happenings
from tests.emulator.areas.mail import Mail
from tests.emulator.areas.test_counted_mail import figures, statistics
from tests.emulator.control.conftest import Controls

BUSY: dict[str, Any] = {"outcome": "temporary", "code": 451, "message": "4.3.0 Busy"}
ATTEMPTS = ("delivered_first_attempt_count", "delivered_two_plus_attempts_count")
FAILED = ("failed_count", "permanent_failed_count", "temporary_failed_count")


def test_a_second_attempt(happenings: Happenings, mail: Mail, control: Controls) -> None:
    """platform:METRIC-032, METRIC-034, METRIC-048: beside one that arrived at once."""
    control.post("rules", {**BUSY, "recipient": ALICE, "attempts": 1})
    mail.send({"to": [ALICE, "b@example.com"]})
    mail.wait(3600)
    assert figures(happenings, *ATTEMPTS, "delayed_first_attempt_count") == [1, 1, 1]
    assert figures(happenings, *FAILED) == [1, 0, 1]
    assert figures(happenings, "delayed_rate", "delivered_rate") == ["0.5000", "1.0000"]


def test_mail_that_grew_too_old(happenings: Happenings, mail: Mail, control: Controls) -> None:
    """platform:METRIC-032, METRIC-034, METRIC-039, METRIC-043; STAT-006: each attempt failed, and
    the message once for good."""
    control.post("rules", BUSY)
    mail.send()
    mail.wait(DAY)
    assert figures(happenings, *FAILED) == [7, 1, 6]
    names = ("permanent_failed_old_count", "delayed_first_attempt_count", "hard_bounces_count")
    assert figures(happenings, *names) == [1, 1, 0]
    assert figures(happenings, "processed_count", "sent_count") == [1, 1]
    found = mail.api.get(mail.path("stats/total"), params={"event": "failed", "duration": "2d"})
    points = [point["failed"] for point in found.json()["stats"]]
    assert sum(point["temporary"]["total"] for point in points) == 6
    assert sum(point["permanent"]["total"] for point in points) == 1


def test_a_mailbox_that_is_not_there(happenings: Happenings, mail: Mail, control: Controls) -> None:
    """platform:METRIC-035, METRIC-036, METRIC-041, METRIC-047; STAT-006: it bounces, and the next
    mail is suppressed."""
    control.post("rules", {"outcome": "permanent", "recipient": ALICE})
    mail.send()
    mail.wait(5)
    mail.send()
    mail.wait(5)
    names = ("hard_bounces_count", "bounced_count", "suppressed_bounces_count", "sent_count")
    assert figures(happenings, *names) == [1, 1, 1, 1]
    assert figures(happenings, "bounce_rate", "permanent_fail_rate") == ["0.5000", "1.0000"]
    permanent = statistics(mail, "failed")["failed"]["permanent"]
    assert (permanent["bounce"], permanent["suppress-bounce"], permanent["total"]) == (1, 1, 2)
