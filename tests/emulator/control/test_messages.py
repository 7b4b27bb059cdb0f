"""Searching mail and looking at it."""

from __future__ import annotations

from email import message_from_string
from typing import Any

import pytest

from mailgun_emulator import create_app
from tests.emulator.areas.mail import ALICE, BOB, Mail
from tests.emulator.conftest import Connect

from .conftest import Controls


def key(control: Controls) -> str:
    [message] = control.get("messages")["messages"]
    return str(message["key"])


def test_list(control: Controls, mail: Mail, domain: str) -> None:
    mail.send({"o:tag": "a", "v:order": "7"})
    [message] = control.get("messages")["messages"]
    assert message["domain"] == domain
    assert (message["from"], message["to"], message["subject"]) == (BOB, ALICE, "Hello")
    assert (message["recipients"], message["tags"]) == ([ALICE], ["a"])
    assert message["user-variables"] == {"order": "7"}
    assert message["key"] == mail.event()["storage"]["key"]


def test_pages_begin_with_the_newest(control: Controls, mail: Mail) -> None:
    for number in range(5):
        mail.send({"subject": str(number)})
        mail.wait(1)

    def page(**query: Any) -> list[str]:
        answer = control.get("messages", **query)
        assert answer["total"] == 5
        return [message["subject"] for message in answer["messages"]]

    assert page() == ["4", "3", "2", "1", "0"]
    assert page(limit=2) == ["4", "3"]
    assert page(limit=2, skip=3) == ["1", "0"]
    assert control.client.get("/_emulator/messages?limit=x").status_code == 400


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"to": "ALICE"}, True),
        ({"to": "carol"}, False),
        ({"from": "bob@"}, True),
        ({"from": "alice"}, False),
        ({"subject": "ell"}, True),
        ({"subject": "bye"}, False),
        ({"tag": "A"}, True),
        ({"tag": "b"}, False),
        ({"q": "hi THERE"}, True),
        ({"q": "marked up"}, True),
        ({"q": "nowhere"}, False),
        ({"domain": "sandbox.EXAMPLE.test"}, True),
        ({"domain": "example.test"}, False),
        ({"to": "alice", "tag": "b"}, False),
        ({"key": "key-test"}, True),
        ({"key": "key-other"}, False),
        ({"account": "nobody"}, False),
    ],
)
def test_search(control: Controls, mail: Mail, query: dict[str, str], fits: bool) -> None:
    mail.send({"o:tag": "a", "html": "<b>marked up</b>"})
    assert control.get("messages", **query)["total"] == int(fits)


def test_one_message(control: Controls, mail: Mail) -> None:
    mail.send({"html": "<b>x</b>"}, [("attachment", ("a.txt", b"data", "text/plain"))])
    mail.wait(1)
    message = control.get(f"messages/{key(control)}")
    assert (message["text"], message["html"]) == ("Hi there", "<b>x</b>")
    assert ["Subject", "Hello"] in message["headers"]
    assert [event["event"] for event in message["events"]] == ["accepted", "delivered"]
    assert message["size"] == mail.event()["message"]["size"]
    [file] = message["attachments"]
    assert (file["name"], file["content-type"], file["size"]) == ("a.txt", "text/plain", 4)


def test_bodies_as_they_are(control: Controls, mail: Mail) -> None:
    mail.send({"html": "<b>ü</b>"})
    parts = {}
    for name in ("html", "text", "raw"):
        answer = control.client.get(f"/_emulator/messages/{key(control)}/{name}")
        parts[name] = (answer.headers["content-type"], answer.text)
    assert parts["html"] == ("text/html; charset=utf-8", "<b>ü</b>")
    assert parts["text"] == ("text/plain; charset=utf-8", "Hi there")
    kind, raw = parts["raw"]
    assert kind == "message/rfc822"
    assert message_from_string(raw)["subject"] == "Hello"


def test_files(control: Controls, mail: Mail) -> None:
    picture, inner = b"\x89PNG", b"Subject: inner\r\n\r\nbody\r\n"
    mail.send(
        {"html": "<img src='cid:p.png'>"},
        [
            ("inline", ("p.png", picture, "image/png")),
            ("attachment", ("m.eml", inner, "message/rfc822")),
        ],
    )
    path = f"messages/{key(control)}/attachments"
    files = control.get(path)["attachments"]
    by_name = {file["name"]: file for file in files}
    assert sorted(by_name) == ["m.eml", "p.png"]
    assert by_name["p.png"]["disposition"] == "inline"
    answer = control.client.get(f"/_emulator/{path}/{by_name['p.png']['number']}")
    assert (answer.headers["content-type"], answer.content) == ("image/png", picture)
    answer = control.client.get(f"/_emulator/{path}/{by_name['m.eml']['number']}")
    assert answer.headers["content-type"] == "message/rfc822"
    assert b"Subject: inner" in answer.content


@pytest.mark.parametrize(
    "path", ["messages/x", "messages/x/raw", "messages/{}/html", "messages/{}/attachments/0"]
)
def test_what_there_is_not(control: Controls, mail: Mail, path: str) -> None:
    mail.send()
    answer = control.client.get(f"/_emulator/{path.format(key(control))}")
    assert answer.status_code == 404


def test_forget(control: Controls, mail: Mail, domain: str) -> None:
    mail.send()
    control.delete("messages", domain="other.test")
    assert control.get("messages")["total"] == 1
    control.delete("messages", domain=domain)
    assert control.get("messages")["total"] == 0


def test_accounts_are_told_apart(connect: Connect, domain: str) -> None:
    app = create_app(api_keys=["one", "two"], seed=1)
    control = Controls(connect(app, key=None))
    for name in ("one", "two"):
        Mail(app, connect(app, key=name), domain).send({"subject": name})
    assert control.get("messages")["total"] == 2
    [message] = control.get("messages", key="two")["messages"]
    assert message["subject"] == "two"
    assert control.get("messages", account=message["account"])["messages"] == [message]
