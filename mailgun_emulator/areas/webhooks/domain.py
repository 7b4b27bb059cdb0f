"""Webhooks of a domain: by event type (v3) and by URL (v4)."""

from __future__ import annotations

from typing import Any

from mailgun_emulator.areas.webhooks import rules
from mailgun_emulator.areas.webhooks.store import WebhookStore
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import Problem, operation
from mailgun_emulator.reply import ApiError

COVERS = ("domain_webhooks",)

NOT_FOUND = "Webhook not found"
V4_PREFIX = "invalid parameters: "


def refusal(problem: Problem) -> str | None:
    """HOOK-007, HOOK-008: the text for URLs and event types that cannot be."""
    name = problem.name.partition(".")[0]
    if name == "url" and problem.kind == "maxItems":
        return f"unable to add more than {rules.MAX_URLS} urls"
    if name == "url" and problem.kind == "pattern":
        return rules.fault(problem.value)
    if name in ("id", "event_types") and problem.kind == "enum":
        return f"event_type '{problem.value}' is invalid"
    return None


def refusal_v4(problem: Problem) -> str | None:
    """HOOK-013: the newer version says the same with a prefix."""
    text = refusal(problem)
    return text and V4_PREFIX + text


def missing_url(problem: Problem) -> ApiError | None:
    """HOOK-014."""
    return ApiError(400, body={"Field": "url"}) if problem.name == "url" else None


@operation("list_domain_webhooks")
def list_domain_webhooks(call: Call) -> dict[str, Any]:
    """HOOK-002."""
    return _map(_urls(call))


@operation("create_domain_webhook", invalid=refusal)
def create_domain_webhook(call: Call) -> dict[str, Any]:
    """HOOK-003, HOOK-007: URLs are added to those that the type has."""
    kind = call.values["id"]
    urls = _keep(call, rules.added(_urls(call), [kind], call.values["url"]))
    return {"message": "Webhook has been created", "webhook": {"urls": list(urls[kind])}}


@operation("get_domain_webhook")
def get_domain_webhook(call: Call) -> dict[str, Any]:
    """HOOK-004."""
    return {"webhook": {"urls": list(_named(call))}}


@operation("update_domain_webhook", invalid=refusal)
def update_domain_webhook(call: Call) -> dict[str, Any]:
    """HOOK-005."""
    _named(call)
    new = tuple(dict.fromkeys(call.values["url"]))
    _keep(call, {**_urls(call), call.path["webhook_name"]: new})
    return {"message": "Webhook has been updated", "webhook": {"urls": list(new)}}


@operation("delete_domain_webhook")
def delete_domain_webhook(call: Call) -> dict[str, Any]:
    """HOOK-006."""
    gone = _named(call)
    _keep(call, {**_urls(call), call.path["webhook_name"]: ()})
    return {"message": "Webhook has been deleted", "webhook": {"urls": list(gone)}}


@operation("create_domain_webhook_url", invalid=refusal_v4)
def create_domain_webhook_url(call: Call) -> dict[str, Any]:
    """HOOK-010, HOOK-011."""
    values = call.values
    return _map(_keep(call, rules.added(_urls(call), values["event_types"], [values["url"]])))


@operation("update_domain_webhook_url", invalid=refusal_v4)
def update_domain_webhook_url(call: Call) -> dict[str, Any]:
    """HOOK-012."""
    url, urls = call.values["url"], _urls(call)
    if not any(url in held for held in urls.values()):
        raise ApiError(404, body={"Description": NOT_FOUND})
    return _map(_keep(call, rules.moved(urls, url, call.values["event_types"])))


@operation("delete_domain_webhook_url", invalid=missing_url)
def delete_domain_webhook_url(call: Call) -> dict[str, Any]:
    """HOOK-014; what the API answers for URLs that are not configured is not known."""
    text, urls = str(call.query["url"]), _urls(call)
    if not text:
        raise ApiError(400, body={"Field": "url"})
    gone = rules.named(urls, text)
    if not gone:
        raise ApiError(404, NOT_FOUND)
    return _map(_keep(call, rules.removed(urls, gone)))


def _urls(call: Call) -> rules.Urls:
    return call.store(WebhookStore).of_domain(call.domain)


def _keep(call: Call, urls: rules.Urls) -> rules.Urls:
    call.store(WebhookStore).set_domain(call.domain, urls)
    return _urls(call)


def _named(call: Call) -> tuple[str, ...]:
    """The URLs of the event type in the path."""
    held = _urls(call).get(str(call.path["webhook_name"]))
    if held is None:
        raise ApiError(404, NOT_FOUND)
    return held


def _map(urls: rules.Urls) -> dict[str, Any]:
    """All webhooks, in one order of the types."""
    shown = {kind: {"urls": list(urls[kind])} for kind in rules.EVENT_TYPES if kind in urls}
    return {"webhooks": shown}
