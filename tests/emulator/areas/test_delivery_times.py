"""When mail is delivered: at a time, within a window, at a good hour, at a local time."""

from __future__ import annotations

from typing import Any

import pytest

from mailgun_emulator import Settings, create_app
from mailgun_emulator.areas.messages.habits import HabitStore
from tests.emulator.areas.mail import ALICE, Mail
from tests.emulator.areas.mailing import MailingLists
from tests.emulator.conftest import START, Connect
from tests.emulator.control.conftest import Controls

HOUR, DAY = 3_600, 86_400
NOW = START.timestamp()  # 12:44:39 UTC
MIME = "From: a@b.test\r\nSubject: s\r\n{}\r\n\r\nText"


def delivered_after(mail: Mail, seconds: float = 4 * DAY) -> list[float]:
    """Seconds from now to each delivery, when so much time has passed."""
    begin = mail.app.state.clock.timestamp()
    mail.wait(seconds)
    events = mail.events(event="delivered", ascending="yes")
    return [e["timestamp"] - begin for e in events if e["timestamp"] >= begin]


def react(mail: Mail, control: Controls, event: str, **more: Any) -> None:
    """Let the recipient of a new mail react now."""
    mail.send()
    mail.wait(1)
    key = mail.events(event="delivered")[0]["storage"]["key"]
    control.post(f"messages/{key}/events", {"event": event, **more})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Sat, 25 Jan 2025 12:44:39 GMT", DAY),
        ("Sat, 25 Jan 2025 12:44:39 UTC", DAY),
        ("Fri, 24 Jan 2025 15:44:39 +0200", HOUR),
        ("Fri, 24 Jan 2025 08:44:39 -0500", HOUR),
        (str(int(NOW) + 600), 600),
    ],
)
def test_dates(mail: Mail, text: str, seconds: int) -> None:
    """sending:SCHED-001, SCHED-002."""
    assert mail.send({"o:deliverytime": text}).json()["message"] == "Queued. Thank you."
    assert "scheduled-for" in mail.event()["message"]
    assert delivered_after(mail) == [seconds]


@pytest.mark.parametrize(
    "text", ["tomorrow", "2025-01-25T12:00:00Z", "Sat, 32 Jan 2025 12:00:00 GMT"]
)
def test_bad_dates(mail: Mail, text: str) -> None:
    """sending:SCHED-005, ERR-039."""
    told = mail.refusal({"o:deliverytime": text})
    assert told == (400, f"{text} is not an RFC-2822 compliant date")
    assert mail.events() == []


def ahead(mail: Mail, seconds: float) -> int:
    """The status of a send that is scheduled so far ahead."""
    answer = mail.send({"o:deliverytime": str(int(mail.app.state.clock.timestamp() + seconds))})
    if answer.status_code != 200:
        assert "scheduled up to" in answer.json()["message"]
    return int(answer.status_code)


def test_three_days_ahead_or_seven(mail: Mail, connect: Connect) -> None:
    """sending:SCHED-003: by how long mail is stored."""
    assert [ahead(mail, 3 * DAY), ahead(mail, 3 * DAY + 1)] == [200, 400]
    app = create_app(seed=1, settings=Settings(message_age=7 * DAY))
    app.state.clock.freeze(START)
    long = Mail(app, connect(app), mail.domain)
    assert [ahead(long, 7 * DAY), ahead(long, 7 * DAY + 1)] == [200, 400]


def test_a_domain_sets_how_far_ahead(mail: Mail) -> None:
    """sending:SCHED-003: also for ready-made MIME."""
    path = f"/v3/domains/{mail.domain}/message_ttl"
    assert mail.api.put(path, data={"message_ttl": str(DAY)}).status_code == 200
    assert [ahead(mail, DAY), ahead(mail, DAY + 1)] == [200, 400]
    header = "X-Mailgun-Deliver-By: Sun, 26 Jan 2025 12:00:00 GMT"
    assert mail.send_mime(MIME.format(header)).status_code == 400


@pytest.mark.parametrize(
    ("window", "attempts"), [("5m", 1), ("30m", 3), ("1h30m", 4), ("24h", 7), ("0h55m", 3)]
)
def test_a_window_ends_the_retries(
    mail: Mail, control: Controls, window: str, attempts: int
) -> None:
    """sending:SCHED-006, DELIV-009: counted from acceptance."""
    control.post("rules", {"outcome": "temporary"})
    assert mail.send({"o:deliver-within": window}).status_code == 200
    mail.wait(2 * DAY)
    soft = mail.events(event="failed", severity="temporary")
    (end,) = mail.events(event="failed", severity="permanent")
    assert (end["reason"], end["delivery-status"]["code"]) == ("old", 602)
    assert end["delivery-status"]["attempt-no"] == attempts
    assert len(soft) == (6 if window == "24h" else attempts)
    hours, _, minutes = window.removesuffix("m").rpartition("h")
    seconds = 24 * HOUR if window == "24h" else int(hours or 0) * HOUR + int(minutes) * 60
    assert end["timestamp"] <= NOW + seconds
    if window != "24h":
        assert end["timestamp"] == NOW + seconds


def test_the_window_of_scheduled_mail_begins_at_its_time(mail: Mail, control: Controls) -> None:
    """sending:SCHED-006: and other mail is not in a hurry."""
    control.post("rules", {"outcome": "temporary"})
    mail.send({"o:deliver-within": "5m", "o:deliverytime": str(int(NOW) + HOUR)})
    mail.wait(DAY)
    (end,) = mail.events(event="failed", severity="permanent")
    assert end["timestamp"] == NOW + HOUR + 300
    control.delete("rules")
    mail.send({"o:deliver-within": "5m"})
    assert len(delivered_after(mail)) == 1


@pytest.mark.parametrize("window", ["4m", "25h", "1441m", "24h1m", "90", "1d", "0h"])
def test_windows_that_are_none(mail: Mail, window: str) -> None:
    """sending:SCHED-006: from five minutes to a day."""
    assert mail.refusal({"o:deliver-within": window})[0] == 400


def test_mail_waits_for_the_hour_of_most_visits(mail: Mail, control: Controls) -> None:
    """sending:SCHED-007: at once without enough data, or when the hour is now."""
    optimized = {"o:deliverytime-optimize-period": "24h"}
    mail.send(optimized)
    assert delivered_after(mail, 1) == [0.5]
    mail.wait(6 * HOUR)  # 18:44:40
    for event in ("opened", "clicked", "opened"):
        react(mail, control, event, url="http://x.test/")
    mail.send(optimized)
    assert delivered_after(mail, 1) == [0.5]
    mail.wait(4 * HOUR)
    react(mail, control, "opened")  # 22:44:46, and less than at 18
    mail.send({**optimized, "to": f"{ALICE}, other@example.com"})
    others, hers = delivered_after(mail)
    assert others == 0.5
    assert (mail.app.state.clock.timestamp() - 4 * DAY + hers) % DAY == 18 * HOUR


@pytest.mark.parametrize("period", ["24h", "48h", "72h"])
def test_periods(mail: Mail, period: str) -> None:
    """sending:SCHED-007."""
    assert mail.send({"o:deliverytime-optimize-period": period}).status_code == 200
    assert delivered_after(mail) == [0.5]


@pytest.mark.parametrize("period", ["23h", "73h", "24", "1d", "h"])
def test_periods_that_are_none(mail: Mail, period: str) -> None:
    """sending:SCHED-007: hours, from one day to three."""
    assert mail.refusal({"o:deliverytime-optimize-period": period})[0] == 400


@pytest.mark.parametrize(
    ("text", "offset", "local"),
    [
        ("14:30", 2 * HOUR, 14.5),
        ("02:30PM", 2 * HOUR, 14.5),
        ("12:05am", -5 * HOUR, 5 / 60),
        ("12:05pm", 19_800, 12 + 5 / 60),
        ("09:00", 0, 9),
    ],
)
def test_mail_is_delivered_at_a_local_time(
    mail: Mail, control: Controls, text: str, offset: int, local: float
) -> None:
    """sending:SCHED-008: in the zone of the recipient's clicks; others get it at once."""
    react(mail, control, "clicked", url="http://x.test/", **{"utc-offset": offset})
    begin = mail.app.state.clock.timestamp()
    mail.send({"o:time-zone-localize": text, "to": [ALICE, "other@example.com"]})
    first, second = sorted(delivered_after(mail))
    assert first == 0.5
    assert second <= DAY + 1
    assert (begin + second + offset) % DAY == pytest.approx(local * HOUR)


def test_without_a_known_zone_local_times_do_not_count(mail: Mail) -> None:
    """sending:SCHED-008."""
    mail.send({"o:time-zone-localize": "02:30PM"})
    assert delivered_after(mail) == [0.5]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("noon", "noon invalid 24 hour time(value of 'o:time-zone-localize')"),
        ("25:00", "25:00 is not a valid time to send (value of 'o:time-zone-localize')"),
        ("13:00pm", "13:00pm is not a valid time to send (value of 'o:time-zone-localize')"),
    ],
)
def test_bad_local_times(mail: Mail, text: str, told: str) -> None:
    """sending:SCHED-009, ERR-040."""
    assert mail.refusal({"o:time-zone-localize": text}) == (400, told)


@pytest.mark.parametrize(
    "header",
    [
        "X-Mailgun-Deliver-By: Fri, 24 Jan 2025 18:00:00 GMT",
        "X-Mailgun-Time-Zone-Localize: 20:00",
        "X-Mailgun-Delivery-Time-Optimize-Period: 24h",
    ],
)
def test_headers_say_the_same(mail: Mail, header: str) -> None:
    """sending:OPT-011, OPT-013, OPT-019."""
    habits = mail.app.state.store(mail.app.state.accounts[0], HabitStore)
    for _ in range(3):
        habits.visited(ALICE, NOW + 18 * HOUR - NOW % DAY, 2 * HOUR)
    assert mail.send_mime(MIME.format(header)).status_code == 200
    assert "X-Mailgun-D" not in mail.raw()
    assert "X-Mailgun-T" not in mail.raw()
    (seconds,) = delivered_after(mail)
    assert NOW + seconds == NOW - NOW % DAY + 18 * HOUR


def test_a_window_by_header(mail: Mail, control: Controls) -> None:
    """sending:OPT-012."""
    control.post("rules", {"outcome": "temporary"})
    mail.send_mime(MIME.format("X-Mailgun-Deliver-Within: 5m"))
    mail.wait(DAY)
    assert mail.events(event="failed", severity="permanent")[0]["timestamp"] == NOW + 300


def test_waiting_for_a_local_time_is_in_the_queue(mail: Mail, mailing: MailingLists) -> None:
    """sending:SCHED-008, QUEUE-003: each member of a list waits alone, and can be dropped."""
    habits = mail.app.state.store(mail.app.state.accounts[0], HabitStore)
    habits.visited(ALICE, NOW, HOUR)
    mailing.add(ALICE)
    mailing.add("bob@example.com")
    mail.send({"to": mailing.address, "o:time-zone-localize": "20:00"})
    mail.wait(10)
    assert [e["recipient"] for e in mail.events(event="delivered")] == ["bob@example.com"]
    mail.api.delete(mail.path("envelopes"))
    assert delivered_after(mail) == []


def test_habits_are_bounded() -> None:
    habits = HabitStore(most=2)
    for who in ("a@b.test", "c@b.test", "A@b.test", "d@b.test"):
        habits.visited(who, NOW, HOUR)
    known = [habits.offset(who) for who in ("a@b.test", "c@b.test", "d@b.test")]
    assert known == [HOUR, None, HOUR]
