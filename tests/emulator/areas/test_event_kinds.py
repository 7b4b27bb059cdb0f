"""Every kind of event can be found, and tells what all of its sort tell."""

from __future__ import annotations

import pytest

from tests.emulator.areas.happenings import Happenings
from tests.emulator.areas.mail import Mail

OF_MESSAGES = (
    "accepted",
    "delivered",
    "failed",
    "opened",
    "clicked",
    "unsubscribed",
    "complained",
    "stored",
)
OF_IMPORTS = ("list_member_uploaded", "list_member_upload_error", "list_uploaded")
ALL = (*OF_MESSAGES, *OF_IMPORTS, "rejected", "email_validation")


@pytest.mark.parametrize("kind", ALL)
def test_every_kind_is_found(happenings: Happenings, mail: Mail, kind: str) -> None:
    """platform:EVT-036, EVT-037; sending:EVT-002: in the events, in the logs, and by both
    filters."""
    other = ALL[ALL.index(kind) - 1]
    happenings.add(kind, severity="permanent", ago=20)
    happenings.add(other, severity="permanent", ago=10)
    (event,) = mail.events(event=kind)
    assert event["event"] == kind
    assert {"timestamp", "id"} <= set(event)
    (entry,) = happenings.logs(events=[kind])["items"]
    assert entry["id"] == event["id"]
    assert {e["event"] for e in mail.events(event=f"{kind} OR {other}")} == {kind, other}


@pytest.mark.parametrize("kind", OF_MESSAGES)
def test_events_of_messages(happenings: Happenings, mail: Mail, kind: str) -> None:
    """platform:EVT-040, EVT-043: tags and variables are there though nobody gave any."""
    happenings.add(kind, "x@b.example", severity="permanent")
    event = mail.event(kind)
    assert (event["tags"], event["user-variables"]) == ([], {})
    assert (event["recipient"], event["recipient-domain"]) == ("x@b.example", "b.example")


@pytest.mark.parametrize("kind", OF_IMPORTS)
def test_events_of_imports(happenings: Happenings, mail: Mail, kind: str) -> None:
    """platform:EVT-070: they tell nothing of a message."""
    happenings.add(kind, "", task_id="t1")
    event = mail.event(kind)
    assert event["task-id"] == "t1"
    assert not {"tags", "user-variables", "recipient"} & set(event)


@pytest.mark.parametrize(
    ("kind", "severity", "level"),
    [
        *((kind, "", "info") for kind in OF_MESSAGES if kind not in ("failed", "complained")),
        ("complained", "", "warn"),
        ("failed", "temporary", "warn"),
        ("failed", "permanent", "error"),
    ],
)
def test_levels(happenings: Happenings, mail: Mail, kind: str, severity: str, level: str) -> None:
    """platform:EVT-039; sending:EVT-003."""
    happenings.add(kind, severity=severity)
    assert mail.event(kind)["log-level"] == level


def test_polling_loses_nothing(happenings: Happenings, mail: Mail) -> None:
    """platform:EVT-017, EVT-018: a page whose last event is too young is dropped and asked for
    again; what came late is in it then."""
    happenings.add("delivered", "a", ago=1700)
    happenings.add("delivered", "c", ago=100)
    begin = happenings.app.state.clock.timestamp() - 1800
    page = mail.page(begin=begin, ascending="yes", limit=2)
    assert [item["recipient"] for item in page["items"]] == ["a", "c"]
    happenings.add("delivered", "b", ago=900)
    again = mail.page(begin=begin, ascending="yes", limit=2)
    assert [item["recipient"] for item in again["items"]] == ["a", "b"]
    rest = mail.follow(again["paging"]["next"])
    assert [item["recipient"] for item in rest["items"]] == ["c"]


def test_the_older_log_is_gone(happenings: Happenings, mail: Mail) -> None:
    """platform:EVT-023: the older log."""
    happenings.add("delivered")
    for path in (f"/{mail.domain}/log", mail.path("log")):
        assert mail.api.get(path).status_code == 404
