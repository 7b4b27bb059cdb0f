"""OpenAPI links: a consumer's parameters taken from the exchange of its producer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from tests.contract.values import NO_BODY, Values

_EMBEDDED = re.compile(r"{(\$[^}]+)}")
OFFERED: Final = "offered"
Taken = tuple[dict[tuple[str, str], Any], Any]


@frozen
class Link:
    """`producer`'s success tells how to call `consumer`."""

    producer: str
    consumer: str
    raw: dict[str, Any] = field(repr=False)

    @property
    def producer_body(self) -> dict[str, Any]:
        """Fields (`x-producer-body`) that the producer's request has to carry for this link."""
        return dict(self.raw.get("x-producer-body", {}))

    @property
    def takes_of_requests(self) -> int:
        """How many values the link takes from the producer's request."""
        trees = self.raw.get("parameters", {}), self.raw.get("requestBody"), self.raw.get("x-item")
        return sum(each.startswith("$request.body") for each in _leaves(*trees))

    def evaluate(self, tree: Any, values: Values, answer: Any) -> Any:
        """`tree` with its runtime expressions replaced by what they give."""
        return _evaluate(tree, values, answer)

    def asked(self, values: Values) -> str:
        """What the link takes from a producer's request with `values`, as text to compare."""
        trees = self.raw.get("parameters", {}), self.raw.get("requestBody")
        found = [
            _evaluate(each, values, None)
            for each in _leaves(*trees, self.raw.get("x-item"))
            if each.startswith("$request.body")
        ]
        return json.dumps(found).casefold()

    def asks(self, values: Values) -> bool:
        """Whether a producer's request with `values` has what the link takes from requests."""
        try:
            trees = self.raw.get("parameters", {}), self.raw.get("requestBody")
            for expression in _leaves(*trees, self.raw.get("x-item")):
                if expression.startswith("$request"):
                    _evaluate(expression, values, None)
        except LookupError:
            return False
        return True

    def take(self, values: Values, answer: Any) -> Taken:
        """Parameters by (location, name), and body fields; LookupError for what is not there.

        A parameter listed under `x-last-segment` is the last segment of the url that its expression
        gives, which runtime expressions cannot cut out. One of the query listed under
        `x-where-given` is optional: its location is OFFERED, and its value only replaces another
        one. `values` are those of the producer's
        request, `answer` is its response as JSON.
        """
        found: dict[tuple[str, str], Any] = {}
        for name, expression in self.raw.get("parameters", {}).items():
            location, _, parameter = name.partition(".")
            location = OFFERED if name in self.raw.get("x-where-given", ()) else location
            value = _evaluate(expression, values, answer)
            if name in self.raw.get("x-last-segment", ()):
                value = unquote(urlsplit(value).path.rpartition("/")[2])
            found[location, parameter] = value
        return found, _evaluate(self.raw.get("requestBody"), values, answer)


def _leaves(*trees: Any) -> Iterator[str]:
    for tree in trees:
        if isinstance(tree, dict | list):
            yield from _leaves(*(tree.values() if isinstance(tree, dict) else tree))
        elif isinstance(tree, str):
            yield from [tree] if tree.startswith("$") else _EMBEDDED.findall(tree)


def _evaluate(expression: Any, values: Values, answer: Any) -> Any:
    """A constant, or the value of a runtime expression."""
    if isinstance(expression, dict):
        return {name: _evaluate(item, values, answer) for name, item in expression.items()}
    if isinstance(expression, list):
        return [_evaluate(item, values, answer) for item in expression]
    if not isinstance(expression, str):
        return expression
    if not expression.startswith("$"):
        return _EMBEDDED.sub(lambda part: str(_evaluate(part[1], values, answer)), expression)
    source, _, pointer = expression.partition("#")
    if source == "$response.body":
        return _point(answer, pointer, expression)
    if source == "$request.body":
        return _point(None if values.body is NO_BODY else values.body, pointer, expression)
    kind, _, name = source.removeprefix("$request.").partition(".")
    found = {"path": values.path, "query": values.query, "header": values.headers}[kind]
    if found.get(name) is None:
        raise LookupError(f"{expression}: not in the request")
    return found[name]


def point(value: Any, pointer: str) -> Any:
    """What the JSON pointer names in `value`; LookupError for nothing."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(name)] if isinstance(value, list) else value[name]
        except (LookupError, TypeError, ValueError):
            raise LookupError(f"{pointer}: nothing there") from None
    return value


def _point(value: Any, pointer: str, expression: str) -> Any:
    try:
        value = point(value, pointer)
    except LookupError:
        raise LookupError(f"{expression}: nothing there") from None
    if value in (None, "") or isinstance(value, dict | list):
        raise LookupError(f"{expression}: expected a name or number, found {value!r:.60}")
    return value
