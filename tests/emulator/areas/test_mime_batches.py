"""Batches of ready-made MIME: variables in every part of it, and in a container."""

from __future__ import annotations

import base64
import json
from email import message_from_bytes, message_from_string, policy
from email.message import EmailMessage
from typing import Any

import pytest

from mailgun_emulator.areas.messages.rewriting import rewrite
from tests.emulator.areas.mail import ALICE, Mail

NAMES: dict[str, dict[str, Any]] = {
    ALICE: {"name": "Älice", "n": 1},
    "b@example.com": {"name": "Bea", "n": 2},
}
LINE = "Dear %recipient.name%, this is number %recipient.n% of a line that has to be broken up"
IMAGE = bytes(range(256)) + b"%recipient.name%"


def made(encoding: str, charset: str = "utf-8") -> EmailMessage:
    """A message with texts in an encoding, an image and a text that is a file."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = "c@example.org"
    message["To"] = "%recipient%"
    message["Subject"] = "Grüße an %recipient.name%"
    message["X-Mine"] = "No. %recipient.n%"
    message.set_content(LINE, cte=encoding, charset=charset)
    message.add_alternative(f"<p>{LINE}</p>", subtype="html", cte=encoding, charset=charset)
    message.add_attachment(IMAGE, "image", "png", filename="a.png")
    message.add_attachment("%recipient.name%", filename="a.txt")
    return message


def send(mail: Mail, message: EmailMessage | str, variables: Any = NAMES) -> dict[str, Any]:
    """One event by recipient."""
    raw = message if isinstance(message, str) else message.as_bytes()
    fields: dict[str, Any] = {"to": list(NAMES)}
    if variables is not None:
        fields["recipient-variables"] = json.dumps(variables)
    assert mail.send_mime(raw, fields).status_code == 200
    return {event["recipient"]: event for event in mail.events(event="accepted")}


def parsed(mail: Mail, event: dict[str, Any]) -> EmailMessage:
    message = message_from_string(mail.raw(event), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.mark.parametrize("encoding", ["7bit", "quoted-printable", "base64"])
def test_variables_in_every_text(mail: Mail, encoding: str) -> None:
    """sending:BATCH-001, BATCH-002, MIME-003: in any encoding, and nothing else is touched."""
    for recipient, event in send(mail, made(encoding)).items():
        name, number = NAMES[recipient].values()
        message = parsed(mail, event)
        assert (message["To"], message["X-Mine"]) == (recipient, f"No. {number}")
        assert message["Subject"] == f"Grüße an {name}"
        text = f"Dear {name}, this is number {number} of a line that has to be broken up"
        plain, html = message.get_body(("plain",)), message.get_body(("html",))
        assert plain is not None
        assert html is not None
        assert plain.get_content().strip() == text
        assert html.get_content().strip() == f"<p>{text}</p>"
        image, note = message.iter_attachments()
        assert image.get_content() == IMAGE
        assert note.get_content().strip() == "%recipient.name%"


def test_mime_outside_batches_is_as_it_came(mail: Mail) -> None:
    """sending:MIME-002: also where something looks like a variable."""
    raw = made("quoted-printable").as_bytes()
    (event, _) = send(mail, raw.decode(), None).values()
    shown = mail.raw(event).encode()
    body = raw.split(b"\r\n\r\n", 1)[1]
    assert shown.endswith(body)
    assert parsed(mail, event)["To"] == "%recipient%"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"Subject: x",
        b"\r\n%a%",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\nno part",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nopen",
        b"Content-Type: multipart/mixed; boundary=x\n\npre\n--x\n\none\n--x\n\ntwo\n--x--\nafter\n",
        b"Content-Type: text/plain; charset=nobody\r\n\r\n\xff",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!!",
    ],
)
def test_what_does_not_change_keeps_every_byte(raw: bytes) -> None:
    """sending:MIME-003: broken messages too."""
    assert rewrite(raw, lambda _, text: text) == raw


def test_each_part_is_changed_in_its_place() -> None:
    """sending:MIME-003: line ends around parts stay."""
    raw = (
        b"Subject: s\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\nbefore\r\n--x\r\n"
        b"Content-Type: text/html; charset=latin-1\r\nX-Mine: 1\r\n\r\n\xe4\r\n--x\r\n\r\n"
        b"two\r\n--x--\r\nafter\r\n"
    )
    changed = rewrite(raw, lambda kind, text: f"{kind} {text}!")
    message = message_from_bytes(changed, policy=policy.default)
    parts = [(p.get_content_type(), p.get_content()) for p in message.iter_parts()]
    assert parts == [("text/html", "html ä!"), ("text/plain", "plain two!")]
    assert not message.defects
    assert b"X-Mine: 1\r\n" in changed
    assert changed.startswith(raw.partition(b"--x")[0])
    assert changed.endswith(b"\r\n--x--\r\nafter\r\n")


INNER = """From: c@example.org
To: %recipient%
Subject: %recipient.name% %recipient.n% %recipient.more%
X-Mailgun-Recipient-Variables: {"alice@example.com": {"name": "header", "n": "header"}}

Hello %recipient.name%
"""


def container(variables: str, kind: str = "application/json") -> str:
    coded = base64.encodebytes(variables.encode()).decode()
    return (
        "From: outer@example.org\nSubject: outer\n"
        'Content-Type: multipart/mailgun-variables; boundary="=x"\n\n'
        f"--=x\nContent-Type: {kind}\nContent-Transfer-Encoding: base64\n\n{coded}\n"
        f"--=x\nContent-Type: message/rfc822\n\n{INNER}\n--=x--\n"
    )


def test_a_container_of_variables(mail: Mail) -> None:
    """sending:BATCH-009, BATCH-010: it goes before the header, and that before the field."""
    field = {ALICE: {"name": "field", "n": "field", "more": "field"}}
    found = send(mail, container(json.dumps({ALICE: {"name": "container"}})), field)
    message = parsed(mail, found[ALICE])
    assert message["Subject"] == "container header field"
    assert (message["From"], message["To"]) == ("c@example.org", ALICE)
    assert message.get_content().strip() == "Hello container"
    assert "mailgun-variables" not in mail.raw(found[ALICE])
    other = parsed(mail, found["b@example.com"])
    assert other["Subject"] == "%recipient.name% %recipient.n% %recipient.more%"


@pytest.mark.parametrize(
    ("variables", "kind"), [("{", "application/json"), ("[]", "application/json"), ("{}", "x/y")]
)
def test_a_container_of_something_else_is_mail(mail: Mail, variables: str, kind: str) -> None:
    """sending:BATCH-009: it is sent as it stands."""
    found = send(mail, container(variables, kind), None)
    assert parsed(mail, found[ALICE])["Subject"] == "outer"


def test_fields_replace_what_mime_has_once(mail: Mail) -> None:
    """sending:MIME-003, MIME-004: other headers are added."""
    message = made("7bit")
    message["Reply-To"], message["Message-Id"] = "old@example.org", "<old@example.org>"
    fields = {"h:reply-to": "new@example.org", "h:Message-Id": "<new@example.org>"}
    answer = mail.send_mime(message.as_bytes(), {**fields, "h:X-Mine": "2", "h:Mime-Version": "2"})
    assert answer.json()["id"] == "<new@example.org>"
    shown = parsed(mail, mail.event())
    assert shown.get_all("reply-to") == ["new@example.org"]
    assert shown.get_all("message-id") == ["<new@example.org>"]
    assert shown.get_all("x-mine") == ["No. %recipient.n%", "2"]
    assert shown.get_all("mime-version") == ["1.0"]
