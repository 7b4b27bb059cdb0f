"""A truth with one of everything: every kind of body, parameter, link and key."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
_TEXT = {"type": "string"}
_NAME = {"type": "string", "minLength": 1, "maxLength": 20, "pattern": "^[a-z0-9]+$"}
_COUNT = {"type": "integer", "minimum": 1, "maximum": 100}
_TAGS = {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 8}}
_ID = "$response.body#/thing/id"


def document() -> Json:
    """The OpenAPI document; a new one for each call."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://api.example.test"}],
        "tags": [{"name": "things"}],
        "paths": {
            "/v3/{domain}/things": {
                "post": _operation(
                    "create_thing",
                    {"200": _json("ThingAnswer", links=_thing_links()), "404": _json("Problem")},
                    path=["domain"],
                    body={"multipart/form-data": _schema("CreateThingBody")},
                ),
                "get": _operation(
                    "list_things",
                    {"200": _counted(_json("ThingList")), "404": _json("Problem")},
                    path=["domain"],
                    query={
                        "tag": _TAGS,
                        "active": {"type": "boolean"},
                        "limit": _COUNT,
                        "skip": {"type": "integer", "minimum": 0},
                    },
                ),
            },
            "/v3/{domain}/things/{thing_id}": {
                "get": _operation(
                    "get_thing",
                    {"200": _json("Thing"), "404": _json("Problem")},
                    path=["domain", "thing_id"],
                ),
                "put": _operation(
                    "update_thing",
                    {"200": _json("ThingAnswer"), "404": _json("Problem")},
                    path=["domain", "thing_id"],
                    body={"application/json": _schema("UpdateThingBody")},
                    header={"X-Batch": _COUNT},
                ),
                "delete": _operation(
                    "delete_thing",
                    {"204": {"description": "No Content"}, "404": _json("Problem")},
                    path=["domain", "thing_id"],
                ),
            },
            "/v1/notes": {
                "post": _operation(
                    "add_note",
                    {"200": _json("Note", links=_note_links()), "404": _json("Problem")},
                    body={"application/x-www-form-urlencoded": {"schema": _note_body()}},
                ),
                "get": _operation(
                    "list_notes",
                    {"200": _json("NoteList")},
                    query={"limit": _COUNT, "page": {"type": "integer", "minimum": 0}},
                ),
            },
            "/v1/notes/{note_id}": {
                "get": _operation(
                    "get_note", {"200": _text(), "404": _json("Problem")}, path=["note_id"]
                ),
            },
            "/v1/status": {
                "get": _operation(
                    "get_status", {"200": _json("Problem"), "500": _json("Problem")}, public=True
                ),
            },
        },
        "x-roles": {"default": {"basic": "read"}},
        "components": {"schemas": _schemas(), "securitySchemes": _schemes()},
    }


def _schemas() -> Json:
    return {
        "Problem": _object({"message": _TEXT}, ["message"]),
        "Thing": _object(
            {
                "id": _TEXT,
                "name": _TEXT,
                "tags": {"type": "array", "items": _TEXT},
                "active": {"type": "boolean"},
                "size": {"type": ["integer", "null"]},
            },
            ["id", "name", "tags", "active", "size"],
        ),
        "ThingAnswer": _object({"message": _TEXT, "thing": _ref("Thing")}, ["message", "thing"]),
        "ThingList": _object({"items": {"type": "array", "items": _ref("Thing")}}, ["items"]),
        "Note": _object({"id": {"type": "integer"}, "text": _TEXT}, ["id", "text"]),
        "NoteList": _object(
            {
                "items": {"type": "array", "items": _ref("Note")},
                "paging": _object({"next": _TEXT, "previous": _TEXT}, []),
            },
            ["items", "paging"],
        ),
        "CreateThingBody": _object(
            {
                "name": _NAME,
                "tag": _TAGS,
                "active": {"type": "boolean"},
                "size": _COUNT,
                "attachment": {"type": "string", "format": "binary"},
                "options": _object({"colour": _TEXT}, ["colour"]),
            },
            ["name", "attachment"],
        )
        | {"additionalProperties": _TEXT},
        "UpdateThingBody": _object(
            {"size": _COUNT, "active": {"type": "boolean"}, "tags": _TAGS}, ["active"]
        ),
    }


def _note_body() -> Json:
    """Not among the components: it stands where it is used."""
    fields = {"thing": _TEXT, "text": _TEXT, "tag": _TAGS}
    return _object(fields, ["thing", "text"]) | {"title": "AddNoteBody"}


def _operation(
    name: str,
    responses: Json,
    *,
    path: list[str] | None = None,
    query: Json | None = None,
    header: Json | None = None,
    body: Json | None = None,
    public: bool = False,
) -> Json:
    parameters = [_parameter("path", each, _TEXT, required=True) for each in path or ()]
    parameters += [_parameter("query", each, schema) for each, schema in (query or {}).items()]
    parameters += [_parameter("header", each, schema) for each, schema in (header or {}).items()]
    refusals = {"400": _json("Problem")}
    if not public:
        refusals |= {"401": _text(), "403": _json("Problem")}
    operation: Json = {
        "operationId": name,
        "tags": ["things"],
        "security": [] if public else [{"basicAuth": []}],
        "parameters": parameters,
        "responses": responses | refusals,
    }
    if body:
        operation["requestBody"] = {"required": True, "content": body}
    return operation


def _parameter(place: str, name: str, schema: Json, *, required: bool = False) -> Json:
    return {"name": name, "in": place, "required": required, "schema": schema}


def _object(properties: Json, required: list[str]) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _json(name: str, links: Json | None = None) -> Json:
    content = {"application/json": _schema(name)}
    return {"description": "JSON", "content": content, "links": links or {}}


def _counted(response: Json) -> Json:
    header = {"required": True, "schema": {"type": "integer"}}
    return response | {"headers": {"X-Total-Count": header}}


def _text() -> Json:
    return {"description": "Text", "content": {"text/plain": {"schema": _TEXT}}}


def _schema(name: str) -> Json:
    return {"schema": _ref(name)}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemes() -> Json:
    return {"basicAuth": {"type": "http", "scheme": "basic"}}


def _thing_links() -> Json:
    by_path = {"parameters": {"path.thing_id": _ID}}
    return {
        "read": {"operationId": "get_thing"} | by_path,
        "list": {"operationId": "list_things", "x-items": "/items", "x-item": {"/id": _ID}},
        "update": {"operationId": "update_thing"} | by_path,
        "delete": {"operationId": "delete_thing"} | by_path,
        "note": {"operationId": "add_note", "requestBody": {"thing": _ID}},
    }


def _note_links() -> Json:
    return {
        "read": {
            "operationId": "get_note",
            "parameters": {"path.note_id": "$response.body#/id"},
        },
        "list": {
            "operationId": "list_notes",
            "x-items": "/items",
            "x-item": {"/id": "$response.body#/id"},
        },
    }
