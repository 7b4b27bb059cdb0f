"""Servers whose answers break the truth: schema, status, content type, completeness."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
from attrs import define

from tests.contract.truth import Json, Operation, Truth
from tests.contract.wire import value_valid
from tests.mutants import schemas
from tests.mutants.fault import Fault
from tests.mutants.schemas import ABSENT, JSON, Path, Place

# One value of each JSON type, tried in turn until one does not fit.
_STRANGE: tuple[Any, ...] = (7, "x", True, [], {}, 0.5)
_OTHER_STATUSES = (203, 206, 200, 202)
_OTHER_MEDIA = ("text/html", "application/xml")


def replaced(
    response: httpx.Response,
    *,
    status: int | None = None,
    content: bytes | None = None,
    media: str | None = None,
) -> httpx.Response:
    """A copy of `response` with parts replaced."""
    headers = [
        (name, value)
        for name, value in response.headers.multi_items()
        if name != "content-length" and not (media and name == "content-type")
    ]
    return httpx.Response(
        status or response.status_code,
        headers=[*headers, ("content-type", media)] if media else headers,
        content=response.content if content is None else content,
    )


def _shown(response: httpx.Response) -> tuple[int, str, bytes]:
    return response.status_code, response.headers.get("content-type", ""), response.content


@define
class AnswerFault(Fault):
    """Changes successful answers of the operation."""

    def exchange(self, request: httpx.Request, wire: httpx.BaseTransport) -> httpx.Response:
        response = wire.handle_request(request)
        response.read()
        if response.status_code not in self.operation.successes:
            return response
        changed = self.change(response)
        if changed is None or _shown(changed) == _shown(response):
            return response
        self.fired += 1
        return changed

    def change(self, response: httpx.Response) -> httpx.Response | None:
        """The faulty answer; None when `response` has no place for the fault."""
        raise NotImplementedError


@define
class SchemaFault(AnswerFault):
    """Breaks the schema of JSON answers in one place.

    A change that keeps the schema (the same name is allowed elsewhere, say) is no fault, so only
    those that break it are chosen from.
    """

    def change(self, response: httpx.Response) -> httpx.Response | None:
        schema = schemas.success_schemas(self.truth, self.operation).get(response.status_code)
        if schema is None or not response.content:
            return None
        value = response.json()
        found = {
            (place.name, str(path[len(place.path) :])): (path, new)
            for place in schemas.places(self.truth, schema, value)
            for path, new in self.edits(place)
        }
        while (choice := self.dice.first(found)) is not None:
            path, new = found.pop(choice)
            broken = schemas.edited(value, path, new)
            if not value_valid(self.truth, schema, broken):
                return replaced(response, content=json.dumps(broken).encode())
        return None

    def edits(self, place: Place) -> Iterator[tuple[Path, Any]]:
        """Paths and the values that shall stand there."""
        raise NotImplementedError


@define
class RequiredDropped(SchemaFault):
    def edits(self, place: Place) -> Iterator[tuple[Path, Any]]:
        if isinstance(place.value, dict):
            for name in place.schema.get("required", ()):
                if name in place.value:
                    yield (*place.path, name), ABSENT


@define
class TypeChanged(SchemaFault):
    def edits(self, place: Place) -> Iterator[tuple[Path, Any]]:
        if schemas.types(place.schema):
            for new in _STRANGE:
                if not value_valid(self.truth, place.schema, new):
                    yield place.path, new
                    return


@define
class EnumLeft(SchemaFault):
    def edits(self, place: Place) -> Iterator[tuple[Path, Any]]:
        if enumerated(place.schema) and place.value is not None:
            yield place.path, 1 << 30 if isinstance(place.value, int) else "out-of-range"


@define
class NullGiven(SchemaFault):
    def edits(self, place: Place) -> Iterator[tuple[Path, Any]]:
        if place.value is not None and not value_valid(self.truth, place.schema, None):
            yield place.path, None


@define
class BodyTruncated(AnswerFault):
    def change(self, response: httpx.Response) -> httpx.Response | None:
        content = response.content
        if response.headers.get("content-type", "").partition(";")[0] != JSON or not content:
            return None
        return replaced(response, content=content[: len(content) // 2])


@define
class StatusUndocumented(AnswerFault):
    def change(self, response: httpx.Response) -> httpx.Response | None:
        return replaced(response, status=other_status(self.operation))


@define
class ContentTypeChanged(AnswerFault):
    def change(self, response: httpx.Response) -> httpx.Response | None:
        if "content-type" not in response.headers:
            return None
        return replaced(response, media=other_media(self.truth, self.operation))


def enumerated(schema: Json) -> bool:
    return "enum" in schema or "const" in schema


def other_status(operation: Operation) -> int | None:
    """A success status that the truth does not have here."""
    documented = operation.raw["responses"]
    if "2XX" in documented or "default" in documented:
        return None
    return next((each for each in _OTHER_STATUSES if str(each) not in documented), None)


def other_media(truth: Truth, operation: Operation) -> str:
    documented = schemas.success_media(truth, operation)
    return next(each for each in _OTHER_MEDIA if each not in documented)


def no_json(truth: Truth, operation: Operation) -> str:
    return "" if schemas.success_schemas(truth, operation) else "no success has a JSON body"


def no_required(truth: Truth, operation: Operation) -> str:
    found = any(part.get("required") for part in _parts(truth, operation))
    return no_json(truth, operation) or ("" if found else "no required field in a success")


def no_type(truth: Truth, operation: Operation) -> str:
    found = any(map(schemas.types, _parts(truth, operation)))
    return no_json(truth, operation) or ("" if found else "no type in the schema of a success")


def no_enum(truth: Truth, operation: Operation) -> str:
    found = any(map(enumerated, _parts(truth, operation)))
    return no_json(truth, operation) or ("" if found else "no enum in a success")


def all_nullable(truth: Truth, operation: Operation) -> str:
    found = any(not value_valid(truth, part, None) for part in _parts(truth, operation))
    return no_json(truth, operation) or ("" if found else "everything in a success may be null")


def no_body(truth: Truth, operation: Operation) -> str:
    return "" if schemas.success_media(truth, operation) else "no success has a body"


def any_status(truth: Truth, operation: Operation) -> str:
    return "" if other_status(operation) else "every success status is documented"


def _parts(truth: Truth, operation: Operation) -> Iterator[Json]:
    for schema in schemas.success_schemas(truth, operation).values():
        yield from schemas.parts(truth, schema)
