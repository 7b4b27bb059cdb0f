"""Trying out a URL: a sample event is posted to it once and its answer told (platform HOOK-017)."""

from __future__ import annotations

import asyncio
import contextlib
from http import HTTPStatus
from typing import Any

from mailgun_emulator.areas.account.signing import sign
from mailgun_emulator.areas.events.records import Event, event_id
from mailgun_emulator.areas.webhooks.dispatch import document, payload
from mailgun_emulator.areas.webhooks.domain import refusal
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import operation
from mailgun_emulator.outbox import Outbox

RECIPIENT = "alice@example.com"
# Without an answer there is no status either; what the API tells then is not known.
SILENCE = (0, "no answer")


@operation("check_legacy_domain_webhook", invalid=refusal)
async def check_legacy_domain_webhook(call: Call) -> dict[str, Any]:
    """HOOK-017: the URL need not be configured, and nothing is tried again."""
    signed = sign(call.state, call.account, call.now.timestamp())
    sample = _sample(call, str(call.path["webhook_name"]))
    data = document(call.account, sample, sample.show(call.request.base_url))
    body = payload(signed, data)
    code, message = _told(await _posted(call.state.outbox, call.values["url"], body))
    return {"code": code, "message": message}


async def _posted(outbox: Outbox, url: str, body: bytes) -> int | None:
    """The status of the answer; None without one, also when the outbox forgot of it."""
    answered = asyncio.Event()
    statuses: list[int | None] = []

    def note(status: int | None) -> None:
        statuses.append(status)
        answered.set()

    outbox.post(url, content=body, content_type="application/json", on_result=note)
    with contextlib.suppress(TimeoutError):
        # Results come in the order of posts: one that is still open may stand before this one.
        await asyncio.wait_for(answered.wait(), 2 * outbox.timeout)
    return statuses[0] if statuses else None


def _told(status: int | None) -> tuple[int, str]:
    if status is None:
        return SILENCE
    try:
        return status, HTTPStatus(status).phrase
    except ValueError:
        return status, ""


def _sample(call: Call, kind: str) -> Event:
    """An event of this type that never happened; the store does not get it."""
    severity = kind.removesuffix("_fail") if kind.endswith("_fail") else ""
    headers = {
        "to": RECIPIENT,
        "message-id": f"sample@{call.domain}",
        "from": f"postmaster@{call.domain}",
        "subject": "Sample",
    }
    return Event(
        event_id(call.state.ids),
        "failed" if severity else kind,
        call.now.timestamp(),
        call.domain,
        RECIPIENT,
        details={"message": {"headers": headers, "attachments": [], "size": 0}},
        severity=severity,
    )
