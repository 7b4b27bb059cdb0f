"""Turn a raw upstream description into a vendored spec: contract facts only.

Kept exactly: paths, methods, operationIds, tags, parameters, bodies, schemas, enums, formats,
defaults, required and deprecated flags, statuses, headers, content types, security, servers, and
the marks of `KEPT_MARKS`, which say how well a part is known. Dropped: every other `x-` key,
summaries, descriptions, titles, examples, display names and links to prose. A response's mandatory
description becomes the standard reason phrase of its status. The order of the source is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import yaml
from attrs import field, frozen

from pipeline.errors import SourceError
from pipeline.load import Json, parse

KEPT_MARKS = frozenset(
    {
        "x-facts-source",
        "x-facts-missing",
        "x-facts-inferred",
        "x-facts-manual",
        "x-facts-limits",
        "x-quirks",
        "x-observed-response",
    }
)
_PROSE = frozenset({"summary", "description", "title", "example", "examples", "externalDocs"})
# Below these keys names are the author's, not OpenAPI's: a property may be called "description".
_NAMED = frozenset(
    {
        "callbacks",
        "content",
        "definitions",
        "$defs",
        "dependentSchemas",
        "encoding",
        "headers",
        "links",
        "mapping",
        "parameters",
        "pathItems",
        "paths",
        "patternProperties",
        "properties",
        "requestBodies",
        "responses",
        "schemas",
        "scopes",
        "securitySchemes",
        "variables",
        "webhooks",
    }
)
_VERBATIM = frozenset({"const", "default", "enum", "required", "security"})
HEAD = "# Written by `make vendor`: facts of the upstream description. Mend it in overlays/.\n"


@frozen
class Vendored:
    """A description reduced to its facts."""

    document: Json = field(repr=False)
    sha256: str
    operations: int
    dangling: tuple[str, ...]

    @property
    def version(self) -> str:
        return str(self.document["info"]["version"])

    def text(self) -> str:
        return HEAD + dump(self.document)


def vendor(data: bytes, where: str) -> Vendored:
    """Reduce the YAML or JSON `data` that was read from `where`.

    Raises SourceError unless it is an OpenAPI 3.x description with paths.
    """
    raw = parse(data.decode(), where)
    found = raw.get("openapi")
    if not str(found or "").startswith("3."):
        seen = f"Swagger {raw['swagger']}" if "swagger" in raw else repr(found)
        raise SourceError(f"{where}: expected OpenAPI 3.x (key openapi), found {seen}")
    for key in ("info", "paths"):
        if not isinstance(raw.get(key), dict):
            raise SourceError(
                f"{where}: expected a mapping under {key!r}, found {type(raw.get(key)).__name__}"
            )
    document = _facts(raw)
    document["info"] = {
        "title": str(raw["info"].get("title", where)),
        "version": str(raw["info"].get("version", "")),
    }
    return Vendored(
        document=document,
        sha256=hashlib.sha256(data).hexdigest(),
        operations=sum(1 for _ in operations(document)),
        dangling=tuple(dangling(document)),
    )


def dump(document: Json) -> str:
    """YAML that any reader, of YAML 1.1 or 1.2, understands alike; no anchors, no line folding."""
    return yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=4096, line_break="\n"
    )


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """(path, method, operation) for each operation, in document order."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "responses" in operation:
                yield path, method, operation


def dangling(document: Json) -> list[str]:
    """Local references whose target does not exist, sorted."""
    missing = set()
    for reference in set(_references(document)):
        if reference.startswith("#/") and not _resolves(document, reference):
            missing.add(reference)
    return sorted(missing)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _resolves(document: Any, reference: str) -> bool:
    for part in reference[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(document, dict) or name not in document:
            return False
        document = document[name]
    return True


def _facts(value: Any) -> Any:
    if isinstance(value, list):
        return [_facts(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, item in value.items():
        if key in KEPT_MARKS or key in _VERBATIM:
            kept[key] = item
        elif key in _PROSE or key.startswith("x-"):
            continue
        elif key in _NAMED and isinstance(item, dict):
            kept[key] = {name: _facts(entry) for name, entry in item.items()}
            if key == "responses":
                for status, response in kept[key].items():
                    if "$ref" not in response:
                        kept[key][status] = {"description": _phrase(status)} | response
        else:
            kept[key] = _facts(item)
    return kept


def _phrase(status: str) -> str:
    try:
        return HTTPStatus(int(status)).phrase
    except ValueError:
        return "Any other status" if status == "default" else status


class _Dumper(yaml.CSafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True
