"""What a sender asks for besides the content, by form field or by header (sending OPT).

Both ways end up as the same options, named after the form fields. A field counts before a header;
tags add up; variables are merged.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import define, field

from mailgun_emulator.areas.domains.records import Tracking
from mailgun_emulator.areas.messages import handling
from mailgun_emulator.areas.messages.addresses import ascii_domain
from mailgun_emulator.areas.messages.handling import Handling
from mailgun_emulator.areas.messages.records import Headers, Template
from mailgun_emulator.areas.tracking import choices
from mailgun_emulator.dates import parse

_VARIABLES = "x-mailgun-variables"
_TAG = "x-mailgun-tag"
# sending OPT-001 to OPT-017: the field that each header stands for.
_OPTIONS = {
    "x-mailgun-archive-to": "o:archive-to",
    "x-mailgun-deliver-by": "o:deliverytime",
    "x-mailgun-deliver-within": "o:deliver-within",
    "x-mailgun-delivery-time-optimize-period": "o:deliverytime-optimize-period",
    "x-mailgun-dkim": "o:dkim",
    "x-mailgun-drop-message": "o:testmode",
    "x-mailgun-require-tls": "o:require-tls",
    "x-mailgun-secondary-dkim": "o:secondary-dkim",
    "x-mailgun-secondary-dkim-public": "o:secondary-dkim-public",
    "x-mailgun-sending-ip": "o:sending-ip",
    "x-mailgun-sending-ip-pool": "o:sending-ip-pool",
    "x-mailgun-skip-verification": "o:skip-verification",
    "x-mailgun-suppress-headers": "o:suppress-headers",
    "x-mailgun-time-zone-localize": "o:time-zone-localize",
    "x-mailgun-track": choices.BOTH,
    "x-mailgun-track-clicks": choices.CLICKS,
    "x-mailgun-track-opens": choices.OPENS,
    "x-mailgun-track-pixel-location-top": choices.TOP,
    "x-mailgun-recipient-variables": "recipient-variables",
    "x-mailgun-template-name": "template",
    "x-mailgun-template-version": "t:version",
    "x-mailgun-template-variables": "t:variables",
}
_READ = frozenset({*_OPTIONS.values(), "t:text"})


@define
class Options:
    """The options of one message; JSON values are parsed.

    `unreadable` says that variables came in a header and were no JSON.
    """

    tags: list[str] = field(factory=list)
    variables: dict[str, Any] = field(factory=dict)
    given: dict[str, Any] = field(factory=dict)
    unreadable: bool = False

    @property
    def test(self) -> bool:
        """Test mode (sending TEST-001, MSG-041)."""
        return str(self.given.get("o:testmode", "")).lower() in ("yes", "true")

    @property
    def deliver_at(self) -> float | None:
        """When the mail is due, in epoch seconds."""
        moment = parse(str(self.given.get("o:deliverytime", "")))
        return None if moment is None else moment.timestamp()

    @property
    def sending_ip(self) -> str:
        """The address that the mail is to leave from."""
        return str(self.given.get("o:sending-ip", ""))

    @property
    def handling(self) -> Handling | None:
        """When and how the mail is to be delivered."""
        return handling.read(self.given)

    @property
    def template(self) -> Template | None:
        """The stored template to use."""
        name = str(self.given.get("template", ""))
        if not name:
            return None
        return Template(
            name,
            str(self.given.get("t:version", "")),
            str(self.given.get("t:text", "")).lower() in ("yes", "true"),
            self.given.get("t:variables"),
        )

    def tracking(self, domain: Tracking) -> Tracking:
        """What is tracked, where `domain` are the settings of the domain."""
        return choices.choose(domain, self.given)

    @property
    def batch(self) -> Mapping[str, Any] | None:
        """The recipient variables by lower-case address; None outside batch mode (BATCH-004)."""
        given = self.given.get("recipient-variables")
        if given is None:
            return None
        return {ascii_domain(key).lower(): variables for key, variables in given.items()}

    @property
    def asked(self) -> Mapping[str, str]:
        """The `o:` options as they were written, by field."""
        return {name: str(value) for name, value in self.given.items() if name.startswith("o:")}


def read(values: Mapping[str, Any], headers: Headers) -> tuple[Options, Headers]:
    """The options in typed form fields and in headers, and the headers that go out."""
    options = Options()
    for name, value in values.items():
        if name.startswith("v:"):
            _variable(options.variables, name[2:], value)
        elif isinstance(value, str | dict) and name in _READ:
            options.given[name] = value
        elif name == "o:tag":
            options.tags += [tag for tag in value if isinstance(tag, str)]
    if any(name[:2] in ("x-", "X-") for name, _ in headers):
        headers = _from_headers(options, headers)
    return options, headers


def _variable(own: dict[str, Any], name: str, value: Any) -> None:
    """A variable is one text (MSG-022, MSG-023); of a repeated field (MSG-008) the last value.

    Which one counts is not known: several headers make one map (OPT-016), so fields do as well.
    """
    text = value[-1] if isinstance(value, list) else value
    if isinstance(text, str) and name:
        own[name] = text


def _from_headers(options: Options, headers: Headers) -> Headers:
    """Take the options out of headers; the other headers."""
    rest: Headers = []
    texts: list[str] = []
    for name, value in headers:
        low = name.lower()
        if low == _TAG:
            options.tags.append(value)
        elif low == _VARIABLES:
            texts.append(value)
        elif low in _OPTIONS:
            _option(options.given, _OPTIONS[low], value)
        else:
            rest.append((name, value))
    options.unreadable = not _merge(options.variables, texts)
    return rest


def _option(given: dict[str, Any], name: str, text: str) -> None:
    """Take an option from a header; JSON that does not parse is not understood (OPT-018)."""
    if name == "recipient-variables":
        # sending BATCH-010: merged by address, and the header goes before the field.
        parsed = _object(text)
        if parsed is not None:
            add_recipients(given, parsed)
    elif name == "t:variables":
        parsed = _object(text)
        if parsed is not None:
            given.setdefault(name, parsed)
    elif name == "o:suppress-headers" and name in given:
        given[name] += f", {text}"  # sending OPT-017: this header may come several times
    else:
        given.setdefault(name, text)


def add_recipients(given: dict[str, Any], variables: Mapping[str, Any]) -> None:
    """Merge recipient variables into those given; the new ones go before (BATCH-010)."""
    given["recipient-variables"] = _deep(given.get("recipient-variables") or {}, variables)


def _deep(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(low)
    for key, value in high.items():
        held = merged.get(key)
        both = isinstance(held, dict) and isinstance(value, dict)
        merged[key] = held | value if both else value
    return merged


def _merge(own: dict[str, Any], texts: Iterable[str]) -> bool:
    """sending OPT-016: several headers make one map, in which fields count most.

    Tells whether all of them could be read.
    """
    read_all = True
    merged: dict[str, Any] = {}
    for text in texts:
        parsed = _object(text)
        read_all = read_all and parsed is not None
        merged |= parsed or {}
    for name, value in merged.items():
        own.setdefault(name, value)
    return read_all


def _object(text: str) -> dict[str, Any] | None:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None
