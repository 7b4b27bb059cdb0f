"""Mail by SMTP login goes the way of mail by HTTP."""

from __future__ import annotations

import json
import re
import smtplib
from email.message import EmailMessage
from typing import Any

import httpx
import pytest

from mailgun_emulator import create_app
from mailgun_emulator.areas.messages.limits import Standing
from mailgun_emulator.areas.messages.quotas import Quota, Quotas
from mailgun_emulator.areas.messages.store import MessageStore
from tests.emulator.areas.mail import Mail
from tests.emulator.areas.mailing import MailingLists
from tests.emulator.conftest import START
from tests.emulator.smtp.conftest import OpenRelay
from tests.emulator.smtp.relay import ALICE, BOB, LOGIN, PASSWORD, Relay, mime, parsed, plain

CAROL = "carol@example.com"
# What differs from one message to the next, and how it came.
_OWN = ("id", "timestamp", "storage", "method", "api-key-id", "batch")
_OWN_HEADERS = ("received", "dkim-signature", "x-mailgun-sid", "x-mailgun-batch-id")
PAIR = json.dumps({ALICE: {"n": 1}, CAROL: {"n": 2}})
OPTIONS: dict[str, str] = {
    "X_Mailgun_Tag": "spring",
    "X_Mailgun_Dkim": "no",
    "X_Mailgun_Drop_Message": "yes",
    "X_Mailgun_Track": "no",
    "X_Mailgun_Track_Clicks": "htmlonly",
    "X_Mailgun_Track_Opens": "yes",
    "X_Mailgun_Track_Pixel_Location_Top": "yes",
    "X_Mailgun_Sending_Ip": "192.0.2.77",
    "X_Mailgun_Sending_Ip_Pool": "pool",
    "X_Mailgun_Require_TLS": "yes",
    "X_Mailgun_Skip_Verification": "yes",
    "X_Mailgun_Secondary_DKIM": "example.com/s1",
    "X_Mailgun_Secondary_DKIM_Public": "example.com/s2",
    "X_Mailgun_Deliver_By": "Fri, 24 Jan 2025 13:44:39 +0000",
    "X_Mailgun_Deliver_Within": "2h",
    "X_Mailgun_Delivery_Time_Optimize_Period": "24h",
    "X_Mailgun_Time_Zone_Localize": "09:00",
    "X_Mailgun_Recipient_Variables": PAIR,
    "X_Mailgun_Template_Name": "welcome",
    "X_Mailgun_Variables": '{"n": 1, "list": [true, null]}',
    "X_Mailgun_Archive_To": "http://archive.test/",
    "X_Mailgun_Suppress_Headers": "all",
}


def shown(mail: Mail) -> tuple[list[dict[str, Any]], list[list[str]]]:
    """All events and all stored messages, without what is never the same."""
    events, stored = mail.events(ascending="yes"), []
    for event in events:
        lines = mail.raw(event).splitlines()
        stored.append(
            [line for line in lines if not line.startswith(("Received:", "X-Mailgun-Si"))]
        )
        event["message"].pop("size", None)
        for name in _OWN:
            event.pop(name, None)
    return events, stored


@pytest.mark.parametrize("header", ["", *OPTIONS])
def test_as_by_http(relay: Relay, mail: Mail, header: str) -> None:
    """SMTP-020: every option header does what it does by HTTP."""
    template = {"name": "welcome", "template": "<p>Hi</p>", "tag": "one"}
    mail.api.post(mail.path("templates"), data=template)
    given = {header: OPTIONS[header]} if header else {}
    message = mime("<a href='http://x.test/'>Hi %recipient.n%</a>", Message_Id="<1@x>", **given)
    assert mail.send_mime(message, {"to": [ALICE]}).status_code == 200
    mail.wait(7200)
    by_http = shown(mail)
    assert by_http[0]
    relay.run(relay.app.reset())
    mail.app.state.clock.freeze(START)
    mail.api.post(mail.path("templates"), data=template)
    relay.send(message)
    mail.wait(7200)
    assert shown(mail) == by_http


def test_events(relay: Relay, mail: Mail) -> None:
    """SMTP-019: of a login, by SMTP, and told where it came from."""
    relay.send(mime())
    mail.wait()
    event = mail.event()
    assert event["method"] == "SMTP"
    assert event["flags"]["is-authenticated"] is True
    assert event["originating-ip"] == "127.0.0.1"
    assert event["recipient"] == ALICE
    assert "api-key-id" not in event
    assert mail.event("delivered")["flags"]["is-authenticated"] is True


@pytest.mark.parametrize("secured", [True, False])
def test_top_header(relay: Relay, mail: Mail, secured: bool) -> None:
    """MSG-033: the Received header of SMTP mail names the client and its TLS."""
    client = relay.client()
    if secured:
        client.starttls(context=relay.trusting())
    client.login(LOGIN, PASSWORD)
    client.sendmail(BOB, ALICE, mime())
    mail.wait()
    (received,) = mail.delivered(mail.event("delivered")).get_all("received", [])
    origin = r"from mx\.example\.org \(localhost \[127\.0\.0\.1\]\)"
    tls = r" \(version=TLS1\.3, cipher=TLS_AES_256_GCM_SHA384\)" if secured else ""
    numbers = r"by [0-9a-f]{12} with SMTP id [0-9a-f]{24}"
    assert re.fullmatch(rf"{origin} {numbers}{tls}; Fri, 24 Jan 2025 12:44:39 GMT", received)


def test_domain_of_the_login(relay: Relay, mail: Mail, domain: str) -> None:
    """SMTP-013: whatever the mail says, it is sent by that domain."""
    relay.send(mime(From="Eve <eve@elsewhere.test>"), sender="eve@elsewhere.test")
    assert mail.event()["envelope"]["sender"] == f"postmaster@{domain}"
    mail.wait()
    relay.send(mime(), sender=f"bounce@{domain}")
    assert [event["envelope"]["sender"] for event in mail.events(event="accepted")] == [
        f"bounce@{domain}",
        f"postmaster@{domain}",
    ]


def test_accounts_are_told_apart(open_relay: OpenRelay, domain: str) -> None:
    """SMTP-013: two accounts with one domain have each its own logins."""
    app = create_app(api_keys=["one", "two"], domains=[domain], seed=1)
    relay = open_relay(app)
    for key, subject in (("one", "first"), ("two", "second")):
        client = relay.client(LOGIN, key)
        client.sendmail(BOB, ALICE, mime(Subject=subject))
    stores = [app.state.store(account, MessageStore) for account in app.state.accounts]
    sent = [[copy.draft.subject for copy in store] for store in stores]
    assert sent == [["first"], ["second"]]


def test_blind_copies(relay: Relay, mail: Mail) -> None:
    """SMTP-016: who stands in no header gets the mail, and no header tells."""
    people = [ALICE, CAROL, "dave@example.com", "DAVE@example.com"]
    relay.send(mime(To=f"Alice <{ALICE}>, other@example.com", Cc=CAROL), people)
    mail.wait()
    for kind in ("accepted", "delivered"):
        events = mail.events(event=kind)
        assert {event["recipient"] for event in events} == set(people[:3])
        assert {event["message"]["headers"]["to"] for event in events} == {f"Alice <{ALICE}>"}
    message = parsed(mail.raw(events[0]))
    assert (message["to"], message["cc"]) == (f"Alice <{ALICE}>, other@example.com", CAROL)
    assert "dave" not in str(message).lower()


def test_message_ids(relay: Relay, mail: Mail) -> None:
    """SMTP-021: one that is there is kept; else it is made, and stands in the mail."""
    relay.send(mime(Message_Id="<own@example.org>"))
    assert mail.event()["message"]["headers"]["message-id"] == "own@example.org"
    assert parsed(mail.raw()).get_all("message-id") == ["<own@example.org>"]
    relay.send(mime(To=CAROL), CAROL)
    (event,) = mail.events(recipient=CAROL, event="accepted")
    made = event["message"]["headers"]["message-id"]
    assert made.endswith("@sandbox.example.test")
    assert parsed(mail.raw(event)).get_all("message-id") == [f"<{made}>"]


def test_test_mode(relay: Relay, mail: Mail) -> None:
    """TEST-006: by header."""
    relay.send(mime(X_Mailgun_Drop_Message="yes"))
    mail.wait()
    event = mail.event("delivered")
    assert event["flags"]["is-test-mode"] is True
    assert event["delivery-status"]["code"] == 650
    assert "X-Mailgun-Drop-Message" not in mail.raw(event)


def test_batch(relay: Relay, mail: Mail) -> None:
    """BATCH-008: each recipient gets a copy with its own values and only its own name."""
    variables = {ALICE: {"n": "one"}, CAROL: {"n": "two"}}
    message = mime(
        "Number %recipient.n%",
        To="%recipient%",
        X_Mailgun_Recipient_Variables=json.dumps(variables),
    )
    relay.send(message, [ALICE, CAROL])
    events = mail.events(event="accepted", ascending="yes")
    assert [event["recipient"] for event in events] == [ALICE, CAROL]
    for event, word in zip(events, ("one", "two"), strict=True):
        copy = parsed(mail.raw(event))
        assert copy["to"] == event["recipient"]
        assert str(copy.get_payload()).strip() == f"Number {word}"


def test_types_of_variables(relay: Relay, mail: Mail) -> None:
    """OPT-016, OPT-018: JSON types stay; headers are merged, also folded ones."""
    long = json.dumps({"text": "word " * 400, "n": 3})
    folded = long.replace("word word word ", "word word word\r\n ")
    relay.send(
        mime(X_Mailgun_Variables='{"b": [1, 2.5], "n": 2}\r\nX-Mailgun-Variables: ' + folded)
    )
    known = mail.event()["user-variables"]
    assert (known["b"], known["n"]) == ([1, 2.5], 3)
    assert known["text"].split() == ["word"] * 400


def test_to_a_list(relay: Relay, mail: Mail, api: httpx.Client, domain: str) -> None:
    """LSEND-001, LSEND-002: a login may post to a list that is read-only for others."""
    lists = MailingLists(api, domain)
    address = f"news@{domain}"
    assert lists.create(address=address, access_level="readonly").status_code == 200
    api.post(f"/v3/lists/{address}/members", data={"address": ALICE})
    relay.send(mime(To=address), address)
    mail.wait()
    mail.wait()
    assert [event["recipient"] for event in mail.events(event="delivered")] == [ALICE]


def test_a_message_of_the_standard_library(relay: Relay, mail: Mail) -> None:
    """MSG-019: with a name that is no ASCII, an attachment and a Bcc header, over SMTPUTF8."""
    message = EmailMessage()
    message["From"], message["To"], message["Bcc"] = BOB, "Jürgen <jü@example.com>", CAROL
    message["Subject"] = "Grüße"
    message.set_content("Schöne Grüße\n.\n..\n")
    message.add_attachment(b"\x00\xff" * 500, "application", "octet-stream", filename="a.bin")
    client = relay.client()
    client.starttls(context=relay.trusting())
    client.login(LOGIN, PASSWORD)
    assert client.send_message(message) == {}
    mail.wait()
    accepted = mail.events(event="accepted")
    assert {event["recipient"] for event in accepted} == {"jü@example.com", CAROL}
    named = {"filename": "a.bin", "content-type": "application/octet-stream", "size": 1000}
    assert accepted[0]["message"]["attachments"] == [named]
    stored = mail.stored(accepted[0])
    assert stored["body-plain"].splitlines() == ["Schöne Grüße", ".", ".."]
    (file,) = stored["attachments"]
    assert (file["name"], file["size"]) == ("a.bin", 1000)
    assert CAROL not in mail.raw(accepted[0])


class TestRefused:
    def refused(self, relay: Relay, *people: str) -> str:
        """The reply to DATA."""
        wire = relay.wire().log_in()
        wire.ask(f"MAIL FROM:<{BOB}>")
        for person in people or [ALICE]:
            assert wire.ask(f"RCPT TO:<{person}>").startswith("250 ")
        reply = wire.ask("DATA")
        assert not reply.startswith("421 ") or wire.closed()
        return reply

    def test_not_activated(self, relay: Relay, mail: Mail, domain: str) -> None:
        """SMTP-031, ERR-049: told before the content, and nothing is kept of it."""
        standing = mail.app.state.store(mail.app.state.accounts[0], Standing)
        standing.activated = False
        begin = f"421 Domain {domain} is not allowed to send: Please activate your Mailgun account."
        assert self.refused(relay).startswith(begin)
        standing.activated = True
        assert self.refused(relay) == "354 Continue"
        assert mail.events() == []

    def test_free(self, relay: Relay, mail: Mail) -> None:
        """SMTP-031: one recipient who is not authorized is too many."""
        standing = mail.app.state.store(mail.app.state.accounts[0], Standing)
        standing.free = True
        standing.authorized = {ALICE}
        assert self.refused(relay) == "354 Continue"
        reply = self.refused(relay, ALICE, CAROL)
        assert "Free accounts are for test purposes only." in reply

    def test_sandbox(self, open_relay: OpenRelay) -> None:
        """SMTP-031: a sandbox domain sends to authorized recipients."""
        name = "sandbox0123456789abcdef0123456789abcdef.mailgun.org"
        wire = open_relay(create_app(domains=[name])).wire()
        wire.ask(f"AUTH PLAIN {plain(f'postmaster@{name}', PASSWORD)}")
        wire.ask(f"MAIL FROM:<bob@{name}>")
        wire.ask(f"RCPT TO:<{ALICE}>")
        begin = f"421 Domain {name} is not allowed to send: Sandbox subdomains are for test"
        assert wire.ask("DATA").startswith(begin)

    def test_template(self, relay: Relay, mail: Mail) -> None:
        """What HTTP refuses with 400 is refused behind the content."""
        wire = relay.wire().log_in()
        wire.send(f"MAIL FROM:<{BOB}>\r\nRCPT TO:<{ALICE}>\r\nDATA\r\n")
        wire.send(mime(X_Mailgun_Template_Name="unknown") + b".\r\n")
        assert [wire.reply()[0][:3] for _ in range(4)] == ["250", "250", "354", "554"]
        assert wire.ask("NOOP") == "250 OK"
        assert mail.events() == []

    def test_limits_of_a_time(self, relay: Relay, mail: Mail) -> None:
        """ERR-011: what may get through later is refused for now only."""
        quotas = mail.app.state.store(mail.app.state.accounts[0], Quotas)
        quotas.limits = (Quota("requests", 1),)
        relay.send(mime())
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            relay.send(mime())
        assert refusal.value.smtp_code == 451
        assert b"limit exceeded, try again after 60 seconds" in refusal.value.smtp_error
        mail.wait(61)
        relay.send(mime())
        assert len(mail.events(event="accepted")) == 2

    def test_domain_is_gone(self, relay: Relay, api: httpx.Client, domain: str) -> None:
        """CRED-009: a login goes with its domain, and comes back with a reset."""
        wire = relay.wire().log_in()
        assert api.delete(f"/v3/domains/{domain}").status_code == 200
        assert wire.ask(f"MAIL FROM:<{BOB}>") == "535 Authentication failed"
        relay.run(relay.app.reset())
        relay.wire().log_in()
