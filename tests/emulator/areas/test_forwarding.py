"""Routes at work: which of them run, what they post, and what happens when nobody takes it."""

from __future__ import annotations

import json
import re
from email.message import EmailMessage

import httpx
import pytest

from mailgun_emulator.areas.messages.limits import Standing
from tests.emulator.areas.incoming import BOB, URL, Incoming, mime

FORWARD = f'forward("{URL}")'


def test_turns(incoming: Incoming) -> None:
    """sending:ROUTE-019, ROUTE-016: all that match run by priority, until one stops."""
    incoming.route('forward("http://h.test/3")', priority=3)
    incoming.route(
        'forward("http://h.test/2")', "stop()", expression="match_recipient('alice')", priority=2
    )
    incoming.route('forward("http://h.test/1")', expression="match_recipient('.*')", priority=1)
    incoming.route('forward("http://h.test/0")', expression="match_recipient('bob')", priority=0)
    incoming.take()
    assert incoming.urls() == ["http://h.test/1", "http://h.test/2"]
    incoming.take(recipient=f"carol@{incoming.domain}")
    assert incoming.urls()[2:] == ["http://h.test/1"]


def test_headers(incoming: Incoming) -> None:
    """sending:ROUTE-015, ROUTE-018: filters see the headers; captures go into the URL."""
    expression = (
        r"""match_recipient("(?P<user>.*)@") and match_header("subject", ".*ticket (\d+)")"""
    )
    incoming.route(r'forward("http://h.test/\g<user>/?ticket=\2")', expression=expression)
    incoming.take(mime(Subject="About =?utf-8?q?ticket?= 42"))
    incoming.take(mime(Subject="About nothing"))
    assert incoming.urls() == ["http://h.test/alice/?ticket=42"]


def test_base_fields(incoming: Incoming) -> None:
    """sending:INB-001, INB-002, INB-005, INB-006: urlencoded, with envelope, headers, bodies."""
    incoming.route(FORWARD)
    incoming.take(mime("Hi\r\n", Received="a", X_Two="1", x_two="2"))
    [request] = incoming.receiver.received
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    form, pairs = incoming.form(), incoming.pairs()
    assert form["recipient"] == "alice@sandbox.example.test"
    assert (form["sender"], form["from"]) == ("bounce@example.org", BOB)
    assert (form["subject"], form["Subject"], form["From"]) == ("Hello", "Hello", BOB)
    assert form["body-plain"] == "Hi\r\n"
    assert "body-html" not in form
    assert form["X-Mailgun-Incoming"] == "Yes"
    assert form["X-Envelope-From"] == "<bounce@example.org>"
    headers = json.loads(form["message-headers"])
    assert headers == [
        ["X-Mailgun-Incoming", "Yes"],
        ["X-Envelope-From", "<bounce@example.org>"],
        ["From", BOB],
        ["To", "alice@sandbox.example.test"],
        ["Subject", "Hello"],
        ["Received", "a"],
        ["X-Two", "1"],
        ["x-two", "2"],
    ]
    assert [list(pair) for pair in pairs if pair[0] in dict(headers)] == headers


def test_signature(incoming: Incoming) -> None:
    """sending:INB-009, HOOK-004, HOOK-005: signed flat in the form with the webhook key."""
    incoming.route(FORWARD)
    incoming.take()
    form = incoming.form()
    assert form["timestamp"] == str(int(incoming.app.state.clock.timestamp()))
    assert re.fullmatch("[0-9a-f]{50}", form["token"])
    assert re.fullmatch("[0-9a-f]{64}", form["signature"])
    assert incoming.signed(form)
    incoming.api.post("/v5/accounts/http_signing_key")
    assert not incoming.signed(form)


def html_mail(html: str) -> bytes:
    message = EmailMessage()
    message["From"] = BOB
    message.set_content(html, subtype="html")
    return message.as_bytes()


def test_plain_from_html(incoming: Incoming) -> None:
    """sending:INB-003: there is always a text."""
    incoming.route(FORWARD)
    html = "<style>p{}</style><h1>Hi</h1><p>One<br>two &amp; three</p>\n<ul><li>a<li>b</ul>"
    incoming.take(html_mail(html))
    form = incoming.form()
    assert form["body-html"].strip() == html
    assert form["body-plain"] == "Hi\n\nOne\ntwo & three\n\na\nb"
    incoming.take("From: a@example.org\r\n\r\n")
    assert incoming.form()["body-plain"] == ""


REPLY = """\
Hi Alice,

here it is.

Thanks,
Bob

On Fri, Jan 24, 2025 at 10:00 AM, Alice <alice@example.com> wrote:
> Dear Bob,
>
> where is it?
>
> --
> Alice
"""


@pytest.mark.parametrize(
    ("text", "stripped", "signature"),
    [
        (REPLY, "Hi Alice,\n\nhere it is.", "Thanks,\nBob"),
        ("Yes\n\n-- \nBob\n+1 555 0100\n", "Yes", "-- \nBob\n+1 555 0100"),
        ("Yes\n\nSent from my phone\n", "Yes", "Sent from my phone"),
        ("Yes\n> really?\n", "Yes", None),
        ("Just this\n    indented\n", "Just this\n    indented", None),
        ("> all\n> is quoted", "> all\n> is quoted", None),
        ("Thanks!", "Thanks!", None),
    ],
)
def test_stripped_text(incoming: Incoming, text: str, stripped: str, signature: str | None) -> None:
    """sending:INB-004: without quotes and signature; what is not found is absent."""
    incoming.route(FORWARD)
    incoming.take(mime(text))
    form = incoming.form()
    assert (form["stripped-text"], form.get("stripped-signature")) == (stripped, signature)
    assert form["body-plain"] == text


def test_stripped_html(incoming: Incoming) -> None:
    """sending:INB-004: HTML without what is quoted in it; absent when it is too much to read."""
    incoming.route(FORWARD)
    quote = (
        '<div class="gmail_quote">On Fri, Jan 24, 2025, Al wrote:<blockquote>old</blockquote></div>'
    )
    incoming.take(html_mail(f"<div>new</div>{quote}"))
    form = incoming.form()
    assert "old" in form["body-html"]
    assert "<div>new</div>" in form["stripped-html"]
    assert "old" not in form["stripped-html"]
    incoming.take(html_mail("<p>\n" * 50_000))
    assert "stripped-html" not in incoming.form()


def with_files() -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = BOB, "Files"
    message.set_content("See here")
    message.add_alternative('<img src="cid:pic@x">', subtype="html")
    message.add_attachment(
        b"\x89PNG\xff", maintype="image", subtype="png", filename="ü.png", cid="<pic@x>"
    )
    message.add_attachment("a,b", subtype="csv", filename="t.csv")
    return message.as_bytes()


def test_attachments(incoming: Incoming) -> None:
    """sending:INB-001, INB-007: files make it multipart, are counted, and found by content id."""
    incoming.route(FORWARD)
    incoming.take(with_files())
    [request] = incoming.receiver.received
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    form = incoming.form()
    assert form["attachment-count"] == "2"
    assert json.loads(form["content-id-map"]) == {"<pic@x>": "attachment-1"}
    assert form["body-plain"].strip() == "See here"
    files = [part for part in incoming.parts() if part[1]]
    assert [(name, kind, data.strip()) for name, _, kind, data in files] == [
        ("attachment-1", "image/png", b"\x89PNG\xff"),
        ("attachment-2", "text/csv", b"a,b"),
    ]
    assert files[1][1] == "t.csv"
    assert 'filename="ü.png"'.encode() in request.content
    assert incoming.signed(form)


@pytest.mark.parametrize("url", ["http://h.test/mime", "http://h.test/raw-mime"])
def test_whole_message(incoming: Incoming, url: str) -> None:
    """sending:INB-008: the message as it came, urlencoded also with files."""
    incoming.route(f'forward("{url}")')
    raw = with_files()
    incoming.take(raw)
    [request] = incoming.receiver.received
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    form = incoming.form()
    assert form["body-mime"].encode().endswith(raw)
    assert not {"body-plain", "body-html", "attachment-count"} & form.keys()
    assert form["subject"] == "Files"


def test_texts_are_utf8(incoming: Incoming) -> None:
    """sending:INB-011: whatever the mail was coded in."""
    incoming.route(FORWARD)
    raw = mime(
        "Gr\xfc\xdfe",
        Subject="=?iso-8859-1?q?Gr=FC=DFe?=",
        Content_Type="text/plain; charset=latin-1",
    )
    incoming.take(raw.encode("latin-1"))
    form = incoming.form()
    assert (form["body-plain"], form["subject"], form["Subject"]) == ("Grüße",) * 3


def test_unusual_parts(incoming: Incoming) -> None:
    """sending:INB-012: a text of another kind has a field of its own."""
    incoming.route(FORWARD)
    message = EmailMessage()
    message.set_content("plain")
    message.add_alternative("BEGIN:VCALENDAR", subtype="calendar")
    incoming.take(message.as_bytes())
    assert incoming.form()["body-calendar"].strip() == "BEGIN:VCALENDAR"


MINUTES = (10, 15, 30, 60, 120, 240)


def test_retries(incoming: Incoming) -> None:
    """sending:INB-010, DIFF-035; platform:EVT-060: six more attempts, then a failure."""
    incoming.receiver.answers[URL] = [500, httpx.ConnectError("down"), 404, 201, 302, 503, 500]
    incoming.route(FORWARD)
    incoming.take()
    tokens = [incoming.form()["token"]]
    for number, minutes in enumerate(MINUTES, 2):
        incoming.wait(minutes * 60 - 1)
        assert len(incoming.urls()) == number - 1
        assert not incoming.mail.events(event="failed")
        incoming.wait(1)
        assert len(incoming.urls()) == number
        assert incoming.signed(incoming.form())
        tokens.append(incoming.form()["token"])
    assert len(set(tokens)) == 7
    event = incoming.mail.event("failed")
    assert (event["severity"], event["flags"]["is-callback"]) == ("permanent", True)
    assert event["delivery-status"]["code"] == 500
    assert event["delivery-status"]["attempt-no"] == 7
    incoming.wait(86_400)
    assert len(incoming.urls()) == 7


def test_retry_succeeds(incoming: Incoming) -> None:
    """sending:INB-010; platform:EVT-071: 200 is the end of it, and a delivery over HTTP."""
    incoming.receiver.answers[URL] = [500]
    incoming.route(FORWARD)
    incoming.take()
    assert not incoming.mail.events(event="delivered")
    incoming.wait(600)
    event = incoming.mail.event("delivered")
    assert event["envelope"] == {
        "sender": "bounce@example.org",
        "transport": "http",
        "targets": URL,
    }
    assert (event["recipient"], event["flags"]["is-routed"]) == (f"alice@{incoming.domain}", True)
    assert event["delivery-status"]["attempt-no"] == 2
    incoming.wait(86_400)
    assert len(incoming.urls()) == 2


def test_refused(incoming: Incoming) -> None:
    """sending:INB-010: 406 is not tried again."""
    incoming.receiver.answers[URL] = [406]
    incoming.route(FORWARD)
    incoming.take()
    incoming.wait(86_400)
    assert len(incoming.urls()) == 1
    assert incoming.mail.event("failed")["delivery-status"]["code"] == 406


def test_http_deliveries_call_no_webhook(incoming: Incoming) -> None:
    """sending:DELIV-018; platform:HOOK-049: the receiver of a forward is told once."""
    hook = "http://hook.test/webhook"
    incoming.api.post(
        f"/v3/domains/{incoming.domain}/webhooks", data={"id": "delivered", "url": hook}
    )
    incoming.route(FORWARD)
    incoming.take()
    assert incoming.mail.events(event="delivered")
    assert incoming.urls() == [URL]


def test_forward_by_mail(incoming: Incoming) -> None:
    """sending:ROUTE-020, ROUTE-021; platform:EVT-048: mailed on and posted, as events tell."""
    expression = 'match_recipient("alice@(.*)")'
    name = incoming.route(rf'forward("box@\1.example, {URL}")', expression=expression)
    incoming.take()
    incoming.mail.wait()
    box = f"box@{incoming.domain}.example"
    assert incoming.urls() == [URL]
    event = next(e for e in incoming.mail.events(event="delivered") if e["recipient"] == box)
    assert event["flags"]["is-routed"] is True
    [route] = event["routes"]
    assert (route["id"], route["expression"]) == (name, expression)
    assert route["match"] == {"recipient": f"alice@{incoming.domain}"}
    assert event["envelope"]["sender"] == "bounce@example.org"
    raw = incoming.mail.raw(event)
    assert "X-Mailgun-Incoming: Yes" in raw
    assert raw.endswith("Hi Alice")


def test_accepted(incoming: Incoming) -> None:
    """platform:EVT-045, EVT-048: mail from outside is accepted, with the routes that took it."""
    incoming.take()
    event = incoming.mail.event()
    assert (event["flags"]["is-authenticated"], event["recipient"]) == (
        False,
        f"alice@{incoming.domain}",
    )
    assert "routes" not in event
    assert event["message"]["headers"]["subject"] == "Hello"
    name = incoming.route("stop()", priority=4, description="x")
    incoming.take()
    [route] = incoming.mail.events(event="accepted")[0]["routes"]
    assert route == {
        "id": name,
        "expression": "catch_all()",
        "description": "x",
        "priority": 4,
        "actions": ["stop()"],
        "match": {"recipient": f"alice@{incoming.domain}"},
    }


def test_sandbox(incoming: Incoming) -> None:
    """sending:ROUTE-023: mail goes on only to those whom the account may write to."""
    standing = incoming.app.state.store(incoming.app.state.accounts[0], Standing)
    standing.free, standing.authorized = True, {"known@example.com"}
    incoming.route('forward("known@example.com, other@example.com")')
    incoming.take()
    incoming.mail.wait()
    assert incoming.mail.event("delivered")["recipient"] == "known@example.com"
    assert "for test purposes only" in incoming.mail.event("rejected")["reject"]["reason"]


def test_international_recipients(incoming: Incoming) -> None:
    """sending:ROUTE-024: a filter in ASCII takes mail for the domain as it is written."""
    incoming.api.post("/v4/domains", data={"name": "xn--bcher-kva.example"})
    incoming.route(FORWARD, expression='match_recipient(".*@xn--bcher-kva.example")')
    incoming.take(recipient="alice@bücher.example")
    assert incoming.urls() == [URL]
