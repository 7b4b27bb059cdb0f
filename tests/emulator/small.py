"""Small API descriptions for tests of the core."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

import httpx

from mailgun_emulator import Emulator, contract
from mailgun_emulator.blueprint import Blueprint
from mailgun_emulator.clock import Clock
from mailgun_emulator.dispatch import Dispatcher
from mailgun_emulator.handlers import Binding, collect
from mailgun_emulator.ids import Ids
from mailgun_emulator.state import State, owners

Json = dict[str, Any]
OBJECT = {"type": "object"}
MESSAGE = {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]}


def json_body(schema: Json) -> Json:
    return {"content": {"application/json": {"schema": schema}}}


def form_body(schema: Json, kind: str = "multipart/form-data", *, required: bool = True) -> Json:
    return {"content": {kind: {"schema": schema}}, "required": required}


def parameter(name: str, schema: Json, where: str = "query", *, required: bool = False) -> Json:
    return {"name": name, "in": where, "schema": schema, "required": required}


def operation(name: str, **more: Any) -> Json:
    """An operation that documents 200 and 400 as JSON objects, unless told otherwise."""
    return {
        "operationId": name,
        "tags": ["things"],
        "responses": {"200": json_body(OBJECT), "400": json_body(MESSAGE)},
        "security": [{"basicAuth": []}],
        **more,
    }


def document(paths: Json, schemas: Json | None = None) -> Json:
    """An OpenAPI document; path parameters are declared as text."""
    for path, item in paths.items():
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        for op in item.values():
            declared = op.setdefault("parameters", [])
            declared += [parameter(n, {"type": "string"}, "path", required=True) for n in names]
    return {"openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas or {}}}


def emulator(
    paths: Json,
    schemas: Json | None = None,
    *,
    bindings: Mapping[str, Binding] | None = None,
    areas: Iterable[ModuleType] = (),
    strict: bool = True,
) -> Emulator:
    """An app for a small description, with key `key-test` and domain `sandbox.example.test`."""
    truth = contract.parse(document(paths, schemas))
    state = State(owners(["key-test"], ["sandbox.example.test"]), clock=Clock(), ids=Ids(1))
    plan = Blueprint(truth, {**collect(areas, truth), **(bindings or {})})
    return Emulator(state, Dispatcher(plan, state, strict))


def answers(response: httpx.Response) -> tuple[int, Any]:
    """Status and JSON body."""
    return response.status_code, response.json()


def bound(name: str, handler: Callable[..., Any], **more: Any) -> dict[str, Binding]:
    """One handler for one operation."""
    return {name: Binding(name, handler, **more)}
