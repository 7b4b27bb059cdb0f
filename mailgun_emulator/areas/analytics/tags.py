"""The tags of an account: those of its domains taken together (platform TAG-006 to TAG-013).

A tag is one by its name, whatever domain used it; a description goes to all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from attrs import define

from mailgun_emulator.areas.analytics.facts import facts
from mailgun_emulator.areas.analytics.measures import RATES, counts
from mailgun_emulator.areas.analytics.tally import Tally
from mailgun_emulator.areas.events.store import EventStore
from mailgun_emulator.areas.tags.store import Tag, TagStore, plain
from mailgun_emulator.call import Call
from mailgun_emulator.dates import plus_zero
from mailgun_emulator.handlers import operation
from mailgun_emulator.paging import skip_page
from mailgun_emulator.reply import ApiError

COVERS = ("analytics_tags",)

NOT_FOUND = "Tag not found"
# TAG-013.
ACCOUNT_LIMIT = 100_000
DEFAULT_SORT = "lastseen:desc"
# TAG-006: with metrics a page is short.
DEFAULT_LIMIT, HIGHEST_LIMIT, WITH_METRICS = 10, 1000, 20
# Counts that the logs know under names that no tag has.
_NO_METRICS = frozenset({"webhook_failure", "email_validation"})


@define
class Common:
    """The tags of one name in all domains."""

    name: str
    tags: list[Tag]

    @property
    def first_seen(self) -> datetime:
        """When mail carried it first."""
        return min(tag.first_seen for tag in self.tags)

    @property
    def last_seen(self) -> datetime:
        """When mail carried it last, cut to the hour (TAG-008)."""
        latest = max(tag.last_seen for tag in self.tags)
        return latest.replace(minute=0, second=0, microsecond=0)

    @property
    def description(self) -> str:
        """The first description that there is."""
        return next((tag.description for tag in self.tags if tag.description), "")


@operation("query_analytics_tags")
def query_analytics_tags(call: Call) -> dict[str, Any]:
    """TAG-006 to TAG-009."""
    asked = call.values
    paging = asked.get("pagination") or {}
    begin = plain(str(asked.get("tag") or "")).lower()
    if begin or not asked.get("tag"):
        found = [one for one in _all(call) if one.name.lower().startswith(begin)]
    else:
        found = []
    sort = paging.get("sort", DEFAULT_SORT)
    found = _sorted(found, str(sort))
    with_metrics = asked.get("include_metrics") is True
    highest = WITH_METRICS if with_metrics else HIGHEST_LIMIT
    limit = min(int(paging.get("limit", DEFAULT_LIMIT)), highest)
    page = skip_page(found, skip=int(paging.get("skip", 0)), limit=limit)
    metrics = _metrics(call, [one.name for one in page]) if with_metrics else {}
    pagination: dict[str, Any] = {"sort": sort, "limit": limit}
    if "skip" in paging:
        pagination["skip"] = int(paging["skip"])
    if paging.get("include_total"):
        pagination["total"] = len(found)
    items = [_shown(call, one, metrics.get(one.name.lower(), {})) for one in page]
    return {"items": items, "pagination": pagination}


@operation("update_analytics_tag")
def update_analytics_tag(call: Call) -> dict[str, Any]:
    """TAG-010, TAG-012: the description, when there is one."""
    description = call.values.get("description")
    for tag in _named(call).tags:
        if description is not None:
            tag.description = str(description)
    return {"message": "Tag updated"}


@operation("delete_analytics_tag")
def delete_analytics_tag(call: Call) -> dict[str, Any]:
    """TAG-011, TAG-012; what was counted stays, as in TAG-017."""
    name, store = _named(call).name, call.store(TagStore)
    for domain in call.account.domains:
        store.drop(domain, name)
    return {"message": "Tag deleted"}


@operation("get_analytics_tag_limits")
def get_analytics_tag_limits(call: Call) -> dict[str, Any]:
    """TAG-013."""
    count = len(_all(call))
    return {"limit": ACCOUNT_LIMIT, "count": count, "limit_reached": count >= ACCOUNT_LIMIT}


def _all(call: Call) -> list[Common]:
    store = call.store(TagStore)
    found: dict[str, Common] = {}
    for domain in sorted(call.account.domains):
        for tag in store.beginning(domain):
            found.setdefault(tag.key, Common(tag.name, [])).tags.append(tag)
    return list(found.values())


def _named(call: Call) -> Common:
    name, store = str(call.values["tag"]), call.store(TagStore)
    held = (store.get(domain, name) for domain in sorted(call.account.domains))
    tags = [tag for tag in held if tag is not None]
    if not tags:
        raise ApiError(404, NOT_FOUND)
    return Common(tags[0].name, tags)


def _sorted(found: Iterable[Common], sort: str) -> list[Common]:
    """By name first, so that equal ones stand in an order."""
    listed = sorted(found, key=lambda one: one.name.lower())
    column, _, direction = sort.rpartition(":")
    keys: dict[str, Any] = {
        "tag": lambda one: one.name.lower(),
        "description": lambda one: one.description.lower(),
        "firstseen": lambda one: one.first_seen,
        "lastseen": lambda one: one.last_seen,
    }
    key = keys.get(column.replace("_", ""))
    if key is not None:
        listed.sort(key=key, reverse=direction == "desc")
    return listed


def _shown(call: Call, one: Common, metrics: dict[str, Any]) -> dict[str, Any]:
    return {
        "account_id": call.account.id,
        "parent_account_id": "",
        "account_name": call.account.id,
        "tag": one.name,
        "description": one.description,
        "first_seen": plus_zero(one.first_seen),
        "last_seen": plus_zero(one.last_seen),
        "metrics": metrics,
    }


def _metrics(call: Call, names: list[str]) -> dict[str, dict[str, Any]]:
    """Everything that is counted, by tag in lower case; the events are walked once."""
    metrics = [f"{name}_count" for name in counts() if name not in _NO_METRICS] + list(RATES)
    wanted = {name.lower() for name in names}
    tally = Tally(
        [name for name in metrics if name != "delayed_first_attempt_rate"],
        [lambda fact: [tag.lower() for tag in fact.event.tags if tag.lower() in wanted]],
    )
    store = call.store(EventStore)
    domains = sorted(call.account.domains)
    tally.count(facts(store, domains, 0.0, account=call.account.id, unique=True))
    empty = [0] * len(tally.totals)
    return {name: tally.show(tally.buckets.get((name,), empty)) for name in wanted}
