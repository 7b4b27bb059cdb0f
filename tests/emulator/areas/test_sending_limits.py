"""What a domain may not send, or not yet: limits by time, large batches, addresses to send from."""

from __future__ import annotations

import gzip
from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator
from tests.emulator.areas.mail import ALICE, PLAIN, Mail

MEGABYTE = 1024 * 1024


def seed(mail: Mail, **sending: Any) -> httpx.Response:
    return mail.api.post("/_emulator/seed", json={"sending": sending})


def limit(mail: Mail, what: str, most: int, seconds: float = 120) -> None:
    answer = seed(mail, limits=[{"what": what, "most": most, "seconds": seconds}])
    assert answer.status_code == 200, answer.text


def not_allowed(mail: Mail, reason: str) -> str:
    return f"Domain {mail.domain} is not allowed to send: {reason}"


def test_a_limit_of_requests(mail: Mail) -> None:
    """sending:ERR-011, ERR-001: 429 until the time is over, and nothing is sent meanwhile."""
    limit(mail, "requests", 2)
    for _ in range(2):
        assert mail.send().status_code == 200
    mail.wait(20)
    reason = "account-requests-per-sec limit exceeded, try again after 100 seconds"
    assert mail.refusal({}) == (429, not_allowed(mail, reason))
    assert len(mail.events(event="accepted")) == 2
    mail.wait(100)
    assert mail.send().status_code == 200


def test_a_limit_of_recipients(mail: Mail) -> None:
    """sending:ERR-012, DIFF-022: a status of its own; a smaller message may still fit."""
    limit(mail, "recipients", 3)
    assert mail.send({"to": "a@example.com, b@example.com"}).status_code == 200
    until = "recipient limit exceeded, try again after Fri, 24 Jan 2025 12:46:39 UTC"
    assert mail.refusal({"cc": "c@example.com"}) == (420, not_allowed(mail, until))
    assert mail.send().status_code == 200
    assert mail.refusal({}) == (420, not_allowed(mail, until))


def test_a_limit_of_bytes(mail: Mail) -> None:
    """sending:ERR-011: the older text, with a date."""
    limit(mail, "bytes", 1000)
    assert mail.send({"text": "x" * 900}).status_code == 200
    until = "bytes limit exceeded, try again after Fri, 24 Jan 2025 12:46:39 UTC"
    assert mail.refusal({"text": "x" * 101}) == (429, not_allowed(mail, until))
    assert mail.send({"text": "x" * 100}).status_code == 200


def test_each_domain_has_its_own_limit(app: Emulator, mail: Mail) -> None:
    """sending:ERR-011: MIME and messages sent again count as well."""
    limit(mail, "requests", 3)
    mail.send()
    mail.send_mime("Subject: s\n\nt")
    url = mail.events()[-1]["storage"]["url"]
    assert mail.api.post(url, data={"to": ALICE}).status_code == 200
    for answer in (
        mail.send(),
        mail.send_mime("Subject: s\n\nt"),
        mail.api.post(url, data={"to": ALICE}),
    ):
        assert answer.status_code == 429
    app.state.accounts[0].domains.add("second.test")
    assert Mail(app, mail.api, "second.test").send().status_code == 200


def test_a_young_domain_sends_no_large_batches(mail: Mail) -> None:
    """sending:ERR-046: the number is ours to set."""
    assert seed(mail, young={mail.domain: 2}).status_code == 200
    assert mail.send({"to": "a@example.com, b@example.com"}).status_code == 200
    text = f"Domain {mail.domain} is not allowed to send large batches yet"
    assert mail.refusal({"to": "a@example.com, b@example.com", "bcc": ALICE}) == (403, text)


def test_an_address_that_cannot_be_used(mail: Mail) -> None:
    """sending:ERR-047: none at all, or not one of the account."""

    def text(ip: str) -> tuple[int, str]:
        return 403, f"Rejected: IP {ip} can't be used to send the message"

    assert mail.refusal({"o:sending-ip": "nowhere"}) == text("nowhere")
    assert mail.send({"o:sending-ip": "2001:db8::1"}).status_code == 200
    assert seed(mail, sending_ips=["192.0.2.9"]).status_code == 200
    assert mail.refusal({"o:sending-ip": "192.0.2.8"}) == text("192.0.2.8")
    assert mail.refusal({"h:X-Mailgun-Sending-Ip": "192.0.2.8"}) == text("192.0.2.8")
    assert mail.send({"o:sending-ip": "192.0.2.9"}).status_code == 200
    assert mail.send().status_code == 200


def test_the_standing_of_an_account_is_seeded(mail: Mail) -> None:
    """sending:ERR-049, ERR-051, SAND-007: and can be changed while it runs."""
    seed(mail, activated=False)
    assert mail.refusal({})[0] == 403
    seed(mail, activated=True, free=True, authorized=["Alice@example.com"])
    assert mail.send().status_code == 200
    status, text = mail.refusal({"to": "b@example.com"})
    assert (status, text.startswith(not_allowed(mail, "Free accounts are"))) == (403, True)


@pytest.mark.parametrize(
    "sending",
    [
        {"activated": "perhaps"},
        {"authorized": "a@example.com"},
        {"authorized": [1]},
        {"young": {"a.test": True}},
        {"limits": [{"what": "mails", "most": 1}]},
        {"limits": [{"what": "bytes", "most": 0}]},
        {"limits": [{"what": "bytes"}]},
        {"limits": [{"what": "bytes", "most": "1"}]},
        {"nonsense": 1},
    ],
)
def test_a_seed_that_is_wrong_is_refused(mail: Mail, sending: dict[str, Any]) -> None:
    """The part is named."""
    answer = seed(mail, **sending)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("sending.")
    assert mail.send().status_code == 200


@pytest.mark.parametrize("zipped", [False, True])
def test_the_size_of_a_message(mail: Mail, zipped: bool) -> None:
    """sending:MSG-007, MSG-006: 25 MB of bodies and files, whatever the way they come."""
    text = "x" * (25 * MEGABYTE)
    for body, status in ((text, 200), (f"{text}x", 413)):
        content = str(httpx.QueryParams({**PLAIN, "text": body})).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        if zipped:
            content = gzip.compress(content, 1)
            headers["content-encoding"] = "gzip"
        answer = mail.api.post(mail.path("messages"), content=content, headers=headers)
        assert answer.status_code == status
