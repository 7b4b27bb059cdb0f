"""Compare two documents: which operation became which, and what changed in it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any

from attrs import evolve

from pipeline.diff import parts
from pipeline.diff.model import Change, Report, Version, gathered
from pipeline.diff.node import canonical, escape, follow
from pipeline.diff.parts import Operation, Site
from pipeline.load import Json
from pipeline.vendor import operations

Alternatives = list[dict[str, frozenset[str]]]


def compare(old: Json, new: Json, *, names: tuple[str, str] = ("old", "new")) -> Report:
    """Every difference between two OpenAPI 3.x documents that shows on the wire, and renames."""
    before, after = list(_operations(old)), list(_operations(new))
    changes = list(gathered(_documents(old, new)))
    twins, added = _match(before, after)
    for operation in before:
        twin = twins.get(operation.name)
        found = _operation(operation, twin) if twin else [_lone("removed", operation)]
        changes += _named(operation, gathered(found))
    for operation in added:
        changes += _named(operation, [_lone("added", operation)])
    return Report(
        _version(names[0], old, len(before)), _version(names[1], new, len(after)), tuple(changes)
    )


def _version(name: str, document: Json, count: int) -> Version:
    info = document.get("info") or {}
    return Version(name, str(info.get("title", "")), str(info.get("version", "")), count)


def _operations(document: Json) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        value, pointer = follow(document, item, f"#/paths/{escape(path)}")
        site = Site(document, value, pointer)
        for _, method, _ in operations({"paths": {path: value}}):
            yield Operation(path, method, site, site.below(method))


def _match(
    before: list[Operation], after: list[Operation]
) -> tuple[dict[str, Operation], list[Operation]]:
    """The new operation by the name of the old one, and the new ones without an old one."""
    left, right = list(before), list(after)
    twins: dict[str, Operation] = {}
    traits: list[Callable[[Operation], Hashable]] = [
        lambda operation: operation.name,
        lambda operation: operation.shape,
        lambda operation: operation.id or None,
    ]
    for trait in traits:
        mine, theirs = _alone(trait, left), _alone(trait, right)
        for key in mine.keys() & theirs.keys():
            twins[mine[key].name] = theirs[key]
            left.remove(mine[key])
            right.remove(theirs[key])
    return twins, right


def _alone(trait: Callable[[Operation], Hashable], found: list[Operation]) -> dict[Any, Operation]:
    """Operations by a trait that no other one has."""
    keys = [trait(operation) for operation in found]
    return {
        key: operation
        for key, operation in zip(keys, found, strict=True)
        if key is not None and keys.count(key) == 1
    }


def _named(operation: Operation, changes: Any) -> list[Change]:
    return [
        evolve(change, operation=operation.name, operation_id=operation.id) for change in changes
    ]


def _lone(what: str, operation: Operation) -> Change:
    deprecated = ", deprecated before" if operation.site.value.get("deprecated") is True else ""
    pointer = operation.site.pointer
    if what == "removed":
        return Change("operation-removed", f"operation removed{deprecated}", old=pointer)
    return Change("operation-added", "operation added", new=pointer)


def _operation(old: Operation, new: Operation) -> Iterator[Change]:
    pointers = (old.site.pointer, new.site.pointer)
    if old.shape != new.shape:
        yield Change("operation-moved", f"now {new.name}", *pointers)
    elif old.path != new.path:
        text = ", ".join(
            f"{left} -> {right}"
            for left, right in zip(old.variables, new.variables, strict=True)
            if left != right
        )
        yield Change("path-variable-renamed", f"now {new.path} ({text})", *pointers)
    if old.id != new.id:
        text = f"operationId {old.id or 'none'} -> {new.id or 'none'}"
        yield Change("operation-id-changed", text, *pointers)
    before, after = (one.site.value.get("deprecated") is True for one in (old, new))
    if before != after:
        rule = "operation-deprecated" if after else "operation-undeprecated"
        yield Change(rule, "deprecated" if after else "no longer deprecated", *pointers)
    yield from _security(old, new)
    yield from parts.parameters(old, new)
    yield from parts.body(old, new)
    yield from parts.responses(old, new)
    if _servers_of(old) is not None or _servers_of(new) is not None:
        yield from _servers(_servers_of(old), _servers_of(new), pointers)
    if canonical(old.site.value.get("callbacks")) != canonical(new.site.value.get("callbacks")):
        yield Change("callbacks-changed", "callbacks changed; can't be judged", *pointers)


def _security(old: Operation, new: Operation) -> Iterator[Change]:
    before, after = _alternatives(old), _alternatives(new)
    kept, reverse = _accepts(after, before), _accepts(before, after)
    if not (kept and reverse):
        verdict = "widened" if kept else "narrowed" if reverse else "changed"
        text = f"security {_words(before)} -> {_words(after)}"
        yield Change(f"security-{verdict}", text, old.site.pointer, new.site.pointer)


def _alternatives(operation: Operation) -> Alternatives:
    listed = operation.site.value.get("security", operation.site.document.get("security"))
    found = [
        {str(name): frozenset(map(str, scopes or ())) for name, scopes in entry.items()}
        for entry in listed or ()
        if isinstance(entry, dict)
    ]
    return found or [{}]


def _accepts(here: Alternatives, callers: Alternatives) -> bool:
    """Whether whoever meets one alternative of `callers` meets one of `here`."""
    return all(
        any(
            all(name in caller and scopes <= caller[name] for name, scopes in entry.items())
            for entry in here
        )
        for caller in callers
    )


def _words(alternatives: Alternatives) -> str:
    def one(entry: dict[str, frozenset[str]]) -> str:
        names = (
            f"{name}({', '.join(sorted(scopes))})" if scopes else name
            for name, scopes in sorted(entry.items())
        )
        return " and ".join(names) or "none"

    return " or ".join(map(one, alternatives))


def _documents(old: Json, new: Json) -> Iterator[Change]:
    yield from _servers(_urls(old), _urls(new), ("#", "#"))
    schemes = [
        Site(document, document, "#").below("components").each("securitySchemes")
        for document in (old, new)
    ]
    for name in schemes[0].keys() & schemes[1].keys():
        left, right = schemes[0][name], schemes[1][name]
        if _scheme(left) != _scheme(right):
            text = f"security scheme {name} changed"
            yield Change("security-scheme-changed", text, left.pointer, right.pointer)
    if canonical(old.get("webhooks")) != canonical(new.get("webhooks")):
        yield Change("callbacks-changed", "webhooks changed; can't be judged", "#", "#")


def _scheme(site: Site) -> str:
    facts = {key: value for key, value in site.value.items() if key != "description"}
    return canonical(facts)


def _urls(value: Json) -> list[str] | None:
    servers = value.get("servers")
    if not isinstance(servers, list):
        return None
    return [str(server.get("url")).rstrip("/") for server in servers if isinstance(server, dict)]


def _servers_of(operation: Operation) -> list[str] | None:
    own = _urls(operation.site.value)
    return _urls(operation.item.value) if own is None else own


def _servers(
    old: list[str] | None, new: list[str] | None, pointers: tuple[str, str]
) -> Iterator[Change]:
    before, after = old or [], new or []
    for url in before:
        if url not in after:
            yield Change("server-removed", f"server {url} removed", old=f"{pointers[0]}/servers")
    for url in after:
        if url not in before:
            yield Change("server-added", f"server {url} added", new=f"{pointers[1]}/servers")
