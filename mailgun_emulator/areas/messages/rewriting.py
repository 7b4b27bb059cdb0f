"""Changing the texts inside ready-made MIME, in whatever charset they are (sending MIME-003).

A part is coded anew, as UTF-8 in quoted-printable, only when its text changes; all other bytes stay
as they came.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable

from mailgun_emulator.areas.tracking.parts import Leaf, leaves

# Gets the subtype (`plain`, `html`, ...) and the text, gives the text to be there instead.
Change = Callable[[str, str], str]

_CODED = frozenset({b"content-transfer-encoding", b"content-type"})
_BREAK = re.compile(rb"\r?\n")


def rewrite(raw: bytes, change: Change) -> bytes:
    """The message with each of its texts changed; files, and what is signed, are left alone."""
    pieces, at = [], 0
    for leaf in leaves(raw):
        data = leaf.data(raw) if leaf.subtype else None
        if data is None:
            continue
        text = _text(data, leaf.head.get_content_charset() or "utf-8")
        changed = change(leaf.subtype, text)
        if changed != text:
            pieces += [raw[at : leaf.top], _recoded(raw, leaf, changed)]
            at = leaf.end
    return b"".join((*pieces, raw[at:]))


def _text(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset, errors="replace")
    except LookupError:
        return data.decode(errors="replace")


def _recoded(raw: bytes, leaf: Leaf, text: str) -> bytes:
    """The part with its other headers and the text as UTF-8."""
    lines: list[bytes] = []
    keep = True
    for line in _BREAK.split(raw[leaf.top : leaf.start]):
        if line[:1] not in (b" ", b"\t"):
            keep = line.partition(b":")[0].strip().lower() not in _CODED
        if keep and line:
            lines.append(line)
    lines += [
        f'Content-Type: text/{leaf.subtype}; charset="utf-8"'.encode(),
        b"Content-Transfer-Encoding: quoted-printable",
    ]
    data = text.replace("\r\n", "\n").replace("\r", "\n").encode(errors="replace")
    coded = binascii.b2a_qp(data, istext=True).replace(b"\n", b"\r\n")
    return b"\r\n".join(lines) + b"\r\n\r\n" + coded
