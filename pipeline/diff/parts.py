"""Compare what an operation is made of: parameters, request body, responses, headers, media."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from attrs import evolve, field, frozen

from pipeline.diff.model import Change
from pipeline.diff.node import Node, canonical, escape, follow
from pipeline.diff.rules import Direction
from pipeline.diff.schema import Comparison, summary
from pipeline.load import Json

_VARIABLE = re.compile(r"{([^}]*)}")
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
_FORMS = ("multipart/", "application/x-www-form-urlencoded", "application/form-data")


@frozen
class Site:
    """An object of a document behind its references, and where it stands."""

    document: Json = field(repr=False)
    value: Json = field(repr=False)
    pointer: str

    def below(self, *tokens: str) -> Site:
        """What stands under these names; an empty object when nothing does."""
        value: Any = self.value
        for token in tokens:
            value = value.get(token) if isinstance(value, dict) else None
        pointer = "/".join([self.pointer, *map(escape, tokens)])
        return Site(self.document, *follow(self.document, value, pointer))

    def each(self, key: str) -> dict[str, Site]:
        entries = self.value.get(key)
        names = entries if isinstance(entries, dict) else {}
        return {str(name): self.below(key, name) for name in names if not name.startswith("x-")}

    def schema(self) -> Node:
        return Node.at(self.document, self.value.get("schema", {}), f"{self.pointer}/schema")


@frozen
class Operation:
    path: str
    method: str
    item: Site
    site: Site

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def id(self) -> str:
        return str(self.site.value.get("operationId") or "")

    @property
    def variables(self) -> list[str]:
        return _VARIABLE.findall(self.path)

    @property
    def shape(self) -> tuple[str, str]:
        return self.method, _VARIABLE.sub("{}", self.path)

    def parameters(self, *, by_position: bool) -> dict[tuple[str, str], Site]:
        """By place and name; path parameters by position, since their name is not sent."""
        found: dict[tuple[str, str], Site] = {}
        for owner in (self.item, self.site):
            entries = owner.value.get("parameters")
            for number, entry in enumerate(entries if isinstance(entries, list) else ()):
                pointer = f"{owner.pointer}/parameters/{number}"
                site = Site(owner.document, *follow(owner.document, entry, pointer))
                place, name = str(site.value.get("in")), str(site.value.get("name"))
                if place == "path" and by_position and name in self.variables:
                    name = str(self.variables.index(name))
                found[place, name.lower() if place == "header" else name] = site
        return found


def parameters(old: Operation, new: Operation) -> Iterator[Change]:
    by_position = old.shape[1] == new.shape[1]
    before = old.parameters(by_position=by_position)
    after = new.parameters(by_position=by_position)
    for key in before.keys() & after.keys():
        yield from _parameter(before.pop(key), after.pop(key))
    for key in list(before):
        others = [other for other in after if other[1] == key[1] and other[0] != key[0]]
        rivals = [other for other in before if other[1] == key[1] and other[0] != key[0]]
        if len(others) == 1 and not rivals:
            left, right = before.pop(key), after.pop(others[0])
            text = f"moved from {key[0]} to {others[0][0]}"
            yield Change("parameter-moved", text, left.pointer, right.pointer, (_label(right),))
            yield from _parameter(left, right)
    for site in before.values():
        yield _lone("removed", site)
    for site in after.values():
        yield _lone("added", site)


def _lone(what: str, site: Site) -> Change:
    required = site.value.get("required") is True
    rule = f"{'required-' if required else ''}parameter-{what}"
    text = f"{'required' if required else 'optional'} parameter {what}: {summary(site.schema())}"
    pointer = {"old" if what == "removed" else "new": site.pointer}
    return Change(rule, text, places=(_label(site),), **pointer)


def _label(site: Site) -> str:
    return f"{site.value.get('in')} parameter {site.value.get('name')}"


def _parameter(old: Site, new: Site) -> Iterator[Change]:
    where, pointers = (_label(new),), (old.pointer, new.pointer)
    before, after = (site.value.get("required") is True for site in (old, new))
    if before != after:
        became = "required" if after else "optional"
        yield Change(f"parameter-became-{became}", f"became {became}", *pointers, where)
    before, after = (site.value.get("deprecated") is True for site in (old, new))
    if before != after:
        rule = f"parameter-{'deprecated' if after else 'undeprecated'}"
        yield Change(rule, "deprecated" if after else "no longer deprecated", *pointers, where)
    if old.value.get("in") == new.value.get("in") and _style(old) != _style(new):
        text = f"style {_style(old)} -> {_style(new)}"
        yield Change("parameter-style-changed", text, *pointers, where)
    yield from schemas("request", old.schema(), new.schema(), where[0], text=True)
    yield from contents("request", old, new, where[0])


def _style(site: Site) -> str:
    value = site.value
    style = value.get("style") or _STYLES.get(str(value.get("in")), "simple")
    # Arrays and objects only: a single value looks alike in every style that is a default.
    explode = value.get("explode", style == "form")
    types = site.schema().types()
    many = types is None or bool(types & {"array", "object"})
    return f"{style}{', exploded' if explode and many else ''}" + (
        ", reserved characters as they are" if value.get("allowReserved") else ""
    )


def schemas(
    direction: Direction, old: Node, new: Node, where: str, *, text: bool = False
) -> Iterator[Change]:
    """The changes between two schemas, their places put behind `where`."""
    comparison = Comparison(direction, text)
    comparison.compare(old, new, "")
    for change in comparison.changes:
        inner = change.places[0]
        yield evolve(change, places=(f"{where} › {inner}" if inner else where,))


def contents(direction: Direction, old: Site, new: Site, where: str) -> Iterator[Change]:
    """Media types and their schemas below `content`."""
    before = {_media(name): site for name, site in old.each("content").items()}
    after = {_media(name): site for name, site in new.each("content").items()}
    paired = [(name, before.pop(name), after.pop(name)) for name in list(before) if name in after]
    for name, site in before.items():
        text = f"media type {name} removed"
        yield Change(f"{direction}-media-type-removed", text, old=site.pointer, places=(where,))
    for name, site in after.items():
        text = f"media type {name} added"
        yield Change(f"{direction}-media-type-added", text, new=site.pointer, places=(where,))
    if len(before) == len(after) == 1:
        # One took the place of the other; what they hold may have changed as well.
        paired += zip(after, before.values(), after.values(), strict=True)
    for name, left, right in paired:
        is_text = direction == "request" and name.startswith(_FORMS)
        inside = f"{where} ({name})"
        yield from schemas(direction, left.schema(), right.schema(), inside, text=is_text)
        if direction == "request":
            yield from _encodings(left, right, inside)


def _encodings(old: Site, new: Site, where: str) -> Iterator[Change]:
    """How fields that both have go into a form; what a new field does is no change."""
    before, after = old.each("encoding"), new.each("encoding")
    fields = old.schema().fields("readOnly").keys() & new.schema().fields("readOnly").keys()
    for name in sorted(fields & (before.keys() | after.keys())):
        words = [canonical(one[name].value) if name in one else "none" for one in (before, after)]
        if words[0] != words[1]:
            text = f"encoding {words[0]} -> {words[1]}"
            pointers = (old.pointer, new.pointer)
            yield Change("request-encoding-changed", text, *pointers, (f"{where} › {name}",))


def _media(name: str) -> str:
    return name.lower().replace(" ", "")


def body(old: Operation, new: Operation) -> Iterator[Change]:
    left, right = old.site.below("requestBody"), new.site.below("requestBody")
    has_old, has_new = bool(left.value), bool(right.value)
    required = [site.value.get("required") is True for site in (left, right)]
    if has_old and has_new:
        if required[0] != required[1]:
            became = "required" if required[1] else "optional"
            rule = f"request-body-became-{became}"
            yield Change(rule, f"became {became}", left.pointer, right.pointer, ("body",))
        yield from contents("request", left, right, "body")
    elif has_old or has_new:
        what, site = ("removed", left) if has_old else ("added", right)
        need = required[0] if has_old else required[1]
        media = ", ".join(site.each("content")) or "no media type"
        pointer = {"old" if has_old else "new": site.pointer}
        yield Change(
            f"{'required-' if need else ''}request-body-{what}",
            f"{'required' if need else 'optional'} body {what}: {media}",
            places=("body",),
            **pointer,
        )


def responses(old: Operation, new: Operation) -> Iterator[Change]:
    before, after = old.site.each("responses"), new.site.each("responses")
    for status in [*before, *(status for status in after if status not in before)]:
        # A status of its own may have been covered by a range or the default, and the reverse.
        left = before.get(status) or _covering(status, before)
        right = after.get(status) or _covering(status, after)
        if left and right:
            yield from contents("response", left, right, status)
            yield from _headers(left, right, status)
            continue
        what, site = ("removed", left) if left else ("added", right)
        if site:
            success = status[0] in "23"
            pointer = {"old" if left else "new": site.pointer}
            rule = f"{'success' if success else 'error'}-status-{what}"
            yield Change(rule, f"status {what}", places=(status,), **pointer)


def _covering(status: str, here: dict[str, Site]) -> Site | None:
    if not status.isdecimal():
        return None
    for name in (f"{status[0]}XX", f"{status[0]}xx", "default"):
        if name in here:
            return here[name]
    return None


def _headers(old: Site, new: Site, status: str) -> Iterator[Change]:
    before = {name.lower(): (name, site) for name, site in old.each("headers").items()}
    after = {name.lower(): (name, site) for name, site in new.each("headers").items()}
    for key in [*before, *(key for key in after if key not in before)]:
        name = (before.get(key) or after[key])[0]
        where = f"{status} header {name}"
        if key in before and key in after:
            left, right = before[key][1], after[key][1]
            need = [site.value.get("required") is True for site in (left, right)]
            if need[0] != need[1]:
                became = "required" if need[1] else "optional"
                rule = f"response-header-became-{became}"
                yield Change(rule, f"became {became}", left.pointer, right.pointer, (where,))
            yield from schemas("response", left.schema(), right.schema(), where, text=True)
            continue
        what = "removed" if key in before else "added"
        site = (before.get(key) or after[key])[1]
        pointer = {"old" if key in before else "new": site.pointer}
        text = f"header {what}: {summary(site.schema())}"
        yield Change(f"response-header-{what}", text, places=(where,), **pointer)
