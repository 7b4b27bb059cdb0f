"""Handlers found at start, and what keeps an app from starting."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mailgun_emulator import areas, contract, create_app
from mailgun_emulator.call import Call
from mailgun_emulator.errors import BootError, ContractError
from mailgun_emulator.handlers import collect, operation

from . import notes
from .small import OBJECT, document, json_body
from .small import operation as described

PATHS: dict[str, Any] = {
    "/a": {"get": described("get_a"), "post": described("create_a")},
    "/b": {"get": described("get_b", tags=["others"])},
}


@pytest.fixture
def truth() -> contract.Contract:
    return contract.parse(document(PATHS))


def module(name: str, **members: Any) -> ModuleType:
    """An area module that defines `members` itself."""
    made = ModuleType(name)
    for key, value in members.items():
        if callable(value):
            value.__module__ = name
        setattr(made, key, value)
    return made


def handler(*names: str) -> Any:
    def handle(call: Call) -> dict[str, Any]:
        return {"path": call.path}

    for name in names:
        handle = operation(name)(handle)
    return handle


def test_collects_marked_functions(truth: contract.Contract) -> None:
    def helper() -> None:
        """Not a handler."""

    found = collect([module("one", a=handler("get_a", "create_a"), helper=helper)], truth)
    assert set(found) == {"get_a", "create_a"}


def test_imported_handlers_are_not_taken_twice(truth: contract.Contract) -> None:
    owner = module("one", a=handler("get_a"))
    borrower = ModuleType("two")
    borrower.a = owner.a  # type: ignore[attr-defined]
    assert set(collect([owner, borrower], truth)) == {"get_a"}


def test_all_problems_at_once(truth: contract.Contract) -> None:
    @operation("get_b")  # type: ignore[type-var]
    def two_arguments(call: Call, more: int) -> dict[str, Any]:
        return {"more": more}

    first = module("one", a=handler("get_a", "get_nothing"), b=two_arguments)
    second = module("two", a=handler("get_a"), COVERS=("things", "nobody"))
    with pytest.raises(BootError) as caught:
        collect([first, second], truth)
    assert set(caught.value.problems) == {
        "one.a: no operation 'get_nothing'",
        "one.b: a handler takes exactly one argument, the call",
        "two.a: 'get_a' has a handler already",
        "two: covers 'things' but has no handler for 'create_a'",
        "two: COVERS names 'nobody', which no operation has",
    }


def test_the_areas_of_the_package_boot() -> None:
    app = create_app()
    assert {"get_sending_queues", "clear_queued_messages"} <= app.stateful
    assert "mailgun_emulator.areas.messages.handlers" in [m.__name__ for m in areas.discover()]


def test_apps_share_nothing() -> None:
    one, two = create_app(), create_app()
    one.state.accounts[0].domains.add("only.one")
    assert not two.state.accounts[0].owns("only.one")


def test_without_a_key() -> None:
    with pytest.raises(ValueError, match="API key"):
        create_app(api_keys=[])


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"paths": {"/a": {"get": {}}}}', '{"paths": []}']
)
def test_unusable_description(tmp_path: Path, text: str) -> None:
    path = tmp_path / "openapi.json"
    path.write_text(text)
    with pytest.raises(ContractError):
        create_app(document=path)


def test_missing_description(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"nowhere\.json"):
        create_app(document=tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nothing"},
        {"$ref": "#/components/schemas/Missing"},
        {"pattern": "(", "type": "string"},
    ],
)
def test_unusable_schema_is_found_at_start(tmp_path: Path, schema: dict[str, Any]) -> None:
    path = tmp_path / "openapi.json"
    paths = {"/a": {"get": described("get_a", responses={"200": json_body(schema)})}}
    path.write_text(json.dumps(document(paths)))
    with pytest.raises(ContractError):
        create_app(document=path, modules=[])


def test_the_copy_in_the_package_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, generated = tmp_path / "mailgun_emulator", tmp_path / "generated"
    for folder, name in ((package, "get_inside"), (generated, "get_beside")):
        folder.mkdir()
        paths = {"/a": {"get": described(name)}}
        (folder / "openapi.json").write_text(json.dumps(document(paths)))
    monkeypatch.setattr("importlib.resources.files", lambda _: package)
    assert set(contract.load().operations) == {"get_inside"}
    (package / "openapi.json").unlink()
    assert set(contract.load().operations) == {"get_beside"}


def test_another_description_and_other_areas(tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document(notes.paths())))
    app = create_app(document=path, modules=[notes])
    assert app.stateful == {"list_notes", "create_note", "delete_note"}


class TestContract:
    def test_references_are_followed(self) -> None:
        paths = {
            "/a": {
                "get": {
                    "operationId": "get_a",
                    "parameters": [{"$ref": "#/components/parameters/Limit"}],
                    "requestBody": {"$ref": "#/components/requestBodies/Body"},
                    "responses": {"200": {"$ref": "#/components/responses/Fine"}},
                }
            }
        }
        described_ = document(paths) | {
            "components": {
                "parameters": {
                    "Limit": {"name": "limit", "in": "query", "schema": {"type": "integer"}}
                },
                "requestBodies": {"Body": json_body(OBJECT)},
                "responses": {"Fine": json_body(OBJECT)},
            }
        }
        [op] = contract.parse(described_).operations.values()
        assert [p.name for p in op.parameters] == ["limit"]
        assert op.bodies["application/json"].pointer.startswith("/components/requestBodies/Body/")
        assert op.responses["200"].content["application/json"].schema == OBJECT
        assert (op.tag, op.public, op.success) == ("untagged", True, 200)

    def test_security_of_the_document_counts_where_an_operation_is_silent(self) -> None:
        silent = {k: v for k, v in described("get_a").items() if k != "security"}
        public = described("get_b", security=[])
        either = described("get_c", security=[{"basicAuth": []}, {}])
        whole = document({"/a": {"get": silent}, "/b": {"get": public}, "/c": {"get": either}})
        truth = contract.parse(whole | {"security": [{"basicAuth": []}]})
        assert {op.id: op.public for op in truth.operations.values()} == {
            "get_a": False,
            "get_b": True,
            "get_c": True,
        }
