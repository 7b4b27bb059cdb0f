"""Webhooks of the account, which hear of all its domains."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mailgun_emulator.areas.webhooks import rules
from mailgun_emulator.areas.webhooks.store import AccountWebhook, WebhookStore
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import Problem, operation
from mailgun_emulator.reply import ApiError, Reply

COVERS = ("account_webhooks",)

NOT_FOUND = "webhook not found"
NONE_FOUND = "no webhooks found for account"
MALFORMED_IDS = (
    "Invalid parameter: webhook_ids malformed webhook_ids parameter: empty values not allowed"
)
# The need is documented, its text is not.
NEITHER = "Invalid parameter: webhook_ids or all=true is required"
MALFORMED_ID = "is not valid"


def refusal(problem: Problem) -> ApiError | None:
    """HOOK-025, HOOK-026, HOOK-029: an unknown event type is not found, not invalid."""
    field = problem.name.partition(".")[0]
    if field == "event_types" and problem.kind == "enum":
        return ApiError(404, f"event_type '{problem.value}' is invalid")
    if field == "event_types" and problem.kind == "uniqueItems":
        twice = ", ".join(f"'{value}'" for value in rules.duplicates(problem.value))
        return ApiError(400, f"duplicate event types: {twice}", field=field)
    if field in ("event_types", "url"):
        return ApiError(400, f"missing or invalid {field} parameter", field=field)
    return None


def malformed_id(problem: Problem) -> ApiError | None:
    """HOOK-022."""
    return ApiError(400, MALFORMED_ID, field=problem.name) if problem.where == "path" else None


def malformed_ids(problem: Problem) -> str | None:
    """HOOK-024."""
    return MALFORMED_IDS if problem.name == "webhook_ids" else None


@operation("list_account_webhooks")
def list_account_webhooks(call: Call) -> dict[str, Any]:
    """HOOK-018."""
    held = call.store(WebhookStore).account.values()
    text = call.query.get("webhook_ids")
    wanted = set(str(text).split(",")) if text else None
    return {"webhooks": [hook.shown() for hook in held if wanted is None or hook.id in wanted]}


@operation("create_account_webhook", invalid=refusal)
def create_account_webhook(call: Call) -> dict[str, Any]:
    """HOOK-019, HOOK-027."""
    _check(call)
    name = call.state.ids.hex(24)
    _keep(call, name, call.now)
    return {"webhook_id": name}


@operation("get_account_webhook")
def get_account_webhook(call: Call) -> dict[str, Any]:
    """HOOK-020."""
    hook = call.store(WebhookStore).account.get(str(call.path["webhook_id"]))
    if hook is None:
        raise ApiError(404, NOT_FOUND)
    return hook.shown()


@operation("update_account_webhook", invalid=refusal)
def update_account_webhook(call: Call) -> Reply:
    """HOOK-021, HOOK-028: what is not sent is emptied."""
    old = _existing(call)
    _check(call, replacing=old.id)
    _keep(call, old.id, old.created_at)
    return Reply(204)


@operation("delete_account_webhook", invalid=malformed_id)
def delete_account_webhook(call: Call) -> Reply:
    """HOOK-022."""
    hook = _existing(call)
    del call.store(WebhookStore).account[hook.id]
    return Reply(204)


@operation("clear_account_webhooks", invalid=malformed_ids)
def clear_account_webhooks(call: Call) -> Reply:
    """HOOK-023, HOOK-024: ids count for more than `all`."""
    held = call.store(WebhookStore).account
    text = call.query.get("webhook_ids")
    if text is None and call.query.get("all") is not True:
        raise ApiError(400, NEITHER)
    gone = list(held) if text is None else [name for name in str(text).split(",") if name in held]
    if not gone:
        raise ApiError(404, NONE_FOUND)
    for name in dict.fromkeys(gone):
        del held[name]
    return Reply(204)


def _existing(call: Call) -> AccountWebhook:
    name = str(call.path["webhook_id"])
    hook = call.store(WebhookStore).account.get(name)
    if hook is None:
        raise ApiError(404, f"webhook_id not found: {name}")
    return hook


def _check(call: Call, replacing: str = "") -> None:
    """Whether each type has room for the URL of the form. Raises ApiError."""
    url, held = call.values["url"], call.store(WebhookStore).account
    others = [hook for name, hook in held.items() if name != replacing]
    for kind in call.values["event_types"]:
        urls = {hook.url for hook in others if kind in hook.event_types}
        if url in urls:
            raise ApiError(409, f"url {url} already exists for event type {kind}")
        if len(urls) >= rules.MAX_URLS:
            raise ApiError(409, rules.too_many(kind))


def _keep(call: Call, name: str, created_at: datetime) -> None:
    call.store(WebhookStore).account[name] = AccountWebhook(
        id=name,
        url=call.values["url"],
        event_types=tuple(call.values["event_types"]),
        description=call.form.get("description"),
        created_at=created_at,
    )
