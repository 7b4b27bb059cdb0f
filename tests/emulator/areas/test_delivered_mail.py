"""What servers get: trace headers, signatures, control headers, and copies for an archive."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from email.message import Message
from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.areas.dkim.store import DkimStore
from mailgun_emulator.areas.domains.store import DomainStore
from tests.emulator.areas.incoming import Incoming
from tests.emulator.areas.mail import ALICE, Mail
from tests.emulator.conftest import START

ARCHIVE = "http://archive.test/mail"
NOW = int(START.timestamp())
MIME = "From: c@example.org\nTo: x@example.org\nSubject: Ready\nX-Mine: kept\n{more}\nJust text\n"


def got(mail: Mail, fields: dict[str, Any] | None = None) -> Message:
    """What the server of the recipient of one more mail got."""
    assert mail.send(fields).status_code == 200
    mail.wait()
    return mail.delivered(mail.events(event="delivered")[0])


def signatures(message: Message) -> list[dict[str, str]]:
    values = [" ".join(v.split()) for v in message.get_all("DKIM-Signature", [])]
    return [dict(tag.strip().split("=", 1) for tag in value.split(";")) for value in values]


def test_trace_headers(mail: Mail) -> None:
    """sending:MSG-032, MSG-033: who passed it on, and what it is called there."""
    message = got(mail)
    received = message.get_all("Received", [])
    pattern = r"by [0-9a-f]{12} with HTTP id [0-9a-f]{24}; Fri, 24 Jan 2025 12:44:39 GMT"
    assert len(received) == 1
    assert re.fullmatch(pattern, received[0])
    assert message["X-Mailgun-Sending-Ip"] == "192.0.2.25"
    assert message["X-Mailgun-Sending-Ip-Pool-Name"] == ""
    assert message["X-Mailgun-Sending-Ip-Pool"] == ""
    text = base64.b64decode(message["X-Mailgun-Sid"]).decode()
    number, recipient, other = json.loads(text)
    assert text == f'["{number}","{ALICE}","{other}"]'
    assert recipient == ALICE
    assert "X-Mailgun-Batch-Id" not in message
    assert "Received" not in mail.raw(mail.event("accepted"))


def test_the_copies_of_a_batch_have_one_number(mail: Mail) -> None:
    """sending:MSG-032: of the batch, and one of their own each."""
    mail.send({"to": [ALICE, "b@example.com"], "recipient-variables": "{}"})
    mail.wait()
    first, second = map(mail.delivered, mail.events(event="delivered"))
    assert re.fullmatch("[0-9a-f]{24}", first["X-Mailgun-Batch-Id"])
    assert first["X-Mailgun-Batch-Id"] == second["X-Mailgun-Batch-Id"]
    assert first["X-Mailgun-Sid"] != second["X-Mailgun-Sid"]


def test_a_signature_of_the_domain(mail: Mail) -> None:
    """sending:MSG-031: who may be forged most is named twice; the body hash is a true one."""
    message = got(mail, {"text": "Hi  there \n\n"})
    (tags,) = signatures(message)
    assert (tags["a"], tags["v"], tags["c"]) == ("rsa-sha256", "1", "relaxed/relaxed")
    assert (tags["d"], tags["q"], tags["s"]) == (mail.domain, "dns/txt", "mx")
    assert (int(tags["t"]), int(tags["x"])) == (NOW, NOW + 7200)
    named = [name.strip().lower() for name in tags["h"].split(":")]
    assert {n for n in named if named.count(n) == 2} == {"subject", "from", "to", "sender"}
    assert {"date", "message-id", "content-type"} <= set(named)
    # Blanks at the end of lines and empty lines at the end do not count, runs of blanks are one.
    body = str(message.get_payload()).replace("\n", "\r\n").encode()
    plain = re.sub(rb"[ \t]+(?=\r\n)|(?<=[ \t])[ \t]+", b"", body).rstrip(b"\r\n") + b"\r\n"
    assert tags["bh"] == base64.b64encode(hashlib.sha256(plain).digest()).decode()
    assert len(base64.b64decode(tags["b"])) == 256


@pytest.mark.parametrize("word", ["no", "false"])
def test_a_signature_can_be_refused(mail: Mail, word: str) -> None:
    """sending:MSG-030, OPT-002: by field and by header."""
    assert signatures(got(mail, {"o:dkim": word})) == []
    mail.send_mime(MIME.format(more=f"X-Mailgun-Dkim: {word}\n"))
    mail.wait()
    assert signatures(mail.delivered(mail.events(event="delivered")[0])) == []
    assert len(signatures(got(mail, {"o:dkim": "yes"}))) == 1


@pytest.mark.parametrize("separator", ["/", ","])
def test_a_second_signature(app: Emulator, mail: Mail, separator: str) -> None:
    """sending:MSG-038, OPT-010, DIFF-024: with a key that signs, under an alias if there is one."""
    keys = app.state.store(app.state.accounts[0], DkimStore)
    spare = keys.add("second.test", "s2", "AAAA")
    fields = {"o:secondary-dkim": f"second.test{separator}s2"}
    alias = {"o:secondary-dkim-public": f"shown.test{separator}pub"}
    assert len(signatures(got(mail, fields))) == 1
    spare.active = True
    for given, expected in (
        (fields, [("second.test", "s2")]),
        (fields | alias, [("shown.test", "pub")]),
        (alias, []),
        ({f"h:X-Mailgun-{n}": v for n, v in headers(fields | alias)}, [("shown.test", "pub")]),
    ):
        found = [(tags["d"], tags["s"]) for tags in signatures(got(mail, given))]
        assert found == [(mail.domain, "mx"), *expected]


def headers(fields: dict[str, str]) -> list[tuple[str, str]]:
    names = {
        "o:secondary-dkim": "Secondary-DKIM",
        "o:secondary-dkim-public": "Secondary-DKIM-Public",
    }
    return [(names[name], value) for name, value in fields.items()]


def test_the_source_is_named(mail: Mail) -> None:
    """sending:MSG-037, OPT-008: address and pool, in the mail and in the event."""
    fields = {"o:sending-ip": "192.0.2.9", "o:sending-ip-pool": "pool-1"}
    by_header = {"h:X-Mailgun-Sending-Ip": "192.0.2.9", "h:X-Mailgun-Sending-Ip-Pool": "pool-1"}
    for given in (fields, by_header):
        message = got(mail, given)
        assert message.get_all("X-Mailgun-Sending-Ip") == ["192.0.2.9"]
        assert message.get_all("X-Mailgun-Sending-Ip-Pool") == ["pool-1"]
        assert mail.events(event="delivered")[0]["envelope"]["sending-ip"] == "192.0.2.9"


def test_untracked_mail_says_so(mail: Mail) -> None:
    """sending:MSG-034, OPT-004: besides the tags."""
    message = got(mail, {"o:tracking": "no", "o:tag": ["a", "b"]})
    assert (message["X-Mailgun-Track"], message.get_all("X-Mailgun-Tag")) == ("false", ["a", "b"])
    assert "X-Mailgun-Track" not in got(mail, {"o:tracking": "yes"})


OWN = ["X-Mailgun-Sending-Ip", "X-Mailgun-Sid", "X-Mailgun-Tag", "X-Mailgun-Variables"]


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ("x-mailgun-sid", [OWN[0], OWN[2], OWN[3]]),
        ("X-Mailgun-Tag, X-Mailgun-Sending-Ip", [OWN[1], OWN[3]]),
        ("all", []),
        ("From", OWN),
    ],
)
def test_headers_can_be_left_out(mail: Mail, wanted: str, left: list[str]) -> None:
    """sending:MSG-035, OPT-017: those named, or all that are Mailgun's own, and no others."""
    fields = {"o:tag": "a", "v:x": "1", "subject": "s"}
    several = {"h:X-Mailgun-Suppress-Headers": wanted.split(", ")}
    for given in ({"o:suppress-headers": wanted}, several):
        message = got(mail, {**fields, **given})
        assert [name for name in OWN if name in message] == left
        assert (message["From"], message["Subject"]) == ("Bob <bob@example.org>", "s")
        own = [name for name in message if name.startswith("X-Mailgun-")]
        assert bool(own) == (wanted != "all")


def test_a_delivered_mail_is_archived(incoming: Incoming) -> None:
    """sending:MSG-036, OPT-017: exactly as delivered, once for each recipient who got it."""
    mail, receiver = incoming.mail, incoming.receiver
    bounced = mail.path("bounces")
    assert mail.api.post(bounced, data={"address": "gone@example.com"}).status_code == 200
    to = f"{ALICE}, b@example.com, gone@example.com"
    mail.send({"to": to, "o:archive-to": ARCHIVE})
    assert receiver.received == []
    mail.wait()
    mail.api.post("/_emulator/flush")
    assert [str(r.url) for r in receiver.received] == [ARCHIVE] * 2
    assert {r.headers["content-type"] for r in receiver.received} == {"application/mime"}
    delivered = mail.events(event="delivered", ascending="yes")
    for request, event in zip(receiver.received, delivered, strict=True):
        assert request.content == mail.arrived(event)
    mail.send_mime(MIME.format(more=f"X-Mailgun-Archive-To: {ARCHIVE}?mime\n"))
    mail.wait()
    mail.api.post("/_emulator/flush")
    assert str(receiver.received[-1].url) == f"{ARCHIVE}?mime"


def test_the_archive_of_a_domain(incoming: Incoming) -> None:
    """sending:MSG-036, TEST-001: a message may name another one; test mode delivers nothing."""
    mail, receiver = incoming.mail, incoming.receiver
    state = incoming.app.state
    found = state.store(state.accounts[0], DomainStore).find(mail.domain)
    assert found is not None
    found.archive_to = ARCHIVE
    for fields in ({}, {"o:archive-to": f"{ARCHIVE}/own"}, {"o:testmode": "yes"}):
        mail.send(fields)
    mail.wait()
    mail.api.post("/_emulator/flush")
    assert [str(r.url) for r in receiver.received] == [ARCHIVE, f"{ARCHIVE}/own"]


def test_delivered_mail_of_somebody_else(mail: Mail, api: httpx.Client) -> None:
    """Only recipients have a delivered form of a message."""
    mail.send()
    key = mail.event()["storage"]["key"]
    path = f"/_emulator/messages/{key}/raw"
    assert api.get(path, params={"recipient": "x@example.com"}).status_code == 404
    assert api.get(path, params={"recipient": ALICE.upper()}).status_code == 200
