"""The relay on its ports: beside the app, many clients at once, and its end."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from mailgun_emulator import create_app, smtp
from mailgun_emulator.areas.messages.store import MessageStore
from mailgun_emulator.errors import ServeError
from mailgun_emulator.smtp.conversation import Conversation
from mailgun_emulator.smtp.intake import Intake
from tests.emulator.areas.mail import PLAIN, Mail
from tests.emulator.smtp.relay import ALICE, BOB, LOGIN, PASSWORD, Relay, Wire, mime, plain


def test_in_a_program_of_ones_own() -> None:
    """The app and its relay on one loop, with nothing else around them."""
    app = create_app()

    def send(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.login(LOGIN, PASSWORD)
            client.sendmail(BOB, ALICE, mime())

    async def program() -> str:
        async with smtp.serve(app) as server:
            await asyncio.to_thread(send, server.port)
        return server.address

    address = asyncio.run(program())
    assert address.startswith("127.0.0.1:")
    assert len(app.state.store(app.state.accounts[0], MessageStore)) == 1


@pytest.mark.parametrize("relay", ["asyncio", "uvloop"], indirect=True)
def test_tls_from_the_first_byte(relay: Relay, mail: Mail) -> None:
    """SMTP-001: one port speaks TLS at once, the other on demand or never; nothing old."""
    secured = relay.start(tls=True)
    with smtplib.SMTP_SSL("localhost", secured.port, context=trusting(secured)) as client:
        assert not client.has_extn("starttls")
        client.login(LOGIN, PASSWORD)
        client.sendmail(BOB, ALICE, mime(Subject="by TLS"))
    in_the_clear = relay.client(LOGIN, PASSWORD)
    assert in_the_clear.has_extn("starttls")
    in_the_clear.sendmail(BOB, ALICE, mime(Subject="in the clear"))
    upgraded = relay.client()
    upgraded.starttls(context=relay.trusting())
    upgraded.login(LOGIN, PASSWORD)
    upgraded.sendmail(BOB, ALICE, mime(Subject="upgraded"))
    subjects = {event["message"]["headers"]["subject"] for event in mail.events(event="accepted")}
    assert subjects == {"by TLS", "in the clear", "upgraded"}


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_tls(relay: Relay) -> None:
    """SMTP-001: whoever speaks nothing newer than TLS 1.1 is not served, let alone SSL 3."""
    secured = relay.start(tls=True)
    context = trusting(secured)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        smtplib.SMTP_SSL("localhost", secured.port, context=context)
    smtplib.SMTP_SSL("localhost", secured.port, context=trusting(secured)).close()


def trusting(server: smtp.Server) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=server.authority)


def test_certificate_is_of_our_own_making(relay: Relay) -> None:
    """Who does not know its authority does not trust it."""
    client = relay.client()
    with pytest.raises(ssl.SSLCertVerificationError):
        client.starttls(context=ssl.create_default_context())


def test_many_at_once(relay: Relay, mail: Mail) -> None:
    """25 clients by SMTP and 25 by HTTP: each message is taken once, by its own way."""

    def by_smtp(number: int) -> None:
        client = smtplib.SMTP("127.0.0.1", relay.server.port, timeout=10)
        client.login(LOGIN, PASSWORD)
        for turn in range(4):
            client.sendmail(BOB, f"s{number}.{turn}@example.com", mime())
        client.quit()

    def by_http(number: int) -> None:
        for turn in range(4):
            fields = {**PLAIN, "to": f"h{number}.{turn}@example.com"}
            answer = mail.api.post(mail.path("messages"), data=fields)
            assert answer.status_code == 200

    with ThreadPoolExecutor(50) as pool:
        done = [pool.submit(job, n) for n in range(25) for job in (by_smtp, by_http)]
        for each in done:
            each.result(30)
    mail.wait()
    for kind in ("accepted", "delivered"):
        events = mail.events(event=kind, limit=300)
        assert len(events) == 200
        assert len({event["recipient"] for event in events}) == 200
    accepted = mail.events(event="accepted", limit=300)
    ways = {(event["recipient"][0], event["method"]) for event in accepted}
    assert ways == {("s", "SMTP"), ("h", "HTTP")}


def test_a_flood_is_answered_in_turns(relay: Relay) -> None:
    """However much a client says at once, others come in between."""
    operation = relay.app.contract.operations["send_mime_message"]
    conversation = Conversation(Intake(relay.app.state, operation))
    turns = [conversation.receive(b"NOOP\r\n" * 1050)]
    while conversation.behind:
        turns.append(conversation.receive())
    assert [turn.count(b"250 OK\r\n") for turn in turns] == [100] * 10 + [50]


@pytest.mark.parametrize("relay", ["asyncio", "uvloop"], indirect=True)
class TestEnd:
    def test_everybody_is_told(self, relay: Relay, mail: Mail) -> None:
        """Confirmed mail is there, what was not confirmed is not; connections are closed."""
        relay.send(mime(Subject="confirmed"))
        idle, busy = relay.wire(), relay.wire().log_in()
        busy.send(f"MAIL FROM:<{BOB}>\r\nRCPT TO:<{ALICE}>\r\nDATA\r\nSubject: half\r\n")
        for _ in range(3):
            busy.reply()
        relay.stop()
        for wire in (idle, busy):
            assert wire.reply() == ["421 Service shutting down"]
            assert wire.closed()
        assert relay.server.connections == set()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", relay.server.port), timeout=5)
        assert mail.event()["message"]["headers"]["subject"] == "confirmed"

    def test_nobody_holds_it_up(self, relay: Relay) -> None:
        """Clients that take no leave are cut off: deaf ones, and those in TLS."""
        deaf = relay.wire()
        deaf.socket.settimeout(0.2)

        def flood() -> None:
            while True:
                deaf.send(b"NOOP\r\n" * 20_000)

        with pytest.raises(TimeoutError):
            flood()
        secured = relay.wire()
        secured.ask("STARTTLS")
        secured.start_tls(relay.trusting())
        halfway = relay.wire()
        halfway.ask("STARTTLS")
        relay.stop()
        assert relay.server.connections == set()

    def test_silence(self, relay: Relay) -> None:
        """Who says nothing is sent away."""
        server = relay.start(idle=0.2)
        wire = Wire(server.port)
        assert wire.ask("NOOP") == "250 OK"
        assert wire.reply() == ["421 Timeout"]
        assert wire.closed()
        wire.close()

    def test_reset(self, relay: Relay, api: httpx.Client, domain: str) -> None:
        """CRED-009: after a reset an open connection is known by what is so then."""
        path = f"/v3/domains/{domain}/credentials"
        api.post(path, data={"login": "alice", "password": "first-one"})
        own, other = relay.wire().log_in(), relay.wire()
        assert other.ask(f"AUTH PLAIN {plain(f'alice@{domain}', 'first-one')}").startswith("235 ")
        assert api.post("/_emulator/reset").status_code == 200
        assert other.ask(f"MAIL FROM:<{BOB}>") == "535 Authentication failed"
        for line in (f"MAIL FROM:<{BOB}>", f"RCPT TO:<{ALICE}>", "DATA"):
            assert own.ask(line)[:1] in "23"
        own.send(mime())
        assert own.ask(".") == "250 Great success"
        store = relay.app.state.store(relay.app.state.accounts[0], MessageStore)
        assert len(store) == 1


def test_port_in_use(relay: Relay) -> None:
    with pytest.raises(ServeError, match="in use"):
        relay.start(port=relay.server.port)
