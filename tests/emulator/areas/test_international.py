"""Names and addresses beyond ASCII."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.areas.mail import Mail

WRITTEN, PLAIN = "bücher.example", "xn--bcher-kva.example"


@pytest.mark.parametrize("field", ["to", "cc", "bcc"])
def test_domains_of_recipients_become_ascii(mail: Mail, field: str) -> None:
    """sending:IDN-001: in events, headers and envelope; names stay as they are."""
    fields: dict[str, Any] = {field: [f"Jörg <j@{WRITTEN}>, k@{WRITTEN.upper()}"]}
    assert mail.send({"to": f"x@{WRITTEN}", **fields}).status_code == 200
    recipients = {event["recipient"] for event in mail.events()}
    assert {f"j@{PLAIN}", f"k@{PLAIN}"} <= recipients
    assert all(r.isascii() for r in recipients)
    event = mail.events()[0]
    assert event["recipient-domain"] == PLAIN
    assert WRITTEN not in mail.raw(event).lower()
    if field != "bcc":
        assert mail.stored(event)[field.capitalize()] == f"Jörg <j@{PLAIN}>, k@{PLAIN}"


def test_the_domain_of_the_sender(mail: Mail) -> None:
    """sending:IDN-001, MSG-014: also in the header that says on whose behalf."""
    mail.send({"from": f"Büro <office@{WRITTEN}>"})
    event = mail.event()
    assert event["message"]["headers"]["from"] == f"Büro <office@{PLAIN}>"
    stored = mail.stored(event)
    assert stored["From"] == f"Büro <office@{PLAIN}>"
    assert stored["Sender"] == f"office={PLAIN}@{mail.domain}"


def test_one_address_however_it_is_written(mail: Mail) -> None:
    """sending:IDN-001, MSG-009, BATCH-004: it is the same recipient, with the same variables."""
    fields = {"to": f"a@{WRITTEN}, a@{PLAIN}", "subject": "Hi %recipient.name%"}
    variables = {f"a@{WRITTEN}": {"name": "Al"}}
    assert mail.send({**fields, "recipient-variables": json.dumps(variables)}).status_code == 200
    event = mail.event()
    assert event["recipient"] == f"a@{PLAIN}"
    assert event["message"]["headers"]["subject"] == "Hi Al"


def test_mime_for_an_international_domain(mail: Mail) -> None:
    """sending:IDN-001, MIME-002: the envelope; what is written stays as it is."""
    raw = f"From: c@{WRITTEN}\r\nTo: x@{WRITTEN}\r\nSubject: s\r\n\r\nt"
    assert mail.send_mime(raw, {"to": f"a@{WRITTEN}"}).status_code == 200
    assert mail.event()["recipient"] == f"a@{PLAIN}"
    assert f"To: x@{WRITTEN}" in mail.raw()


def test_a_domain_that_cannot_be_written_in_ascii(mail: Mail) -> None:
    """sending:IDN-001: our choice: it stays as it is."""
    wrong = f"{'ü' * 64}.example"
    assert mail.send({"to": f"a@{wrong}"}).status_code == 200
    assert mail.event()["recipient"] == f"a@{wrong}"


@pytest.mark.parametrize("name", [WRITTEN, "例え.テスト"])
def test_domains_that_send_are_ascii(mail: Mail, name: str) -> None:
    """sending:IDN-001."""
    assert mail.api.post("/v4/domains", data={"name": name}).status_code == 400


def test_local_parts_beyond_ascii(mail: Mail) -> None:
    """sending:IDN-002, IDN-003: in mail and suppressions; the servers here all speak UTF-8."""
    address = "jörg@example.com"
    assert mail.send({"to": f"Jörg <{address}>", "from": f"büro@{mail.domain}"}).status_code == 200
    mail.wait()
    delivered = mail.event("delivered")
    assert delivered["recipient"] == address
    assert delivered["delivery-status"]["utf8"] is True
    assert delivered["envelope"]["sender"] == f"büro@{mail.domain}"
    assert mail.stored(delivered)["To"] == f"Jörg <{address}>"
    assert mail.api.post(mail.path("bounces"), data={"address": address}).status_code == 200
    assert mail.api.get(mail.path("bounces", address)).json()["address"] == address
    mail.send({"to": address})
    mail.wait()
    assert mail.event("failed")["recipient"] == address


def test_suppressions_know_both_forms(mail: Mail) -> None:
    """sending:IDN-001, SUPP-001: written with its own letters, it stops mail to the ASCII form."""
    mail.api.post(f"/v3/{mail.domain}/complaints", data={"address": f"a@{WRITTEN}"})
    mail.send({"to": f"a@{PLAIN}"})
    mail.wait()
    assert mail.event("failed")["recipient"] == f"a@{PLAIN}"
