"""Mail that is kept, the spam filter, and handing mail in by the control API."""

from __future__ import annotations

import json
from email.message import EmailMessage
from typing import Any

import pytest

from tests.emulator.areas.clients import told
from tests.emulator.areas.incoming import BOB, URL, Incoming, mime

NOTIFY = f'store(notify="{URL}")'


def with_file() -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-Id"] = BOB, "File", "<one@example.org>"
    message.set_content("See here")
    message.add_attachment("a,b", subtype="csv", filename="t.csv", cid="<c@x>")
    return message.as_bytes()


def test_store(incoming: Incoming) -> None:
    """sending:STORE-001, STORE-003, STORE-010; platform:EVT-068: kept, as an event without
    recipient tells."""
    incoming.route("store()")
    [key] = incoming.take(with_file())["stored"]
    event = incoming.mail.event("stored")
    assert "recipient" not in event
    assert event["log-level"] == "info"
    assert event["storage"]["key"] == key
    assert {"region", "env"} < event["storage"].keys()
    url = f"http://mg.test/v3/domains/{incoming.domain}/messages/{key}"
    assert event["storage"]["url"] == url
    assert event["message"]["recipients"] == [f"alice@{incoming.domain}"]
    assert event["message"]["headers"]["message-id"] == "one@example.org"
    [file] = event["message"]["attachments"]
    assert (file["filename"], file["content-type"], file["size"]) == ("t.csv", "text/csv", 4)
    assert incoming.urls() == []
    assert incoming.api.get(url).status_code == 200


def test_stored_for_three_days(incoming: Incoming) -> None:
    """sending:STORE-001, STORE-007: and not longer."""
    incoming.route("store()")
    incoming.take()
    url = incoming.mail.event("stored")["storage"]["url"]
    incoming.wait(72 * 3600 - 1)
    assert incoming.api.get(url).status_code == 200
    incoming.wait(1)
    assert told(incoming.api.get(url)) == (404, {"message": "Message not found"})


def test_retrieved(incoming: Incoming) -> None:
    """sending:STORE-004, STORE-006, STORE-011: taken apart, the files by their addresses."""
    incoming.route("store()")
    incoming.take(with_file())
    url = incoming.mail.event("stored")["storage"]["url"]
    shown = incoming.mail.stored(incoming.mail.event("stored"))
    assert (shown["sender"], shown["recipients"]) == (
        "bounce@example.org",
        f"alice@{incoming.domain}",
    )
    assert (shown["From"], shown["Subject"]) == (BOB, "File")
    assert shown["X-Mailgun-Incoming"] == "Yes"
    assert shown["stripped-text"] == shown["body-plain"].strip() == "See here"
    assert ["Subject", "File"] in shown["message-headers"]
    assert shown["attachments"] == [
        {"name": "t.csv", "content-type": "text/csv", "size": 4, "url": f"{url}/attachments/0"}
    ]
    assert shown["content-id-map"] == {"<c@x>": "attachment-1"}


def test_retrieved_whole(incoming: Incoming) -> None:
    """sending:STORE-005: the MIME text with sender, recipients and subject."""
    incoming.route("store()")
    incoming.take(mime("Hi\r\nthere"))
    url = incoming.mail.event("stored")["storage"]["url"]
    shown = incoming.api.get(url, headers={"accept": "message/rfc2822"}).json()
    assert shown.keys() == {"sender", "recipients", "from", "subject", "body-mime"}
    assert (shown["from"], shown["subject"]) == (BOB, "Hello")
    assert shown["body-mime"].endswith("\r\n\r\nHi\r\nthere")


def test_notified(incoming: Incoming) -> None:
    """sending:STORE-001, STORE-002, STORE-011: the fields of a forward, the files only told."""
    incoming.route(NOTIFY)
    [key] = incoming.take(with_file())["stored"]
    assert incoming.urls() == [URL]
    form = incoming.form()
    url = f"http://mg.test/v3/domains/{incoming.domain}/messages/{key}"
    assert (form["domain"], form["message-url"]) == (incoming.domain, url)
    assert (form["recipient"], form["sender"]) == (
        f"alice@{incoming.domain}",
        "bounce@example.org",
    )
    assert form["body-plain"].strip() == "See here"
    assert json.loads(form["attachments"]) == [
        {"name": "t.csv", "content-type": "text/csv", "size": 4, "url": f"{url}/attachments/0"}
    ]
    assert "attachment-count" not in form
    assert not [part for part in incoming.parts() if part[1]]
    assert incoming.signed(form)
    assert incoming.api.get(form["message-url"]).json()["Subject"] == "File"


def test_files_are_fetched(incoming: Incoming) -> None:
    """sending:STORE-006, STORE-007: each attachment has an address, from 0 on, with its bytes."""
    incoming.route("store()")
    incoming.take(with_file())
    [file] = incoming.mail.stored(incoming.mail.event("stored"))["attachments"]
    assert file["url"].endswith("/attachments/0")
    answer = incoming.api.get(file["url"])
    assert (answer.status_code, answer.content.strip()) == (200, b"a,b")
    assert len(answer.content) == file["size"]
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "t.csv" in answer.headers["content-disposition"]
    for other in (
        f"{file['url'][:-1]}1",
        f"{file['url'][:-1]}10",
        file["url"].replace("/0", "/-1"),
    ):
        assert incoming.api.get(other).status_code in (400, 404)
    assert incoming.api.get(file["url"], auth=("api", "wrong")).status_code == 401
    incoming.wait(72 * 3600)
    assert told(incoming.api.get(file["url"])) == (404, {"message": "Message not found"})


def test_stored_mail_is_sent_again(incoming: Incoming) -> None:
    """sending:STORE-009: mail that came in can go out."""
    incoming.route("store()")
    incoming.take()
    url = incoming.mail.event("stored")["storage"]["url"]
    answer = incoming.api.post(url, data={"to": "carol@example.com"})
    assert (answer.status_code, answer.json()["message"]) == (200, "Queued. Thank you.")
    incoming.mail.wait()
    assert incoming.mail.event("delivered")["recipient"] == "carol@example.com"


GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


def filtered(incoming: Incoming, action: str) -> None:
    answer = incoming.api.put(f"/v4/domains/{incoming.domain}", data={"spam_action": action})
    assert answer.status_code == 200
    incoming.route(f'forward("{URL}")')


def test_no_spam_filter(incoming: Incoming) -> None:
    """sending:SPAM-001: off unless wanted."""
    incoming.route(f'forward("{URL}")')
    incoming.take(mime(GTUBE))
    assert "X-Mailgun-Sflag" not in incoming.form()


def test_spam_is_blocked(incoming: Incoming) -> None:
    """sending:SPAM-001, SPAM-004: from a score of 5 on, mail is dropped."""
    filtered(incoming, "block")
    assert incoming.take(spam_score="5.0")["dropped"] is True
    assert incoming.take(mime(GTUBE))["dropped"] is True
    assert (incoming.urls(), incoming.mail.events()) == ([], [])
    assert incoming.take(spam_score="4.9")["dropped"] is False
    assert incoming.urls() == [URL]
    assert "X-Mailgun-Sflag" not in incoming.form()


@pytest.mark.parametrize(
    ("message", "findings", "marks"),
    [
        (mime(), {}, ("No", "-1.1", "none", None, "Pass")),
        (mime(GTUBE), {}, ("Yes", "1000.0", "GTUBE", None, "Pass")),
        (
            mime(),
            {"spam_score": "7.25", "spf": "SoftFail"},
            ("Yes", "7.2", "none", None, "SoftFail"),
        ),
        (mime(DKIM_Signature="v=1"), {}, ("No", "-1.1", "none", "Pass", "Pass")),
        (
            mime(DKIM_Signature="v=1"),
            {"dkim": "Fail", "spf": "Neutral"},
            ("No", "-1.1", "none", "Fail", "Neutral"),
        ),
    ],
)
def test_spam_is_tagged(
    incoming: Incoming, message: str, findings: dict[str, Any], marks: tuple[str | None, ...]
) -> None:
    """sending:SPAM-002, SPAM-003, DIFF-044: headers on every checked mail."""
    filtered(incoming, "tag")
    incoming.take(message, **findings)
    form = incoming.form()
    names = ("Sflag", "Sscore", "Spam-Rules", "Dkim-Check-Result", "Spf")
    assert tuple(form.get(f"X-Mailgun-{name}") for name in names) == marks


def test_routes_see_the_verdict(incoming: Incoming) -> None:
    """sending:SPAM-005: a filter for marked mail."""
    filtered(incoming, "tag")
    expression = "match_header('X-Mailgun-Sflag', 'Yes')"
    incoming.route('forward("http://spam.test/")', "stop()", expression=expression, priority=-1)
    incoming.take(mime(GTUBE))
    assert incoming.urls() == ["http://spam.test/"]
    incoming.take()
    assert incoming.urls()[1:] == [URL]


def test_mail_to_a_list(incoming: Incoming) -> None:
    """sending:LSEND-001, LSEND-002: from outside, only where everyone may write to the list."""
    address = f"team@{incoming.domain}"
    incoming.api.post("/v3/lists", data={"address": address, "access_level": "everyone"})
    incoming.api.post(f"/v3/lists/{address}/members", data={"address": "member@example.com"})
    assert incoming.take(recipient=address)["list"] is True
    incoming.mail.wait(2)
    assert incoming.mail.event("delivered")["recipient"] == "member@example.com"
    incoming.api.put(f"/v3/lists/{address}", data={"access_level": "readonly"})
    incoming.take(recipient=address)
    incoming.mail.wait(2)
    assert len(incoming.mail.events(event="delivered")) == 1
    assert incoming.mail.event("rejected")["mailing-list"]["address"] == address


def test_a_list_and_a_route(incoming: Incoming) -> None:
    """sending:LSEND-007: one mail goes to the members of the list, and takes the route as well."""
    address = f"team@{incoming.domain}"
    incoming.api.post("/v3/lists", data={"address": address, "access_level": "everyone"})
    incoming.api.post(f"/v3/lists/{address}/members", data={"address": "member@example.com"})
    name = incoming.route(NOTIFY, "stop()", expression=f"match_recipient('{address}')")
    told = incoming.take(recipient=address)
    assert (told["list"], told["routes"], len(told["stored"])) == (True, [name], 1)
    assert (incoming.urls(), incoming.form()["recipient"]) == ([URL], address)
    accepted = incoming.mail.event("accepted")
    assert (accepted["recipient"], accepted["routes"][0]["id"]) == (address, name)
    incoming.mail.wait(2)
    copy = next(e for e in incoming.mail.events(event="delivered") if e["recipient"] != address)
    assert copy["recipient"] == "member@example.com"
    assert "routes" not in copy
    assert copy["flags"]["is-routed"] is False


def test_handed_in_by_parts(incoming: Incoming) -> None:
    """A message can be described instead of written; files come along."""
    incoming.route(f'forward("{URL}")')
    answer = incoming.post(
        {
            "from": BOB,
            "to": f"alice@{incoming.domain}",
            "subject": "Parts",
            "text": "Hi",
            "html": "<b>Hi</b>",
            "h:X-Own": "yes",
        },
        {"attachment": ("t.txt", b"data", "text/plain")},
    )
    assert answer.status_code == 200
    incoming.flush()
    form = incoming.form()
    assert (form["sender"], form["from"], form["X-Own"]) == ("bob@example.org", BOB, "yes")
    assert (form["body-plain"], form["body-html"]) == ("Hi", "<b>Hi</b>")
    assert form["attachment-count"] == "1"


def test_handed_in_as_json_or_mime(incoming: Incoming) -> None:
    """The same by a JSON object, and as nothing but the message."""
    incoming.route(f'forward("{URL}")')
    people = [f"alice@{incoming.domain}", f"carol@{incoming.domain}"]
    answer = incoming.api.post(
        "/_emulator/inbound",
        json={"recipient": people, "from": BOB, "subject": "J", "text": "é", "spam-score": 1},
    )
    assert [each["recipient"] for each in answer.json()["recipients"]] == people
    incoming.flush()
    assert [incoming.form(n)["recipient"] for n in (0, 1)] == people
    assert incoming.form()["body-plain"] == "é"
    answer = incoming.api.post(
        "/_emulator/inbound",
        params={"recipient": people[0], "sender": "x@example.org"},
        content=mime("Gr\xfc\xdfe").encode("latin-1"),
        headers={"content-type": "message/rfc822"},
    )
    assert answer.status_code == 200
    incoming.flush()
    assert (incoming.form()["sender"], incoming.form()["subject"]) == ("x@example.org", "Hello")


@pytest.mark.parametrize(
    ("fields", "status", "reason"),
    [
        ({"recipient": "alice@elsewhere.example"}, 404, "nobody has the domain of alice@elsewhere"),
        ({"from": BOB}, 400, "recipient is no address"),
        ({"recipient": "alice"}, 400, "recipient is no address"),
        ({"recipient": "a@sandbox.example.test", "spam-score": "nan"}, 400, "spam-score is not"),
        ({"recipient": "a@sandbox.example.test", "spf": "Maybe"}, 400, "spf is none of"),
        ({"recipient": "a@sandbox.example.test", "dkim": "Maybe"}, 400, "dkim is none of"),
        ({"recipient": "a@sandbox.example.test", "colour": "red"}, 400, "there is no 'colour'"),
    ],
)
def test_not_handed_in(
    incoming: Incoming, fields: dict[str, str], status: int, reason: str
) -> None:
    """What cannot be handed in is refused with a reason, and leaves nothing behind."""
    before = incoming.app.state.digest()
    answer = incoming.post(fields)
    assert answer.status_code == status
    assert answer.json()["message"].startswith(reason)
    assert incoming.app.state.digest() == before


def test_subdomains(incoming: Incoming) -> None:
    """A domain with `wildcard` gets the mail of its subdomains too."""
    incoming.route(f'forward("{URL}")')
    address = f"alice@sub.{incoming.domain}"
    assert incoming.post({"recipient": address, "mime": mime()}).status_code == 404
    incoming.api.put(f"/v4/domains/{incoming.domain}", data={"wildcard": "true"})
    assert incoming.take(recipient=address)["domain"] == incoming.domain
    assert incoming.form()["recipient"] == address


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"\r\n\r\nno headers",
        b"no headers at all",
        b" folded: first\r\n\r\nx",
        b"Subject: =?bad?q?=FF?=\nContent-Type: text/plain; charset=no-such\n\n\xff\xfe",
        b"Content-Type: multipart/mixed\n\n--x\n\nlost",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n"
        b"Content-Type: message/rfc822\n\nA: b\n\nc",
        b"Content-Transfer-Encoding: base64\n\n!!!",
        b"Content-Disposition: attachment; filename*=bad''%FF\n\ndata",
        b"From: \xff\xfe <a@b.example>\nSubject: \xed\xa0\x80\n\n\x00",
        "Subject: \ud800\n\nx".encode("utf-8", "surrogatepass"),
    ],
)
def test_broken_mail(incoming: Incoming, raw: bytes) -> None:
    """sending:INB-003: whatever comes in is passed on, kept and shown."""
    incoming.route(f'forward("{URL}, http://h.test/mime, box@example.com")', NOTIFY)
    incoming.take(raw)
    incoming.mail.wait()
    assert len(incoming.urls()) == 3
    assert all("stripped-text" in incoming.form(number) for number in range(3))
    assert incoming.mail.stored(incoming.mail.event("stored"))["body-plain"] is not None
    assert "body-mime" in incoming.form(1)
