"""What is tracked in the mail of a domain (platform TRK-001 to TRK-005, sending TRACK)."""

from __future__ import annotations

from typing import Any

from mailgun_emulator.areas.domains.handlers import domain_of
from mailgun_emulator.areas.domains.records import Tracking
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import operation

COVERS = ("domain_tracking",)

UPDATED = "Domain tracking settings have been updated"
OFF, HTML_ONLY = "false", "htmlonly"
_FLAGS = {"yes": "true", "true": "true", "no": OFF, "false": OFF, HTML_ONLY: HTML_ONLY}


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
    tracking = domain_of(call).tracking
    tracking.open = call.values.get("active", tracking.open)
    tracking.open_at_the_top = call.values.get("place_at_the_top", tracking.open_at_the_top)
    return {"message": UPDATED, "open": show_open(tracking)}


@operation("update_click_tracking")
def update_click_tracking(call: Call) -> dict[str, Any]:
    """TRK-003 to TRK-005, sending TRACK-005."""
    tracking = domain_of(call).tracking
    active = call.values.get("active")
    tracking.click = tracking.click if active is None else _FLAGS[active.lower()]
    return {"message": UPDATED, "click": show_click(tracking)}


@operation("update_unsubscribe_tracking")
def update_unsubscribe_tracking(call: Call) -> dict[str, Any]:
    """TRK-003, TRK-005."""
    tracking = domain_of(call).tracking
    tracking.unsubscribe = call.values.get("active", tracking.unsubscribe)
    tracking.html_footer = call.values.get("html_footer", tracking.html_footer)
    tracking.text_footer = call.values.get("text_footer", tracking.text_footer)
    return {"message": UPDATED, "unsubscribe": show_unsubscribe(tracking)}
