"""The filters of events, and their language."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.emulator.areas.clients import Lists
from tests.emulator.areas.mail import Mail

NAMES = {
    "Hello Monica from Joey": "a",
    "Hello Rachel": "b",
    "Farewell Monica": "c",
    "Farewell Rachel and Joey": "d",
}


@pytest.fixture
def friends(mail: Mail) -> Mail:
    """Four accepted messages with different subjects."""
    for subject, name in NAMES.items():
        mail.send({"subject": subject, "to": f"{name.upper()} <{name}@example.com>"})
    return mail


def found(mail: Mail, **query: Any) -> str:
    """The names of the messages that match, in the order of sending."""
    events = mail.events(event="accepted", ascending="yes", **query)
    return "".join(NAMES[event["message"]["headers"]["subject"]] for event in events)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("hello", "ab"),
        ("Hello Monica", "a"),
        ("Hello AND Rachel", "b"),
        ("Monica OR Rachel", "abcd"),
        ('"Rachel and Joey"', "d"),
        ('"Joey and Rachel"', ""),
        ("NOT Rachel", "ac"),
        ("Joey NOT Rachel", "a"),
        ("Hello OR Farewell AND Joey", "abd"),
        ("(Hello OR Farewell) AND Joey", "ad"),
        ("(Hello AND NOT Rachel) OR (Farewell AND Monica)", "ac"),
        ("NOT (Monica OR Joey)", "b"),
        ("NOT NOT Hello", "ab"),
        ("Hell", ""),
        (">10", ""),
    ],
)
def test_the_language(friends: Mail, expression: str, expected: str) -> None:
    """platform:EVT-026 to EVT-029, EVT-035; sending:EVT-010."""
    assert found(friends, subject=expression) == expected


@pytest.mark.parametrize(
    "expression", ["(", ")", "OR", "AND Hello", "Hello AND", "Hello)", "((Hello", '"Hello', "NOT"]
)
def test_what_does_not_parse_is_read_as_far_as_it_does(friends: Mail, expression: str) -> None:
    """platform:EVT-026: our own choice, since any text is valid."""
    assert found(friends, subject=expression) == ("ab" if "Hello" in expression else "abcd")


def test_long_expressions(friends: Mail) -> None:
    """platform:EVT-028: neither depth nor length is an error."""
    assert found(friends, subject=f"{'(' * 5000}Hello{')' * 5000}") == "ab"
    assert found(friends, subject="NOT " * 5000 + "Hello") == "ab"
    assert found(friends, subject=" OR ".join(["Hello"] * 5000)) == "ab"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"recipient": "B@example.com"}, "b"),
        ({"recipient": "example.com"}, ""),
        ({"to": "c"}, "c"),
        ({"to": "example.com NOT a"}, "bcd"),
        ({"from_": "bob"}, "abcd"),
        ({"from_": '"bob@example.org"'}, "abcd"),
        ({"from_": "alice"}, ""),
        ({"subject": "Joey", "to": "a"}, "a"),
        ({"subject": ["Joey", "Rachel"]}, "d"),
        ({"tags": "none"}, ""),
        ({"list": "friends@example.com"}, ""),
        ({"recipients": "a@example.com"}, ""),
        ({"severity": "permanent"}, ""),
    ],
)
def test_fields(friends: Mail, query: dict[str, Any], expected: str) -> None:
    """platform:EVT-024, EVT-025, EVT-033; sending:EVT-005: several fields and repeated ones all
    have to match."""
    assert found(friends, **query) == expected


def test_types(friends: Mail, lists: Lists) -> None:
    """platform:EVT-030, EVT-031."""
    lists.add("bounces", address="d@example.com")
    friends.wait()
    kinds = [e["event"] for e in friends.events(event="failed OR delivered", ascending="yes")]
    assert kinds == ["delivered"] * 3 + ["failed"]
    assert friends.events(event="del") == []
    (failed,) = friends.events(severity="permanent")
    assert failed["recipient"] == "d@example.com"
    assert friends.events(severity="temporary") == []


def test_the_message_id(mail: Mail) -> None:
    """platform:EVT-032."""
    ids = [mail.send().json()["id"] for _ in range(2)]
    (event,) = mail.events(message_id=ids[1].strip("<>"))
    assert event["message"]["headers"]["message-id"] == ids[1].strip("<>")


def test_tags_files_and_sizes(mail: Mail) -> None:
    """platform:EVT-024, EVT-029, EVT-034; sending:EVT-005."""
    mail.send({"o:tag": ["News", "weekly"]})
    mail.send({}, [("attachment", ("Report.pdf", bytes(30_000), "application/pdf"))])
    (tagged,) = mail.events(tags="news")
    assert tagged["tags"] == ["News", "weekly"]
    assert mail.events(tags="NOT news")[0]["tags"] is None
    (large,) = mail.events(size=">10000")
    assert large["message"]["attachments"][0]["filename"] == "Report.pdf"
    size = large["message"]["size"]
    assert [e["id"] for e in mail.events(attachment="report.pdf")] == [large["id"]]
    assert mail.events(size=f">{size - 1} <{size + 1}") == [large]
    assert mail.events(size=f">{size}") == []
    assert mail.events(size=str(size)) == [large]


def test_unknown_values_are_refused(mail: Mail) -> None:
    """platform:EVT-031: the severity is one of two."""
    answer: httpx.Response = mail.api.get(mail.path("events"), params={"severity": "mild"})
    assert answer.status_code == 400
