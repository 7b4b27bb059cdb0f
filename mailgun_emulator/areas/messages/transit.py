"""What a message gets on its way out: trace headers and signatures (sending MSG-030 to MSG-038).

Stored mail has none of it; it is made anew for whoever wants to see the mail of a recipient.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime

from mailgun_emulator.areas.dkim.store import DkimStore
from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.hops import received
from mailgun_emulator.areas.messages.mime import split_head
from mailgun_emulator.areas.messages.outcomes import SENDING_IP
from mailgun_emulator.areas.messages.records import Draft, Hop
from mailgun_emulator.areas.messages.signatures import Signer
from mailgun_emulator.areas.tracking.tracked import tracked
from mailgun_emulator.state import Account, State

_OWN = "x-mailgun-"
ALL = "all"


def delivered(
    state: State,
    account: Account,
    copy: Copy,
    recipient: str,
    moment: float,
    base_url: str = "",
) -> bytes:
    """The MIME text as the server of a recipient gets it at this moment.

    Tracked links begin with `base_url`, by default where the emulator was called last. Raises
    LookupError when the content of the message is gone.
    """
    raw = tracked(state, account, copy, recipient, base_url)
    draft = copy.draft
    headers, body = split_head(raw)
    head = raw[: len(raw) - len(body)].removesuffix(b"\r\n").removesuffix(b"\n")
    text = body.removeprefix(b"\r\n").removeprefix(b"\n")
    dropped = _suppressed(draft)
    marks = [pair for pair in _marks(copy, recipient) if not _fits(pair[0], dropped)]
    if any(_fits(name, dropped) for name, _ in headers):
        head = _without(head, dropped)
    added = [
        *(
            ("DKIM-Signature", s.sign(headers, text, moment))
            for s in _signers(state, account, draft)
        ),
        *marks,
        ("Received", _received(copy, moment)),
    ]
    trace = "".join(f"{name}: {value}\r\n" for name, value in added)
    return trace.encode(errors="replace") + head + b"\r\n" + (body or b"\r\n")


def _received(copy: Copy, moment: float) -> str:
    """MSG-033."""
    draft = copy.draft
    at = datetime.fromtimestamp(moment, UTC)
    host, number = _token(draft.domain, 12), _token(copy.key, 24)
    hop = draft.hop or (None if draft.method == "HTTP" else Hop())
    return received(host, number, at, draft.origin, hop)


def _marks(copy: Copy, recipient: str) -> Iterator[tuple[str, str]]:
    """MSG-032, MSG-034: who sent what to whom; the numbers stay the same for a copy."""
    draft = copy.draft
    number = [_token(draft.domain, 5), recipient, _token(copy.key, 6)]
    sid = json.dumps(number, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
    yield "X-Mailgun-Sending-Ip", draft.sending_ip or SENDING_IP
    yield "X-Mailgun-Sending-Ip-Pool-Name", ""
    yield "X-Mailgun-Sending-Ip-Pool", draft.options.get("o:sending-ip-pool", "")
    yield "X-Mailgun-Sid", base64.b64encode(sid).decode()
    if draft.batch_id and draft.method == "HTTP":
        yield "X-Mailgun-Batch-Id", _token(draft.batch_id, 24)
    if draft.refuses("o:tracking"):
        yield "X-Mailgun-Track", "false"


def _signers(state: State, account: Account, draft: Draft) -> Iterator[Signer]:
    """The key of the domain unless it is refused, and a second one when it is asked for."""
    store = state.store(account, DkimStore)
    domain = state.store(account, DomainStore).find(draft.domain)
    if domain is not None and not draft.refuses("o:dkim"):
        rotation = store.rotations.get(domain.name)
        if rotation is not None and rotation.enabled:
            selector = rotation.at(state.clock.now()).active
            yield Signer(domain.name, selector)
        elif key := next((key for key in store.of(domain.dkim_host) if key.active), None):
            yield Signer(key.signing_domain, key.selector)
    second = _signer(draft.options.get("o:secondary-dkim", ""))
    if second is None:
        return
    known = store.keys.get((second.domain, second.selector))
    if known is not None and known.active:
        # Whether the alias has the same key is asked of the DNS, of which there is none here.
        yield _signer(draft.options.get("o:secondary-dkim-public", "")) or second


def _signer(text: str) -> Signer | None:
    """`domain/selector`, or with a comma (DIFF-024)."""
    domain, _, selector = text.strip().lower().replace(",", "/").partition("/")
    return Signer(domain, selector) if domain and selector else None


def _suppressed(draft: Draft) -> frozenset[str]:
    """MSG-035: the headers that are not wanted, in lower case."""
    names = draft.options.get("o:suppress-headers", "").lower().split(",")
    return frozenset(filter(None, map(str.strip, names)))


def _fits(name: str, dropped: frozenset[str]) -> bool:
    low = name.lower()
    return low.startswith(_OWN) and (ALL in dropped or low in dropped)


def _without(head: bytes, dropped: frozenset[str]) -> bytes:
    """The head of a message without some headers and their folded lines."""
    kept: list[bytes] = []
    keep = True
    for line in head.splitlines(keepends=True):
        if line[:1] not in (b" ", b"\t"):
            name = line.partition(b":")[0].decode(errors="replace")
            keep = not _fits(name, dropped)
        if keep:
            kept.append(line)
    return b"".join(kept)


def _token(seed: str, digits: int) -> str:
    """Hexadecimal digits that are the same for the same thing."""
    return hashlib.sha256(seed.encode(errors="replace")).hexdigest()[:digits]
