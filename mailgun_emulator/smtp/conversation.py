"""The dialogue of one connection: bytes in, replies out, no network (sending SMTP-002 to SMTP-031).

Replies that the catalogue does not know are marked as ours by standing in `_OURS_*` constants.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Callable

from attrs import define, evolve, field

from mailgun_emulator.areas.messages.limits import MESSAGE_LIMIT, RECIPIENTS_LIMIT, TOO_LARGE
from mailgun_emulator.areas.messages.records import Hop
from mailgun_emulator.reply import ApiError
from mailgun_emulator.smtp import logins, paths
from mailgun_emulator.smtp.content import Incoming
from mailgun_emulator.smtp.intake import Envelope, Intake, Peer

log = logging.getLogger("mailgun_emulator")

HOST = "smtp.localhost"
SIZE = 52_428_800
# As long as RFC 4954 lets the answers of a login be; other commands are shorter.
_LINE = 12_288

_BANNER = "220 Mailgun Influx ready"
_EXTENSIONS = ("AUTH PLAIN LOGIN", f"SIZE {SIZE}", "8BITMIME", "SMTPUTF8", "PIPELINING")
_STARTTLS = "STARTTLS"
_SENDER_TAKEN = "250 Sender address accepted"
_RECIPIENT_TAKEN = "250 Recipient address accepted"
_SENDER_WRONG = "501 cannot parse from address"
_RECIPIENT_WRONG = "501 Cannot parse to address"
_NO_RELAY = "550 5.7.1 Relaying denied"
_NO_RECIPIENT = "503 RCPT command expected"
_CONTINUE = "354 Continue"
_DONE = "250 Great success"
_LOGGED_IN = "235 Authentication successful"
_LOGIN_FAILED = "535 Authentication failed"
_WRONG_ENCODING = "501 Invalid response encoding"
_GO_AHEAD = "334 Go ahead"
_USERNAME, _PASSWORD = "334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"
_TLS_READY = "220 Go ahead"
_BYE = "221 See you later"

_OURS_OK = "250 OK"
_OURS_UNKNOWN = "500 Command not implemented"
_OURS_LONG = "500 Line too long"
_OURS_SYNTAX = "500 Bad syntax"
_OURS_NO_SENDER = "503 MAIL command expected"
_OURS_SECOND_SENDER = "503 Sender already given"
_OURS_SECOND_LOGIN = "503 Already authenticated"
_OURS_SECOND_TLS = "503 TLS already started"
_OURS_MECHANISM = "504 Unrecognized authentication type"
_OURS_ABORTED = "501 Authentication aborted"
_OURS_CROWD = f"452 Too many recipients, max is {RECIPIENTS_LIMIT}"
_OURS_SIZE = f"552 {TOO_LARGE}"
_OURS_BROKEN = "451 Internal error"

# What another attempt may get through: the limits of a time.
_PASSING = frozenset({420, 429})
# How many lines are answered in one go; the loop serves others in between.
_TURN = 100

# A browser can be made to talk to this port; what it says never looks like mail after that.
_HTTP = frozenset({"GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "DELETE", "PATCH"})


@define(eq=False)
class Conversation:
    """Answers one client.

    `ended` tells that the connection is to be closed behind the last reply, `upgrading` that TLS
    begins there; then nothing is read until `secured`. `behind` tells that more can be answered
    without anything new from the client: `receive` is to be called again soon.
    """

    intake: Intake = field(repr=False)
    peer: Peer = field(factory=Peer)
    ended: bool = False
    upgrading: bool = False
    behind: bool = False
    login: logins.Login | None = None
    _inbox: bytearray = field(factory=bytearray, init=False, repr=False)
    _overlong: bool = field(default=False, init=False)
    _envelope: Envelope | None = field(default=None, init=False)
    _content: Incoming | None = field(default=None, init=False, repr=False)
    _expects: Callable[[str], str] | None = field(default=None, init=False, repr=False)

    def greeting(self) -> bytes:
        """What the server says first."""
        return f"{_BANNER}\r\n".encode()

    def receive(self, data: bytes = b"") -> bytes:
        """Take what the client sent; the replies to as much of it as is whole, some at a time."""
        self._inbox += data
        replies: list[str] = []
        reply = self._next()
        while reply is not None:
            replies.append(f"{reply}\r\n")
            if self.ended or self.upgrading:
                # Sent before TLS, it could be anybody's (RFC 3207).
                self._inbox.clear()
                break
            if len(replies) == _TURN:
                break
            reply = self._next()
        self.behind = len(replies) == _TURN and bool(self._inbox)
        return "".join(replies).encode()

    def secured(self, version: str, cipher: str) -> None:
        """TLS has begun: the client starts again from nothing."""
        self.peer.hop = Hop(tls=(version, cipher))
        self.upgrading = False
        self.login = self._envelope = None

    def _next(self) -> str | None:
        """The next reply; None when more has to come first."""
        if self._content is not None:
            rest = self._content.take(bytes(self._inbox))
            self._inbox.clear()
            if rest is None:
                return None
            self._inbox += rest
            return self._finish(self._content)
        line = self._line()
        if line is None:
            return None
        if self._overlong:
            self._overlong, self._expects = False, None
            return _OURS_LONG
        return self._answer(line)

    def _line(self) -> bytes | None:
        """The next line without its end, whichever of CR LF and LF that is."""
        end = self._inbox.find(b"\n")
        if end > _LINE or (end < 0 and len(self._inbox) > _LINE):
            self._overlong = True
        if end < 0:
            if self._overlong:
                self._inbox.clear()
            return None
        line = bytes(self._inbox[:end]).removesuffix(b"\r")
        del self._inbox[: end + 1]
        return line

    def _answer(self, line: bytes) -> str:
        try:
            text = line.decode()
        except UnicodeDecodeError:
            self._expects = None
            return _OURS_SYNTAX
        if self._expects is not None:
            step, self._expects = self._expects, None
            return _OURS_ABORTED if text.strip() == "*" else step(text.strip())
        verb, _, argument = text.strip().partition(" ")
        if verb.upper() in _HTTP:
            self.ended = True
        return self._commands.get(verb.upper(), self._unknown)(argument.strip())

    @property
    def _commands(self) -> dict[str, Callable[[str], str]]:
        return {
            "HELO": self._helo,
            "EHLO": self._ehlo,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
            "NOOP": self._noop,
            "QUIT": self._quit,
        }

    def _unknown(self, _: str) -> str:
        return _OURS_UNKNOWN

    def _helo(self, name: str) -> str:
        """A name is not asked for (SMTP-004)."""
        self.peer.hop, self._envelope = evolve(self.peer.hop, helo=name), None
        return f"250 {HOST}"

    def _ehlo(self, name: str) -> str:
        self._helo(name)
        offers = _EXTENSIONS if self.peer.hop.tls[0] else (*_EXTENSIONS, _STARTTLS)
        lines = [HOST, *offers]
        return "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])

    def _noop(self, _: str) -> str:
        return _OURS_OK

    def _rset(self, _: str) -> str:
        self._envelope = None
        return _OURS_OK

    def _quit(self, _: str) -> str:
        self.ended = True
        return _BYE

    def _starttls(self, _: str) -> str:
        if self.peer.hop.tls[0]:
            return _OURS_SECOND_TLS
        self.upgrading = True
        return _TLS_READY

    def _auth(self, argument: str) -> str:
        """Works without TLS as well (SMTP-006); a first response may stand in the command."""
        if self.login is not None:
            return _OURS_SECOND_LOGIN
        mechanism, _, response = argument.partition(" ")
        steps = {"PLAIN": (self._plain, _GO_AHEAD), "LOGIN": (self._username, _USERNAME)}
        if mechanism.upper() not in steps:
            return _OURS_MECHANISM
        step, challenge = steps[mechanism.upper()]
        if response:
            return step(response.strip())
        self._expects = step
        return challenge

    def _plain(self, response: str) -> str:
        decoded = _decoded(response)
        if decoded is None:
            return self._unreadable()
        _, _, pair = decoded.partition("\0")
        name, _, password = pair.partition("\0")
        return self._log_in(name, password)

    def _username(self, response: str) -> str:
        name = _decoded(response)
        if name is None:
            return self._unreadable()

        def finish(answer: str) -> str:
            password = _decoded(answer)
            return self._unreadable() if password is None else self._log_in(name, password)

        self._expects = finish
        return _PASSWORD

    def _log_in(self, name: str, password: str) -> str:
        self.login = logins.find(self.intake.state, name, password)
        return self._thrown_out() if self.login is None else _LOGGED_IN

    def _unreadable(self) -> str:
        return f"{_WRONG_ENCODING}\r\n{self._thrown_out()}"

    def _thrown_out(self) -> str:
        """SMTP-009: the connection closes with the refusal."""
        self.ended = True
        return _LOGIN_FAILED

    def _still_in(self) -> bool:
        """Whether the login, if there is one, would be let in now as well (CRED-009)."""
        if self.login is not None:
            self.login = self.login.again(self.intake.state)
            return self.login is not None
        return True

    def _mail(self, argument: str) -> str:
        if not self._still_in():
            return self._thrown_out()
        if self._envelope is not None:
            return _OURS_SECOND_SENDER
        path = paths.read(argument, "FROM")
        if path is None:
            return _SENDER_WRONG
        if path.size > SIZE:
            return _OURS_SIZE
        self._envelope = Envelope(path.mailbox.address)
        return _SENDER_TAKEN

    def _rcpt(self, argument: str) -> str:
        if self._envelope is None:
            return _OURS_NO_SENDER
        path = paths.read(argument, "TO")
        if path is None or not path.mailbox.address:
            return _RECIPIENT_WRONG
        if self.login is None and not self.intake.at_home(path.mailbox.address):
            return _NO_RELAY
        if len(self._envelope.recipients) >= RECIPIENTS_LIMIT:
            return _OURS_CROWD
        self._envelope.recipients.append(path.mailbox)
        return _RECIPIENT_TAKEN

    def _data(self, _: str) -> str:
        if self._envelope is None or not self._envelope.recipients:
            return _NO_RECIPIENT
        if not self._still_in():
            return self._thrown_out()
        if self.login and (reason := self.intake.refused(self.login, self._envelope.recipients)):
            self.ended = True
            return f"421 {reason}"
        self._content = Incoming(MESSAGE_LIMIT)
        return _CONTINUE

    def _finish(self, content: Incoming) -> str:
        envelope, self._envelope, self._content = self._envelope, None, None
        if content.too_large:
            return _OURS_SIZE
        try:
            if not self._still_in():
                return self._thrown_out()
            if envelope is not None:
                self._hand_over(envelope, content.message())
        except LookupError:
            # The domain of a recipient has gone since.
            return _NO_RELAY
        except ApiError as error:
            code = 451 if error.status in _PASSING else 554
            return f"{code} {' '.join(error.message.split())}"
        except Exception:
            log.exception("a message by SMTP was not taken")
            return _OURS_BROKEN
        return _DONE

    def _hand_over(self, envelope: Envelope, raw: bytes) -> None:
        if self.login is None:
            self.intake.take_in(envelope, raw, self.peer)
        else:
            self.intake.send(self.login, envelope, raw, self.peer)


def _decoded(text: str) -> str | None:
    """Base64 as text; None when it is none. A lone `=` stands for nothing (RFC 4954)."""
    try:
        return base64.b64decode("" if text == "=" else text, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
