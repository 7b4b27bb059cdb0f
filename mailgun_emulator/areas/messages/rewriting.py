"""Changing the texts in a MIME message; the rest stays as it is (sending MIME-003, TRACK-009).

Writing a parsed message anew would fold headers and join lines in another way, and what was signed
would no longer be what the sender wrote. So the parts are only located in the raw message.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from email.message import Message
from email.parser import BytesHeaderParser

from attrs import field, frozen

_BLANK = re.compile(rb"\r?\n\r?\n")
_LAST_LINE = re.compile(rb"\r?\n(?=\r?\n)")
_BREAK = re.compile(rb"\r?\n")
_BARE = re.compile(rb"(?<!\r)\n")
# A change in these would break what they are for.
_SEALED = frozenset({"signed", "encrypted", "digest"})
# Deeper than anybody nests; each level is another search through what is in it.
_DEPTH = 30
_QP = "quoted-printable"

_CODED = (b"content-transfer-encoding:", b"content-type:")

# Gets the subtype (`plain`, `html`, ...) and the text, gives the text to be there instead.
Change = Callable[[str, str], str]


@frozen
class Leaf:
    """A part that holds something: its headers, and where these and its content begin."""

    head: Message = field(repr=False)
    top: int
    start: int
    end: int

    @property
    def subtype(self) -> str:
        """Of a text to be read, `plain` or `html`; empty for anything else."""
        head = self.head
        if head.get_content_maintype() != "text" or head.get_filename():
            return ""
        return "" if head.get_content_disposition() == "attachment" else head.get_content_subtype()

    @property
    def encoding(self) -> str:
        """How the content is written down."""
        return str(self.head.get("content-transfer-encoding", "")).strip().lower()

    def changed(self, raw: bytes, change: Change) -> bytes:
        """The part with its text changed.

        What its charset or its encoding lacks turns the part into UTF-8. Where the charset is not
        what it is said to be, HTML has another way to write it.
        """
        top, written = raw[self.top : self.start], raw[self.start : self.end]
        try:
            data = _decoded(written, self.encoding)
        except binascii.Error:
            return top + written
        named = self.head.get_content_charset() or "utf-8"
        charset = _charset(data, named)
        text = data.decode(charset)
        new = change(self.subtype, text)
        if new == text:
            return top + written
        if charset == named and not self._holds(charset, data, new):
            return _in_utf8(top, self.subtype, new)
        errors = "replace" if self.subtype == "plain" else "xmlcharrefreplace"
        coded = new.encode(charset, errors)
        return top + _encoded(coded, self.encoding, written)

    def _holds(self, charset: str, data: bytes, text: str) -> bool:
        """Whether a text can stand here as `data` did."""
        try:
            coded = text.encode(charset)
        except UnicodeEncodeError:
            return False
        narrow = self.encoding in ("", "7bit") and data.isascii()
        return coded.isascii() or not narrow


def rewrite(raw: bytes, change: Change) -> bytes:
    """The message with `change` asked for every text to be read; files are left alone."""
    pieces: list[bytes] = []
    at = 0
    for leaf in leaves(raw):
        if leaf.subtype:
            pieces += (raw[at : leaf.top], leaf.changed(raw, change))
            at = leaf.end
    return b"".join((*pieces, raw[at:]))


def head_end(raw: bytes) -> int:
    """Where the headers of a message end, before its blank line."""
    if _BREAK.match(raw):
        return 0
    found = _LAST_LINE.search(raw)
    return len(raw) if found is None else found.end()


def leaves(raw: bytes) -> Iterator[Leaf]:
    """The parts that hold something, in order; a message inside counts as one of them."""
    pending = [(0, len(raw), 0)]
    while pending:
        start, end, depth = pending.pop()
        top = start
        head, start = _head(raw, start, end)
        boundary = head.get_boundary()
        if head.get_content_maintype() != "multipart":
            yield Leaf(head, top, start, end)
        elif boundary and head.get_content_subtype() not in _SEALED and depth < _DEPTH:
            inner = list(_between(raw, start, end, boundary))
            pending += [(begin, stop, depth + 1) for begin, stop in reversed(inner)]


def _head(raw: bytes, start: int, end: int) -> tuple[Message, int]:
    """The headers of a part, and where its content begins."""
    none = _BREAK.match(raw, start, end)
    if none is not None:
        return Message(), none.end()
    blank = _BLANK.search(raw, start, end)
    stop, content = (end, end) if blank is None else blank.span()
    return BytesHeaderParser().parsebytes(raw[start:stop]), content


def _between(raw: bytes, start: int, end: int, boundary: str) -> Iterator[tuple[int, int]]:
    """Where the parts of a multipart are."""
    text = re.escape(boundary.encode(errors="surrogateescape"))
    begin = None
    for line in re.compile(rb"^--" + text + rb"(--)?[ \t]*+\r?$", re.MULTILINE).finditer(
        raw, start, end
    ):
        if begin is not None:
            stop = line.start() - (2 if raw[line.start() - 2 : line.start()] == b"\r\n" else 1)
            yield begin, max(begin, stop)
        begin = None if line[1] else min(line.end() + 1, end)
        if begin is None:
            return
    if begin is not None:
        yield begin, end


def _decoded(written: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return binascii.a2b_base64(written)
    return binascii.a2b_qp(written) if encoding == _QP else written


def _encoded(data: bytes, encoding: str, written: bytes) -> bytes:
    if encoding == "base64":
        coded = base64.encodebytes(data)
        if not written.endswith(b"\n"):
            coded = coded.removesuffix(b"\n")
    elif encoding == _QP:
        coded = binascii.b2a_qp(data, istext=True)
    else:
        return data
    return _BARE.sub(b"\r\n", coded)


def _in_utf8(top: bytes, subtype: str, text: str) -> bytes:
    """A text in UTF-8, below what else stood at its top."""
    lines: list[bytes] = []
    keep = True
    for line in _BREAK.split(top):
        if line[:1] not in (b" ", b"\t"):
            keep = not line.lower().startswith(_CODED)
        if keep and line:
            lines.append(line)
    lines += [
        f'Content-Type: text/{subtype}; charset="utf-8"'.encode(),
        b"Content-Transfer-Encoding: quoted-printable",
    ]
    return b"\r\n".join((*lines, b"", _encoded(text.encode(errors="replace"), _QP, b"")))


def _charset(data: bytes, named: str) -> str:
    """The charset that a text is in; one that leaves every byte as it is when that cannot be so."""
    try:
        return named if data.decode(named).encode(named) == data else "latin-1"
    except (LookupError, ValueError):
        return "latin-1"
