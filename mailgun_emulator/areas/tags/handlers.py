"""The older tag API, in its query form and in the path form of official clients (TAG-014 to 022).

Deleting a tag keeps its statistics: they are counted from the events (TAG-017, undetermined).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from mailgun_emulator.areas.analytics.facts import Fact, facts
from mailgun_emulator.areas.events.store import EventStore
from mailgun_emulator.areas.stats import counting
from mailgun_emulator.areas.stats.handlers import kinds, span_of
from mailgun_emulator.areas.stats.traits import DEVICES, PROVIDERS, traits
from mailgun_emulator.areas.tags.countries import COUNTRIES
from mailgun_emulator.areas.tags.store import Tag, TagStore, plain
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import operation
from mailgun_emulator.paging import clamp, pivot_page
from mailgun_emulator.reply import ApiError

COVERS = ("tags",)

NOT_FOUND = "tag not found"
DEFAULT_LIMIT, HIGHEST_LIMIT = 100, 1000


@operation("list_tags")
def list_tags(call: Call) -> dict[str, Any]:
    """TAG-014."""
    prefix = call.query.get("prefix")
    page = pivot_page(
        call,
        call.store(TagStore).beginning(call.domain, prefix or ""),
        key=lambda tag: tag.key,
        limit=clamp(call.query.get("limit"), default=DEFAULT_LIMIT, highest=HIGHEST_LIMIT),
        pivot="tag",
        previous="prev",
        extra={"prefix": prefix},
    )
    return {"items": [_shown(tag) for tag in page.items], "paging": page.paging}


@operation("get_tag")
@operation("get_legacy_tag")
def get_tag(call: Call) -> dict[str, Any]:
    """TAG-015, TAG-022."""
    return _shown(_tag(call))


@operation("update_tag")
@operation("update_legacy_tag")
def update_tag(call: Call) -> dict[str, Any]:
    """TAG-015: the description, when there is one."""
    tag = _tag(call)
    description = call.param("description")
    if isinstance(description, str):
        tag.description = description
    return {"message": "Tag updated"}


@operation("delete_tag")
@operation("delete_legacy_tag")
def delete_tag(call: Call) -> dict[str, Any]:
    """TAG-015."""
    if call.store(TagStore).drop(call.domain, _name(call)) is None:
        raise ApiError(404, NOT_FOUND)
    return {"message": "Tag deleted"}


@operation("get_tag_stats")
@operation("get_legacy_tag_stats")
def get_tag_stats(call: Call) -> dict[str, Any]:
    """TAG-018."""
    tag = _tag(call)
    span = span_of(call)
    known = traits()
    wanted = [(known[kind], call.query[kind]) for kind in known if kind in call.query]
    found = (
        fact
        for fact in _facts(call, tag, *span.bounds())
        if all(value in values(fact) for values, value in wanted)
    )
    return {"tag": tag.name, **counting.over_time(found, span, kinds(call))}


@operation("get_tag_aggregates")
def get_tag_aggregates(call: Call) -> dict[str, Any]:
    """TAG-019."""
    return _aggregates(call, str(call.query["type"]))


@operation("get_legacy_tag_countries")
def get_legacy_tag_countries(call: Call) -> dict[str, Any]:
    """TAG-016."""
    return _aggregates(call, "country")


@operation("get_legacy_tag_devices")
def get_legacy_tag_devices(call: Call) -> dict[str, Any]:
    """TAG-016."""
    return _aggregates(call, "device")


@operation("get_legacy_tag_providers")
def get_legacy_tag_providers(call: Call) -> dict[str, Any]:
    """TAG-016."""
    return _aggregates(call, "provider")


@operation("get_tag_limits")
def get_tag_limits(call: Call) -> dict[str, Any]:
    """TAG-020."""
    store = call.store(TagStore)
    return {"id": call.domain, "limit": store.limit, "count": store.count(call.domain)}


@operation("list_tag_devices")
def list_tag_devices(call: Call) -> dict[str, Any]:  # noqa: ARG001
    """TAG-021."""
    return {"items": list(DEVICES)}


@operation("list_tag_providers")
def list_tag_providers(call: Call) -> dict[str, Any]:  # noqa: ARG001
    """TAG-021."""
    return {"items": list(PROVIDERS)}


@operation("list_tag_countries")
def list_tag_countries(call: Call) -> dict[str, Any]:  # noqa: ARG001
    """TAG-021."""
    return {"items": list(COUNTRIES)}


def _name(call: Call) -> str:
    return str(call.path["tag"] if "tag" in call.path else call.query["tag"])


def _tag(call: Call) -> Tag:
    tag = call.store(TagStore).get(call.domain, _name(call))
    if tag is None:
        raise ApiError(404, NOT_FOUND)
    return tag


def _shown(tag: Tag) -> dict[str, Any]:
    return {
        "tag": tag.name,
        "description": tag.description,
        "first-seen": _moment(tag.first_seen),
        "last-seen": _moment(tag.last_seen),
    }


def _moment(at: datetime) -> str:
    """The dates of this API look like those that Go prints (platform DIFF-035)."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} +0000 UTC"


def _facts(call: Call, tag: Tag, begin: float = 0.0, end: float | None = None) -> Iterator[Fact]:
    """What happened to mail with this tag; whether a message has it is found out once."""
    key = tag.key
    known: dict[tuple[str, ...], bool] = {}
    for fact in facts(call.store(EventStore), [call.domain], begin, end):
        names = fact.event.tags
        if names not in known:
            known[names] = any(plain(name).lower() == key for name in names)
        if known[names]:
            yield fact


def _aggregates(call: Call, kind: str) -> dict[str, Any]:
    tag = _tag(call)
    return {"tag": tag.name, kind: counting.aggregate(_facts(call, tag), traits()[kind])}
