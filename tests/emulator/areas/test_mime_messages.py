"""Ready-made MIME, and options that come as headers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.areas.mail import ALICE, Mail

MIME = """From: Carol <carol@{domain}>
To: Friends <friends@example.com>
Subject: Ready
Message-Id: <ready@example.org>
X-Mine: kept
{more}
Just text
"""


def mime(mail: Mail, **headers: str) -> str:
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    return MIME.format(domain=mail.domain, more=more)


def test_mime_goes_to_the_parameter_only(mail: Mail) -> None:
    """sending:MIME-001, MIME-002, MIME-004, MIME-006, MSG-013: headers stay as they are."""
    answer = mail.send_mime(mime(mail))
    assert answer.json() == {"id": "<ready@example.org>", "message": "Queued. Thank you."}
    event = mail.event()
    assert event["recipient"] == ALICE
    assert event["envelope"]["sender"] == f"carol@{mail.domain}"
    assert event["message"]["headers"]["from"] == f"Carol <carol@{mail.domain}>"
    stored = mail.stored()
    assert stored["To"] == "Friends <friends@example.com>"
    assert (stored["X-Mine"], stored["recipients"]) == ("kept", ALICE)
    assert stored["body-plain"].strip() == "Just text"


@pytest.mark.parametrize("content", ["", "\r\n", "no header at all", "Subject: x\n\nbody"])
def test_mime_without_an_id_gets_one(mail: Mail, content: str) -> None:
    """sending:MIME-004, MIME-005: even when it is empty."""
    sent = mail.send_mime(content).json()["id"]
    assert sent.endswith(f"@{mail.domain}>")
    assert mail.stored()["Message-Id"] == sent


URLENCODED = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "content", [b"to=a%40b.test&message=Subject%3A+x%0A%0Ay", b"to=a%40b.test", b"", b"%zz"]
)
def test_mime_needs_a_multipart_form(mail: Mail, content: bytes) -> None:
    """sending:ERR-043: whatever else is wrong."""
    path, headers = mail.path("messages.mime"), {"content-type": URLENCODED}
    answer = mail.api.post(path, content=content, headers=headers)
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        f"Invalid request content type. Expecting 'multipart/form-data' but got '{URLENCODED}'",
    )
    assert mail.events() == []


def as_fields(fields: dict[str, str]) -> list[tuple[str, Any]]:
    """Parts of a multipart form without file names."""
    return [(name, (None, value)) for name, value in fields.items()]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"to": ALICE, "message": ""}, "'message' parameter is not a file"),
        ({"to": ALICE, "message": "no header at all"}, "'message' parameter is not a file"),
        ({"to": ALICE, "message": "\n\nSubject: x"}, "'message' parameter is not a file"),
        ({"to": ALICE}, "message parameter is missing"),
        ({"message": "Subject: x\n\ny"}, "to parameter is missing"),
    ],
)
def test_mime_that_is_refused(mail: Mail, fields: dict[str, str], text: str) -> None:
    """sending:ERR-031, ERR-044."""
    answer = mail.api.post(mail.path("messages.mime"), files=as_fields(fields))
    assert (answer.status_code, answer.json()["message"]) == (400, text)
    assert mail.events() == []


def test_mime_as_a_plain_field(mail: Mail) -> None:
    """sending:ERR-044: beyond the documented, as clients in use send it so."""
    fields = as_fields({"to": ALICE, "message": mime(mail, X_Mailgun_Tag="a"), "o:testmode": "yes"})
    answer = mail.api.post(mail.path("messages.mime"), files=fields)
    assert answer.json() == {"id": "<ready@example.org>", "message": "Queued. Thank you."}
    event = mail.event()
    assert (event["recipient"], event["tags"]) == (ALICE, ["a"])
    stored = mail.stored()
    assert (stored["X-Mine"], stored["body-plain"].strip()) == ("kept", "Just text")


def test_options_work_with_mime_too(mail: Mail) -> None:
    """sending:MIME-003."""
    fields = {"o:tag": "a", "o:testmode": "yes", "v:x": "1", "h:X-Added": "yes"}
    assert mail.send_mime(mime(mail), fields).status_code == 200
    event = mail.event()
    assert (event["tags"], event["user-variables"]) == (["a"], {"x": "1"})
    assert event["flags"]["is-test-mode"] is True
    stored = mail.stored()
    assert (stored["X-Added"], stored["X-Mailgun-Tag"]) == ("yes", "a")


CONTROL = {
    "X-Mailgun-Tag": ("tags", ["news"], "news"),
    "X-Mailgun-Drop-Message": ("flags", {"is-authenticated": True, "is-test-mode": True}, "yes"),
    "X-Mailgun-Variables": ("user-variables", {"n": 1}, '{"n": 1}'),
}


@pytest.mark.parametrize("name", CONTROL)
def test_headers_are_options(mail: Mail, name: str) -> None:
    """sending:OPT-001, OPT-003, OPT-016, MSG-021, TEST-006: in MIME and as `h:` fields."""
    member, shown, value = CONTROL[name]
    mail.send_mime(mime(mail, **{name: value}))
    assert mail.event()[member] == shown
    mail.send({f"h:{name}": value, "subject": "by field"})
    assert mail.events(subject='"by field"')[0][member] == shown


def test_a_delivery_time_by_header(mail: Mail) -> None:
    """sending:OPT-011."""
    mail.send_mime(mime(mail, X_Mailgun_Deliver_By="Fri, 24 Jan 2025 13:44:39 +0000"))
    mail.wait(60)
    assert mail.events(event="delivered") == []
    mail.wait(3540)
    assert len(mail.events(event="delivered")) == 1


def test_control_headers_are_not_delivered(mail: Mail) -> None:
    """sending:OPT-019: apart from the tag and the variables."""
    headers = {
        "X-Mailgun-Drop-Message": "yes",
        "X-Mailgun-Track-Clicks": "htmlonly",
        "X-Mailgun-Require-TLS": "no",
        "X-Mailgun-Tag": "one",
        "X-Mailgun-Variables": '{"a": "b"}',
    }
    mail.send_mime(mime(mail, **headers))
    names = [line.partition(":")[0] for line in mail.raw().split("\r\n\r\n")[0].splitlines()]
    assert [name for name in names if name.startswith("X-Mailgun")] == [
        "X-Mailgun-Tag",
        "X-Mailgun-Variables",
    ]


def test_variables_of_several_headers_are_one_map(mail: Mail) -> None:
    """sending:OPT-016, OPT-018: folded ones too; what is no JSON is not understood."""
    folded = '{"a":\n "b"}\nX-Mailgun-Variables: {"c": [1]}'
    mail.send_mime(mime(mail, X_Mailgun_Variables=folded))
    assert mail.event()["user-variables"] == {"a": "b", "c": [1]}
    mail.send_mime(mime(mail, X_Mailgun_Variables="{broken").replace("Ready", "Broken"))
    broken = mail.events(subject="Broken")[0]
    assert str(broken["user-variables"]).startswith("Could not load user-variables.")


def test_a_template_by_header(mail: Mail) -> None:
    """sending:OPT-015, TSEND-017."""
    made = mail.api.post(mail.path("templates"), data={"name": "hello", "template": "<p>Hi</p>"})
    assert made.status_code == 200, made.text
    mail.send_mime(
        mime(
            mail,
            X_Mailgun_Template_Name="hello",
            X_Mailgun_Template_Variables='{"name": "Al"}',
        )
    )
    assert mail.event()["template"]["name"] == "hello"
    stored = mail.stored()
    assert stored["X-Mailgun-Template-Name"] == "hello"
    assert stored["X-Mailgun-Template-Variables"] == '{"name": "Al"}'


def test_the_multipart_form_must_be_whole(mail: Mail) -> None:
    """sending:ERR-045."""
    path, kind = mail.path("messages"), "multipart/form-data; boundary=xyz"
    part = b'--xyz\r\nContent-Disposition: form-data; name="to"\r\n\r\na@example.com'
    for content, headers, text in (
        (part, {"content-type": kind}, "unable to parse request: unexpected EOF"),
        (b"nothing", {"content-type": kind}, "malformed multipart/form-data request"),
        (
            b"to=%zz",
            {"content-type": "application/x-www-form-urlencoded"},
            "unable to parse request: invalid URL escape",
        ),
    ):
        answer = mail.api.post(path, content=content, headers=headers)
        assert (answer.status_code, answer.json()["message"]) == (400, text)
    assert mail.events() == []
