"""Batches: one call, a copy of its own for each recipient."""

from __future__ import annotations

import json
from typing import Any

from tests.emulator.areas.mail import Mail

AL, BEA = "Al Gore <al@example.com>", "bea@example.com"
VARIABLES = {"al@example.com": {"id": 1, "nick": "Ally"}, "BEA@example.com": {"nick": "B"}}


def batch(mail: Mail, variables: Any = VARIABLES, **fields: Any) -> Any:
    given = {"to": [AL, BEA], "recipient-variables": json.dumps(variables), **fields}
    return mail.send(given)


def by_recipient(mail: Mail) -> dict[str, dict[str, Any]]:
    return {event["recipient"]: event for event in mail.events(event="accepted")}


def test_each_recipient_has_a_copy(mail: Mail) -> None:
    """sending:BATCH-001, BATCH-002, BATCH-004, BATCH-011, BATCH-014; platform:EVT-047."""
    sent = batch(mail, subject="Hi %recipient.nick%", text="No. %recipient.id%").json()["id"]
    found = by_recipient(mail)
    assert set(found) == {"al@example.com", BEA}
    first, second = found["al@example.com"], found[BEA]
    assert first["storage"]["key"] != second["storage"]["key"]
    assert first["batch"] == second["batch"]
    assert first["batch"]["id"]
    headers = [event["message"]["headers"] for event in (first, second)]
    assert [h["to"] for h in headers] == [AL, BEA]
    assert [h["subject"] for h in headers] == ["Hi Ally", "Hi B"]
    assert {h["message-id"] for h in headers} == {sent.strip("<>")}
    stored = mail.stored(first)
    assert (stored["To"], stored["recipients"], stored["Subject"], stored["body-plain"]) == (
        AL,
        "al@example.com",
        "Hi Ally",
        "No. 1",
    )


def test_what_is_not_known_stays(mail: Mail) -> None:
    """sending:BATCH-012: and who is not in the variables still gets mail."""
    batch(mail, {}, text="%recipient.nick% %other%")
    assert mail.stored(by_recipient(mail)[BEA])["body-plain"] == "%recipient.nick% %other%"


def test_no_variables_are_a_batch_too(mail: Mail) -> None:
    """sending:BATCH-005."""
    batch(mail, {})
    assert len({event["storage"]["key"] for event in mail.events()}) == 2
    mail.send({"to": [AL, BEA], "subject": "together"})
    together = mail.events(subject="together")
    assert len({event["storage"]["key"] for event in together}) == 1
    assert all("batch" not in event for event in together)


def test_variables_that_are_always_there(mail: Mail) -> None:
    """sending:BATCH-007."""
    text = "%recipient%|%recipient_email%|%recipient_name%|%recipient_fname%|%recipient_lname%"
    batch(mail, text=text)
    found = by_recipient(mail)
    assert mail.stored(found["al@example.com"])["body-plain"] == (
        f"{AL}|al@example.com|Al Gore|Al|Gore"
    )
    assert mail.stored(found[BEA])["body-plain"] == f"{BEA}|{BEA}|||"


def test_user_variables_are_filled_in(mail: Mail) -> None:
    """sending:MSG-025, MSG-023: as text."""
    batch(mail, **{"v:x": "%recipient.id%", "v:y": "plain"})
    assert by_recipient(mail)["al@example.com"]["user-variables"] == {"x": "1", "y": "plain"}


def test_copies_for_everybody_else(mail: Mail) -> None:
    """sending:BATCH-006: cc and bcc get one for each recipient."""
    batch(mail, cc="c@example.com", bcc="d@example.com")
    mail.wait()
    delivered = [event["recipient"] for event in mail.events(event="delivered")]
    assert sorted(delivered) == sorted(
        ["al@example.com", BEA, *["c@example.com", "d@example.com"] * 2]
    )


def test_variables_by_header_go_before_the_field(mail: Mail) -> None:
    """sending:OPT-014, BATCH-008, BATCH-010: merged by recipient and name."""
    mime = (
        "From: Bob <bob@example.org>\nTo: %recipient%\nSubject: %recipient.nick% %recipient.id%\n"
        'X-Mailgun-Recipient-Variables: {"al@example.com": {"nick": "Header"}}\n\nHi'
    )
    fields = {"to": [AL], "recipient-variables": json.dumps(VARIABLES)}
    assert mail.send_mime(mime, fields).status_code == 200
    stored = mail.stored()
    assert (stored["To"], stored["Subject"]) == (AL, "Header 1")


def test_values_for_a_template_are_plain(mail: Mail) -> None:
    """sending:BATCH-013: a list that a template gets this way is a text, which has no elements."""
    html = "<p>{{nick}} {{list}}</p>{{#each list}}<i>{{this}}</i>{{/each}}"
    form = {"name": "plain", "template": html}
    assert mail.api.post(mail.path("templates"), data=form).status_code == 200
    variables = {"al@example.com": {"nick": "Al", "list": [1, 2]}, BEA: {"nick": 7, "list": "x"}}
    taken = json.dumps({"nick": "%recipient.nick%", "list": "%recipient.list%"})
    batch(mail, variables, **{"text": None, "template": "plain", "t:variables": taken})
    found = by_recipient(mail)
    assert mail.stored(found["al@example.com"])["body-html"].strip() == "<p>Al [1, 2]</p>"
    assert mail.stored(found[BEA])["body-html"].strip() == "<p>7 x</p>"
