"""One option, three ways to give it: a form field, a header of MIME, a header by field."""

from __future__ import annotations

import json

import pytest

from tests.emulator.areas.mail import Mail

MIME = "From: c@example.org\nTo: x@example.org\nSubject: Ready\nX-Mine: kept\n{more}\nJust text\n"
OPTIONS = {
    "o:archive-to": ("X-Mailgun-Archive-To", "http://archive.test/"),
    "o:deliver-within": ("X-Mailgun-Deliver-Within", "1h30m"),
    "o:deliverytime": ("X-Mailgun-Deliver-By", "Fri, 24 Jan 2025 13:44:39 +0000"),
    "o:deliverytime-optimize-period": ("X-Mailgun-Delivery-Time-Optimize-Period", "24h"),
    "o:dkim": ("X-Mailgun-Dkim", "no"),
    "o:require-tls": ("X-Mailgun-Require-TLS", "yes"),
    "o:secondary-dkim": ("X-Mailgun-Secondary-DKIM", "example.com/s1"),
    "o:secondary-dkim-public": ("X-Mailgun-Secondary-DKIM-Public", "example.net/s2"),
    "o:sending-ip": ("X-Mailgun-Sending-Ip", "192.0.2.9"),
    "o:sending-ip-pool": ("X-Mailgun-Sending-Ip-Pool", "5f1f8e2e0d0c4b0001a2b3c4"),
    "o:skip-verification": ("X-Mailgun-Skip-Verification", "yes"),
    "o:suppress-headers": ("X-Mailgun-Suppress-Headers", "X-Mailgun-Sid"),
    "o:testmode": ("X-Mailgun-Drop-Message", "yes"),
    "o:time-zone-localize": ("X-Mailgun-Time-Zone-Localize", "02:00pm"),
    "o:tracking": ("X-Mailgun-Track", "no"),
    "o:tracking-clicks": ("X-Mailgun-Track-Clicks", "htmlonly"),
    "o:tracking-opens": ("X-Mailgun-Track-Opens", "true"),
    "o:tracking-pixel-location-top": ("X-Mailgun-Track-Pixel-Location-Top", "yes"),
}


def mime(*headers: str) -> str:
    return MIME.format(more="".join(f"{line}\n" for line in headers))


@pytest.mark.parametrize("field", OPTIONS)
def test_a_header_is_its_field(mail: Mail, field: str) -> None:
    """sending:OPT-002 to OPT-013, OPT-017, OPT-019, MSG-021, MIME-003: and stays behind."""
    header, value = OPTIONS[field]
    answers = (
        mail.send({field: value}),
        mail.send({f"h:{header}": value}),
        mail.send({f"h:{header.lower()}": value}),
        mail.send_mime(mime(f"{header}: {value}")),
        mail.send_mime(mime(), {field: value}),
        mail.send_mime(mime(), {f"h:{header}": value}),
    )
    assert [answer.status_code for answer in answers] == [200] * 6
    for event in mail.events(event="accepted"):
        assert mail.options(event) == {field: value}
        assert header.lower() not in mail.raw(event).lower()


def test_every_option_is_told_apart(mail: Mail) -> None:
    """sending:OPT-002 to OPT-013, OPT-017: all together."""
    together = {field: value for field, (_, value) in OPTIONS.items()}
    assert mail.send(together).status_code == 200
    assert mail.options() == together
    lines = [f"{header}: {value}" for header, value in OPTIONS.values()]
    assert mail.send_mime(mime(*lines)).status_code == 200
    assert mail.options(mail.events(subject="Ready")[0]) == together


def test_a_field_goes_before_a_header(mail: Mail) -> None:
    """sending:OPT-003: our choice; tags of both are kept."""
    fields = {"o:testmode": "no", "o:tag": "a"}
    mail.send_mime(mime("X-Mailgun-Drop-Message: yes", "X-Mailgun-Tag: b"), fields)
    event = mail.event()
    assert event["flags"]["is-test-mode"] is False
    assert event["tags"] == ["a", "b"]


def test_a_header_for_each_tag(mail: Mail) -> None:
    """sending:OPT-001: as often as there are tags."""
    mail.send_mime(mime("X-Mailgun-Tag: one", "x-mailgun-tag: two"))
    mail.send({"h:X-Mailgun-Tag": ["one", "two"]})
    mail.send({"o:tag": ["one", "two"]})
    assert [event["tags"] for event in mail.events()] == [["one", "two"]] * 3


def test_headers_to_leave_out_add_up(mail: Mail) -> None:
    """sending:OPT-017: the header may come several times."""
    name = "X-Mailgun-Suppress-Headers"
    mail.send_mime(mime(f"{name}: X-Mailgun-Sid", f"{name}: X-Mailgun-Tag"))
    assert mail.options() == {"o:suppress-headers": "X-Mailgun-Sid, X-Mailgun-Tag"}


def test_variables_by_header_keep_their_type(mail: Mail) -> None:
    """sending:OPT-016: by MIME; fields are texts, and go before headers."""
    given = {"n": 1, "list": [1, {"x": None}], "yes": True}
    header = f"X-Mailgun-Variables: {json.dumps(given)}"
    mail.send_mime(mime(header, 'X-Mailgun-Variables: {"more": "b"}'), {"v:n": "2"})
    assert mail.event()["user-variables"] == {**given, "n": "2", "more": "b"}


def test_long_json_is_folded(mail: Mail) -> None:
    """sending:OPT-018, BATCH-008: no line above 998 characters; unfolded it is JSON again."""
    variables = {f"name{n}": "x" * 60 for n in range(30)}
    text = json.dumps(variables).replace(", ", ",\n ")
    people = json.dumps({"alice@example.com": variables}).replace(", ", ",\r\n\t")
    mail.send_mime(
        mime(
            f"X-Mailgun-Variables: {text}",
            f"X-Mailgun-Recipient-Variables: {people}",
            "X-Nick: %recipient.name7%",
        )
    )
    event = mail.event()
    assert event["user-variables"] == variables
    assert mail.stored()["X-Nick"] == "x" * 60
    assert max(map(len, mail.raw().splitlines())) <= 998


@pytest.mark.parametrize("name", ["X-Mailgun-Variables", "X-Mailgun-Recipient-Variables"])
def test_json_that_is_none_is_not_understood(mail: Mail, name: str) -> None:
    """sending:OPT-018: the mail goes all the same."""
    assert mail.send_mime(mime(f'{name}: {{"a": ', "X-Nick: %recipient.a%")).status_code == 200
    stored = mail.stored()
    assert stored["X-Nick"] == "%recipient.a%"
    assert name not in stored


@pytest.mark.parametrize("word", ["yes", "no", "true", "false", "True", "False"])
def test_words_of_switches(mail: Mail, word: str) -> None:
    """sending:MSG-042: all of them in each switch."""
    names = (
        *("o:dkim", "o:testmode", "o:tracking", "o:tracking-clicks", "o:tracking-opens"),
        *("o:tracking-pixel-location-top", "o:require-tls", "o:skip-verification", "t:text"),
    )
    assert mail.send(dict.fromkeys(names, word)).status_code == 200
    given = mail.options()
    assert given == {name: word for name in names if name.startswith("o:")}
    assert mail.event()["flags"]["is-test-mode"] is (word.lower() in ("yes", "true"))


@pytest.mark.parametrize("field", [f for f in OPTIONS if f.startswith("o:tracking")])
def test_html_only(mail: Mail, field: str) -> None:
    """sending:MSG-042, OPT-005: for three of the four tracking options."""
    status = mail.send({field: "htmlonly"}).status_code
    assert status == (400 if field == "o:tracking-opens" else 200)
