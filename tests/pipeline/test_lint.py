"""Each rule of the house: one document that meets all, and one change that breaks each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pipeline import lint
from pipeline.errors import LintError

LIST = "GET /v3/{domain}/things"
SEND = "POST /v3/{domain}/things"
Document = dict[str, Any]


def good() -> Document:
    domain = {"name": "domain", "in": "path", "required": True}
    form = {"multipart/form-data": {"schema": {"type": "object"}}}
    answer = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    common = {"tags": ["things"], "security": [{"basicAuth": []}]}
    listing = common | {
        "operationId": "list_things",
        "parameters": [domain, {"name": "limit", "in": "query"}],
        "responses": {"200": {"content": answer}, "404": {"content": answer}},
    }
    sending = common | {
        "operationId": "send_thing",
        "parameters": [domain],
        "requestBody": {"content": form},
        "responses": {"204": {"description": "No Content"}},
    }
    return {
        "paths": {"/v3/{domain}/things": {"get": listing, "post": sending}},
        "components": {"schemas": {"Thing": {"enum": ["a", "b"]}}},
    }


def listing(document: Document) -> Document:
    operation: Document = document["paths"]["/v3/{domain}/things"]["get"]
    return operation


def sending(document: Document) -> Document:
    operation: Document = document["paths"]["/v3/{domain}/things"]["post"]
    return operation


def schemas(document: Document) -> Document:
    found: Document = document["components"]["schemas"]
    return found


def add_schema(document: Document, name: str, schema: Document) -> None:
    """Put a schema under a name, and something that refers to it."""
    schemas(document)[name] = schema
    answer = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    sending(document)["responses"]["400"] = {"content": answer}


def breaches(change: Callable[[Document], object]) -> tuple[str, ...]:
    document = good()
    change(document)
    try:
        lint.check(document)
    except LintError as error:
        return error.problems
    return ()


def test_good_document_meets_every_rule() -> None:
    lint.check(good())


@pytest.mark.parametrize(
    "name", ["sendThing", "send-thing", "send", "Send_thing", "send_", "send__it", "_send", "1_a"]
)
def test_operation_id_is_snake_case_words(name: str) -> None:
    assert breaches(lambda d: sending(d).update(operationId=name)) == (
        f"{SEND}: operationId {name!r} is not snake_case words, verb first",
    )


def test_operation_id_is_there() -> None:
    assert breaches(lambda d: sending(d).pop("operationId")) == (
        f"{SEND}: operationId '' is not snake_case words, verb first",
    )


def test_operation_id_starts_with_a_known_verb() -> None:
    assert breaches(lambda d: sending(d).update(operationId="thing_send")) == (
        f"{SEND}: operationId 'thing_send' starts with no verb of pipeline/lint.py",
    )


def test_operation_id_is_unique() -> None:
    assert breaches(
        lambda d: sending(d).update(operationId="list_things", **{"x-paging": "none"})
    ) == (f"{SEND}: operationId 'list_things' is also that of {LIST}",)


@pytest.mark.parametrize("name", ["thing", "api.test-Thing", "Thing_Two", "GETThing", "DELETEV3"])
def test_schema_has_a_plain_name(name: str) -> None:
    assert breaches(lambda d: add_schema(d, name, {})) == (
        f"schema {name!r}: expected a PascalCase name without vendor path or HTTP method",
    )


def test_every_schema_is_used() -> None:
    assert breaches(lambda d: schemas(d).update(Idle={})) == (
        "schema 'Idle': nothing refers to it",
    )


@pytest.mark.parametrize("tags", [[], ["things", "mail"], ["Things"], ["i p s"], [""]])
def test_one_tag(tags: list[str]) -> None:
    assert breaches(lambda d: sending(d).update(tags=tags)) == (
        f"{SEND}: expected one snake_case tag, found {tags}",
    )


def test_security_is_declared() -> None:
    assert breaches(lambda d: sending(d).pop("security")) == (
        f"{SEND}: declares no security (an empty list says public)",
    )
    assert breaches(lambda d: sending(d).update(security=[])) == ()


def test_request_body_has_a_media_type() -> None:
    assert breaches(lambda d: sending(d).update(requestBody={"content": {}})) == (
        f"{SEND}: the request body has no media type",
    )


@pytest.mark.parametrize("media", ["none", "application/form-data", "csv file", "text/x-made-up"])
def test_media_types_are_known(media: str) -> None:
    content = {media: {"schema": {"type": "string"}}}
    problem = f"{media!r} is no media type of this API (pipeline/lint.py _KNOWN_MEDIA)"
    assert breaches(lambda d: sending(d)["requestBody"].update(content=content)) == (
        f"{SEND}: request: {problem}",
    )
    assert breaches(lambda d: listing(d)["responses"]["404"].update(content=content)) == (
        f"{LIST}: 404: {problem}",
    )


@pytest.mark.parametrize("content", [{}, {"schema": {}}])
def test_contents_have_a_schema(content: Document) -> None:
    media = {"application/json": content}
    assert breaches(lambda d: sending(d)["requestBody"].update(content=media)) == (
        f"{SEND}: request: application/json has no schema",
    )
    assert breaches(lambda d: listing(d)["responses"]["200"].update(content=media)) == (
        f"{LIST}: 200: application/json has no schema",
    )


@pytest.mark.parametrize("responses", [{}, {"400": {}}, {"default": {}}])
def test_a_success_status_is_documented(responses: Document) -> None:
    problem = f"{SEND}: documents no success status (x-gone: true says that it is switched off)"
    assert breaches(lambda d: sending(d).update(responses=responses)) == (problem,)
    assert breaches(lambda d: sending(d).pop("responses")) == (problem,)
    gone = {"responses": responses, "x-gone": True}
    assert breaches(lambda d: sending(d).update(gone)) == ()


@pytest.mark.parametrize(
    ("declared", "shown"),
    [
        ([], []),
        ([{"name": "domain", "in": "query"}], []),
        ([{"name": n, "in": "path"} for n in ("domain", "id")], ["domain", "id"]),
        ([{"name": "name", "in": "path"}], ["name"]),
    ],
)
def test_path_parameters_are_those_of_the_path(declared: list[Document], shown: list[str]) -> None:
    assert breaches(lambda d: sending(d).update(parameters=declared)) == (
        f"{SEND}: path parameters declared are {shown}",
    )


def test_lists_declare_their_paging() -> None:
    def with_query(*names: str) -> Callable[[Document], object]:
        domain = {"name": "domain", "in": "path"}
        parameters = [domain, *({"name": name, "in": "query"} for name in names)]
        return lambda d: listing(d).update(parameters=parameters)

    problem = f"{LIST}: a list without paging parameters; declare them or mark x-paging: none"
    assert breaches(with_query()) == (problem,)
    assert breaches(with_query("term")) == (problem,)
    for name in ("Limit", "skip", "page", "p", "pivot", "cursor", "offset", "size"):
        assert breaches(with_query(name)) == ()

    def marked(kind: str) -> Callable[[Document], object]:
        return lambda d: (with_query()(d), listing(d).update({"x-paging": kind}))

    assert breaches(marked("none")) == ()
    assert breaches(marked("body")) == ()
    assert breaches(marked("maybe")) == (problem,)


def test_references_resolve() -> None:
    broken = {"items": {"$ref": "#/components/schemas/Gone"}}
    assert breaches(lambda d: add_schema(d, "Things", broken)) == (
        "dangling reference #/components/schemas/Gone",
    )


def test_enum_members_occur_once() -> None:
    nested = {"properties": {"a": {"items": [{"enum": ["x", "y", "x"]}]}}}
    assert breaches(lambda d: add_schema(d, "Things", nested)) == (
        "$.components.schemas.Things.properties.a.items[0]: enum member 'x' occurs twice",
    )


@pytest.mark.parametrize("members", [[1, True, "1", 1.0], [0, False, None, ""], [[], {}]])
def test_enum_members_of_different_kinds_are_different(members: list[Any]) -> None:
    assert breaches(lambda d: add_schema(d, "Things", {"enum": members})) == ()


def test_a_property_called_enum_is_no_enum() -> None:
    assert breaches(lambda d: add_schema(d, "Things", {"properties": {"enum": {}}})) == ()


def test_all_breaches_come_at_once() -> None:
    document = good()
    del sending(document)["security"]
    listing(document)["tags"] = []
    add_schema(document, "thing", {"$ref": "#/nowhere"})
    with pytest.raises(LintError, match=r"^4 breach\(es\) of the contract rules\n  ") as caught:
        lint.check(document)
    assert len(caught.value.problems) == 4
