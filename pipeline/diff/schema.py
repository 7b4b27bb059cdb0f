"""Compare two schemas in one direction."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from attrs import define, field

from pipeline.diff.model import Change
from pipeline.diff.node import LOWER, UPPER, Node, canonical
from pipeline.diff.rules import Direction, Verdict
from pipeline.diff.variants import pairs

_WIDER_FORMATS = {("int32", "int64"), ("float", "double")}
# What text carries as well: a form or query has no types of its own.
_TEXTUAL = frozenset({"integer", "number", "boolean"})
_LIMITS = {
    "number": ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"),
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}

Key = tuple[Any, ...]


@define
class Comparison:
    """Collects the changes between schemas that are sent (request) or read (response).

    `text`: the values travel as text (query, path, header, form), where a number is a text and one
    value is a list of one. Each pair of schemas is looked at once, which also ends cycles.
    """

    direction: Direction
    text: bool = False
    changes: list[Change] = field(factory=list)
    seen: set[Key] = field(factory=set)

    def compare(self, old: Node, new: Node, place: str) -> None:
        key = (old.key, new.key)
        if key in self.seen:
            return
        self.seen.add(key)
        if old.variants() or new.variants():
            self._variants(old, new, place)
        else:
            self._plain(old, new, place)

    def _variants(self, old: Node, new: Node, place: str) -> None:
        old_base, new_base = old.base(), new.base()
        olds, news = old.variants() or [], new.variants() or []
        # A schema without variants is the one variant of itself, unless both have a common base.
        if not olds and new_base.blank:
            olds, old_base = [old], new_base
        elif not news and old_base.blank:
            news, new_base = [new], old_base
        if not (old_base.blank and new_base.blank):
            self._plain(old_base, new_base, place)
        olds = olds or [Node.at(old.document, {}, old.pointer)]
        news = news or [Node.at(new.document, {}, new.pointer)]
        paired, removed, added = pairs(olds, news, self._equal)
        for left, right in paired:
            self.compare(left, right, place)
        for node in removed:
            self._facet("variants", "narrowed", node, new, place, f"no longer {summary(node)}")
        for node in added:
            self._facet("variants", "widened", old, node, place, f"may also be {summary(node)}")

    def _equal(self, old: Node, new: Node) -> bool:
        trial = Comparison(self.direction, self.text, seen=set(self.seen))
        trial.compare(old, new, "")
        return not trial.changes

    def _plain(self, old: Node, new: Node, place: str) -> None:
        old_types, new_types = old.types(), new.types()
        if not self._types(old, new, place):
            return
        self._enum(old, new, place)
        shared = _overlap(old_types, new_types)
        if self.text and not shared:
            shared = frozenset({"string"})  # A number that became text, or the other way round.
        if shared & {"string", "integer", "number"}:
            self._formats(old, new, place)
        self._limits(old, new, place, shared)
        self._default(old, new, place)
        if "array" in shared:
            self._items(old, new, place)
        if "object" in shared:
            self._fields(old, new, place)
            self._extra(old, new, place)
        if old.rest() != new.rest():
            text = f"{' and '.join(_keywords(old, new))} changed; can't be judged"
            self._add(f"{self.direction}-schema-changed", text, old, new, place)

    def _types(self, old: Node, new: Node, place: str) -> bool:
        """Whether there is more to compare."""
        before, after = old.types(), new.types()
        if before is None or after is None:
            if before is not after:
                verdict: Verdict = "narrowed" if before is None else "widened"
                self._facet("type", verdict, old, new, place, _became("type", old, new))
            return before is after or not (old.blank or new.blank)
        if self.text and {"array"} in (before, after) and not before & after:
            self._one_or_many(old, new, place)
            return False
        self._nullability(old, new, place)
        wider = _covers(after - {"null"}, before - {"null"}, self.text)
        narrower = _covers(before - {"null"}, after - {"null"}, self.text)
        if not (wider and narrower):
            verdict = "widened" if wider else "narrowed" if narrower else "changed"
            self._facet("type", verdict, old, new, place, _became("type", old, new))
        return wider or narrower or bool(_overlap(before, after))

    def _one_or_many(self, old: Node, new: Node, place: str) -> None:
        many = "array" in (new.types() or ())
        self._facet(
            "type", "widened" if many else "narrowed", old, new, place, _became("type", old, new)
        )
        items = (new if many else old).items()
        if items:
            self.compare(old if many else items, items if many else new, f"{place}[]")

    def _nullability(self, old: Node, new: Node, place: str) -> None:
        before, after = _allows_null(old), _allows_null(new)
        if before != after:
            verdict: Verdict = "widened" if after else "narrowed"
            text = "may be null" if after else "may no longer be null"
            rule = f"{self.direction}-nullability-{verdict}"
            change = Change(rule, text, _null_site(old), _null_site(new), (place,))
            self.changes.append(change)

    def _enum(self, old: Node, new: Node, place: str) -> None:
        before, after = self._values(old), self._values(new)
        null = frozenset({"null"})
        if before is None and after is None:
            return
        if before is None or after is None:
            known = (after if before is None else before) or frozenset()
            verdict: Verdict = "narrowed" if before is None else "widened"
            verb = "now only" if before is None else "no longer only"
            self._facet("enum", verdict, old, new, place, f"values: {verb} {_listed(known - null)}")
            return
        gone, fresh = before - after - null, after - before - null
        if gone or fresh:
            verdict = "changed" if gone and fresh else "narrowed" if gone else "widened"
            words = [f"without {_listed(gone)}"] if gone else []
            words += [f"also {_listed(fresh)}"] if fresh else []
            self._facet("enum", verdict, old, new, place, f"values: {', '.join(words)}")

    def _values(self, node: Node) -> frozenset[str] | None:
        values = node.values()
        if values is None or not self.text:
            return values
        return frozenset(value.strip('"') for value in values)

    def _formats(self, old: Node, new: Node, place: str) -> None:
        before, after = _unique(old.said("format")), _unique(new.said("format"))
        if before == after:
            return
        change = (before[0], after[0]) if len(before) == len(after) == 1 else ("", "")
        verdict: Verdict = "changed"
        if set(before) < set(after) or change[::-1] in _WIDER_FORMATS:
            verdict = "narrowed"
        elif set(after) < set(before) or change in _WIDER_FORMATS:
            verdict = "widened"
        text = f"format {_or_none(before)} -> {_or_none(after)}"
        self._facet("format", verdict, old, new, place, text)

    def _limits(self, old: Node, new: Node, place: str, shared: frozenset[str]) -> None:
        numeric = {"number"} if shared & {"integer", "number"} else set()
        for kind, keys in _LIMITS.items():
            for key in keys if kind in shared | numeric else ():
                self._limit(key, old, new, place, old.limit(key), new.limit(key))
        for key, kind in (("pattern", "string"), ("uniqueItems", "array")):
            if kind in shared:
                before, after = _unique(old.said(key)), _unique(new.said(key))
                if key == "uniqueItems":
                    before, after = [v for v in before if v], [v for v in after if v]
                self._limit(key, old, new, place, tuple(before) or None, tuple(after) or None)

    def _limit(self, key: str, old: Node, new: Node, place: str, before: Any, after: Any) -> None:
        if before == after and isinstance(before, bool) == isinstance(after, bool):
            return
        ordered = key in LOWER + UPPER and not isinstance(before, bool | tuple)
        verdict: Verdict = "changed"
        if before is None:
            verdict = "narrowed"
        elif after is None:
            verdict = "widened"
        elif ordered and not isinstance(after, bool):
            verdict = "narrowed" if (after > before) == (key in LOWER) else "widened"
        text = f"{key} {_or_none(before)} -> {_or_none(after)}"
        self._facet("limit", verdict, old, new, place, text)

    def _default(self, old: Node, new: Node, place: str) -> None:
        if self.direction == "response":
            return
        before, after = old.said("default")[:1], new.said("default")[:1]
        if canonical(before) == canonical(after):
            return
        what = "changed" if before and after else "added" if after else "removed"
        text = f"default {_or_none(before)} -> {_or_none(after)}"
        self._add(f"request-default-{what}", text, old, new, place)

    def _items(self, old: Node, new: Node, place: str) -> None:
        before, after = old.items(), new.items()
        if before or after:
            before = before or Node.at(old.document, {}, old.pointer)
            after = after or Node.at(new.document, {}, new.pointer)
            self.compare(before, after, f"{place}[]")

    def _fields(self, old: Node, new: Node, place: str) -> None:
        hidden = "readOnly" if self.direction == "request" else "writeOnly"
        before, after = old.fields(hidden), new.fields(hidden)
        old_required, new_required = old.required(), new.required()
        for name in [*before, *(name for name in after if name not in before)]:
            where = f"{place}.{name}" if place else name
            left, right = before.get(name), after.get(name)
            if left and right:
                self._required(name in old_required, name in new_required, left, right, where)
                self._deprecated(left, right, where)
                self.compare(left, right, where)
            elif left:
                self._field("removed", name in old_required, left, where)
            elif right:
                self._field("added", name in new_required, right, where)

    def _field(self, what: str, required: bool, node: Node, where: str) -> None:
        prefix = "required-" if required and self.direction == "request" else ""
        rule = f"{prefix}{self.direction}-field-{what}"
        need = ("required " if required else "optional ") if self.direction == "request" else ""
        text = f"{need}field {what}: {summary(node)}"
        old, new = (node.site, None) if what == "removed" else (None, node.site)
        self.changes.append(Change(rule, text, old, new, (where,)))

    def _required(self, before: bool, after: bool, old: Node, new: Node, where: str) -> None:
        if before != after:
            became = "required" if after else "optional"
            rule = f"{self.direction}-field-became-{became}"
            self.changes.append(Change(rule, f"became {became}", old.site, new.site, (where,)))

    def _deprecated(self, old: Node, new: Node, where: str) -> None:
        before, after = old.marked("deprecated"), new.marked("deprecated")
        if before != after:
            rule = f"{self.direction}-field-{'deprecated' if after else 'undeprecated'}"
            text = "deprecated" if after else "no longer deprecated"
            self.changes.append(Change(rule, text, old.site, new.site, (where,)))

    def _extra(self, old: Node, new: Node, place: str) -> None:
        before, after = old.extra(), new.extra()
        if isinstance(before, Node) and isinstance(after, Node):
            self.compare(before, after, f"{place}.*" if place else "*")
        elif isinstance(after, Node):
            text = f"other fields are now described: {summary(after)}"
            self._add(f"{self.direction}-extra-fields-added", text, old, new, place)
        elif isinstance(before, Node):
            text = f"other fields are no longer described: {summary(before)}"
            self._add(f"{self.direction}-extra-fields-removed", text, old, new, place)
        elif before is not after:
            rule = f"{self.direction}-extra-fields-{'refused' if after is False else 'allowed'}"
            text = "fields without a description are now " + rule.rsplit("-", 1)[1]
            self._add(rule, text, old, new, place)

    def _facet(
        self, facet: str, verdict: Verdict, old: Node, new: Node, place: str, text: str
    ) -> None:
        self._add(f"{self.direction}-{facet}-{verdict}", text, old, new, place)

    def _add(self, rule: str, text: str, old: Node, new: Node, place: str) -> None:
        self.changes.append(Change(rule, text, old.pointer, new.pointer, (place,)))


def summary(node: Node) -> str:
    """A schema in one or two words."""
    variants = node.variants()
    if variants and node.base().blank:
        return " or ".join(dict.fromkeys(summary(variant) for variant in variants))
    types = node.types()
    if types is None:
        return "anything"
    names = []
    for kind in sorted(types, key=lambda kind: (kind == "null", kind)):
        items = node.items() if kind == "array" else None
        names.append(f"array of {summary(items)}" if items and items.key != node.key else kind)
    formats = [f"{value}" for value in node.said("format")[:1]]
    return " ".join([" or ".join(names), *(f"({value})" for value in formats)])


def _became(what: str, old: Node, new: Node) -> str:
    return f"{what} {summary(old)} -> {summary(new)}"


def _covers(wide: frozenset[str], narrow: frozenset[str], text: bool) -> bool:
    reach = wide | ({"integer"} if "number" in wide else set())
    return narrow <= (reach | _TEXTUAL if text and "string" in wide else reach)


def _overlap(left: frozenset[str] | None, right: frozenset[str] | None) -> frozenset[str]:
    everything = frozenset({"array", "boolean", "integer", "number", "object", "string"})
    left, right = left or everything, right or everything
    shared = (left & right) - {"null"}
    return shared | {"integer"} if {"integer", "number"} <= left | right else shared


def _allows_null(node: Node) -> bool:
    values = node.values()
    return "null" in (node.types() or ()) and (values is None or "null" in values)


def _null_site(node: Node) -> str:
    """Where null is allowed: beside a reference rather than behind it."""
    return node.site if any(part.nullable for part in node.parts) else node.pointer


def _keywords(old: Node, new: Node) -> list[str]:
    def keys(node: Node) -> Iterator[str]:
        for text in node.rest():
            value = json.loads(text)
            yield from value if isinstance(value, dict) else ["anyOf"]

    return sorted({*keys(old), *keys(new)})


def _unique(values: list[Any]) -> list[Any]:
    return list(dict.fromkeys(value for value in values if isinstance(value, str | int | bool)))


def _listed(members: Iterable[str], most: int = 12) -> str:
    names = sorted(map(_bare, members))
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _bare(member: str) -> str:
    """A text without its quotes, unless it would read as something else."""
    inner = member[1:-1]
    return inner if member[0] == '"' and re.fullmatch(r"[^\W\d][\w.:/-]*", inner) else member


def _or_none(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
