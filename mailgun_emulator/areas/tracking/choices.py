"""What is tracked in one message: the domain's settings, and what the sender asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from mailgun_emulator.areas.domains.records import HTML_ONLY, OFF, ON, Tracking

_WORDS = {"yes": ON, "true": ON, "no": OFF, "false": OFF, HTML_ONLY: HTML_ONLY}
BOTH, CLICKS, OPENS = "o:tracking", "o:tracking-clicks", "o:tracking-opens"
TOP = "o:tracking-pixel-location-top"
OPTIONS = (BOTH, CLICKS, OPENS, TOP)


def word(value: Any) -> str | None:
    """`true`, `false` or `htmlonly` for what callers write; None for anything else."""
    return _WORDS.get(str(value).strip().lower())


def choose(domain: Tracking, given: Mapping[str, Any]) -> Tracking:
    """What counts for a message with these options (sending TRACK-013, OPT-020).

    An option goes before the setting of the domain, and one for clicks or opens before
    `o:tracking`, which is for both. Options that say nothing understood are not there.
    """
    if given.keys().isdisjoint(OPTIONS):
        return domain
    said = {name: word(given[name]) for name in OPTIONS if name in given}
    both, top = said.get(BOTH), said.get(TOP)
    clicks = said.get(CLICKS) or both or domain.click
    opens = said.get(OPENS) or both
    return evolve(
        domain,
        click=clicks,
        open=domain.open if opens is None else opens != OFF,
        open_at_the_top=domain.open_at_the_top if top is None else top != OFF,
    )
