"""What is tracked in the mail of a domain (platform TRK-001 to TRK-005, sending TRACK)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from mailgun_emulator.areas.domains.handlers import domain_of
from mailgun_emulator.areas.domains.records import OFF, Tracking
from mailgun_emulator.areas.tracking.choices import word
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import operation

COVERS = ("domain_tracking",)

UPDATED = "Domain tracking settings have been updated"


def show_open(tracking: Tracking) -> dict[str, Any]:
    """The section of opens."""
    return {"active": tracking.open, "place_at_the_top": tracking.open_at_the_top}


def show_click(tracking: Tracking) -> dict[str, Any]:
    """The section of clicks; tracking in HTML parts only counts as active (TRK-004)."""
    return {"active": tracking.click != OFF}


def show_unsubscribe(tracking: Tracking) -> dict[str, Any]:
    """The section of unsubscribes."""
    return {
        "active": tracking.unsubscribe,
        "html_footer": tracking.html_footer,
        "text_footer": tracking.text_footer,
    }


@operation("get_domain_tracking")
def get_domain_tracking(call: Call) -> dict[str, Any]:
    """TRK-001, TRK-002."""
    domain = domain_of(call)
    sections = {
        "open": show_open(domain.tracking),
        "click": show_click(domain.tracking),
        "unsubscribe": show_unsubscribe(domain.tracking),
        "web_scheme": domain.web_scheme,
    }
    return {"tracking": sections}


@operation("update_open_tracking")
def update_open_tracking(call: Call) -> dict[str, Any]:
    """TRK-003, TRK-005."""
    names = {"active": "open", "place_at_the_top": "open_at_the_top"}
    return {"message": UPDATED, "open": show_open(_changed(call, names))}


@operation("update_click_tracking")
def update_click_tracking(call: Call) -> dict[str, Any]:
    """TRK-003 to TRK-005, sending TRACK-005."""
    return {"message": UPDATED, "click": show_click(_changed(call, {"active": "click"}))}


@operation("update_unsubscribe_tracking")
def update_unsubscribe_tracking(call: Call) -> dict[str, Any]:
    """TRK-003, TRK-005."""
    names = {"active": "unsubscribe", "html_footer": "html_footer", "text_footer": "text_footer"}
    return {"message": UPDATED, "unsubscribe": show_unsubscribe(_changed(call, names))}


def _changed(call: Call, names: Mapping[str, str]) -> Tracking:
    """The settings with the fields of the form, which `names` maps to their own; others stay."""
    domain = domain_of(call)
    given = {own: call.values[name] for name, own in names.items() if name in call.values}
    if "click" in given:
        given["click"] = word(given["click"])
    domain.tracking = evolve(domain.tracking, **given)
    return domain.tracking
