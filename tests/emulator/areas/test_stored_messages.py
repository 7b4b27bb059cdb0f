"""What is stored of a message: its MIME, taken apart and whole, and sending it again."""

from __future__ import annotations

from email import message_from_string, policy
from email.message import EmailMessage

import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.areas.messages.store import MessageStore
from tests.emulator.areas.mail import ALICE, BOB, Mail

NOT_FOUND = (404, {"message": "Message not found"})


def parsed(mail: Mail) -> EmailMessage:
    """The latest message as the standard library reads it, without anything to complain about."""
    message = message_from_string(mail.raw(mail.events()[0]), policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def store(app: Emulator) -> MessageStore:
    return app.state.store(app.state.accounts[0], MessageStore)


def test_a_message_taken_apart(mail: Mail) -> None:
    """sending:STORE-004, STORE-008, STORE-011, MSG-021, MSG-043: headers are keys."""
    fields = {"html": "<b>Hi</b>", "h:reply-to": "r@example.com", "h:X-MY-header": "v"}
    mail.send({**fields, "to": f"Al <{ALICE}>, b@example.com"})
    stored = mail.stored(mail.events()[0])
    assert stored["From"] == BOB
    assert stored["To"] == f"Al <{ALICE}>, b@example.com"
    assert (stored["Subject"], stored["Mime-Version"]) == ("Hello", "1.0")
    assert (stored["Reply-To"], stored["X-My-Header"]) == ("r@example.com", "v")
    assert stored["Content-Type"].startswith("multipart/alternative")
    assert stored["sender"] == f"postmaster@{mail.domain}"
    assert stored["recipients"] == f"{ALICE}, b@example.com"
    assert (stored["body-plain"], stored["body-html"]) == ("Hi there", "<b>Hi</b>")
    assert ["X-My-Header", "v"] in stored["message-headers"]


def test_a_message_whole(mail: Mail) -> None:
    """sending:STORE-005, DIFF-039, STORE-012: only for the type written like this."""
    mail.send({"text": "Grüße = " + "x" * 100})
    url = mail.event()["storage"]["url"]
    whole = mail.api.get(url, headers={"accept": "message/rfc2822"}).json()
    assert set(whole) == {"recipients", "sender", "from", "subject", "body-mime"}
    assert (whole["from"], whole["subject"], whole["recipients"]) == (BOB, "Hello", ALICE)
    assert "Content-Transfer-Encoding: quoted-printable" in whole["body-mime"]
    assert "Gr=C3=BC=C3=9Fe =3D xxx" in whole["body-mime"]
    assert max(map(len, whole["body-mime"].splitlines())) < 80
    assert "body-mime" not in mail.api.get(url, headers={"accept": "message/rfc822"}).json()
    assert parsed(mail).get_content().rstrip("\n") == "Grüße = " + "x" * 100


def test_the_order_of_the_bodies(mail: Mail) -> None:
    """sending:MSG-015, MSG-016, AMP-001."""
    mail.send({"html": "<b>", "amp-html": "<html amp4email>"})
    kinds = [part.get_content_type() for part in parsed(mail).walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/x-amp-html", "text/html"]


def test_files(mail: Mail) -> None:
    """sending:MSG-017, MSG-018, MSG-019, STORE-006; platform:EVT-042."""
    mail.send(
        {"html": '<img src="cid:cartman.jpg">'},
        [
            ("attachment", ("report.pdf", b"%PDF", "application/pdf")),
            ("attachment", ("übung.txt", b"abc", "text/plain")),
            ("inline", ("cartman.jpg", b"\xff\xd8", "image/jpeg")),
        ],
    )
    assert mail.event()["message"]["attachments"] == [
        {"filename": "report.pdf", "content-type": "application/pdf", "size": 4},
        {"filename": "übung.txt", "content-type": "text/plain", "size": 3},
    ]
    message = parsed(mail)
    files = [part for part in message.walk() if part.get_content_disposition()]
    assert [(part.get_filename(), part.get_payload(decode=True)) for part in files] == [
        ("cartman.jpg", b"\xff\xd8"),
        ("report.pdf", b"%PDF"),
        ("übung.txt", b"abc"),
    ]
    assert files[0]["Content-ID"] == "<cartman.jpg>"
    assert files[0].get_content_disposition() == "inline"
    url = mail.event()["storage"]["url"]
    assert mail.stored()["attachments"][1] == {
        "name": "report.pdf",
        "content-type": "application/pdf",
        "size": 4,
        "url": f"{url}/attachments/1",
    }


def test_an_attachment_without_a_name_is_dropped(mail: Mail) -> None:
    """sending:MSG-018."""
    assert mail.send({"attachment": "just text"}).status_code == 200
    assert "attachments" not in mail.event()["message"]
    assert not parsed(mail).is_multipart()


def test_who_is_visible(mail: Mail) -> None:
    """sending:MSG-011, MSG-012."""
    mail.send({"to": "a@example.com, b@example.com", "cc": "c@example.com", "bcc": "d@secret.com"})
    message = parsed(mail)
    assert message["To"] == "a@example.com, b@example.com"
    assert message["Cc"] == "c@example.com"
    event = mail.events()[0]
    assert "d@secret.com" not in mail.raw(event)
    assert mail.stored(event)["recipients"].split(", ")[-1] == "d@secret.com"


def test_the_sender_header(mail: Mail) -> None:
    """sending:MSG-013, MSG-014."""
    mail.send()
    assert parsed(mail)["Sender"] == f"bob=example.org@{mail.domain}"
    mail.send({"from": f"Own <own@{mail.domain}>", "subject": "own"})
    own = mail.events(subject="own")[0]
    assert own["envelope"]["sender"] == f"own@{mail.domain}"
    assert f"\r\nSender: own@{mail.domain}\r\n" in mail.raw(own)


def test_headers_cannot_be_smuggled_in(mail: Mail) -> None:
    """sending:MSG-021: line breaks in values become blanks."""
    evil = "x\r\nBcc: victim@example.com\r\n\r\nbody"
    mail.send({"subject": evil, "h:X-A": evil, "v:x": evil, "o:tag": evil})
    message = parsed(mail)
    assert "Bcc" not in message
    assert message["X-A"] == "x Bcc: victim@example.com body"
    assert message.get_content().strip() == "Hi there"


def test_texts_of_any_language(mail: Mail) -> None:
    """sending:IDN-002: encoded in the headers, as written in answers."""
    mail.send({"from": "Jürgen Süß <js@example.com>", "subject": "Привет " * 20, "text": "日本"})
    assert mail.raw().isascii()
    stored = mail.stored()
    assert stored["Subject"].strip() == ("Привет " * 20).strip()
    assert stored["From"] == "Jürgen Süß <js@example.com>"
    assert stored["body-plain"] == "日本"


def test_tags_are_headers(mail: Mail) -> None:
    """sending:MSG-034."""
    mail.send({"o:tag": ["one", "two"]})
    assert parsed(mail).get_all("X-Mailgun-Tag") == ["one", "two"]


@pytest.mark.parametrize("key", ["unknown", "a/b", "%2E%2E"])
def test_an_unknown_key(mail: Mail, key: str) -> None:
    """sending:STORE-007."""
    path = f"/v3/domains/{mail.domain}/messages/{key.replace('/', '%2F')}"
    answers = (mail.api.get(path), mail.api.post(path, data={"to": ALICE}))
    for answer in answers:
        assert (answer.status_code, answer.json()) == NOT_FOUND


def test_mail_is_kept_for_three_days(app: Emulator, mail: Mail) -> None:
    """sending:STORE-007, STORE-008: or for as long as the domain says; its events stay."""
    for ttl in (0, 60):
        found = app.state.store(app.state.accounts[0], DomainStore).find(mail.domain)
        assert found is not None
        found.message_ttl = ttl
        mail.send()
        event = mail.events(event="accepted")[0]
        mail.wait((ttl or 72 * 3600) - 1)
        assert mail.api.get(event["storage"]["url"]).status_code == 200
        mail.wait(1)
        gone = mail.api.get(event["storage"]["url"])
        assert (gone.status_code, gone.json()) == NOT_FOUND
        assert mail.events(event="accepted")[0]["message"]["size"] == event["message"]["size"]


def test_a_look_at_expired_mail_changes_nothing(app: Emulator, mail: Mail) -> None:
    """sending:STORE-007, STORE-008."""
    mail.send()
    url = mail.event()["storage"]["url"]
    mail.wait(72 * 3600)
    before = app.state.digest()
    assert mail.api.get(url).status_code == 404
    assert mail.api.post(url, data={"to": ALICE}).status_code == 404
    assert app.state.digest() == before


def test_what_is_kept_is_bounded(app: Emulator, mail: Mail) -> None:
    """sending:STORE-008: our own bounds, by number and by size; the oldest go first."""
    kept = store(app)
    kept.most = 3
    for number in range(5):
        mail.send({"subject": str(number)})
    assert len(kept) == 3
    sizes = [event["message"]["size"] for event in mail.events()]
    codes = [mail.api.get(event["storage"]["url"]).status_code for event in mail.events()]
    assert codes == [200, 200, 200, 404, 404]
    # What is gone has the size of its parts, unless somebody asked before.
    assert len(set(sizes[:3])) == len(set(sizes[3:])) == 1
    assert 0 < sizes[4] < sizes[0]
    assert sizes == [event["message"]["size"] for event in mail.events()]
    kept.most_bytes = 4100
    mail.send({"text": "x" * 4000})
    assert len(kept) == 1


def test_stored_mail_is_sent_again(mail: Mail) -> None:
    """sending:STORE-009: the MIME as it was, to others."""
    mail.send({"to": ALICE, "v:x": "1"}, [("attachment", ("a.txt", b"abc", "text/plain"))])
    first = mail.event()
    url = first["storage"]["url"]
    answer = mail.api.post(url, data={"to": "c@example.com, Dora <d@example.com>"})
    assert answer.json() == {
        "id": f"<{first['message']['headers']['message-id']}>",
        "message": "Queued. Thank you.",
    }
    mail.wait()
    again = mail.events(event="delivered", recipient="d@example.com")[0]
    assert again["storage"]["key"] != first["storage"]["key"]
    stored = mail.stored(again)
    assert (stored["To"], stored["recipients"]) == (ALICE, "c@example.com, d@example.com")
    assert (stored["body-plain"].strip(), stored["attachments"][0]["size"]) == ("Hi there", 3)
    assert len(mail.events(event="delivered")) == 3


def test_sending_again_needs_recipients(mail: Mail) -> None:
    """sending:STORE-009, ERR-031, ERR-032."""
    mail.send()
    url = mail.event()["storage"]["url"]
    missing, wrong = mail.api.post(url, data={}), mail.api.post(url, data={"to": "nobody"})
    assert (missing.status_code, missing.json()["message"]) == (400, "to parameter is missing")
    assert wrong.status_code == 400
    assert wrong.json()["message"].startswith("to parameter is not a valid address")
    assert len(mail.events()) == 1


def test_every_event_has_the_key(mail: Mail) -> None:
    """sending:STORE-008: by which the mail is read, whatever became of it."""
    mail.api.post(mail.path("bounces"), data={"address": "gone@example.com"})
    mail.send({"to": f"{ALICE}, gone@example.com"})
    mail.wait()
    events = {event["event"]: event for event in mail.events()}
    assert events.keys() == {"accepted", "delivered", "failed"}
    assert len({event["storage"]["key"] for event in events.values()}) == 1
    assert mail.stored(events["failed"])["Subject"] == "Hello"


def test_a_template_is_not_applied_again(mail: Mail) -> None:
    """sending:STORE-009: what is sent again is as it was, also when the template has gone."""
    templates = mail.path("templates")
    assert mail.api.post(templates, data={"name": "hi", "template": "<p>Hi</p>"}).status_code == 200
    mail.send({"template": "hi", "text": None})
    event = mail.event()
    before = mail.stored(event)
    assert mail.api.delete(f"{templates}/hi").status_code == 200
    answer = mail.api.post(event["storage"]["url"], data={"to": "b@example.com"})
    assert answer.status_code == 200, answer.text
    again = mail.stored(mail.events(recipient="b@example.com")[0])
    assert again["X-Mailgun-Template-Name"] == "hi"
    assert again["body-html"] == before["body-html"]
