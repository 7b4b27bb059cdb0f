"""Cases: what schemathesis draws from the truth, valid and invalid, boundary values first.

Schemathesis keeps path parameters percent-encoded; `values` gives them plain. A case is the single
source of a call: substituting an existing resource changes the case itself.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator
from copy import copy as shallow
from copy import deepcopy
from operator import itemgetter
from string import ascii_letters, ascii_lowercase
from typing import Any, cast
from urllib.parse import quote, unquote

import hypothesis
import schemathesis
from attrs import define, field, frozen
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import HypothesisProvider
from hypothesis.internal.constants_ast import Constants
from schemathesis import Case, GenerationMode
from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import REQUEST_SHAPE_PROBES

from tests.contract.links import OFFERED
from tests.contract.truth import Json, Operation, Truth
from tests.contract.values import NO_BODY, Values

_FORMS = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})
_UNQUOTED = frozenset({"boolean", "integer", "number", "null"})
# Filters of routes: a grammar, which no pattern of the truth can say.
_WORD = st.text(ascii_lowercase, min_size=1, max_size=9)
_WORDS = st.text(ascii_lowercase + " ", min_size=1, max_size=9)
_HEADER = st.text(ascii_letters + "-", min_size=1, max_size=9)
# Not from_regex, which draws many times as long.
_SHORT = st.recursive(
    st.sampled_from(["catch_all()", "match_recipient('.*@example.com')"])
    | st.tuples(
        _WORD, st.sampled_from(["", ".*", r"\+(.*)"]), _WORD, st.sampled_from(["", "$"])
    ).map(lambda parts: 'match_recipient("{}{}@{}.test{}")'.format(*parts))
    | st.tuples(_HEADER, st.sampled_from(["", "(.*)"]), _WORDS).map(
        lambda parts: "match_header('{}', \"{}{}\")".format(*parts)
    ),
    lambda terms: (
        st.tuples(terms, st.sampled_from(["and", "or"]), terms).map(" ".join)
        | terms.map("not ({})".format)
    ),
    max_leaves=4,
)
# The longest there may be and its neighbours, seldom: a search for them among others never ends.
_LONG = st.integers(4095, 4097).map(
    lambda size: 'match_header("subject", "'.ljust(size - 2, "a") + '")'
)
_FILTER = st.integers(0, 15).flatmap(lambda turn: _LONG if turn == 15 else _SHORT)
# Every import of the API reads at least this column.
_CSV = st.integers(1, 999).map(lambda n: f"address\nuser{n}@example.test\n".encode())
Known = dict[tuple[str, str], Any]
"""Values of existing resources by (location, parameter name); see `Link.take` for OFFERED."""


@define
class Drawn:
    """Cases that are drawn once, when first asked for, and handed out again as copies."""

    source: Iterator[Case]
    kept: list[Case] = field(factory=list)

    def get(self, number: int) -> Case | None:
        """The case with this number; None when the source has no more."""
        while len(self.kept) <= number:
            case = next(self.source, None)
            if case is None:
                return None
            self.kept.append(case)
        return copy(self.kept[number])

    def __iter__(self) -> Iterator[Case]:
        for number in itertools.count():
            case = self.get(number)
            if case is None:
                return
            yield case


@frozen
class Cases:
    """Draws cases for the operations of one truth; the same seed draws the same cases."""

    seed: int
    _operations: dict[str, Any] = field(repr=False)
    _schema: Any = field(repr=False)
    # Drawing takes half of a run, and an operation is asked for the same draws again and again.
    _drawn: dict[tuple[Any, ...], Drawn] = field(factory=dict, repr=False)

    @classmethod
    def of(cls, truth: Truth, seed: int) -> Cases:
        _draw_alike_everywhere()
        schemathesis.openapi.media_type("text/csv", _CSV)
        schemathesis.openapi.format("route-expression", _FILTER)
        schema = schemathesis.openapi.from_dict(_without_files(truth.document))
        schema.config.phases.coverage.unexpected_methods = set()
        found = (cast(Any, result).ok() for result in schema.get_all_operations())
        return cls(seed, {op.definition.raw["operationId"]: op for op in found}, schema)

    def boundary(self, operation: Operation, mode: GenerationMode) -> Iterator[Case]:
        """Schemathesis' coverage phase: each parameter and keyword at its limits.

        Each kind of case comes once before any comes twice, so that a prefix shows most kinds.
        No more is drawn than is taken.
        """
        key = operation.id, mode
        if key not in self._drawn:
            self._drawn[key] = Drawn(self._ranked(operation, mode))
        return iter(self._drawn[key])

    def _ranked(self, operation: Operation, mode: GenerationMode) -> Iterator[Case]:
        drawn = self._schema.iter_coverage_cases(
            operation=self._operations[operation.id],
            generation_modes=[mode],
            generation_config=self._schema.config.generation,
        )
        turns: Counter[tuple[Any, ...]] = Counter()
        later: list[tuple[int, Case]] = []
        for case in drawn:
            kind = _data(case, "parameter"), _data(case, "location"), _data(case, "description")
            if turns[kind]:
                later.append((turns[kind], case))
            else:
                yield case
            turns[kind] += 1
        yield from (case for _, case in sorted(later, key=itemgetter(0)))

    def fuzzed(
        self, operation: Operation, mode: GenerationMode, count: int, *, named: bool = False
    ) -> list[Case]:
        """At most `count` random cases; fewer when the schema admits fewer.

        With `named`, only bodies with named fields, where the operation has such.
        """
        key = operation.id, mode, self.seed, count, named
        if key not in self._drawn:
            self._drawn[key] = Drawn(iter(self._fuzzed(operation, mode, count, named=named)))
        return list(self._drawn[key])

    def _fuzzed(
        self, operation: Operation, mode: GenerationMode, count: int, *, named: bool
    ) -> list[Case]:
        drawn: list[Case] = []
        whole = self._operations[operation.id]
        drawing = _of_named_fields(whole) if named else whole
        strategy = drawing.as_strategy(generation_mode=mode)

        @hypothesis.seed(random.Random(f"{self.seed} {operation.id} {mode.name}").getrandbits(64))
        @hypothesis.settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(strategy)
        def draw(case: Case) -> None:
            case.operation = whole
            drawn.append(case)

        try:
            draw()
        except hypothesis.errors.Unsatisfiable:
            return drawn
        return [case for case in drawn if _nameable(case)]

    def reseeded(self, turn: int) -> Cases:
        """The same operations, other draws."""
        return Cases(self.seed * 1000 + turn, self._operations, self._schema, self._drawn)

    def blank(self, operation: Operation, values: Values) -> Case:
        """A case that carries `values`, for judging a call that no draw made."""
        make = self._operations[operation.id].Case
        return cast(
            Case,
            make(
                path_parameters={name: quoted(value) for name, value in values.path.items()},
                query=dict(values.query),
                headers=dict(values.headers),
                body=NOT_SET if values.body is NO_BODY else values.body,
                media_type=values.media_type,
            ),
        )


def _of_named_fields(operation: Any) -> Any:
    """The operation without bodies that are lists, if others are left."""
    bodies = [body for body in operation.body.items if not _is_list(body.definition["schema"])]
    if not bodies or len(bodies) == len(operation.body.items):
        return operation
    narrow = shallow(operation)
    narrow.body = type(operation.body)(bodies)
    return narrow


def _is_list(schema: Json) -> bool:
    """Whether a schema as schemathesis keeps it, with what it refers to inside, is of a list."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return bool(schema.get("x-bundled", {}).get(name, schema).get("type") == "array")


def _draw_alike_everywhere() -> None:
    """Keep Hypothesis from drawing constants of whatever modules are loaded.

    It collects them from all code outside of site-packages, so that the same seed would draw other
    cases after other tests, or in a checkout of another name. There is no setting for it.
    """
    provider: Any = HypothesisProvider
    provider._local_constants = Constants()


def substitute(case: Case, known: Known, body: Any = None) -> None:
    """Make `case` name existing resources wherever it is valid there itself."""
    for (location, name), value in known.items():
        if location == OFFERED and name in (case.query or {}) and valid_in(case, "query"):
            case.query[name] = value
        if location == OFFERED or not valid_in(case, location):
            continue
        if location == "path":
            case.path_parameters[name] = quoted(value)
        elif location == "query":
            case.query[name] = value
    if isinstance(body, dict) and isinstance(case.body, dict) and valid_in(case, "body"):
        case.body.update(body)


def copy(case: Case) -> Case:
    """A case that can be changed without changing `case`."""
    return Case(
        case.operation,
        case.method,
        case.path,
        path_parameters=dict(case.path_parameters),
        headers=case.headers.copy(),
        query=dict(case.query),
        body=deepcopy(case.body) if isinstance(case.body, dict | list) else case.body,
        media_type=case.media_type,
        multipart_content_types=case.multipart_content_types,
        meta=case.meta,
    )


def valid_in(case: Case, location: str) -> bool:
    """Whether the case was drawn as valid in `location`."""
    if case.meta is None:
        return True
    component = case.meta.components.get(ParameterLocation(location))
    return component is None or bool(component.mode.is_positive)


def values(truth: Truth, operation: Operation, case: Case) -> Values:
    """The plain values of `case`; headers that the truth does not declare are left out.

    Boundary cases have numbers and booleans outside of JSON as text; here they get their type, as
    users of the client give it.
    """
    declared = {name.lower(): name for name in operation.parameters("header")}
    headers = {
        declared[name.lower()]: value
        for name, value in (case.headers or {}).items()
        if name.lower() in declared
    }
    path = {
        name: unquote(value) if isinstance(value, str) else value
        for name, value in (case.path_parameters or {}).items()
    }
    typed = {
        location: {
            name: _typed(
                truth, operation.parameters(location).get(name, {}).get("schema", {}), item
            )
            for name, item in group.items()
        }
        for location, group in (("path", path), ("query", case.query or {}), ("header", headers))
    }
    body, media_type = NO_BODY, None
    if case.body is not NOT_SET:
        media_type = case.media_type
        schema = operation.raw["requestBody"]["content"][media_type]["schema"]
        body = _with_files(truth, schema, case.body)
    return Values(typed["path"], typed["query"], typed["header"], body, media_type)


def _typed(truth: Truth, schema: Json, value: Any) -> Any:
    schema = truth.resolve(schema)
    if isinstance(value, list):
        return [_typed(truth, schema.get("items", {}), item) for item in value]
    kinds = schema.get("type", "string")
    if isinstance(value, str) and _UNQUOTED.issuperset(
        {kinds} if isinstance(kinds, str) else kinds
    ):
        with contextlib.suppress(ValueError):
            return json.loads(value)
    return value


def quoted(value: Any) -> Any:
    """A path value as one segment, `.` and `..` included."""
    if not isinstance(value, str):
        return value
    return quote(value, safe="").replace(".", "%2E") if value in {".", ".."} else quote(value, "")


def _without_files(value: Any) -> Any:
    """The truth with plain text for files, which schemathesis cannot judge inside a composition."""
    if isinstance(value, dict):
        return {k: _without_files(v) for k, v in value.items() if (k, v) != ("format", "binary")}
    return [_without_files(item) for item in value] if isinstance(value, list) else value


def _with_files(truth: Truth, schema: Json, body: Any) -> Any:
    """`body` with bytes wherever the truth has a file."""
    schema = truth.resolve(schema)
    if isinstance(body, dict):
        properties = schema.get("properties", {})
        return {k: _with_files(truth, properties.get(k, {}), v) for k, v in body.items()}
    if isinstance(body, list):
        return [_with_files(truth, schema.get("items", {}), item) for item in body]
    return body.encode() if schema.get("format") == "binary" and isinstance(body, str) else body


def _nameable(case: Case) -> bool:
    """Whether a form can have these field names: control characters cannot stand in them."""
    names = case.body if isinstance(case.body, dict) and case.media_type in _FORMS else ()
    return all(name.isprintable() for name in names)


def is_auth_probe(case: Case) -> bool:
    """Whether the case only lacks its key; property 5 has calls of its own for that."""
    return bool(_data(case, "parameter") == "Authorization")


def is_shape_probe(case: Case) -> bool:
    """Whether only the content type is odd, which a request without body may well ignore."""
    return _data(case, "scenario") in REQUEST_SHAPE_PROBES


def describe(case: Case) -> str:
    """What makes the case what it is, in a few words."""
    text = str(_data(case, "description") or "drawn at random")
    name = _data(case, "parameter")
    return text if name is None or "/" in name or text.startswith(name) else f"{name}: {text}"


def _data(case: Case, name: str) -> Any:
    return getattr(getattr(getattr(case.meta, "phase", None), "data", None), name, None)
