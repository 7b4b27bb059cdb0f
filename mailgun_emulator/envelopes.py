"""The shapes of error bodies.

Several live side by side and are stable per operation (platform GEN-011); which one an operation
uses is read from its documented schema, so that handlers give a status and a text only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import field, frozen

from mailgun_emulator.contract import Contract, Json, Operation
from mailgun_emulator.reply import ApiError, Body, Reply

# The properties that hold the text, the likeliest first. `Value` goes with `Field`.
_TEXTS = ("message", "Reason", "Description", "error", "Error", "reason", "detail", "errors")
_FIELD, _VALUE = "Field", "Value"

Shape = Callable[[ApiError], Body]


@frozen
class Envelopes:
    """Makes the error bodies of one contract's operations."""

    contract: Contract = field(repr=False)
    _known: dict[tuple[str, int], Shape] = field(factory=dict, repr=False)

    def reply(self, error: ApiError, operation: Operation) -> Reply:
        """The answer that `error` stands for."""
        if error.body is not None:
            return Reply(error.status, error.body, headers=error.headers)
        shape = self._known.get((operation.id, error.status))
        if shape is None:
            shape = self._find(operation, error.status)
            self._known[operation.id, error.status] = shape
        return Reply(error.status, shape(error), headers=error.headers)

    def _find(self, operation: Operation, status: int) -> Shape:
        response = operation.response(status)
        if response is None or not response.content:
            return _message
        media = response.content.get("application/json")
        if media is None:
            texts = any(kind.startswith("text/") for kind in response.content)
            return _plain if texts else _message
        return self._of(media.schema, 0) or _message

    def _of(self, schema: Any, depth: int) -> Shape | None:
        """How a schema wraps one text; None when it has no place for it."""
        schema = self.contract.resolve(schema)
        options = [o for key in ("anyOf", "oneOf", "allOf") for o in schema.get(key, ())]
        if options:
            found = (self._of(option, depth) for option in options)
            return next((shape for shape in found if shape), None)
        if schema.get("type") == "array":
            inner = self._of(schema.get("items", {}), depth + 1)
            return (lambda error: [inner(error)]) if inner else None
        if schema.get("type") == "string":
            return _plain if depth else None
        return self._of_object(schema.get("properties", {}), depth)

    def _of_object(self, properties: Json, depth: int) -> Shape | None:
        if _FIELD in properties:
            return _field_and_value if _VALUE in properties else _field
        if depth > 2:
            return None
        for name in _TEXTS:
            if name in properties and (inner := self._of(properties[name], depth + 1)):
                return _under(name, inner)
        return None


def _under(name: str, inner: Shape) -> Shape:
    return lambda error: {name: inner(error)}


def _plain(error: ApiError) -> Body:
    return error.message


def _message(error: ApiError) -> Body:
    return {"message": error.message}


def _field(error: ApiError) -> Body:
    return {_FIELD: error.field}


def _field_and_value(error: ApiError) -> Body:
    return {_FIELD: error.field, _VALUE: error.message}
