"""How servers read a form: the emulator, Werkzeug, and the names as Go's library reads them."""

from __future__ import annotations

import io
import re

from attrs import frozen
from werkzeug.datastructures import FileStorage
from werkzeug.formparser import MultiPartParser

from mailgun_emulator.decode import parse_form

_GO_SPECIAL = '()<>@,;:\\"/[]?='


@frozen
class Received:
    """A file as a server has it."""

    field: str
    file_name: str | None
    content_type: str
    content: bytes


def emulator(body: bytes, content_type: str) -> list[Received]:
    """By the emulator."""
    uploads = parse_form(body, content_type).files.values()
    return [Received(u.name, u.filename, u.content_type, u.data) for each in uploads for u in each]


def werkzeug(body: bytes, content_type: str) -> list[Received]:
    """By Werkzeug."""
    boundary = content_type.partition("boundary=")[2].encode()
    parser = MultiPartParser(stream_factory=lambda *_, **__: io.BytesIO())
    _, files = parser.parse(io.BytesIO(body), boundary, len(body))
    found: list[tuple[str, FileStorage]] = list(files.items(multi=True))
    return [Received(n, f.filename, f.content_type or "", f.read()) for n, f in found]


def go_names(body: bytes, content_type: str) -> list[str]:
    """File names by the rules of Go's `mime` for a quoted text: a backslash is an escape before
    a special character only, and nothing else is one."""
    boundary = content_type.partition("boundary=")[2].encode()
    names = []
    for part in body.split(b"--" + boundary)[1:-1]:
        line = part.split(b"\r\n")[1].decode()
        place = line.find('; filename="')
        if place >= 0:
            names.append(_go_quoted(line[place + len('; filename="') :]))
    return names


def _go_quoted(text: str) -> str:
    found, index = "", 0
    while text[index] != '"':
        if text[index] == "\\" and text[index + 1] in _GO_SPECIAL:
            index += 1
        found += text[index]
        index += 1
    assert not text[index + 1 :], "something follows the name"
    return found


def readable(name: str) -> str:
    """What a server shows of a name: control characters cannot be sent."""
    return re.sub(r"[\x00-\x1f\x7f]", lambda found: f"%{ord(found[0]):02X}", name)
