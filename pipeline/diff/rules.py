"""Every kind of change by its stable id: whether it breaks callers, and its reverse.

Swapping the two documents turns each change into one of the rule's `mirror`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from attrs import frozen

from pipeline.load import Json

Direction = Literal["request", "response"]
Verdict = Literal["narrowed", "widened", "changed"]
FACETS = ("type", "enum", "format", "limit", "nullability", "variants")


@frozen
class Rule:
    id: str
    breaking: bool
    mirror: str


def _pair(left: str, right: str, *, breaking: tuple[bool, bool]) -> Iterator[Rule]:
    yield Rule(left, breaking[0], right)
    yield Rule(right, breaking[1], left)


def _documents_and_operations() -> Iterator[Rule]:
    yield from _pair("server-removed", "server-added", breaking=(True, False))
    yield Rule("security-scheme-changed", True, "security-scheme-changed")
    yield from _pair("operation-removed", "operation-added", breaking=(True, False))
    yield Rule("operation-moved", True, "operation-moved")
    yield Rule("operation-id-changed", False, "operation-id-changed")
    yield Rule("path-variable-renamed", False, "path-variable-renamed")
    yield from _pair("operation-deprecated", "operation-undeprecated", breaking=(False, False))
    yield from _pair("security-narrowed", "security-widened", breaking=(True, False))
    yield Rule("security-changed", True, "security-changed")
    yield Rule("callbacks-changed", True, "callbacks-changed")


def _requests() -> Iterator[Rule]:
    for thing in ("parameter", "request-body", "request-field"):
        yield from _pair(f"{thing}-removed", f"{thing}-added", breaking=(True, False))
        yield from _pair(
            f"required-{thing}-removed", f"required-{thing}-added", breaking=(True, True)
        )
        yield from _pair(
            f"{thing}-became-required", f"{thing}-became-optional", breaking=(True, False)
        )
    yield Rule("parameter-moved", True, "parameter-moved")
    yield Rule("parameter-style-changed", True, "parameter-style-changed")
    yield from _pair("parameter-deprecated", "parameter-undeprecated", breaking=(False, False))
    yield Rule("request-encoding-changed", True, "request-encoding-changed")
    yield Rule("request-default-changed", True, "request-default-changed")
    yield from _pair("request-default-removed", "request-default-added", breaking=(False, False))
    yield from _pair(
        "request-extra-fields-refused", "request-extra-fields-allowed", breaking=(True, False)
    )


def _responses() -> Iterator[Rule]:
    yield from _pair("success-status-removed", "success-status-added", breaking=(True, False))
    yield from _pair("error-status-removed", "error-status-added", breaking=(False, False))
    for thing in ("response-header", "response-field"):
        yield from _pair(f"{thing}-removed", f"{thing}-added", breaking=(True, False))
        yield from _pair(
            f"{thing}-became-optional", f"{thing}-became-required", breaking=(True, False)
        )
    yield from _pair(
        "response-extra-fields-refused", "response-extra-fields-allowed", breaking=(False, False)
    )


def _both() -> Iterator[Rule]:
    for direction, bad in (("request", "narrowed"), ("response", "widened")):
        for facet in FACETS:
            name = f"{direction}-{facet}"
            yield from _pair(
                f"{name}-narrowed",
                f"{name}-widened",
                breaking=(bad == "narrowed", bad == "widened"),
            )
            yield Rule(f"{name}-changed", True, f"{name}-changed")
        for thing in ("media-type", "extra-fields"):
            name = f"{direction}-{thing}"
            yield from _pair(f"{name}-removed", f"{name}-added", breaking=(True, False))
        name = f"{direction}-field"
        yield from _pair(f"{name}-deprecated", f"{name}-undeprecated", breaking=(False, False))
        yield Rule(f"{direction}-schema-changed", True, f"{direction}-schema-changed")


def _table() -> dict[str, Rule]:
    made = [*_documents_and_operations(), *_requests(), *_responses(), *_both()]
    return {rule.id: rule for rule in made}


RULES = _table()


def as_json() -> list[Json]:
    """The table as data, for documentation and tests."""
    return [
        {"rule": rule.id, "breaking": rule.breaking, "mirror": rule.mirror}
        for rule in RULES.values()
    ]
