"""The words of overlays/docs: complete for their areas, short, and each said once."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from pipeline import build
from pipeline.load import Json, read
from pipeline.vendor import operations

ROOT = Path(__file__).parents[2]
AREAS = sorted(path for path in (ROOT / "overlays/docs").glob("*.yaml"))
# The operations that later issues may not leave without words again.
WORDED = frozenset(
    [
        *("messages", "events", "templates", "mailing_lists", "routes", "legacy"),
        *("domains", "domain_tracking", "domain_keys", "dkim_security", "credentials"),
        *("domain_webhooks", "account_webhooks"),
        *("bounces", "unsubscribes", "complaints", "allowlist"),
    ]
)


def area(operation: Json) -> str:
    return "legacy" if operation.get("x-legacy") else str(operation["tags"][0])


@pytest.fixture(scope="module")
def truth() -> Json:
    return build.merged(ROOT / "specs", ROOT / "overlays")


def test_an_area_is_worded_as_a_whole_and_in_its_own_file(truth: Json) -> None:
    assert {path.stem for path in AREAS} >= WORDED
    worded = {(path.stem, action["target"]) for path in AREAS for action in read(path)["actions"]}
    areas = {path.stem for path in AREAS}
    assert worded == {
        (area(operation), f"$.paths['{path}'].{method}")
        for path, method, operation in operations(truth)
        if area(operation) in areas
    }


def test_summaries_are_one_short_line_and_unlike_each_other(truth: Json) -> None:
    summaries = [op["summary"] for *_, op in operations(truth) if "summary" in op]
    assert [text for text, count in Counter(summaries).items() if count > 1] == []
    odd = [text for text in summaries if not re.fullmatch(r"[A-Z][a-z]+ [^\n]{3,66}[^.\s]", text)]
    assert odd == []


def test_descriptions_say_more_in_three_lines_at_most(truth: Json) -> None:
    for *_, operation in operations(truth):
        if "summary" in operation and "description" in operation:
            text = operation["description"]
            assert re.fullmatch(r"[^\n\\]{10,300}\.", text), operation["operationId"]
            assert operation["summary"] not in text


def fields(truth: Json) -> list[tuple[str, Json]]:
    """`Schema.field` and what the contract says of it, fields inside of fields too."""
    found: list[tuple[str, Json]] = []

    def walk(name: str, schema: Json) -> None:
        for key, value in schema.get("properties", {}).items():
            found.append((f"{name}.{key}", value))
            walk(f"{name}.{key}", value)
            walk(f"{name}.{key}[]", value.get("items", {}))

    for name, schema in truth["components"]["schemas"].items():
        walk(name, schema)
    return found


def test_words_of_fields_are_one_short_line(truth: Json) -> None:
    odd = [
        (name, schema["description"])
        for name, schema in fields(truth)
        if "description" in schema
        and not re.fullmatch(r"[A-Z0-9`][^\n]{5,149}[^.\s]", schema["description"])
    ]
    assert odd == []


def test_most_fields_have_words(truth: Json) -> None:
    found = fields(truth)
    told = sum("description" in schema for _, schema in found)
    # The others are those whose name tells all, and a few that no source explains.
    assert told / len(found) > 0.7
    without = {name for name, schema in found if "description" not in schema}
    plain = {"Domain.name", "MailingList.name", "MailingList.description"}
    models = {"Domain", "DnsRecord", "Route", "TemplateVersion", "MailingList", "Event"}
    assert {name for name in without if name.split(".")[0] in models} == plain
