"""Mail from stored templates: what the recipient gets, and what events say of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.areas.clients import Templates
from tests.emulator.areas.mail import ALICE, BOB, Mail
from tests.emulator.areas.mailing import MailingLists

BODY = "<p>Hi {{name}}, you owe {{amount}}.</p>"
HEADERS = {
    "From": "Sales <sales@{{branch}}.test>",
    "Subject": "{{what}} & more",
    "Reply-To": "help+{{what}}@example.com",
}


def templated(**fields: Any) -> dict[str, Any]:
    """The fields of a message that uses the template `bill`, with nothing that it may give."""
    bare = {"from": None, "subject": None, "text": None, "template": "bill"}
    return {**bare, **{name.replace("__", ":"): value for name, value in fields.items()}}


def send(mail: Mail, **fields: Any) -> dict[str, Any]:
    """The accepted event of such a message; it has been delivered."""
    answer = mail.send(templated(**fields))
    assert answer.status_code == 200, answer.text
    mail.wait()
    return mail.event()


def test_the_active_version_is_the_html(mail: Mail, templates: Templates) -> None:
    """sending:TSEND-001, TSEND-005: by the name in whatever case, and the only part."""
    templates.create("bill", template="old", tag="v1")
    templates.add("bill", "v2", BODY, active="yes")
    send(mail, template="Bill", t__variables='{"name": "Al", "amount": 3}')
    stored = mail.stored()
    assert stored["body-html"] == "<p>Hi Al, you owe 3.</p>"
    raw = mail.raw()
    assert "multipart" not in raw
    assert 'Content-Type: text/html; charset="utf-8"' in raw


def test_a_version_can_be_named(mail: Mail, templates: Templates) -> None:
    """sending:TSEND-002, TSEND-014."""
    templates.create("bill", template="<b>one</b>", tag="v1")
    templates.add("bill", "v2", "<b>two</b>")
    event = send(mail, t__version="V2")
    assert mail.stored()["body-html"] == "<b>two</b>"
    assert event["template"] == {"name": "bill", "version": "V2", "is-text": False}
    assert mail.event("delivered")["template"] == event["template"]
    assert mail.refusal({"template": None, "t:version": "v1", "text": None})[0] == 400


@pytest.mark.parametrize("fields", [{"template": "nothing"}, {"t:version": "v9"}, {}])
def test_what_cannot_be_rendered_at_all_is_refused(
    mail: Mail, templates: Templates, fields: dict[str, str]
) -> None:
    """sending:OPEN-001: no template, no version of that name, no version at all."""
    templates.create("bill")
    status, text = mail.refusal({**templated(), **fields})
    assert (status, text.endswith("not found")) == (400, True)
    assert mail.events() == []


def test_a_later_change_is_not_for_mail_that_was_accepted(mail: Mail, templates: Templates) -> None:
    """sending:TSEND-001: the message keeps what the version said, even when that is gone."""
    templates.create("bill", template="<b>{{a}}</b>", tag="v1", headers='{"Subject": "S{{a}}"}')
    mail.send(templated(t__variables='{"a": 1}'))
    templates.update("bill", "versions", "v1", template="new", headers='{"Subject": "new"}')
    templates.api.delete(templates.path())
    mail.wait()
    assert mail.stored()["body-html"] == "<b>1</b>"
    assert mail.event("delivered")["message"]["headers"]["subject"] == "S1"


def test_variables_of_the_template_are_nowhere_else(mail: Mail, templates: Templates) -> None:
    """sending:TSEND-003, TSEND-004, TSEND-017: but those of the message are, and yield to them."""
    templates.create("bill", template="{{a}} {{b}} {{c.d}}")
    mail.send(
        templated(t__variables='{"a": "secret", "b": "secret"}')
        | {"h:X-Mailgun-Variables": '{"c": {"d": "header"}}', "v:b": "message"}
    )
    mail.wait()
    stored = mail.stored()
    assert stored["body-html"] == "secret secret header"
    for event in mail.events():
        assert event["user-variables"] == {"b": "message", "c": {"d": "header"}}
        assert "secret" not in json.dumps(event)
    assert json.loads(stored["X-Mailgun-Variables"]) == {"b": "message", "c": {"d": "header"}}
    assert stored["X-Mailgun-Template-Name"] == "bill"
    assert json.loads(stored["X-Mailgun-Template-Variables"]) == {"a": "secret", "b": "secret"}


def test_variables_of_the_message_alone_do_as_well(mail: Mail, templates: Templates) -> None:
    """sending:TSEND-004."""
    templates.create("bill", template=BODY)
    mail.send({**templated(), "v:name": "Al", "v:amount": "7"})
    assert mail.stored()["body-html"] == "<p>Hi Al, you owe 7.</p>"
    assert "X-Mailgun-Template-Variables" not in mail.raw()


@pytest.mark.parametrize("flag", ["yes", "true"])
def test_a_text_part_is_made_when_asked_for(mail: Mail, templates: Templates, flag: str) -> None:
    """sending:TSEND-005, TSEND-014."""
    templates.create("bill", template="<h1>Bill</h1><p>Hi <b>{{name}}</b></p>")
    event = send(mail, t__text=flag, t__variables='{"name": "Al & Bo"}')
    stored = mail.stored()
    assert stored["body-plain"].split() == ["Bill", "Hi", "Al", "&", "Bo"]
    assert stored["body-html"] == "<h1>Bill</h1><p>Hi <b>Al &amp; Bo</b></p>"
    raw = mail.raw()
    assert raw.index("text/plain") < raw.index("text/html")
    assert event["template"]["is-text"] is True


def test_an_own_text_goes_along(mail: Mail, templates: Templates) -> None:
    """sending:TSEND-005: as it is, and instead of one that would be made."""
    templates.create("bill", template="<p>html {{a}}</p>")
    send(mail, text="own {{a}}", t__text="yes", t__variables='{"a": 1}')
    stored = mail.stored()
    assert (stored["body-plain"], stored["body-html"]) == ("own {{a}}", "<p>html 1</p>")


def test_headers_come_on_delivery(mail: Mail, templates: Templates) -> None:
    """sending:TPL-006, TSEND-011 to TSEND-013, DIFF-036: rendered, and not escaped."""
    templates.create("bill", template=BODY, headers=json.dumps({**HEADERS, "X-Other": "no"}))
    variables = '{"branch": "north", "what": "<news>"}'
    accepted = send(mail, t__variables=variables)["message"]["headers"]
    assert "subject" not in accepted
    assert accepted["from"] == f"postmaster@{mail.domain}"
    delivered = mail.event("delivered")["message"]["headers"]
    assert delivered["subject"] == "<news> & more"
    assert delivered["from"] == "Sales <sales@north.test>"
    stored = mail.stored()
    assert (stored["From"], stored["Subject"]) == ("Sales <sales@north.test>", "<news> & more")
    assert stored["Reply-To"] == "help+<news>@example.com"
    assert stored["Sender"] == f"sales=north.test@{mail.domain}"
    assert "X-Other" not in mail.raw()
    (shown,) = mail.api.get("/_emulator/messages").json()["messages"]
    assert (shown["subject"], shown["from"]) == ("<news> & more", "Sales <sales@north.test>")


def test_headers_of_the_request_win(mail: Mail, templates: Templates) -> None:
    """sending:TSEND-011."""
    templates.create("bill", template=BODY, headers=json.dumps(HEADERS))
    fields = templated(subject="Mine") | {"from": BOB, "h:reply-to": "me@example.com"}
    assert mail.send(fields).status_code == 200
    mail.wait()
    stored = mail.stored()
    assert (stored["From"], stored["Subject"]) == (BOB, "Mine")
    assert stored["Reply-To"] == "me@example.com"
    assert mail.raw().lower().count("\nreply-to:") == 1
    assert mail.event("delivered")["message"]["headers"]["subject"] == "Mine"


def test_without_any_sender_it_is_the_postmaster(mail: Mail, templates: Templates) -> None:
    """sending:TSEND-011: also when what the template gives is no address."""
    templates.create("bill", template=BODY)
    send(mail)
    assert mail.stored()["From"] == f"postmaster@{mail.domain}"
    templates.create("odd", template=BODY, headers='{"From": "{{nobody}}"}')
    mail.send(templated(template="odd"))
    (newest, _) = mail.events(event="accepted")
    assert mail.stored(newest)["From"] == f"postmaster@{mail.domain}"


def test_recipient_variables_are_filled_in_afterwards(mail: Mail, templates: Templates) -> None:
    """sending:TSEND-018, BATCH-002, BATCH-013: in body, text and headers, as plain text."""
    templates.create(
        "bill",
        template="<p>{{greeting}} %recipient.name%, {{amount}}</p>",
        headers='{"Subject": "{{greeting}} %recipient_email%"}',
    )
    people = {"a@example.com": {"name": "Al", "due": 1}, "b@example.com": {"name": "Bo", "due": 2}}
    send_fields = templated(
        to=", ".join(people),
        t__text="yes",
        t__variables='{"greeting": "Hi", "amount": "%recipient.due%"}',
    )
    mail.send({**send_fields, "recipient-variables": json.dumps(people)})
    mail.wait()
    events = {event["recipient"]: event for event in mail.events(event="delivered")}
    assert set(events) == set(people)
    for address, known in people.items():
        stored = mail.stored(events[address])
        assert stored["body-html"] == f"<p>Hi {known['name']}, {known['due']}</p>"
        assert stored["body-plain"] == f"Hi {known['name']}, {known['due']}"
        assert stored["Subject"] == f"Hi {address}"
        assert events[address]["message"]["headers"]["subject"] == f"Hi {address}"


def test_members_of_a_list_get_it_rendered(
    mail: Mail, templates: Templates, mailing: MailingLists
) -> None:
    """sending:TSEND-018, LSEND-004: with their own variables, and replies to the author."""
    headers = {"From": "Sales <sales@{{a}}.test>", "Subject": "For %recipient.name%"}
    content = "<p>{{a}} %recipient.name%</p>"
    templates.create("bill", template=content, headers=json.dumps(headers))
    for name in ("al", "bo"):
        mailing.add(f"{name}@example.com", vars=json.dumps({"name": name}))
    mail.send(templated(to=mailing.address, t__variables='{"a": "x"}'))
    mail.wait()
    mail.wait()
    for name in ("al", "bo"):
        (event,) = mail.events(event="delivered", recipient=f"{name}@example.com")
        stored = mail.stored(event)
        assert (stored["body-html"], stored["Subject"]) == (f"<p>x {name}</p>", f"For {name}")
        assert stored["From"] == stored["Reply-To"] == "Sales <sales@x.test>"


def mime(content_type: str, *headers: str, body: str = "Ready made") -> str:
    """A message with these headers."""
    head = (f"From: {BOB}", f"To: {ALICE}", *headers, f"Content-Type: {content_type}")
    return "\r\n".join((*head, "", body, ""))


NAMED = ("X-Mailgun-Template-Name: bill", 'X-Mailgun-Template-Variables: {"name": "Zoë"}')
PARTS = (
    "--x\r\nContent-Type: text/plain\r\n\r\nplain as it was\r\n"
    "--x\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: 7bit\r\n\r\n<i>old</i>\r\n--x--"
)


def test_mime_of_plain_text_is_not_rendered(mail: Mail, templates: Templates) -> None:
    """sending:TSEND-015, MIME-003: the template is named in events all the same."""
    templates.create("bill", template="{{#broken", headers='{"Subject": "never"}')
    mail.send_mime(mime("text/plain", *NAMED))
    mail.wait()
    assert mail.stored()["body-plain"].strip() == "Ready made"
    assert "never" not in mail.raw()
    assert mail.event("delivered")["template"]["name"] == "bill"


@pytest.mark.parametrize(
    ("kind", "body"), [("text/html", "old"), ("multipart/alternative; boundary=x", PARTS)]
)
def test_mime_with_html_is_rendered(mail: Mail, templates: Templates, kind: str, body: str) -> None:
    """sending:TSEND-015, TSEND-003, MIME-003, OPT-015: what is not HTML stays as it was."""
    templates.create("bill", template="<p>Hi {{name}}</p>", headers='{"Subject": "For {{name}}"}')
    mail.send_mime(mime(kind, *NAMED, body=body))
    mail.wait()
    stored = mail.stored()
    assert stored["body-html"].strip() == "<p>Hi Zoë</p>"
    assert stored["Subject"] == "For Zoë"
    assert mail.event("delivered")["message"]["headers"]["subject"] == "For Zoë"
    assert ("plain as it was" in stored.get("body-plain", "")) == (body == PARTS)


def test_the_options_of_a_form_do_for_mime(mail: Mail, templates: Templates) -> None:
    """sending:MIME-003, TSEND-002."""
    templates.create("bill", template="one", tag="v1")
    templates.add("bill", "v2", "<p>{{a}}{{b}}</p>")
    fields = {"template": "bill", "t:version": "v2", "t:variables": '{"a": 1}', "v:b": "2"}
    mail.send_mime(mime("text/html; charset=iso-8859-1"), fields)
    assert mail.stored()["body-html"].strip() == "<p>12</p>"


def test_a_stored_message_goes_out_again_as_it_was(mail: Mail, templates: Templates) -> None:
    """sending:STORE-009: without the template, which may be gone."""
    templates.create("bill", template="<p>{{a}}</p>", headers='{"Subject": "S{{a}}"}')
    event = send(mail, t__variables='{"a": 1}')
    templates.api.delete(templates.path())
    answer = mail.api.post(event["storage"]["url"], data={"to": "c@example.com"})
    assert answer.status_code == 200, answer.text
    again = mail.events(recipient="c@example.com")[0]
    assert mail.stored(again)["body-html"].strip() == "<p>1</p>"
    assert again["message"]["headers"]["subject"] == "S1"


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        ("{{#if a}}never closed", "{}"),
        ("{{nobody knows}}", "{}"),
        ("<p>fine</p>", '{"Subject": "{{#each}}"}'),
        ("{{#each l}}{{#each ../l}}{{#each ../../l}}{{/each}}{{/each}}{{/each}}", "{}"),
    ],
)
def test_what_fails_to_render_is_a_failed_delivery(
    mail: Mail, templates: Templates, content: str, headers: str
) -> None:
    """sending:TSEND-011: our choice, since the call was answered before anything is rendered."""
    assert templates.create("bill", template=content, headers=headers).status_code == 200
    many = json.dumps({"l": list(range(2000))})
    send(mail, t__variables=many)
    assert mail.events(event="delivered") == []
    failed = mail.event("failed")
    assert (failed["severity"], failed["reason"]) == ("permanent", "generic")
    assert failed["delivery-status"]["description"] == "Template could not be rendered"
    assert failed["delivery-status"]["message"]
    assert mail.stored()["X-Mailgun-Template-Name"] == "bill"
    health = mail.api.get("/_emulator/health")
    assert health.status_code == 200
    bounces = mail.api.get(mail.path("bounces")).json()["items"]
    assert bounces == []
