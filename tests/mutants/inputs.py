"""Which faults a client can have in an operation's request, by the truth."""

from __future__ import annotations

from collections.abc import Iterator

from tests.contract.truth import Json, Operation, Truth
from tests.contract.wire import value_valid
from tests.mutants import schemas
from tests.mutants.schemas import JSON

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
# Text that is another path, or another part of the URL, unless it is quoted.
_ODD = ("..", "a/b", "a?b", "a#b", "a%2Fb")


def bodies(operation: Operation, *wanted: str) -> Iterator[tuple[str, Json]]:
    """Media type and entry of each body of the operation that is one of `wanted`."""
    for media, entry in operation.raw.get("requestBody", {}).get("content", {}).items():
        if media in wanted:
            yield media, entry


def properties(truth: Truth, schema: Json) -> dict[str, Json]:
    """The fields that an object, or the items of an array, may have by name."""
    found: dict[str, Json] = {}
    schema = truth.resolve(schema)
    for word in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(word, ()):
            found |= properties(truth, part)
    if "items" in schema:
        found |= properties(truth, schema["items"])
    return {**found, **schema.get("properties", {})}


def form_fields(truth: Truth, operation: Operation) -> dict[str, Json]:
    """The fields of its forms that go as text or files, not as JSON."""
    return {
        name: schema
        for _, entry in bodies(operation, *_FORMS)
        for name, schema in properties(truth, entry.get("schema", {})).items()
        if entry.get("encoding", {}).get(name, {}).get("contentType") != JSON
    }


def json_keys(truth: Truth, operation: Operation) -> dict[str, Json]:
    return {
        name: schema
        for _, entry in bodies(operation, JSON)
        for name, schema in properties(truth, entry.get("schema", {})).items()
    }


def spelled(truth: Truth, operation: Operation) -> Iterator[Json]:
    """The schema of every value that is spelled as text outside of the path."""
    for location in ("query", "header"):
        for parameter in operation.parameters(location).values():
            yield parameter.get("schema", {})
    yield from form_fields(truth, operation).values()


def alternatives(truth: Truth, schema: Json) -> Iterator[Json]:
    """`schema` and what it is composed of."""
    schema = truth.resolve(schema)
    yield schema
    for word in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(word, ()):
            yield from alternatives(truth, part)


def no_odd_path(truth: Truth, operation: Operation) -> str:
    parameters = operation.parameters("path").values()
    if not parameters:
        return "no path parameter"
    odd = any(value_valid(truth, each["schema"], name) for each in parameters for name in _ODD)
    return "" if odd else "no path parameter may have a character that needs quoting"


def no_array(truth: Truth, operation: Operation) -> str:
    for schema in spelled(truth, operation):
        for part in alternatives(truth, schema):
            items = truth.resolve(part.get("items", {}))
            if (
                "array" in schemas.types(part)
                and part.get("maxItems", 2) > 1
                and items.get("format") != "binary"
            ):
                return ""
    return "no list outside of JSON"


def no_boolean(truth: Truth, operation: Operation) -> str:
    found = any(
        "boolean" in schemas.types(part)
        for schema in spelled(truth, operation)
        for part in alternatives(truth, schema)
    )
    return "" if found else "no boolean outside of JSON"


def no_file(truth: Truth, operation: Operation) -> str:
    found = any(
        part.get("format") == "binary"
        for _, entry in bodies(operation, _FORMS[0])
        for schema in properties(truth, entry.get("schema", {})).values()
        for part in schemas.parts(truth, schema)
    )
    return "" if found else "no file in a form"


def no_free_name(truth: Truth, operation: Operation) -> str:
    # Of media types with one schema the client sends the first one.
    sent = {
        str(entry.get("schema")): media for media, entry in reversed([*bodies(operation, *_FORMS)])
    }
    found = any(
        "properties" in part and part.get("additionalProperties") is not False
        for _, entry in bodies(operation, _FORMS[0])
        if sent[str(entry.get("schema"))] == _FORMS[0]
        for part in alternatives(truth, entry.get("schema", {}))
    )
    return "" if found else "no multipart form with free names"


def no_form_field(truth: Truth, operation: Operation) -> str:
    return "" if form_fields(truth, operation) else "no form with named fields"


def no_query(truth: Truth, operation: Operation) -> str:
    return "" if operation.parameters("query") else "no query parameter"


def no_key(truth: Truth, operation: Operation) -> str:
    return "" if json_keys(truth, operation) else "no JSON body with named keys"


def no_header(truth: Truth, operation: Operation) -> str:
    return "" if operation.parameters("header") else "no header parameter"


def no_request_body(truth: Truth, operation: Operation) -> str:
    return "" if "requestBody" in operation.raw else "no request body"


def no_answer_field(truth: Truth, operation: Operation) -> str:
    found = any(
        part.get("properties") or part.get("additionalProperties")
        for schema in schemas.success_schemas(truth, operation).values()
        for part in schemas.parts(truth, schema)
    )
    return "" if found else "no success has fields"


def always(truth: Truth, operation: Operation) -> str:
    return ""
