"""A small document with one of everything, and ways to change it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import yaml

from pipeline.diff import Change, compare
from pipeline.diff.rules import RULES

Json = dict[str, Any]
BASE = """
openapi: 3.1.0
info: {title: Things, version: '1'}
servers: [{url: 'https://a.test'}]
security: [{key: []}]
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post:
      operationId: make
      parameters:
        - {name: q, in: query, schema: {type: string, enum: [a, b]}}
        - {name: n, in: query, required: true, schema: {type: integer, default: 3, maximum: 9}}
      requestBody:
        required: true
        content:
          multipart/form-data: {schema: {$ref: '#/components/schemas/In'}}
      responses:
        '200':
          description: OK
          headers: {X-Left: {required: true, schema: {type: integer}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Node'}}}
        '404':
          description: Gone
          content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}
    get:
      operationId: read
      responses:
        '200':
          description: OK
          content: {application/json: {schema: {$ref: '#/components/schemas/Node'}}}
components:
  securitySchemes: {key: {type: http, scheme: basic}, token: {type: http, scheme: bearer}}
  schemas:
    In:
      type: object
      required: [x]
      properties: {x: {type: string}, y: {type: integer}, when: {type: string, format: date}}
    Node:
      type: object
      required: [name]
      properties:
        name: {type: string, enum: [k, l]}
        kids: {type: array, items: {$ref: '#/components/schemas/Node'}}
        inner: {allOf: [{$ref: '#/components/schemas/Inner'}]}
        either: {anyOf: [{type: string}, {type: integer}]}
    Inner: {type: object, properties: {v: {type: [integer, 'null']}, at: {type: string}}}
    Error: {type: object, properties: {message: {type: string}}}
"""


def base() -> Json:
    document: Json = yaml.safe_load(BASE)
    return document


def post(document: Json) -> Json:
    operation: Json = next(iter(document["paths"].values()))["post"]
    return operation


def schema(document: Json, name: str) -> Json:
    found: Json = document["components"]["schemas"][name]
    return found


def changed(change: Callable[[Json], object]) -> tuple[Json, Json]:
    old = base()
    new = copy.deepcopy(old)
    change(new)
    return old, new


def rules(old: Json, new: Json) -> set[str]:
    return {change.rule for change in compare(old, new).changes}


def mirrored(change: Change) -> tuple[str, str | None, str | None]:
    return RULES[change.rule].mirror, change.new, change.old
