"""Mail from servers that do not log in: for the domains that are there."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.emulator.areas.mail import Mail
from tests.emulator.areas.mailing import MailingLists
from tests.emulator.smtp.relay import ALICE, Relay, mime, parsed

STRANGER = "eve@elsewhere.test"


def hand_in(relay: Relay, to: str | list[str], message: bytes, sender: str = STRANGER) -> Any:
    """Deliver as another server does; the recipients that were refused."""
    client = relay.client()
    refused = client.sendmail(sender, to, message)
    client.quit()
    return refused


def keep(api: httpx.Client) -> None:
    """A route that stores everything."""
    form = {"expression": "catch_all()", "action": "store()"}
    assert api.post("/v3/routes", data=form).status_code == 200


def test_routes_get_it(relay: Relay, mail: Mail, api: httpx.Client, domain: str) -> None:
    """SMTP-018: mail for an own domain needs no login; it is incoming mail."""
    keep(api)
    message = mime("Hello Alice", From=f"Eve <{STRANGER}>", To=f"alice@{domain}")
    assert hand_in(relay, f"alice@{domain}", message) == {}
    event = mail.event("stored")
    stored = mail.stored(event)
    assert (stored["sender"], stored["recipients"]) == (STRANGER, f"alice@{domain}")
    assert stored["body-plain"].strip() == "Hello Alice"
    accepted = mail.event("accepted")
    assert accepted["flags"]["is-authenticated"] is False
    assert accepted["method"] == "SMTP"
    raw = parsed(mail.raw(event))
    assert raw["x-envelope-from"] == f"<{STRANGER}>"
    assert str(raw["received"]).startswith("from mx.example.org (localhost [127.0.0.1]) by ")


def test_each_recipient(relay: Relay, mail: Mail, api: httpx.Client, domain: str) -> None:
    """A stranger among the recipients is refused, the others get the mail once each."""
    keep(api)
    people = [f"alice@{domain}", ALICE, f"bob@{domain}", f"ALICE@{domain}"]
    refused = hand_in(relay, people, mime())
    assert refused == {ALICE: (550, b"5.7.1 Relaying denied")}
    recipients = {event["recipient"] for event in mail.events(event="accepted")}
    assert recipients == {people[0], people[2]}


def test_reports(relay: Relay, mail: Mail, api: httpx.Client, domain: str) -> None:
    """Mail without a sender is taken."""
    keep(api)
    assert hand_in(relay, f"alice@{domain}", mime(), sender="") == {}
    assert parsed(mail.raw(mail.event("stored")))["x-envelope-from"] == "<>"


@pytest.mark.parametrize(("level", "delivered"), [("everyone", 1), ("readonly", 0)])
def test_to_a_list(
    relay: Relay, mail: Mail, api: httpx.Client, domain: str, level: str, delivered: int
) -> None:
    """LSEND-002: a read-only list is for those who log in."""
    lists = MailingLists(api, domain)
    lists.create(access_level=level)
    api.post(lists.path("members"), data={"address": ALICE})
    hand_in(relay, lists.address, mime(To=lists.address))
    mail.wait()
    mail.wait()
    assert len(mail.events(event="delivered")) == delivered


def test_domain_that_goes_meanwhile(relay: Relay, api: httpx.Client, domain: str) -> None:
    """Between RCPT and the end of the content."""
    wire = relay.wire()
    wire.ask(f"MAIL FROM:<{STRANGER}>")
    assert wire.ask(f"RCPT TO:<alice@{domain}>").startswith("250 ")
    assert wire.ask("DATA") == "354 Continue"
    api.delete(f"/v3/domains/{domain}")
    wire.send(mime())
    assert wire.ask(".") == "550 5.7.1 Relaying denied"
    assert wire.ask("NOOP") == "250 OK"
