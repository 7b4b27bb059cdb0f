"""Sending a message by its parts: what is accepted, what is refused and with which words."""

from __future__ import annotations

import gzip
from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.areas.messages.limits import Standing
from mailgun_emulator.state import ApiKey
from tests.emulator.areas.clients import told
from tests.emulator.areas.happenings import Happenings
from tests.emulator.areas.mail import ALICE, PLAIN, Mail
from tests.emulator.conftest import Connect

NOT_AN_ADDRESS = "parameter is not a valid address. please check documentation"
FORBIDDEN = (401, "Forbidden")


def standing(app: Emulator) -> Standing:
    return app.state.store(app.state.accounts[0], Standing)


def test_a_message_is_queued(mail: Mail) -> None:
    """sending:MSG-001, MSG-003: the id is time, 16 hexadecimal digits and domain."""
    answer = mail.send()
    body = answer.json()
    assert (answer.status_code, set(body)) == (200, {"id", "message"})
    assert body["message"] == "Queued. Thank you."
    stamp, _, rest = body["id"].partition(".")
    token, _, domain = rest.partition("@")
    assert (stamp, domain) == ("<20250124124439", f"{mail.domain}>")
    assert len(token) == 16
    assert set(token) <= set("0123456789abcdef")


@pytest.mark.parametrize("name", ["h:Message-Id", "h:message-id", "h:MESSAGE-ID"])
def test_the_id_of_the_caller_is_kept(mail: Mail, name: str) -> None:
    """sending:MSG-002, MSG-004."""
    answer = mail.send({name: "<mine@example.org>"})
    assert answer.json()["id"] == "<mine@example.org>"
    assert mail.event()["message"]["headers"]["message-id"] == "mine@example.org"
    assert mail.raw().count("Message-Id: <mine@example.org>") == 1


def test_urlencoded_multipart_and_gzip_are_alike(mail: Mail) -> None:
    """sending:MSG-005, MSG-006, ERR-020."""
    body = httpx.QueryParams({**PLAIN, "to": ""}).remove("to").add("to[]", ALICE)
    form = {"content-type": "application/x-www-form-urlencoded"}
    packed = gzip.compress(str(body).encode())
    for content, headers in (
        (str(body).encode(), form),
        (packed, {**form, "content-encoding": "gzip"}),
    ):
        answer = mail.api.post(mail.path("messages"), content=content, headers=headers)
        assert answer.status_code == 200, answer.text
    as_multipart = mail.send(files=[("attachment", ("a.txt", b"a", "text/plain"))])
    assert as_multipart.status_code == 200
    assert [e["recipient"] for e in mail.events()] == [ALICE] * 3


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"from": None}, "from parameter is missing"),
        ({"to": None}, "to parameter is missing"),
        ({"to": "sallygmail.com"}, f"to {NOT_AN_ADDRESS}"),
        ({"from": "bob"}, f"from {NOT_AN_ADDRESS}"),
        ({"cc": "a@b.test, c"}, f"cc {NOT_AN_ADDRESS}"),
        ({"bcc": "<a@b.test"}, f"bcc {NOT_AN_ADDRESS}"),
        (
            {"text": None},
            "Need at least one of 'text', 'html', 'amp-html' or 'template' parameters specified",
        ),
        ({"html": "<p>", "template": "x"}, "Only one parameters 'html' or 'template' is allowed"),
        ({"h:X-Prénom": "x"}, "Header name must be pure ASCII: X-Prénom"),
        ({"o:deliverytime": "soon"}, "soon is not an RFC-2822 compliant date"),
        (
            {"o:time-zone-localize": "noon"},
            "noon invalid 24 hour time(value of 'o:time-zone-localize')",
        ),
        (
            {"o:time-zone-localize": "25:00"},
            "25:00 is not a valid time to send (value of 'o:time-zone-localize')",
        ),
        ({"recipient-variables": "{"}, "'recipient-variables' parameter is not a valid JSON"),
        ({"o:secondary-dkim": "-/x"}, "-/x is not a valid secondary dkim domain name"),
    ],
)
def test_what_is_wrong_is_said(mail: Mail, fields: dict[str, Any], text: str) -> None:
    """sending:ERR-030 to ERR-035, ERR-038 to ERR-042, ERR-053, TSEND-016: and nothing is sent."""
    assert mail.refusal(fields) == (400, text)
    assert mail.events() == []


def test_options_are_limited_together(mail: Mail) -> None:
    """sending:ERR-036: all four prefixes count, and nothing else does."""
    quarter = "x" * 4096
    full = {"o:x": quarter, "h:X": quarter, "v:x": quarter, "t:x": quarter}
    assert mail.send({**full, "text": quarter}).status_code == 200
    text = "Send options (parameters starting with o:, h:, or v:) are limited to 16KB total"
    for name in full:
        assert mail.refusal({**full, name: f"{quarter}x"}) == (400, text)


@pytest.mark.parametrize("split", [(1000, 0, 0), (400, 300, 300)])
def test_a_call_has_a_thousand_recipients_at_most(mail: Mail, split: tuple[int, int, int]) -> None:
    """sending:ERR-037, MSG-010: to, cc and bcc count together."""
    fields: dict[str, Any] = {
        name: ", ".join(f"{name}{n}@example.com" for n in range(count)) or None
        for name, count in zip(("to", "cc", "bcc"), split, strict=True)
    }
    assert mail.send(fields).status_code == 200
    assert len(mail.events(limit=300)) == 300
    fields["to"] += ", more@example.com"
    assert mail.refusal(fields) == (400, "Too many recipients, max is 1000")


def test_a_batch_has_a_thousand_recipients_at_most(mail: Mail, happenings: Happenings) -> None:
    """sending:BATCH-003, ERR-037, MIME-003: by parts and as MIME, in one field or in many."""
    people = [f"p{n}@example.com" for n in range(1001)]
    text = "Too many recipients, max is 1000"
    for to in (people, ",".join(people)):
        fields = {"to": to, "recipient-variables": "{}"}
        assert mail.refusal(fields) == (400, text)
        assert told(mail.send_mime("Subject: s\n\nt", fields)) == (400, {"message": text})
    assert mail.events() == []
    fields = {"to": people[:1000], "recipient-variables": "{}"}
    assert mail.send(fields).status_code == 200
    mail.wait()
    assert happenings.totals("delivered_count") == {"delivered_count": 1000}


def test_a_message_that_is_too_large(mail: Mail) -> None:
    """sending:MSG-007."""
    files = [("attachment", ("big.bin", bytes(25 * 1024 * 1024), "application/octet-stream"))]
    assert mail.send(files=files).status_code == 413
    assert mail.events() == []


def test_a_key_that_is_wrong_missing_or_for_somebody_else(
    app: Emulator, mail: Mail, connect: Connect
) -> None:
    """sending:AUTH-002, AUTH-003, AUTH-010, ERR-052: 401 before anything else is looked at."""
    for client in (connect(key="wrong"), connect(key=None)):
        answer = client.post(mail.path("messages"), data={})
        assert (answer.status_code, answer.text) == FORBIDDEN
        assert answer.headers["www-authenticate"] == 'Basic realm="MG API"'
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    foreign = mail.api.post("/v3/not-our-doma.in/messages", data=PLAIN)
    assert (foreign.status_code, foreign.text) == FORBIDDEN


def test_a_sending_key_only_sends(app: Emulator, mail: Mail, connect: Connect) -> None:
    """sending:AUTH-007, AUTH-008, AUTH-009."""
    key = ApiKey("id", "s3cret", kind="domain", role="sending", domain_name=mail.domain)
    app.state.add_key(app.state.accounts[0], key)
    client = connect(key="s3cret")
    assert client.post(mail.path("messages"), data=PLAIN).status_code == 200
    assert client.get(mail.path("events")).status_code == 401
    app.state.accounts[0].domains.add("second.test")
    other = client.post("/v3/second.test/messages", data=PLAIN)
    assert (other.status_code, other.text) == FORBIDDEN


def test_roles_that_only_read(app: Emulator, mail: Mail, connect: Connect) -> None:
    """sending:AUTH-015."""
    for role, status in (("developer", 200), ("basic", 403), ("support", 403)):
        app.state.add_key(app.state.accounts[0], ApiKey(role, f"key-{role}", role=role))
        client = connect(key=f"key-{role}")
        assert client.post(mail.path("messages"), data=PLAIN).status_code == status
        assert client.get(mail.path("events")).status_code == 200


def test_a_domain_without_dns_records_does_not_send(app: Emulator, mail: Mail) -> None:
    """sending:ERR-048."""
    found = app.state.store(app.state.accounts[0], DomainStore).find(mail.domain)
    assert found is not None
    found.state = "unverified"
    assert mail.refusal({}) == (
        403,
        f"Domain {mail.domain} is not allowed to send: The domain is unverified and requires DNS "
        "configuration. Log in to your control panel to view required DNS records.",
    )


def test_an_account_has_to_be_activated(app: Emulator, mail: Mail) -> None:
    """sending:ERR-049."""
    standing(app).activated = False
    status, text = mail.refusal({})
    assert status == 403
    assert text == (
        f"Domain {mail.domain} is not allowed to send: Please activate your Mailgun account. "
        "Check your inbox or log in to your control panel to resend the activation email."
    )


BROKEN = {"content-type": "multipart/form-data; boundary=x"}


@pytest.mark.parametrize("way", ["messages", "messages.mime"])
def test_the_state_of_the_domain_comes_before_the_input(
    app: Emulator, mail: Mail, connect: Any, way: str
) -> None:
    """sending:ERR-052: key, ownership, state, input."""
    path = mail.path(way)
    store = app.state.store(app.state.accounts[0], DomainStore)
    found = store.find(mail.domain)
    assert found is not None
    found.state = "unverified"
    before = app.state.digest()
    for request in ({"data": {"to": "nobody"}}, {"content": b"nothing", "headers": BROKEN}):
        answer = mail.api.post(path, **request)
        assert answer.status_code == 403
        assert answer.json()["message"].startswith(f"Domain {mail.domain} is not allowed to send: ")
        assert connect(key="wrong").post(path, **request).status_code == 401
        assert mail.api.post(f"/v3/foreign.test/{way}", **request).status_code == 401
    assert app.state.digest() == before
    found.state = "active"
    assert mail.api.post(path, content=b"nothing", headers=BROKEN).status_code == 400


def test_a_sandbox_writes_to_authorized_recipients_only(app: Emulator, api: httpx.Client) -> None:
    """sending:ERR-050, TEST-004, SAND-002, EVT-016, DIFF-048: refused, and recorded as rejected."""
    name = f"sandbox{'0' * 32}.mailgun.org"
    app.state.accounts[0].domains.add(name)
    sandbox = Mail(app, api, name)
    reason = (
        "Sandbox subdomains are for test purposes only. Please add your own domain or add the "
        "address to authorized recipients in Account Settings."
    )
    text = f"Domain {name} is not allowed to send: {reason}"
    for test_mode in ("yes", "no"):
        assert sandbox.refusal({"o:testmode": test_mode}) == (403, text)
    event = sandbox.events()[0]
    assert event["event"] == "rejected"
    assert event["reject"] == {"reason": reason, "description": ""}
    assert event["flags"] == {"is-authenticated": True}
    assert (event["recipient"], event["storage"]) == ("", {})
    assert (event["tags"], event["campaigns"]) == (None, None)
    assert event["message"]["headers"]["message-id"].endswith(f"@{name}")
    assert not {"log-level", "user-variables"} & set(event)
    standing(app).authorized.add(ALICE)
    assert sandbox.send({"to": "ALICE@example.com"}).status_code == 200


def test_a_free_account_writes_to_authorized_recipients_only(app: Emulator, mail: Mail) -> None:
    """sending:ERR-051, SAND-007, DIFF-005."""
    standing(app).free = True
    status, text = mail.refusal({"cc": "carol@example.com"})
    assert status == 403
    assert text == (
        f"Domain {mail.domain} is not allowed to send: Free accounts are for test purposes only. "
        "Please upgrade or add the address to authorized recipients in Account Settings."
    )
    standing(app).authorized |= {ALICE, "carol@example.com"}
    assert mail.send({"cc": "carol@example.com"}).status_code == 200


def test_switches_take_each_word(mail: Mail) -> None:
    """sending:MSG-042, MSG-041, DIFF-023: and other words are refused."""
    for word in ("yes", "no", "true", "false", "True", "False"):
        fields = {"o:testmode": word, "o:tracking": word, "o:require-tls": word}
        assert mail.send(fields).status_code == 200
    assert mail.send({"o:tracking-clicks": "htmlonly"}).status_code == 200
    assert mail.send({"o:tracking-opens": "maybe"}).status_code == 400


@pytest.mark.parametrize("name", ["h:", "h::", "h:X:Y", "v:", "o:"])
def test_names_that_are_none_are_ignored(mail: Mail, name: str) -> None:
    """sending:OPEN-003, MSG-021: they cannot be headers, so nothing becomes of them."""
    for answer in (mail.send({name: "gone"}), mail.send_mime("Subject: s\n\nt", {name: "gone"})):
        assert answer.status_code == 200
    assert not [event for event in mail.events() if "gone" in mail.raw(event)]


def test_options_that_nobody_knows_are_ignored(mail: Mail) -> None:
    """sending:OPEN-003, MSG-020: and a subject is not needed."""
    assert mail.send({"o:native-send": "yes", "subject": None}).status_code == 200
    assert "subject" not in mail.event()["message"]["headers"]


def test_rate_headers_count_down(mail: Mail) -> None:
    """sending:ERR-008: both by one, whatever the number of recipients."""
    first = mail.send({"to": "a@example.com, b@example.com"}).headers
    second = mail.send().headers
    for name, limit in (("ratelimit", 2_000_000), ("recipient", 1_000_000)):
        assert first[f"x-{name}-limit"] == str(limit)
        left = int(first[f"x-{name}-remaining"])
        assert int(second[f"x-{name}-remaining"]) == left - 1
        ahead = int(first[f"x-{name}-reset"]) - app_time(mail)
        assert 0 < ahead <= 10_000


def app_time(mail: Mail) -> int:
    return int(mail.app.state.clock.timestamp() * 1000)


def test_a_template_has_to_exist(mail: Mail, api: httpx.Client) -> None:
    """sending:OPEN-001, TSEND-002, TSEND-011, TSEND-014: our own words; no sender is needed."""
    templated = {"template": "Welcome", "text": None, "from": None, "subject": None}
    assert mail.refusal(templated) == (400, "template not found")
    version = {"template": "<p>Hi</p>", "tag": "v1"}
    made = api.post(mail.path("templates"), data={"name": "welcome", **version})
    assert made.status_code == 200, made.text
    assert mail.refusal({**templated, "t:version": "v2"}) == (400, "template version not found")
    assert mail.send({**templated, "t:version": "v1", "t:text": "yes"}).status_code == 200
    event = mail.event()
    assert event["template"] == {"name": "Welcome", "version": "v1", "is-text": True}
    assert event["message"]["headers"]["from"] == f"postmaster@{mail.domain}"
    assert told(mail.send({**templated, "text": "Hi"}))[0] == 200
