"""Following the links in tracked mail (sending TRACK-010, TRACK-016, platform EVT-061 to EVT-066).

They need no key: whoever has the mail can follow them.
"""

from __future__ import annotations

import struct
import zlib
from html import escape
from urllib.parse import quote

from mailgun_emulator import decode
from mailgun_emulator.areas.messages.reactions import Reactions, Visitor
from mailgun_emulator.areas.suppressions.records import EVERYTHING
from mailgun_emulator.areas.suppressions.store import SuppressionStore
from mailgun_emulator.areas.tracking.agents import client_info
from mailgun_emulator.areas.tracking.links import (
    CLICK,
    LIST,
    OPEN,
    TAGS,
    UNSUBSCRIBE,
    Found,
    read,
    read_address,
)
from mailgun_emulator.call import Request
from mailgun_emulator.forms import Form
from mailgun_emulator.reply import HTML, TEXT, ApiError, Reply
from mailgun_emulator.state import State

PREFIXES = tuple(f"/{kind}/" for kind in (OPEN, CLICK, UNSUBSCRIBE))
_METHODS = {OPEN: ("GET", "HEAD"), CLICK: ("GET", "HEAD"), UNSUBSCRIBE: ("GET", "HEAD", "POST")}
# RFC 8058: what a mail program posts when its user leaves without seeing a page.
ONE_CLICK = ("List-Unsubscribe", "One-Click")
NOT_ONE_CLICK = f"a POST has to say {'='.join(ONE_CLICK)}\n"
NOT_FOUND = "404 page not found\n"
# What may stand in a Location header as it is.
_URL = "!#$%&'()*+,/:;=?@[]~"


def _png() -> bytes:
    """A picture of one transparent pixel (TRACK-008)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    # One by one pixel of eight bits, grey with alpha; a line is its filter and the pixel.
    shape = struct.pack(">IIBBBBB", 1, 1, 8, 4, 0, 0, 0)
    lines = zlib.compress(bytes(3))
    chunks = ((b"IHDR", shape), (b"IDAT", lines), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in chunks)


PIXEL = _png()

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Unsubscribed</title>
<style>
body {{ font: 1rem/1.5 sans-serif; max-width: 32rem; margin: 15vh auto; padding: 1rem }}
h1 {{ font-size: 1.5rem; line-height: 1.2 }}
p {{ overflow-wrap: anywhere }}
</style>
</head>
<body>
<h1>You have been unsubscribed</h1>
<p>{}</p>
</body>
</html>
"""


def answer(request: Request, state: State) -> Reply:
    """Follow a link: what the one who did so gets to see."""
    kind, token = request.path[1], request.path[3:]
    if request.method not in _METHODS[kind]:
        return Reply(405, "405 method not allowed\n", TEXT, (("allow", ", ".join(_METHODS[kind])),))
    found = read(state, kind, token)
    if found is None or (found.copy is None and kind != CLICK):
        return Reply(404, NOT_FOUND, TEXT)
    if request.method == "POST" and not _one_click(request):
        return Reply(400, NOT_ONE_CLICK, TEXT)
    # A HEAD only asks what there is.
    visitor = None if request.method == "HEAD" else _visitor(request)
    if kind == OPEN:
        return _opened(state, found, visitor)
    return _clicked(state, found, visitor) if kind == CLICK else _left(state, found, visitor)


def unsubscribe_by_mail(state: State, recipient: str) -> bool:
    """Whether mail to this address unsubscribed its sender (sending TRACK-018, BATCH-007)."""
    found = read_address(state, recipient)
    return found is not None and leave(state, found, Visitor(client_info=client_info("")))


def leave(state: State, found: Found, visitor: Visitor | None) -> bool:
    """Let the recipient leave; False when there is nothing to leave.

    Who has left already stays so, without another event.
    """
    copy, reactions = found.copy, Reactions(state, found.account)
    if copy is None:
        return False
    if found.target == LIST:
        return reactions.left(copy, found.recipient, visitor)
    tags = copy.draft.tags if found.target == TAGS else (EVERYTHING,)
    known = state.store(found.account, SuppressionStore).unsubscribes.get(
        copy.draft.domain, found.recipient
    )
    if visitor is not None and not (known and set(tags) <= set(known.tags)):
        reactions.unsubscribed(copy, found.recipient, visitor, tags)
    return True


def _opened(state: State, found: Found, visitor: Visitor | None) -> Reply:
    if visitor is not None and found.copy is not None:
        Reactions(state, found.account).opened(found.copy, found.recipient, visitor)
    return Reply(200, PIXEL, "image/png")


def _clicked(state: State, found: Found, visitor: Visitor | None) -> Reply:
    """The way goes on also where the mail has gone and there is nothing to tell of."""
    if visitor is not None and found.copy is not None:
        reactions = Reactions(state, found.account)
        reactions.clicked(found.copy, found.recipient, visitor, found.target)
    return Reply(302, headers=(("location", quote(found.target, safe=_URL)),))


def _left(state: State, found: Found, visitor: Visitor | None) -> Reply:
    if not leave(state, found, visitor):
        return Reply(404, NOT_FOUND, TEXT)
    return Reply(200, PAGE.format(escape(_farewell(found))), HTML)


def _farewell(found: Found) -> str:
    """Who gets no more of what."""
    copy = found.copy
    if copy is None:
        return ""
    if found.target == LIST and copy.draft.mailing:
        what = f"mail of the list {copy.draft.mailing.address}"
    elif found.target == TAGS:
        what = f"mail from {copy.draft.domain} about {', '.join(copy.draft.tags)}"
    else:
        what = f"mail from {copy.draft.domain}"
    return f"{found.recipient} will get no more {what}."


def _visitor(request: Request) -> Visitor:
    agent = request.headers.get("user-agent", "")
    info = client_info(agent)
    return Visitor(ip=request.client or Visitor().ip, user_agent=agent, client_info=info)


def _one_click(request: Request) -> bool:
    try:
        form = decode.parse_form(request.body, request.headers.get("content-type", ""))
    except ApiError:
        form = Form()
    name, value = ONE_CLICK
    return form.get(name) == value
