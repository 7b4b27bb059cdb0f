"""The truth as the client tests use it, and arguments to call any operation with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mailgun_client import models
from mailgun_client.operations import OPERATIONS

Json = dict[str, Any]

TRUTH: Json = json.loads(
    (Path(__file__).parents[2] / "generated" / "openapi.json").read_text(encoding="utf-8")
)
COMPONENTS: Json = TRUTH["components"]["schemas"]
METHODS = ("get", "post", "put", "patch", "delete")
ACTIONS: dict[str, Json] = {
    operation["operationId"]: operation
    for item in TRUTH["paths"].values()
    for method, operation in item.items()
    if method in METHODS
}


def arguments(name: str) -> Json:
    """The least arguments that the operation `name` can be called with."""
    operation, known = ACTIONS[name], OPERATIONS[name]
    found = {}
    for parameter in operation.get("parameters", []):
        key = (parameter["in"], parameter["name"])
        if parameter.get("required") and key in known.arguments:
            found[known.arguments[key]] = sample(parameter["schema"])
    body = operation.get("requestBody", {})
    if body.get("required"):
        media, content = next(iter(body["content"].items()))
        found["body"] = read(known.bodies[media], sample(content["schema"]))
    return found


def read(annotation: str, value: Any) -> Any:
    """`value` as the type that `annotation` names."""
    if annotation.startswith("list["):
        return [read(annotation[5:-1], item) for item in value]
    if annotation in models.__all__ and isinstance(value, dict):
        return getattr(models, annotation).from_dict(value)
    return value


def sample(schema: Json) -> Any:
    """A small value of the shape of `schema`; patterns and limits aside."""
    if "$ref" in schema:
        return sample(COMPONENTS[schema["$ref"].rsplit("/", 1)[1]])
    for key in ("allOf", "anyOf", "oneOf"):
        if key in schema and "properties" not in schema:
            return sample(schema[key][0])
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            properties = schema.get("properties", {})
            return {key: sample(properties.get(key, {})) for key in schema.get("required", [])}
        case "array":
            return [sample(schema.get("items", {}))] * max(1, schema.get("minItems", 1))
        case "string":
            return b"content" if schema.get("format") == "binary" else "text"
        case "integer" | "number":
            return 1
        case "boolean":
            return True
    return None
