"""Merge the named specs into one OpenAPI document.

Equal things of several specs are one thing; different things under one name or path are an error,
which a names overlay resolves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import define, field

from pipeline.errors import MergeError
from pipeline.load import Json
from pipeline.vendor import operations

TITLE = "Mailgun Send, Optimize, Validate and Inspect"


def merge(specs: Mapping[str, Json]) -> Json:
    """One document out of `specs` (by spec name), in the order given.

    Raises MergeError listing every clash of paths, components, servers or top-level keys.
    """
    document, problems = collect(specs)
    if problems:
        raise MergeError(f"{len(problems)} clash(es) between specs", problems)
    return document


def collect(specs: Mapping[str, Json]) -> tuple[Json, list[str]]:
    """The document, in which the first of two different things stays, and every clash."""
    collected = _Collected()
    for spec, document in specs.items():
        for path, item in document["paths"].items():
            for key, value in _with_security(item, document).items():
                collected.put(spec, ("paths", path, key), value)
        for kind, entries in document.get("components", {}).items():
            for name, value in entries.items():
                collected.put(spec, ("components", kind, name), value)
        collected.put(spec, ("servers",), document.get("servers", []))
        collected.put(spec, ("openapi",), document["openapi"])
    if not specs:
        raise MergeError("no specs to merge")
    first = next(iter(specs.values()))
    parts = collected.document
    document = {
        "openapi": parts["openapi"],
        "info": {"title": TITLE, "version": first["info"]["version"]},
        "servers": parts["servers"],
        "tags": list(_tags(specs.values(), parts["paths"])),
        "paths": parts["paths"],
        "components": {
            kind: dict(sorted(entries.items())) for kind, entries in parts["components"].items()
        },
    }
    return document, collected.problems


def _with_security(item: Json, document: Json) -> Json:
    """The path item, its operations with the document's security where they name none."""
    general = {key: document[key] for key in ("security",) if key in document}
    found = {method: operation for _, method, operation in operations({"paths": {"": item}})}
    return item | {method: general | operation for method, operation in found.items()}


@define
class _Collected:
    document: Json = field(factory=lambda: {"paths": {}, "components": {}})
    owners: dict[tuple[str, ...], str] = field(factory=dict)
    problems: list[str] = field(factory=list)

    def put(self, spec: str, where: tuple[str, ...], value: Any) -> None:
        target = self.document
        for part in where[:-1]:
            target = target.setdefault(part, {})
        if target.setdefault(where[-1], value) != value:
            self.problems.append(f"{' '.join(where)}: {self.owners[where]} and {spec} differ")
        self.owners.setdefault(where, spec)


def _tags(documents: Iterable[Json], paths: Json) -> Iterator[Json]:
    """The tags that operations carry, in the order in which the specs declare them."""
    used = {
        tag for *_, operation in operations({"paths": paths}) for tag in operation.get("tags", [])
    }
    declared = [tag["name"] for document in documents for tag in document.get("tags", [])]
    for name in dict.fromkeys(declared):
        if name in used:
            yield {"name": name}
