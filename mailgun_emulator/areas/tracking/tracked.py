"""The mail as a recipient gets it: with tracked links, footers, and ways to leave (sending TRACK).

It is made when somebody looks. What is stored stays as it was accepted, so that it can be sent
again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from attrs import define, field

from mailgun_emulator.areas.domains.records import HTML_ONLY, OFF, Tracking
from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.areas.messages.copies import Copy
from mailgun_emulator.areas.messages.rewriting import head_end, rewrite
from mailgun_emulator.areas.tracking import markup, prose
from mailgun_emulator.areas.tracking.links import LIST, TAGS, Links
from mailgun_emulator.state import Account, State

_VARIABLE = re.compile(r"%((?:tag_|mailing_list_)?unsubscribe_url|unsubscribe_email)%")
_PIXEL = '<img width="1px" height="1px" alt="" src="{}">'
_PLAIN, _HTML, _AMP = "plain", "html", "x-amp-html"


def tracked(
    state: State, account: Account, copy: Copy, recipient: str = "", base_url: str = ""
) -> bytes:
    """The MIME text that the recipient, by default the first one, gets.

    Links begin with `base_url`, by default where the emulator was called last, or with the tracking
    host of the domain where the emulator is set to that (platform TRK-006). Raises LookupError when
    the content of the message has gone.
    """
    raw = copy.mime()
    mailing = copy.draft.mailing
    if mailing is not None and not mailing.to_member:
        return raw  # nobody gets this one; the list's members have copies of their own
    base = base_url or state.base_url
    domain = state.store(account, DomainStore).find(copy.draft.domain)
    if state.tracking_hosts and domain is not None:
        base = f"{domain.web_scheme}://{domain.tracking_host}"
    links = Links(state, account, copy, recipient or copy.recipients[0], base)
    return _Writer(links, copy.draft.tracking, _exits(links, copy)).written(raw)


def _exits(links: Links, copy: Copy) -> Mapping[str, str]:
    """The values of the variables by which recipients leave (BATCH-007, EVT-075).

    They are there where unsubscribes are tracked, and always in batches and list mail. Mail without
    tags has nothing less to leave than all mail of the domain.
    """
    draft = copy.draft
    found = {}
    if draft.tracking.unsubscribe or draft.batch is not None:
        found = {
            "unsubscribe_url": links.unsubscribe(),
            "tag_unsubscribe_url": links.unsubscribe(TAGS) if draft.tags else links.unsubscribe(),
            "unsubscribe_email": links.address(),
        }
    if draft.mailing is not None:
        found["mailing_list_unsubscribe_url"] = links.unsubscribe(LIST)
    return found


@define
class _Writer:
    """Writes one message for one recipient; `met` are the kinds of text that it has come upon."""

    links: Links
    tracking: Tracking
    exits: Mapping[str, str]
    met: set[str] = field(factory=set)

    def written(self, raw: bytes) -> bytes:
        """The message, header and texts changed."""
        if not self.exits and self.tracking.click == OFF and not self.tracking.open:
            return raw
        end = head_end(raw)
        return self._head(raw[:end]) + rewrite(raw, self._text)[end:]

    def _head(self, head: bytes) -> bytes:
        """The header with variables filled in, and the ways to leave in it (TRACK-018, RFC 8058).

        What the sender says of leaving stays.
        """
        text = head.decode(errors="surrogateescape")
        own = re.search(r"^list-unsubscribe[ \t]*:", text, re.IGNORECASE | re.MULTILINE)
        text = self._filled(text)
        if self.tracking.unsubscribe and not own:
            what = (LIST,) if self.links.copy.draft.mailing else ()
            link, address = self.links.unsubscribe(*what), self.links.address(*what)
            text += f"List-Unsubscribe: <mailto:{address}>,\r\n <{link}>\r\n"
            text += "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        return text.encode(errors="surrogateescape")

    def _text(self, kind: str, text: str) -> str:
        if kind not in (_PLAIN, _HTML, _AMP):
            return text
        first = kind not in self.met
        self.met.add(kind)
        if kind == _PLAIN:
            return self._plain(text, first=first)
        return self._html(text, first=first) if kind == _HTML else self._amp(text)

    def _plain(self, text: str, *, first: bool) -> str:
        if first and self.tracking.unsubscribe:
            text += _like(text, self.tracking.text_footer)
        text = self._filled(text)
        if self.tracking.click in (OFF, HTML_ONLY):
            return text
        return prose.edited(text, self.links.click)

    def _html(self, text: str, *, first: bool) -> str:
        tracking = self.tracking
        if first and tracking.unsubscribe:
            text = markup.edited(text, bottom=_like(text, tracking.html_footer))
        text = self._filled(text, html=True)
        pixel = _PIXEL.format(escape(self.links.pixel)) if first and tracking.open else ""
        top, bottom = (pixel, "") if tracking.open_at_the_top else ("", pixel)
        link = None if tracking.click == OFF else self.links.click
        return markup.edited(text, link, top, bottom)

    def _amp(self, text: str) -> str:
        """AMP takes neither the pixel nor addresses without TLS (sending AMP-004)."""
        text = self._filled(text, html=True)
        if self.tracking.click == OFF or not self.links.base.startswith("https:"):
            return text
        return markup.edited(text, self.links.click)

    def _filled(self, text: str, *, html: bool = False) -> str:
        def value(found: re.Match[str]) -> str:
            known = self.exits.get(found[1], found[0])
            return escape(known) if html else known

        return _VARIABLE.sub(value, text)


def _like(text: str, footer: str) -> str:
    """A footer with line ends as the text has them."""
    return footer if "\n" in text and "\r\n" not in text else re.sub(r"\r?\n", "\r\n", footer)
