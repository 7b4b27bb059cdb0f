"""From parts to a MIME message (sending MSG-011 to MSG-022, MSG-043, STORE-012)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Mapping
from email.errors import HeaderParseError
from email.header import Header, decode_header, make_header
from email.utils import formataddr
from typing import Any
from urllib.parse import quote

from mailgun_emulator.areas.messages.addresses import Address, parse
from mailgun_emulator.areas.messages.records import Content, Draft, Headers
from mailgun_emulator.areas.messages.rewriting import rewrite
from mailgun_emulator.dates import plus_zero
from mailgun_emulator.forms import Upload

Expand = Callable[[str], str]

_BREAKS = re.compile(r"[\r\n]+[ \t]*")
_MEDIA = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+", re.ASCII)
_ADDRESSES = frozenset({"from", "to", "cc", "sender", "reply-to"})
# RFC 5322: a line has 998 characters at most; folding starts well before.
_LINE = 900


def assemble(draft: Draft, content: Content, key: str, to: str, expand: Expand) -> bytes:
    """The message of one copy; `key` makes its boundaries, `to` is its To header."""
    if content.raw is not None:
        return _ready(draft, content.raw, expand)
    body = _body(content, key, expand)
    lines = [_header(name, expand(value)) for name, value in _head(draft, to)]
    return "".join(lines).encode(errors="replace") + body


def canonical(name: str) -> str:
    """A header name in the capitals that the API writes, `X-My-Header` (sending MSG-043)."""
    return "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-"))


def json_text(value: Any) -> str:
    """JSON as headers carry it: ASCII only."""
    return json.dumps(value)


def split_head(raw: bytes) -> tuple[Headers, bytes]:
    """The unfolded headers of a message and the rest of it, from its blank line on."""
    match = re.search(rb"\r?\n(?=\r?\n)", raw)
    head, rest = (raw[: match.start()], raw[match.end() :]) if match else (raw, b"")
    if raw[:1] in (b"\r", b"\n"):
        head, rest = b"", raw
    headers: Headers = []
    for line in re.split(r"\r?\n", head.decode(errors="replace")):
        name, colon, value = line.partition(":")
        if line[:1] in (" ", "\t") and headers:
            last = headers[-1]
            headers[-1] = (last[0], f"{last[1]} {line.strip()}".strip())
        elif colon and name and not re.search(r"\s", name):
            headers.append((name, value.strip()))
    return headers, rest


def _ready(draft: Draft, raw: bytes, expand: Expand) -> bytes:
    """MIME that came as such: its own headers as written, without the control headers."""
    _, rest = split_head(raw)
    headers = [*draft.headers, *_marks(draft)]
    if draft.batch is None:
        lines = "".join(_line(name, value) for name, value in headers)
        return lines.encode(errors="replace") + (rest or b"\r\n")
    lines = "".join(_expanded(name, value, expand) for name, value in headers)
    whole = lines.encode(errors="replace") + (rest or b"\r\n")
    return rewrite(whole, lambda _, text: expand(text))


def _expanded(name: str, value: str, expand: Expand) -> str:
    """A header of ready-made MIME, coded anew only when there is something to fill in."""
    plain = decoded(value)
    filled = expand(plain)
    return _line(name, value) if filled == plain else _header(name, filled)


def decoded(value: str) -> str:
    """A header value in plain text; what is coded wrongly stays as it is."""
    text = value.replace("\r", "").replace("\n", "")
    try:
        return str(make_header(decode_header(text))) if "=?" in text else text
    except (LookupError, ValueError, HeaderParseError):
        return text


def _head(draft: Draft, to: str) -> Headers:
    """The headers that the API writes, those given by the caller instead of them or besides."""
    given = {name.lower() for name, _ in draft.headers}
    head: Headers = [
        ("Mime-Version", "1.0"),
        ("Date", plus_zero(draft.accepted_at)),
        ("Message-Id", draft.id),
        ("Subject", draft.subject or ""),
        ("From", draft.sender.text if draft.sender else draft.envelope),
        ("To", to),
    ]
    if draft.cc:
        head.append(("Cc", ", ".join(entry.text for entry in draft.cc)))
    if draft.sender:
        head.append(("Sender", on_behalf(draft.sender, draft.domain)))
    head = [(name, value) for name, value in head if name.lower() not in given]
    head += [(canonical(name), value) for name, value in draft.headers]
    return head + _marks(draft)


def _marks(draft: Draft) -> Headers:
    """The control headers that stay in the mail (sending OPT-019, MSG-022, MSG-034, TSEND-017)."""
    marks = [("X-Mailgun-Tag", tag) for tag in draft.tags]
    if draft.variables:
        marks.append(("X-Mailgun-Variables", json_text(draft.variables)))
    return marks + template_marks(draft)


def template_marks(draft: Draft) -> Headers:
    """The headers by which mail tells of its template (TSEND-017)."""
    if draft.template is None:
        return []
    marks = [("X-Mailgun-Template-Name", draft.template.name)]
    if draft.template.variables is not None:
        marks.append(("X-Mailgun-Template-Variables", json_text(draft.template.variables)))
    return marks


def on_behalf(sender: Address, domain: str) -> str:
    """The Sender header: an address of the sending domain (sending MSG-014)."""
    if sender.domain.lower() == domain:
        return sender.address
    return f"{sender.address.replace('@', '=')}@{domain}"


def _header(name: str, value: str) -> str:
    value = _BREAKS.sub(" ", value)
    if value.isascii():
        return _line(name, value)
    if name.lower() in _ADDRESSES:
        return _line(name, ", ".join(_mailbox(entry) for entry in parse([value])))
    return (
        f"{name}: {Header(value, 'utf-8', header_name=name).encode(linesep=chr(13) + chr(10))}\r\n"
    )


def _line(name: str, value: str) -> str:
    """A header, folded at blanks when it is too long for one line."""
    if len(value) <= _LINE:
        return f"{name}: {value}\r\n"
    lines, line = [], f"{name}:"
    for word in value.split(" "):
        if len(line) + len(word) >= _LINE:
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line]) + "\r\n"


def _mailbox(entry: Address) -> str:
    # The address itself has no encoded form; servers that take it speak UTF-8 (sending IDN-002).
    return formataddr((entry.name, entry.address)) if entry.address.isascii() else entry.text


def _body(content: Content, key: str, expand: Expand) -> bytes:
    """Content headers, blank line and body."""
    kinds = (("plain", content.text), ("x-amp-html", content.amp), ("html", content.html))
    parts = [_text(kind, expand(text)) for kind, text in kinds if text is not None]
    body = parts[0] if len(parts) == 1 else _multipart("alternative", parts, f"{key}=a")
    if not parts:
        body = _text("html", "")
    if content.inline:
        body = _multipart("related", [body, *map(_inline, content.inline)], f"{key}=r")
    if content.attachments:
        body = _multipart("mixed", [body, *map(_attached, content.attachments)], f"{key}=m")
    return body


def _text(kind: str, text: str) -> bytes:
    data = text.replace("\r\n", "\n").replace("\r", "\n").encode(errors="replace")
    coded = binascii.b2a_qp(data, istext=True).replace(b"\n", b"\r\n")
    return (
        f'Content-Type: text/{kind}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode() + coded


def _multipart(kind: str, parts: Iterable[bytes], boundary: str) -> bytes:
    line = f"--{boundary}".encode()
    inner = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts)
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    return head + inner + line + b"--\r\n"


def _attached(upload: Upload) -> bytes:
    return _file(upload, {"Content-Disposition": f"attachment; {_filename(upload)}"})


def _inline(upload: Upload) -> bytes:
    """sending MSG-017: the Content-ID is the file name."""
    name = _BREAKS.sub(" ", upload.filename or "")
    return _file(
        upload,
        {"Content-Disposition": f"inline; {_filename(upload)}", "Content-ID": f"<{name}>"},
    )


def _file(upload: Upload, extra: Mapping[str, str]) -> bytes:
    media = _MEDIA.match(upload.content_type)
    lines = {
        "Content-Type": media[0] if media else "application/octet-stream",
        "Content-Transfer-Encoding": "base64",
        **extra,
    }
    head = "".join(_header(name, value) for name, value in lines.items())
    coded = base64.encodebytes(upload.data).replace(b"\n", b"\r\n")
    return head.encode(errors="replace") + b"\r\n" + coded


def _filename(upload: Upload) -> str:
    name = _BREAKS.sub(" ", upload.filename or "")
    if name.isascii():
        plain = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'filename="{plain}"'
    return f"filename*=utf-8''{quote(name, safe='')}"
