"""Changing the texts inside ready-made MIME, and nothing else in it (sending MIME-003).

A part is coded anew, as UTF-8 in quoted-printable, only when its text changes; all other bytes stay
as they came.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message

# Gets the subtype (`plain`, `html`, ...) and the text, gives the text to be there instead.
Change = Callable[[str, str], str]

_DEEPEST = 30
_CODED = frozenset({"content-transfer-encoding", "content-type"})


def rewrite(raw: bytes, change: Change, depth: int = 0) -> bytes:
    """The message, or a part of one, with each of its texts changed; files are left alone."""
    head, gap, body = _split(raw)
    part = message_from_bytes(head)
    boundary = part.get_boundary() if part.get_content_maintype() == "multipart" else None
    if boundary is not None and depth < _DEEPEST:
        return head + gap + _each(body, boundary, change, depth)
    if part.get_content_maintype() != "text" or _is_file(part):
        return raw
    part.set_payload(body.decode("ascii", "surrogateescape"))
    text = _text(part)
    changed = change(part.get_content_subtype(), text)
    return raw if changed == text else _recoded(head, part, changed)


def _each(body: bytes, boundary: str, change: Change, depth: int) -> bytes:
    """The parts between the boundary lines; what stands before and after them stays."""
    line = re.compile(rb"(?m)^--" + re.escape(boundary.encode(errors="replace")) + rb"(--)?[ \t]*$")
    marks = list(re.finditer(line, body.replace(b"\r\n", b" \n")))
    if not marks:
        return body
    done = [body[: marks[0].start()]]
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        end = len(body) if following is None else following.start()
        piece = body[mark.start() : end]
        if mark[1]:
            done.append(body[mark.start() :])
            break
        own, _, part = piece.partition(b"\n")
        tail = part[len(part.rstrip(b"\r\n")) :] if following is None else _line_end(part)
        inner = part[: len(part) - len(tail)]
        done += [own, b"\n", rewrite(inner, change, depth + 1), tail]
    return b"".join(done)


def _split(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """Head, the blank line with the break before it, body."""
    if raw[:1] == b"\n" or raw[:2] == b"\r\n":
        end = raw.index(b"\n") + 1
        return b"", raw[:end], raw[end:]
    found = re.search(rb"\r?\n\r?\n", raw)
    if found is None:
        return raw, b"", b""
    return raw[: found.start()], found[0], raw[found.end() :]


def _line_end(part: bytes) -> bytes:
    """The break before a boundary belongs to it (RFC 2046)."""
    return b"\r\n" if part.endswith(b"\r\n") else part[-1:] if part.endswith(b"\n") else b""


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    plain = data if isinstance(data, bytes) else b""
    try:
        return plain.decode(part.get_content_charset() or "utf-8", errors="replace")
    except LookupError:
        return plain.decode(errors="replace")


def _recoded(head: bytes, part: Message, text: str) -> bytes:
    lines: list[bytes] = []
    keep = True
    for line in re.split(rb"\r?\n", head):
        if line[:1] not in (b" ", b"\t"):
            keep = line.partition(b":")[0].strip().lower().decode(errors="replace") not in _CODED
        if keep and line:
            lines.append(line)
    lines += [
        f'Content-Type: text/{part.get_content_subtype()}; charset="utf-8"'.encode(),
        b"Content-Transfer-Encoding: quoted-printable",
    ]
    data = text.replace("\r\n", "\n").replace("\r", "\n").encode(errors="replace")
    coded = binascii.b2a_qp(data, istext=True).replace(b"\n", b"\r\n")
    return b"\r\n".join(lines) + b"\r\n\r\n" + coded
