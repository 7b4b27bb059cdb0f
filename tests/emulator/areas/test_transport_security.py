"""TLS between the service and the servers of recipients."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.areas.mail import Mail
from tests.emulator.control.conftest import Controls

DAY = 86_400
SERVERS = ("good", "no-tls", "bad-certificate")


def settle(mail: Mail, **settings: str) -> None:
    """Set the domain up."""
    answer = mail.api.put(f"/v3/domains/{mail.domain}/connection", data=settings)
    assert answer.status_code == 200, answer.text


def outcomes(mail: Mail, **options: str) -> dict[str, tuple[str, Any, Any]]:
    """What became of a mail to each kind of server: the event, TLS, certificate verified."""
    fields = {f"o:{name.replace('_', '-')}": value for name, value in options.items()}
    begin = mail.app.state.clock.timestamp()
    mail.send({"to": [f"{server}@example.com" for server in SERVERS], **fields})
    mail.wait(1)
    found = {}
    for event in mail.events():
        status = event.get("delivery-status")
        if status and event["timestamp"] >= begin:
            kind = event.get("severity", event["event"])
            server = event["recipient"].partition("@")[0]
            assert status["mx-host"] == "mx.example.com"
            found[server] = (kind, status["tls"], status["certificate-verified"])
    return found


OPTIONAL = {
    "good": ("delivered", True, True),
    "no-tls": ("delivered", False, False),
    "bad-certificate": ("delivered", False, False),
}
REQUIRED = {
    "good": ("delivered", True, True),
    "no-tls": ("temporary", False, False),
    "bad-certificate": ("temporary", False, False),
}
UNCHECKED = {
    "good": ("delivered", True, False),
    "no-tls": ("delivered", False, False),
    "bad-certificate": ("delivered", True, False),
}
BOTH = {
    "good": ("delivered", True, False),
    "no-tls": ("temporary", False, False),
    "bad-certificate": ("delivered", True, False),
}


def test_tls_is_tried_and_plain_text_is_the_fallback(mail: Mail) -> None:
    """sending:TLS-001, TLS-002, TLS-007; platform:TLS-002, TLS-004, EVT-050."""
    assert outcomes(mail) == OPTIONAL


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"require_tls": "true"}, REQUIRED),
        ({"skip_verification": "true"}, UNCHECKED),
        ({"require_tls": "true", "skip_verification": "true"}, BOTH),
    ],
)
def test_settings_of_the_domain_and_options_of_the_message(
    mail: Mail, settings: dict[str, str], expected: dict[str, Any]
) -> None:
    """sending:TLS-001 to TLS-004, TLS-007, DELIV-019, OPT-020; platform:TLS-001, TLS-003, TLS-004,
    EVT-050: the message has the last word.
    """
    assert outcomes(mail, **dict.fromkeys(settings, "yes")) == expected
    settle(mail, **settings)
    assert outcomes(mail) == expected
    assert outcomes(mail, require_tls="no", skip_verification="false") == OPTIONAL


def test_required_tls_is_waited_for_until_the_mail_is_too_old(mail: Mail) -> None:
    """sending:DELIV-019; platform:TLS-001."""
    settle(mail, require_tls="true")
    mail.send({"to": "no-tls@example.com"})
    mail.wait(DAY)
    assert mail.events(event="delivered") == []
    (end,) = mail.events(event="failed", severity="permanent")
    assert end["reason"] == "old"
    assert len(mail.events(event="failed", severity="temporary")) == 6


def test_a_server_may_learn_it(mail: Mail, control: Controls) -> None:
    """platform:TLS-001: then the mail is delivered after all."""
    settle(mail, require_tls="true")
    control.post("rules", {"outcome": "no-tls", "attempts": 1})
    mail.send()
    mail.wait(DAY)
    status = mail.event("delivered")["delivery-status"]
    assert (status["tls"], status["attempt-no"]) == (True, 2)


def test_headers_say_the_same(mail: Mail) -> None:
    """sending:OPT-009, OPT-019."""
    headers = "X-Mailgun-Require-TLS: yes\r\nX-Mailgun-Skip-Verification: yes"
    mime = f"From: a@b.test\r\n{headers}\r\n\r\nText"
    mail.send_mime(mime, {"to": ["no-tls@example.com", "bad-certificate@example.com"]})
    mail.wait(1)
    assert mail.event("failed")["recipient"] == "no-tls@example.com"
    status = mail.event("delivered")["delivery-status"]
    assert (status["tls"], status["certificate-verified"]) == (True, False)
    assert "X-Mailgun-" not in mail.raw(mail.event("delivered"))
