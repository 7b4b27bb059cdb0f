"""What the server says, word by word."""

from __future__ import annotations

import httpx
import pytest

from tests.emulator.smtp.relay import ALICE, BOB, LOGIN, PASSWORD, Relay, coded, mime, plain

OFFERS = ["AUTH PLAIN LOGIN", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "PIPELINING"]
FAILED = "535 Authentication failed"


def test_a_whole_dialogue(relay: Relay) -> None:
    """SMTP-002, SMTP-006, SMTP-008, SMTP-011, SMTP-023: banner to goodbye, login without TLS."""
    wire = relay.wire()
    assert wire.banner == ["220 Mailgun Influx ready"]
    assert wire.ask("HELO there") == "250 smtp.localhost"
    assert wire.ask(f"AUTH PLAIN {plain()}") == "235 Authentication successful"
    for _ in range(2):
        assert wire.ask(f"MAIL FROM:<{BOB}>") == "250 Sender address accepted"
        assert wire.ask(f"RCPT TO:<{ALICE}>") == "250 Recipient address accepted"
        assert wire.ask("DATA") == "354 Continue"
        wire.send(mime())
        assert wire.ask(".") == "250 Great success"
    assert wire.ask("QUIT") == "221 See you later"
    assert wire.closed()


@pytest.mark.parametrize("name", ["", " mx.example.org"])
def test_greeting(relay: Relay, name: str) -> None:
    """SMTP-003, SMTP-004, SMTP-022: the extensions in their order; nobody needs a name."""
    wire = relay.wire()
    wire.send(f"EHLO{name}\r\n")
    first, *offers = wire.reply()
    assert first == "250-smtp.localhost"
    assert offers == [*(f"250-{offer}" for offer in OFFERS), "250 STARTTLS"]
    assert wire.ask(f"HELO{name}") == "250 smtp.localhost"


@pytest.mark.parametrize("relay", ["asyncio", "uvloop"], indirect=True)
def test_tls(relay: Relay) -> None:
    """SMTP-003, SMTP-005: after STARTTLS the same offers but that; the login starts again."""
    wire = relay.wire().log_in()
    assert wire.ask("STARTTLS") == "220 Go ahead"
    wire.start_tls(relay.trusting())
    wire.send("EHLO again\r\n")
    offers = wire.reply()[1:]
    assert offers == [*(f"250-{offer}" for offer in OFFERS[:-1]), "250 PIPELINING"]
    assert wire.ask("STARTTLS").startswith("503 ")
    assert wire.ask(f"MAIL FROM:<{BOB}>") == "250 Sender address accepted"
    assert wire.ask(f"RCPT TO:<{ALICE}>") == "550 5.7.1 Relaying denied"
    wire.log_in()
    assert wire.ask("RSET") == "250 OK"
    assert wire.ask(f"MAIL FROM:<{BOB}>") == "250 Sender address accepted"
    assert wire.ask(f"RCPT TO:<{ALICE}>") == "250 Recipient address accepted"


class TestLogin:
    def test_in_steps(self, relay: Relay) -> None:
        """SMTP-007, SMTP-008: LOGIN asks in base64, PLAIN does not."""
        wire = relay.wire()
        assert wire.ask("AUTH LOGIN") == "334 VXNlcm5hbWU6"
        assert wire.ask(coded(LOGIN)) == "334 UGFzc3dvcmQ6"
        assert wire.ask(coded(PASSWORD)) == "235 Authentication successful"
        other = relay.wire()
        assert other.ask("auth plain") == "334 Go ahead"
        assert other.ask(plain()) == "235 Authentication successful"
        assert other.ask(f"AUTH PLAIN {plain()}").startswith("503 ")
        third = relay.wire()
        assert third.ask(f"AUTH LOGIN {coded(LOGIN)}") == "334 UGFzc3dvcmQ6"
        assert third.ask(coded(PASSWORD)) == "235 Authentication successful"

    @pytest.mark.parametrize(
        ("login", "password"),
        [
            (LOGIN, "wrong"),
            (LOGIN, ""),
            ("postmaster", PASSWORD),
            ("api", PASSWORD),
            ("postmaster@elsewhere.test", PASSWORD),
            ("", ""),
        ],
    )
    def test_refused(self, relay: Relay, login: str, password: str) -> None:
        """SMTP-009, SMTP-013: no login but the full address; the connection closes at once."""
        wire = relay.wire()
        assert wire.ask(f"AUTH PLAIN {plain(login, password)}") == FAILED
        assert wire.closed()
        other = relay.wire()
        other.send(f"AUTH LOGIN\r\n{coded(login) or '='}\r\n{coded(password) or '='}\r\nQUIT\r\n")
        replies = [other.reply()[0] for _ in range(3)]
        assert replies[2] == FAILED
        assert other.closed()

    @pytest.mark.parametrize("response", ["%%%", "YQ", "/w=="])
    def test_no_base64(self, relay: Relay, response: str) -> None:
        """SMTP-010: two replies, and the end; also for text that is no UTF-8."""
        for steps in (["AUTH PLAIN"], ["AUTH LOGIN"], ["AUTH LOGIN", coded(LOGIN)]):
            wire = relay.wire()
            for step in steps:
                assert wire.ask(step).startswith("334 ")
            assert wire.ask(response) == "501 Invalid response encoding"
            assert wire.reply() == [FAILED]
            assert wire.closed()

    def test_given_up(self, relay: Relay) -> None:
        wire = relay.wire()
        assert wire.ask("AUTH LOGIN").startswith("334 ")
        assert wire.ask("*") == "501 Authentication aborted"
        assert wire.ask("AUTH CRAM-MD5") == "504 Unrecognized authentication type"
        assert wire.ask("AUTH") == "504 Unrecognized authentication type"
        wire.log_in()

    def test_password_changes(self, relay: Relay, api: httpx.Client, domain: str) -> None:
        """CRED-009: the old password is void at once, also for who is logged in already."""
        path = f"/v3/domains/{domain}/credentials"
        api.post(path, data={"login": "alice", "password": "first-one"})
        login = f"alice@{domain}"
        inside, sending = relay.wire(), relay.wire()
        for wire in (inside, sending):
            assert wire.ask(f"AUTH PLAIN {plain(login, 'first-one')}").startswith("235 ")
        assert sending.ask(f"MAIL FROM:<{login}>").startswith("250 ")
        assert sending.ask(f"RCPT TO:<{ALICE}>").startswith("250 ")
        api.put(f"{path}/alice", data={"password": "second-one"})
        assert inside.ask(f"MAIL FROM:<{login}>") == FAILED
        assert inside.closed()
        assert sending.ask("DATA") == FAILED
        assert relay.wire().ask(f"AUTH PLAIN {plain(login, 'first-one')}") == FAILED
        again = relay.wire()
        assert again.ask(f"AUTH PLAIN {plain(login, 'second-one')}").startswith("235 ")
        api.delete(f"{path}/alice")
        assert again.ask(f"MAIL FROM:<{login}>") == FAILED
        assert relay.wire().ask(f"AUTH PLAIN {plain(login, 'second-one')}") == FAILED

    def test_the_key_is_the_password_of_the_postmaster_only(
        self, relay: Relay, api: httpx.Client, domain: str
    ) -> None:
        """SMTP-015: it starts as such, it is no password for others, and it can be changed."""
        path = f"/v3/domains/{domain}/credentials"
        api.post(path, data={"login": "alice", "password": "first-one"})
        key = api.post("/v1/keys", data={"role": "admin"}).json()["key"]["secret"]
        relay.wire().log_in()
        for login, password in ((f"alice@{domain}", PASSWORD), (LOGIN, key)):
            assert relay.wire().ask(f"AUTH PLAIN {plain(login, password)}") == FAILED
        api.put(f"{path}/postmaster", data={"password": "another"})
        assert relay.wire().ask(f"AUTH PLAIN {plain()}") == FAILED
        assert relay.wire().ask(f"AUTH PLAIN {plain(LOGIN, 'another')}").startswith("235 ")


class TestAddresses:
    @pytest.mark.parametrize(
        "written",
        [
            "<bob@example.org>",
            " <bob@example.org>",
            " Bob <bob@example.org>",
            ' "Bob, Jr. <x>" <bob@example.org>',
            "bob@example.org",
            "<@relay.test,@b.test:bob@example.org>",
            "<bob@example.org> SIZE=100 BODY=8BITMIME SMTPUTF8",
            '<"bob smith"@example.org>',
            "<bob@[192.0.2.1]>",
            "<bob@[IPv6:2001:db8::1]>",
            "<jürgen@müller.example>",
        ],
    )
    def test_taken(self, relay: Relay, written: str) -> None:
        """SMTP-012: blanks after the colon and display names do no harm."""
        wire = relay.wire().log_in()
        assert wire.ask(f"MAIL FROM:{written}") == "250 Sender address accepted"
        assert wire.ask(f"rcpt to:{written}") == "250 Recipient address accepted"

    @pytest.mark.parametrize(
        "written",
        [
            "",
            ":",
            ":<bob>",
            ":<bob@>",
            ":<@example.org>",
            ":<bob@example.org",
            ":<bob@ex ample.org>",
            ":<bob@example..org>",
            ":<a@b@c.test>",
            ":<bob\0@example.org>",
            ":bob",
        ],
    )
    def test_refused(self, relay: Relay, written: str) -> None:
        """SMTP-017: with the word that is wrong, each in its own case; nothing is lost by it."""
        wire = relay.wire().log_in()
        assert wire.ask(f"MAIL FROM{written}") == "501 cannot parse from address"
        assert wire.ask(f"MAIL FROM:<{BOB}>").startswith("250 ")
        assert wire.ask(f"RCPT TO{written}") == "501 Cannot parse to address"
        assert wire.ask(f"RCPT TO:<{ALICE}>").startswith("250 ")

    def test_nobody(self, relay: Relay) -> None:
        """The empty sender is one, the empty recipient is none."""
        wire = relay.wire().log_in()
        assert wire.ask("MAIL FROM:<>") == "250 Sender address accepted"
        assert wire.ask("RCPT TO:<>") == "501 Cannot parse to address"

    def test_order(self, relay: Relay) -> None:
        """SMTP-018: what comes too early is refused, and so is a second sender."""
        wire = relay.wire().log_in()
        assert wire.ask("DATA") == "503 RCPT command expected"
        assert wire.ask(f"RCPT TO:<{ALICE}>") == "503 MAIL command expected"
        assert wire.ask(f"MAIL FROM:<{BOB}>").startswith("250 ")
        assert wire.ask(f"MAIL FROM:<{BOB}>").startswith("503 ")
        assert wire.ask("DATA") == "503 RCPT command expected"
        assert wire.ask("RSET") == "250 OK"
        assert wire.ask(f"RCPT TO:<{ALICE}>") == "503 MAIL command expected"

    def test_foreign_without_login(self, relay: Relay) -> None:
        """SMTP-018: mail for others is for those who log in."""
        wire = relay.wire()
        assert wire.ask(f"MAIL FROM:<{BOB}>").startswith("250 ")
        assert wire.ask(f"RCPT TO:<{ALICE}>") == "550 5.7.1 Relaying denied"
        assert wire.ask("DATA") == "503 RCPT command expected"

    def test_crowd(self, relay: Relay) -> None:
        """As many as by HTTP, MSG-010."""
        wire = relay.wire().log_in()
        wire.send(f"MAIL FROM:<{BOB}>\r\n")
        wire.send("".join(f"RCPT TO:<a{number}@example.com>\r\n" for number in range(1001)))
        replies = [wire.reply()[0] for _ in range(1002)]
        assert replies[1:1001] == ["250 Recipient address accepted"] * 1000
        assert replies[1001] == "452 Too many recipients, max is 1000"
