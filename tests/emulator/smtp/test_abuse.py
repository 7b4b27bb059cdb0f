"""Input that no client should send: it is answered, and the next client is served."""

from __future__ import annotations

import random
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgun_emulator.areas.messages.limits import MESSAGE_LIMIT
from mailgun_emulator.areas.messages.store import MessageStore
from mailgun_emulator.smtp.content import Incoming
from tests.emulator.areas.mail import Mail
from tests.emulator.smtp.relay import ALICE, BOB, Relay, Wire, mime, plain

ENVELOPE = f"MAIL FROM:<{BOB}>\r\nRCPT TO:<{ALICE}>\r\nDATA\r\n"


def sent(relay: Relay) -> list[bytes]:
    """The content of all messages, without the headers that were added."""
    store = relay.app.state.store(relay.app.state.accounts[0], MessageStore)
    return [copy.content.raw for copy in store if copy.content and copy.content.raw is not None]


def at_data(relay: Relay) -> Wire:
    """A client that is about to send content."""
    wire = relay.wire().log_in()
    wire.send(ENVELOPE)
    assert [wire.reply()[0][:3] for _ in range(3)] == ["250", "250", "354"]
    return wire


def test_everything_at_once(relay: Relay) -> None:
    """SMTP-003: PIPELINING, also past the content, and with the client's side closed early."""
    wire = relay.wire()
    content = mime() + b".\r\n"
    wire.send(f"EHLO x\r\nAUTH PLAIN {plain()}\r\n")
    wire.send((ENVELOPE.encode() + content) * 3 + b"QUIT\r\n")
    wire.socket.shutdown(socket.SHUT_WR)
    replies = [wire.reply()[-1][:3] for _ in range(15)]
    assert replies == ["250", "235", *["250", "250", "354", "250"] * 3, "221"]
    assert wire.closed()
    assert sent(relay) == [mime()] * 3


def test_byte_by_byte(relay: Relay) -> None:
    wire = relay.wire().log_in()
    wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in ENVELOPE.encode() + b"A: b\r\n\r\n..\r\n.\r\n":
        wire.send(bytes([byte]))
    assert [wire.reply()[0][:3] for _ in range(4)] == ["250", "250", "354", "250"]
    assert sent(relay) == [b"A: b\r\n\r\n.\r\n"]


@pytest.mark.parametrize(
    "end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r\n\0.\r\n"]
)
def test_no_second_message_is_smuggled(relay: Relay, end: bytes) -> None:
    """Only CR LF, dot, CR LF ends the content."""
    wire = at_data(relay)
    hidden = b"A: b\r\n\r\nfirst" + end + ENVELOPE.encode() + b"second"
    wire.send(hidden + b"\r\n.\r\n")
    assert wire.reply() == ["250 Great success"]
    (raw,) = sent(relay)
    assert raw == hidden.replace(b"\r\n.", b"\r\n") + b"\r\n"
    assert wire.ask("NOOP") == "250 OK"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n",
        b"\0" * 5000 + b"\r\n",
        b"x" * 200_000 + b"\r\n",
        b"Subject: " + b"x" * 200_000 + b"\r\n\r\n",
        b"Subject: a\rb\nc\0d\r\n\r\nbare \r and \n and \0\r\n",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n--x\r\n--y--\r\n",
        b"Content-Type: multipart/mixed\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%\r\n",
        b"Content-Type: text/plain; charset=no-such\r\n\r\n\xff\xfe\r\n",
        b'From: <<<\r\nTo: "\r\nDate: never\r\nMessage-Id: \r\n\r\n',
        b": no name\r\n: none\r\n folded from nothing\r\n",
        b"X-Mailgun-Variables: {\r\nX-Mailgun-Recipient-Variables: [1]\r\n\r\n%recipient.x%\r\n",
        b"X-Mailgun-Deliver-By: never\r\nX-Mailgun-Tag: \xff\r\n\r\n",
        b"".join(
            b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n)
            for n in range(500)
        ),
    ],
)
def test_any_content_is_a_message(relay: Relay, mail: Mail, content: bytes) -> None:
    wire = at_data(relay)
    wire.send(content + b".\r\n")
    assert wire.reply() == ["250 Great success"]
    mail.wait()
    assert sent(relay) == [content]
    (event,) = mail.events(event="accepted")
    assert mail.stored(event)["recipients"] == ALICE


def test_largest_message(relay: Relay) -> None:
    """SMTP-022: 25 MB are taken, though SIZE speaks of more; one byte more is not."""
    line = b"x" * 998 + b"\r\n"
    most = b"A: b\r\n\r\n" + line * ((MESSAGE_LIMIT - 8) // len(line))
    most += b"y" * (MESSAGE_LIMIT - len(most) - 2) + b"\r\n"
    for content, reply in ((most, "250 Great success"), (b"z" + most, "552 message size exceeds")):
        wire = at_data(relay)
        wire.send(content + b".\r\n")
        assert wire.reply()[0].startswith(reply)
        assert wire.ask("NOOP") == "250 OK"
    assert [len(raw) for raw in sent(relay)] == [MESSAGE_LIMIT]


@pytest.mark.parametrize(
    ("size", "reply"), [("52428800", "250 "), ("52428801", "552 "), ("9" * 19, "552 ")]
)
def test_announced_size(relay: Relay, size: str, reply: str) -> None:
    """SMTP-022: more than SIZE is refused before it is sent."""
    wire = relay.wire().log_in()
    assert wire.ask(f"MAIL FROM:<{BOB}> SIZE={size}").startswith(reply)


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"", "500 "),
        (b" ", "500 "),
        (b"\0\0\0", "500 "),
        (b"\xff\xfe", "500 Bad syntax"),
        (b"MAIL", "501 "),
        (b"MAIL FROM", "501 "),
        (b"AUTH PLAIN \xff", "500 Bad syntax"),
        (b"BDAT 5 LAST", "500 Command not implemented"),
        (b"VRFY postmaster", "500 "),
        (b"USER postmaster", "500 "),
        (b"a1 LOGIN postmaster key-test", "500 "),
        (b"N" * 12_289, "500 Line too long"),
        (b"NOOP " + b"x" * 1_000_000, "500 Line too long"),
        (b"NOOP\n", "250 "),
        (b"noop anything", "250 "),
    ],
)
def test_odd_commands(relay: Relay, line: bytes, reply: str) -> None:
    """Refused, and the connection goes on."""
    wire = relay.wire()
    wire.send(line.removesuffix(b"\n") + (b"\n" if line.endswith(b"\n") else b"\r\n"))
    assert wire.reply()[0].startswith(reply)
    assert wire.ask("NOOP") == "250 OK"
    wire.log_in()


def test_browsers_are_turned_away(relay: Relay) -> None:
    """A page that makes a browser post here does not send mail."""
    wire = relay.wire()
    body = f"AUTH PLAIN {plain()}\r\n{ENVELOPE}A: b\r\n.\r\n"
    wire.send(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n{body}")
    assert wire.reply()[0].startswith("500 ")
    assert wire.closed()
    assert sent(relay) == []


def test_nothing_crosses_into_tls(relay: Relay) -> None:
    """What stands behind STARTTLS in the clear is thrown away."""
    wire = relay.wire()
    wire.send(f"STARTTLS\r\nAUTH PLAIN {plain()}\r\n{ENVELOPE}")
    assert wire.reply() == ["220 Go ahead"]
    wire.start_tls(relay.trusting())
    assert wire.ask("DATA") == "503 RCPT command expected"
    assert wire.ask("RCPT TO:<a@b.test>") == "503 MAIL command expected"
    wire.log_in()


def test_no_handshake(relay: Relay) -> None:
    """Something else than TLS behind STARTTLS ends the connection, no other."""
    other = relay.wire()
    wire = relay.wire()
    assert wire.ask("STARTTLS") == "220 Go ahead"
    wire.send("EHLO in the clear\r\n" * 10)
    while wire.socket.recv(4096):
        pass
    assert other.ask("NOOP") == "250 OK"


def test_noise(relay: Relay) -> None:
    """Random bytes, cut anywhere, also as content."""
    source = random.Random(7)
    for number in range(40):
        wire = relay.wire()
        if number % 2:
            wire.log_in()
            wire.send(ENVELOPE)
        wire.send(source.randbytes(source.randrange(1, 50_000)))
        wire.close()
    relay.wire().log_in()
    assert sent(relay) == []


def test_client_that_does_not_read(relay: Relay) -> None:
    """It is not read either once replies pile up, and the others do not notice."""
    deaf = relay.wire()
    deaf.socket.settimeout(0.5)
    block = b"NOOP\r\n" * 20_000

    def flood() -> None:
        for _ in range(200):
            deaf.send(block)

    with pytest.raises(TimeoutError):
        flood()
    start = time.monotonic()
    relay.send(mime())
    assert time.monotonic() - start < 5
    assert sent(relay) == [mime()]


@given(
    st.lists(st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"x", b"..", b"\0"]), max_size=30),
    st.data(),
)
def test_content_does_not_depend_on_its_pieces(parts: list[bytes], data: st.DataObject) -> None:
    """Cut anywhere, the same message comes out, and the same is left over."""
    lines = b"".join(parts).replace(b"\r\n.", b"\r\n..")
    wire = (b"." + lines if lines.startswith(b".") else lines) + b"\r\n.\r\nQUIT\r\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=6)))
    content = Incoming(1000)
    rest = None
    for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        rest = content.take(wire[start:end]) if rest is None else rest + wire[start:end]
    assert rest == b"QUIT\r\n"
    assert content.message() == b"".join(parts) + b"\r\n"
