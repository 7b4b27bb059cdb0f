"""Events that are seen after they happened and out of order, and those that are too old."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mailgun_emulator.areas.events.store import EventStore
from tests.emulator.areas.happenings import DAY, Happenings
from tests.emulator.areas.mail import Mail

LATE, THRESHOLD, PAUSE, STEP = 1_500, 1_800, 15, 60


def set_late(api: httpx.Client, seconds: Any) -> httpx.Response:
    return api.post("/_emulator/events", json={"late": seconds})


def shown(page: dict[str, Any]) -> list[str]:
    return [item["recipient"] for item in page["items"]]


def test_events_show_up_late_and_not_in_order(happenings: Happenings, mail: Mail) -> None:
    """platform:EVT-017: in both APIs; each of them stays once it is there."""
    api = happenings.api
    assert set_late(api, LATE).json() == {"late": LATE}
    names = [str(number) for number in range(20)]
    for name in names:
        happenings.add("delivered", name, ago=0)
        mail.wait(STEP)
    came: list[str] = []
    for _ in range(LATE // STEP):
        page = shown(mail.page(ascending="yes"))
        assert sorted(page, key=int) == page
        assert set(came) <= set(page)
        assert {item["recipient"] for item in happenings.logs()["items"]} == set(page)
        came += [name for name in page if name not in came]
        mail.wait(STEP)
    assert came != names
    assert sorted(came, key=int) == names
    assert shown(mail.page(ascending="yes")) == names


def poll(mail: Mail, begin: float, until: float, *, patient: bool) -> list[str]:
    """All recipients until a time, by the documented way or by taking every page as it comes."""
    clock, found = mail.app.state.clock, []
    page = mail.page(begin=begin, ascending="yes", limit=7)
    url = page["paging"]["first"]
    while clock.timestamp() < until:
        page = mail.follow(url)
        items = page["items"]
        old = items and items[-1]["timestamp"] < clock.timestamp() - THRESHOLD
        if items and (old or not patient):
            found += shown(page)
            url = page["paging"]["next"]
        else:
            mail.wait(PAUSE * 4)
    return found


@pytest.mark.parametrize("patient", [True, False])
def test_patient_polling_loses_nothing(happenings: Happenings, mail: Mail, patient: bool) -> None:
    """platform:EVT-016, EVT-018: pages that end too young are dropped and asked for again; who
    takes them at once misses what comes late."""
    set_late(happenings.api, LATE)
    clock = happenings.app.state.clock
    begin, names = clock.timestamp(), [str(number) for number in range(30)]
    for number, name in enumerate(names):
        happenings.add("delivered", name, ago=-number * STEP)
    # A page is taken once it is full of old events, so there must be some after the last.
    for number in range(30, 60):
        happenings.add("opened", str(number), ago=-number * STEP)
    found = poll(mail, begin, begin + 4 * 3600, patient=patient)
    assert len(found) == len(set(found))
    assert (found[:30] == names) is patient


def test_by_default_events_are_seen_at_once(happenings: Happenings, mail: Mail) -> None:
    """platform:EVT-017: our choice."""
    assert happenings.api.get("/_emulator/events").json() == {"late": 0}
    mail.send()
    assert len(mail.events()) == 1


def test_a_reset_ends_it(happenings: Happenings) -> None:
    set_late(happenings.api, 60)
    happenings.api.post("/_emulator/reset")
    assert happenings.api.get("/_emulator/events").json() == {"late": 0}


@pytest.mark.parametrize("late", [-1, 1e9, "60", None, True])
def test_odd_times_are_refused(happenings: Happenings, late: Any) -> None:
    assert set_late(happenings.api, late).status_code == 400


def test_counting_does_not_wait(happenings: Happenings, mail: Mail) -> None:
    """Only events and logs are late."""
    set_late(happenings.api, 3_600)
    happenings.add("delivered", ago=0)
    assert mail.events() == []
    assert happenings.totals("delivered_count") == {"delivered_count": 1}


@pytest.mark.parametrize("days", [3, 30])
def test_old_events_are_not_shown(happenings: Happenings, mail: Mail, days: int) -> None:
    """platform:EVT-007, EVT-009, EVT-021, LOG-017; sending:EVT-013: thirty days unless set
    otherwise; open ranges end there, and logs refuse to begin before.
    """
    store = happenings.app.state.store(happenings.app.state.accounts[0], EventStore)
    assert store.age == 30 * DAY
    store.age = days * DAY
    now = happenings.app.state.clock.timestamp()
    for ago in (0.0, 1.0, days - 0.01, days + 0.01, 2.0 * days):
        happenings.add("delivered", str(ago), ago=ago * DAY)
    kept = ["0.0", "1.0", str(days - 0.01)]
    assert shown(mail.page()) == kept
    assert shown(mail.page(begin=now, ascending="no")) == kept
    assert shown(mail.page(begin=now - 3 * days * DAY, ascending="yes")) == kept[::-1]
    refused = happenings.refusal("logs", duration=f"{days + 1}d")
    assert (refused[0], "out of retention" in refused[1]) == (400, True)
    entries = happenings.logs(duration=f"{days}d")["items"]
    assert [entry["recipient"] for entry in entries] == kept
