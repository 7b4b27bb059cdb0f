"""Rules that the one true contract must meet before anything is generated from it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pipeline.errors import LintError
from pipeline.load import Json
from pipeline.vendor import dangling, operations, references

VERBS = frozenset(
    [
        "activate",
        "add",
        "assign",
        "cancel",
        "check",
        "clear",
        "copy",
        "create",
        "deactivate",
        "delete",
        "disable",
        "enable",
        "enroll",
        "export",
        "generate",
        "get",
        "import",
        "list",
        "match",
        "optimize",
        "preview",
        "promote",
        "query",
        "regenerate",
        "remove",
        "reprocess",
        "request",
        "resend",
        "reset",
        "resolve",
        "rotate",
        "search",
        "send",
        "set",
        "share",
        "start",
        "submit",
        "test",
        "unassign",
        "unenroll",
        "unshare",
        "update",
        "upload",
        "validate",
        "verify",
    ]
)
_OPERATION_ID = re.compile(r"[a-z]+(_[a-z0-9]+)+")
_SCHEMA_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")
_METHOD_PREFIX = re.compile(r"(GET|POST|PUT|PATCH|DELETE)")
_MEDIA_TYPE = re.compile(r"(application|audio|image|message|multipart|text|video|\*)/[\w.+*-]+")
_KNOWN_MEDIA = frozenset(
    {
        "application/json",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "message/rfc2822",
        "multipart/form-data",
        "text/csv",
        "text/html",
        "text/plain",
        "text/xml",
    }
)
_PAGING = frozenset({"limit", "skip", "page", "p", "pivot", "cursor", "offset", "size"})
_PATH_PARAMETER = re.compile(r"{([^}]*)}")


def check(document: Json) -> None:
    """Raise LintError with every breach in `document`."""
    problems = [
        *_operation_ids(document),
        *_schemas(document),
        *(
            line
            for path, method, op in operations(document)
            for line in _operation(path, method, op)
        ),
        *(f"dangling reference {reference}" for reference in dangling(document)),
        *(f"{where}: enum member {member} occurs twice" for where, member in _twice(document)),
    ]
    if problems:
        raise LintError(f"{len(problems)} breach(es) of the contract rules", problems)


def _operation_ids(document: Json) -> Iterator[str]:
    seen: dict[str, str] = {}
    for path, method, operation in operations(document):
        where = f"{method.upper()} {path}"
        name = operation.get("operationId", "")
        if not _OPERATION_ID.fullmatch(name):
            yield f"{where}: operationId {name!r} is not snake_case words, verb first"
        elif name.split("_")[0] not in VERBS:
            yield f"{where}: operationId {name!r} starts with no verb of pipeline/lint.py"
        if name in seen:
            yield f"{where}: operationId {name!r} is also that of {seen[name]}"
        seen[name] = where


def _schemas(document: Json) -> Iterator[str]:
    used = set(references(document))
    for name in document.get("components", {}).get("schemas", {}):
        if not _SCHEMA_NAME.fullmatch(name) or _METHOD_PREFIX.match(name):
            yield f"schema {name!r}: expected a PascalCase name without vendor path or HTTP method"
        if f"#/components/schemas/{name}" not in used:
            yield f"schema {name!r}: nothing refers to it"


def _operation(path: str, method: str, operation: Json) -> Iterator[str]:
    where = f"{method.upper()} {path}"
    tags = operation.get("tags", [])
    if len(tags) != 1 or not re.fullmatch(r"[a-z][a-z0-9_]*", tags[0]):
        yield f"{where}: expected one snake_case tag, found {tags}"
    if "security" not in operation:
        yield f"{where}: declares no security (an empty list says public)"
    bodies = operation.get("requestBody", {}).get("content", {})
    if "requestBody" in operation and not bodies:
        yield f"{where}: the request body has no media type"
    for media, content in bodies.items():
        yield from _content(f"{where}: request", media, content)
    responses = operation.get("responses", {})
    if not operation.get("x-gone") and not any(s.startswith("2") for s in responses):
        yield f"{where}: documents no success status (x-gone: true says that it is switched off)"
    for status, response in responses.items():
        contents = response.get("content", {})
        for media, content in contents.items():
            yield from _content(f"{where}: {status}", media, content)
    declared = {p["name"] for p in operation.get("parameters", []) if p.get("in") == "path"}
    if declared != set(_PATH_PARAMETER.findall(path)):
        yield f"{where}: path parameters declared are {sorted(declared)}"
    if operation.get("operationId", "").startswith("list_") and not _pages(operation):
        yield f"{where}: a list without paging parameters; declare them or mark x-paging: none"


def _content(where: str, media: str, content: Json) -> Iterator[str]:
    if not _MEDIA_TYPE.fullmatch(media) or media not in _KNOWN_MEDIA:
        yield f"{where}: {media!r} is no media type of this API (pipeline/lint.py _KNOWN_MEDIA)"
    if not content.get("schema"):
        yield f"{where}: {media} has no schema"


def _pages(operation: Json) -> bool:
    if operation.get("x-paging") == "none":
        return True
    names = {p["name"].lower() for p in operation.get("parameters", [])}
    return bool(names & _PAGING) or operation.get("x-paging") == "body"


def _twice(value: Any, where: str = "$") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        members = value.get("enum")
        if isinstance(members, list):
            for member, count in Counter(map(repr, members)).items():
                if count > 1:
                    yield where, member
        for key, item in value.items():
            yield from _twice(item, f"{where}.{key}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _twice(item, f"{where}[{number}]")
