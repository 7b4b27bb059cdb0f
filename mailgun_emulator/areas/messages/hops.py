"""The Received header, which tells how mail came in (sending MSG-033)."""

from __future__ import annotations

import ipaddress
import re
from datetime import datetime

from mailgun_emulator.areas.messages.records import Hop
from mailgun_emulator.dates import gmt

_HOME = "127.0.0.1"
# Would end the header, or its comments, or the message.
_UNFIT = re.compile(r"[\s\x00-\x1f\x7f()\\;]+")
_NAME = 255


def received(host: str, number: str, at: datetime, origin: str = "", hop: Hop | None = None) -> str:
    """The value of the header for mail by HTTP, or with a `hop` by SMTP from the IP `origin`."""
    if hop is None:
        return f"by {host} with HTTP id {number}; {gmt(at)}"
    origin = origin or _HOME
    helo = _UNFIT.sub("", hop.helo)[:_NAME] or f"[{origin}]"
    version, cipher = hop.tls
    secured = f" (version={version}, cipher={cipher})" if version else ""
    return (
        f"from {helo} ({_name(origin)} [{origin}]) by {host} with SMTP id {number}{secured}; "
        f"{gmt(at)}"
    )


def _name(ip: str) -> str:
    """What an address is called, without asking anybody."""
    try:
        return "localhost" if ipaddress.ip_address(ip).is_loopback else "unknown"
    except ValueError:
        return "unknown"
