"""Requests and responses against the truth; every validator is compiled once, at boot.

All schemas are references into one registered document, so components are shared (embedding them
in every schema is a thousand times slower).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from attrs import define, field, frozen
from jsonschema_rs import Draft202012Validator, Registry, ValidationError

from mailgun_emulator import ownership
from mailgun_emulator.coerce import Coercer, coercer, custom_is_single, fields, is_file, types
from mailgun_emulator.contract import Contract, Json, Media, Operation
from mailgun_emulator.errors import ContractError
from mailgun_emulator.handlers import Problem

_URI = "urn:mailgun:truth"
_OWN = "x-emulator-parameters"
_PLACES = ("path", "query", "header")
# HTTP itself rules these; OpenAPI says that such header parameters are ignored.
_IGNORED_HEADERS = frozenset({"accept", "authorization", "content-type"})


@frozen
class Plan:
    """What is prepared for one operation.

    `owned` is the path parameter that names a domain of the caller's, empty when none does.
    """

    owned: str
    path: Mapping[str, Coercer] = field(repr=False)
    query: Mapping[str, Coercer] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    fields: Mapping[str, Coercer] = field(repr=False)
    lists: set[str] = field(repr=False)
    texts: set[str] = field(repr=False)
    single: bool


@define
class Validators:
    """All validators of one contract."""

    contract: Contract = field(repr=False)
    plans: dict[str, Plan] = field(factory=dict, init=False, repr=False)
    _registry: Registry = field(init=False, repr=False)
    _known: dict[str, Draft202012Validator] = field(factory=dict, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        operations = self.contract.operations.values()
        own = {op.id: {w: o for w in _PLACES if (o := _object(op, w))} for op in operations}
        self._registry = Registry([(_URI, {**self.contract.document, _OWN: own})])
        for op in operations:
            self.plans[op.id] = self._plan(op)
            for where in own[op.id]:
                self._compile(f"/{_OWN}/{op.id}/{where}")
            responses = [media for r in op.responses.values() for media in r.content.values()]
            for media in (*op.bodies.values(), *responses):
                if media.pointer:
                    self._compile(media.pointer)

    def parameters(self, operation: Operation, where: str, values: Json) -> Problem | None:
        """What is wrong with the path, query or header parameters."""
        validator = self._known.get(f"/{_OWN}/{operation.id}/{where}")
        if validator is None or validator.is_valid(values):
            return None
        return _first(validator, values, where)

    def body(self, media: Media, value: Any, where: str) -> Problem | None:
        """What is wrong with a body; `where` is form or json."""
        validator = self._known.get(media.pointer)
        if validator is None or validator.is_valid(value):
            return None
        return _first(validator, value, where)

    def breach(self, media: Media, value: Any) -> str:
        """How a response body breaks its schema; empty when it does not."""
        validator = self._known.get(media.pointer)
        if validator is None or validator.is_valid(value):
            return ""
        error = next(iter(validator.iter_errors(value)))
        where = "/".join(str(step) for step in error.instance_path) or "the body"
        return f"{where}: {error.message[:400]}"

    def fits(self, media: Media, value: Any) -> bool:
        """Whether a value satisfies the schema of a body."""
        validator = self._known.get(media.pointer)
        return validator is None or validator.is_valid(value)

    def _compile(self, pointer: str) -> None:
        if pointer in self._known:
            return
        try:
            self._known[pointer] = Draft202012Validator(
                {"$ref": f"{_URI}#{_fragment(pointer)}"},
                registry=self._registry,
                validate_formats=True,
            )
        except Exception as error:
            raise ContractError(f"unusable schema at {pointer}: {error}") from error

    def _plan(self, op: Operation) -> Plan:
        known = {(p.where, p.name): coercer(self.contract, p.schema) for p in op.parameters}
        form = op.form.schema if op.form else {}
        declared = fields(self.contract, form)
        return Plan(
            owned=ownership.parameter(op.path),
            path={name: c for (where, name), c in known.items() if where == "path"},
            query={name: c for (where, name), c in known.items() if where == "query"},
            headers={
                name.lower(): name
                for where, name in known
                if where == "header" and name.lower() not in _IGNORED_HEADERS
            },
            fields={name: coercer(self.contract, schema) for name, schema in declared.items()},
            lists={n for n, schema in declared.items() if "array" in types(self.contract, schema)},
            texts={n for n, schema in declared.items() if not is_file(self.contract, schema)},
            single=custom_is_single(self.contract, form),
        )


def _object(operation: Operation, where: str) -> Json:
    """One object schema for the parameters of one place; empty when none is declared there."""
    chosen = [
        p
        for p in operation.parameters
        if p.where == where and not (where == "header" and p.name.lower() in _IGNORED_HEADERS)
    ]
    if not chosen:
        return {}
    return {
        "type": "object",
        "properties": {p.name: p.schema for p in chosen},
        "required": [p.name for p in chosen if p.required],
    }


def _first(validator: Draft202012Validator, value: Any, where: str) -> Problem:
    errors: Iterable[ValidationError] = validator.iter_errors(value)
    # A missing field is what the API complains about before a wrong one.
    error = min(errors, key=lambda e: e.kind.name != "required")
    path = [str(step) for step in error.instance_path]
    if error.kind.name == "required":
        path.append(error.kind.as_dict()["property"])
    return Problem(where, ".".join(path), error.kind.name, error.instance)


def _fragment(pointer: str) -> str:
    """A JSON pointer as a URI fragment."""
    return quote(pointer, safe="/~!$&'()*+,;=:@-._")
