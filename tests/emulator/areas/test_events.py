"""Events by range and direction, page by page."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.areas.events.store import EventStore
from tests.emulator.areas.mail import PLAIN, Mail
from tests.emulator.conftest import START, Connect

NOW = START.timestamp()


@pytest.fixture
def five(mail: Mail) -> Mail:
    """Five accepted events, ten seconds apart, ending half a minute ago; nothing delivered."""
    for number in range(5):
        mail.send({"subject": f"no{number}", "o:deliverytime": "Mon, 27 Jan 2025 00:00:00 GMT"})
        mail.wait(10)
    mail.wait(20)
    return mail


def subjects(page: dict[str, Any]) -> str:
    """The numbers in the subjects."""
    return "".join(item["message"]["headers"]["subject"][-1] for item in page["items"])


def walk(mail: Mail, page: dict[str, Any], word: str) -> list[str]:
    """The pages from this one on, up to the first empty one."""
    found = []
    while page["items"]:
        found.append(subjects(page))
        page = mail.follow(page["paging"][word])
        assert set(page["paging"]) == {"next", "previous", "first", "last"}
    return found


def test_without_a_range_the_newest_come_first(five: Mail) -> None:
    """platform:EVT-001, EVT-009, EVT-019; sending:EVT-007, DIFF-050."""
    assert subjects(five.page()) == "43210"


def test_the_service_indents_and_sorts(five: Mail) -> None:
    """platform:EVT-022, GEN-007; sending:EVT-017: JSON without a charset, to be shown inline;
    `pretty=no` changes blanks only, also on later pages.
    """
    for path in (five.path("events"), five.page()["paging"]["next"]):
        pretty = five.api.get(path)
        assert pretty.headers["content-type"] == "application/json"
        assert pretty.headers["content-disposition"] == "inline"
        assert pretty.text == json.dumps(pretty.json(), indent=2, sort_keys=True)
        short = five.api.get(path, params={"pretty": "no"})
        assert short.headers["content-type"] == "application/json"
        assert short.json() == pretty.json()
        assert "\n" not in short.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"begin": NOW, "end": NOW + 20}, "012"),
        ({"begin": NOW + 20, "end": NOW}, "210"),
        ({"begin": NOW + 20, "ascending": "yes"}, "234"),
        ({"begin": NOW + 20, "ascending": "no"}, "210"),
        ({"begin": NOW, "end": NOW + 10.5, "ascending": "yes"}, "01"),
        ({"ascending": "yes"}, "01234"),
        ({"ascending": "no"}, "43210"),
        ({"end": NOW + 30}, "43"),
        ({"begin": "Fri, 24 Jan 2025 12:45:00 GMT", "ascending": "yes"}, "34"),
        ({"begin": "Fri, 24 Jan 2025 13:44:59 +0100", "ascending": "no"}, "210"),
    ],
)
def test_a_range_has_a_direction(five: Mail, query: dict[str, Any], expected: str) -> None:
    """platform:EVT-002, EVT-004, EVT-007, EVT-008; sending:EVT-006: ends are inclusive."""
    assert subjects(five.page(**query)) == expected


def test_a_range_without_a_direction_is_refused(five: Mail) -> None:
    """platform:EVT-005, EVT-006; sending:EVT-006: the words are ours."""
    refused: list[dict[str, Any]] = [
        {"begin": NOW},
        {"begin": NOW, "end": NOW + 20, "ascending": "no"},
        {"begin": NOW + 20, "end": NOW, "ascending": "yes"},
        {"begin": "yesterday", "ascending": "yes"},
    ]
    for query in refused:
        assert five.api.get(five.path("events"), params=query).status_code == 400


@pytest.mark.parametrize("ascending", ["yes", "no"])
@pytest.mark.parametrize("limit", [1, 2, 5, 300])
def test_pages_partition_the_range(five: Mail, ascending: str, limit: int) -> None:
    """platform:EVT-003, EVT-010 to EVT-014; sending:EVT-005, EVT-008: there and back again."""
    order = "01234" if ascending == "yes" else "43210"
    pages = [order[at : at + limit] for at in range(0, 5, limit)]
    first = five.page(ascending=ascending, limit=limit)
    assert walk(five, first, "next") == pages
    last = five.follow(first["paging"]["last"])
    assert subjects(last) == order[-limit:]
    back = [order[max(0, at - limit) : at] for at in range(5, 0, -limit)]
    assert walk(five, last, "previous") == back
    assert subjects(five.follow(last["paging"]["first"])) == order[:limit]
    beyond = five.follow(last["paging"]["next"])
    assert beyond["items"] == []
    assert subjects(five.follow(beyond["paging"]["previous"])) == order[-limit:]
    before = five.follow(first["paging"]["previous"])
    assert before["items"] == []
    assert subjects(five.follow(before["paging"]["next"])) == order[:limit]


def test_page_links_are_absolute_paths_with_a_token(five: Mail) -> None:
    """platform:EVT-014, EVT-015; sending:EVT-009: filters, direction and limit are in it."""
    page = five.page(ascending="yes", limit=2, subject="no0 OR no2 OR no4")
    assert subjects(page) == "02"
    for url in page["paging"].values():
        assert url.startswith(f"http://mg.test{five.path('events')}/")
        assert "?" not in url
        token = url.rpartition("/")[2]
        assert re.fullmatch("[A-Za-z0-9_-]+", token)
        decoded = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        assert isinstance(decoded, list)
        assert 2 in decoded
    assert subjects(five.follow(page["paging"]["next"])) == "4"


def test_an_open_range_shows_what_comes_later(five: Mail) -> None:
    """platform:EVT-008, EVT-016, EVT-018; sending:EVT-011: the same next again."""
    page = five.page(ascending="yes")
    following = page["paging"]["next"]
    assert five.follow(following)["items"] == []
    five.send({"subject": "no5"})
    assert subjects(five.follow(following)) == "5"
    assert subjects(five.follow(following)) == "5"
    assert subjects(five.follow(page["paging"]["first"])) == "012345"


def test_an_open_range_that_was_empty(mail: Mail) -> None:
    """platform:EVT-008, EVT-010, EVT-013."""
    page = mail.page(ascending="yes")
    assert page["items"] == []
    mail.send({"subject": "no0"})
    assert subjects(mail.follow(page["paging"]["next"])) == "0"
    assert mail.follow(page["paging"]["previous"])["items"] == []


def test_a_closed_range_stays_closed(five: Mail) -> None:
    """platform:EVT-009: a traversal from now on back does not see what comes later."""
    page = five.page()
    five.wait(1)
    five.send({"subject": "no5"})
    assert subjects(five.follow(page["paging"]["first"])) == "43210"


def test_equal_times_keep_their_order(mail: Mail) -> None:
    """platform:EVT-019, EVT-037: in both directions, over pages."""
    mail.send({"to": ", ".join(f"{n}@example.com" for n in range(7))})
    for ascending, step in (("yes", 1), ("no", -1)):
        found: list[str] = []
        page = mail.page(ascending=ascending, limit=3)
        while page["items"]:
            found += [item["recipient"][0] for item in page["items"]]
            page = mail.follow(page["paging"]["next"])
        assert "".join(found) == "0123456"[::step]


def test_the_size_of_a_page(mail: Mail) -> None:
    """platform:EVT-003: 100 unless asked otherwise, 300 at most."""
    mail.send({"to": ", ".join(f"a{n}@example.com" for n in range(301))})
    assert len(mail.events()) == 100
    assert len(mail.events(limit=300)) == 300
    for limit in ("0", "301", "many"):
        answer = mail.api.get(mail.path("events"), params={"limit": limit})
        assert answer.status_code == 400


@pytest.mark.parametrize("token", ["x", "W10", "bnVsbA", "%F0%9F%92%8C", "e30", "W1tdXQ"])
def test_a_token_of_nobody(mail: Mail, token: str) -> None:
    """platform:EVT-020: our own answer."""
    answer = mail.api.get(f"{mail.path('events')}/{token}")
    assert (answer.status_code, answer.json()) == (404, {"message": "Page not found"})


def test_somebody_elses_events(five: Mail, connect: Connect) -> None:
    """platform:EVT-020; sending:AUTH-005."""
    token = five.page()["paging"]["first"].rpartition("/")[2]
    for path in ("/v3/foreign.test/events", f"/v3/foreign.test/events/{token}"):
        assert five.api.get(path).status_code == 404
    stranger: httpx.Client = connect(key="wrong")
    assert stranger.get(five.path("events")).status_code == 401


def test_events_of_two_domains_are_apart(app: Emulator, mail: Mail) -> None:
    """platform:EVT-014: a token works on the domain in the path."""
    app.state.accounts[0].domains.add("second.test")
    mail.send()
    assert mail.api.post("/v3/second.test/messages", data=PLAIN).status_code == 200
    token = mail.page()["paging"]["first"].rpartition("/")[2]
    url = f"http://mg.test/v3/second.test/events/{token}"
    (event,) = mail.follow(url)["items"]
    assert event["envelope"]["sender"] == "postmaster@second.test"


def test_events_are_kept_for_thirty_days(five: Mail) -> None:
    """platform:EVT-021; sending:EVT-013."""
    five.wait(30 * 86_400 - 50)
    assert subjects(five.page(event="accepted")) == "432"
    assert subjects(five.page(ascending="yes", begin=NOW - 1, event="accepted")) == "234"


def test_the_number_of_events_is_bounded(app: Emulator, five: Mail) -> None:
    """platform:EVT-021: our own bound; the oldest go first."""
    store = app.state.store(app.state.accounts[0], EventStore)
    store.most = 5
    five.send({"subject": "no5", "o:deliverytime": "Mon, 27 Jan 2025 00:00:00 GMT"})
    assert subjects(five.page()) == "54321"
