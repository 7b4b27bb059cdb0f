"""Turn a raw upstream description into a vendored spec: contract facts only.

Kept exactly: paths, methods, operationIds, tags, parameters, bodies, schemas, enums, formats,
defaults, required and deprecated flags, statuses, headers, content types, security, servers, and
the marks of `KEPT_MARKS`, which say how well a part is known. Dropped: every other `x-` key,
summaries, descriptions, titles, examples, display names and links to prose. A response's mandatory
description becomes the standard reason phrase of its status. The order of the source is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

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
PROSE = frozenset({"summary", "description", "title", "example", "examples", "externalDocs"})
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
# Here a name with x- is no author's name but an extension.
_EXTENSIBLE = frozenset({"callbacks", "paths", "responses"})
_VERBATIM = frozenset({"const", "default", "enum", "required", "security"})
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
# Python 3.13 renamed these; what is vendored must not depend on the interpreter.
_PHRASES = {
    "413": "Request Entity Too Large",
    "414": "Request-URI Too Long",
    "416": "Requested Range Not Satisfiable",
    "422": "Unprocessable Entity",
    "default": "Any other status",
}
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
    for path, value in _not_mappings(raw["paths"]):
        raise SourceError(f"{where}: expected a mapping at {path}, found {type(value).__name__}")
    document = _facts(raw)
    document["info"] = {key: str(raw["info"].get(key) or "") for key in ("title", "version")}
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
            if method in _METHODS:
                yield path, method, operation


def dangling(document: Json) -> list[str]:
    """References to nothing in `document`, sorted; a reference to another file is one of them."""
    return sorted(ref for ref in set(references(document)) if not _resolves(document, ref))


def _not_mappings(paths: Json) -> Iterator[tuple[str, Any]]:
    """Path items and operations of the wrong kind, and where they are."""
    for path, item in paths.items():
        if path.startswith("x-"):
            continue
        if not isinstance(item, dict):
            yield path, item
            continue
        for method in item:
            if method in _METHODS and not isinstance(item[method], dict):
                yield f"{path} {method}", item[method]


def references(value: Any) -> Iterator[str]:
    """Every `$ref` below `value`, as often as it occurs."""
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def _resolves(document: Any, reference: str) -> bool:
    file, _, pointer = reference.partition("#")
    if file:
        return False
    for part in pointer.split("/")[1:]:
        name = unquote(part).replace("~1", "/").replace("~0", "~")
        if isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        elif isinstance(document, dict) and name in document:
            document = document[name]
        else:
            return False
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
        elif key in PROSE or key.startswith("x-"):
            continue
        elif key in _NAMED and isinstance(item, dict):
            kept[key] = {
                name: _facts(entry)
                for name, entry in item.items()
                if key not in _EXTENSIBLE or not name.startswith("x-")
            }
            if key == "responses":
                for status, response in kept[key].items():
                    if isinstance(response, dict) and "$ref" not in response:
                        kept[key][status] = {"description": _phrase(status)} | response
        else:
            kept[key] = _facts(item)
    return kept


def _phrase(status: str) -> str:
    try:
        return _PHRASES.get(status) or HTTPStatus(int(status)).phrase
    except ValueError:
        return status


class _Dumper(yaml.CSafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


# PyYAML knows the numbers of YAML 1.1 only; text that is a number in 1.2 needs quotes too.
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"[-+]?[0-9]+$|0o[0-7]+$"), list("-+0123456789")
)
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)
