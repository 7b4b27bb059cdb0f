"""Property 3: what the client makes of a response is compared with what came."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import httpx
import pytest
from attrs import frozen

from tests.contract import checks
from tests.contract.breaches import NotLossless, ParseFailed
from tests.contract.checks import Exchange
from tests.suite.conftest import Benches
from tests.suite.package import NAME

JSON = {"id": 1, "on": True, "tags": ["a", "b"], "note": None, "sub": {"x": 1}}


@frozen
class Model:
    """A model as the generated ones are: it has `to_dict`."""

    value: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return self.value


def exchange(parsed: Any, **response: Any) -> Exchange:
    arguments: dict[str, Any] = {"status_code": 200, "json": JSON} | response
    return Exchange(
        httpx.Request("GET", "http://things.example.test/"), httpx.Response(**arguments), parsed
    )


def details(found: Exchange, *, documented: bool = True) -> list[str]:
    return [breach.detail for breach in checks.parsing(found, documented=documented)]


def test_a_model_that_gives_the_json_back_is_lossless() -> None:
    assert details(exchange(Model(JSON))) == []


def test_a_list_of_models_is_compared_item_by_item() -> None:
    assert details(exchange([Model({"a": 1})], json=[{"a": 1}])) == []
    assert details(exchange([Model({"a": 2})], json=[{"a": 1}])) == [
        "status 200: $[0].a came as 1, the client gives 2"
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"id": 2}, "$.id came as 1, the client gives 2"),
        ({"id": "1"}, "$.id came as 1, the client gives '1'"),
        ({"id": True}, "$.id came as 1, the client gives True"),
        ({"on": 1}, "$.on came as True, the client gives 1"),
        ({"on": "true"}, "$.on came as True, the client gives 'true'"),
        ({"tags": ["b", "a"]}, "$.tags[0] came as 'a', the client gives 'b'"),
        ({"tags": ["a"]}, "$.tags came as ['a', 'b'], the client gives ['a']"),
        ({"note": ""}, "$.note came as None, the client gives ''"),
        ({"sub": {"x": 1, "y": None}}, "$.sub.y was invented"),
        ({"sub": {}}, "$.sub.x was lost"),
    ],
)
def test_a_changed_value_is_reported_with_its_place(change: dict[str, Any], expected: str) -> None:
    assert details(exchange(Model(JSON | change))) == [f"status 200: {expected}"]


def test_a_null_left_out_is_reported() -> None:
    kept = {name: value for name, value in JSON.items() if name != "note"}
    assert details(exchange(Model(kept))) == ["status 200: $.note was lost"]


def test_a_documented_refusal_that_is_not_parsed_is_reported() -> None:
    assert details(exchange(None, status_code=404)) != []


def test_an_undocumented_answer_need_not_be_parsed() -> None:
    assert details(exchange(None, status_code=404), documented=False) == []


def test_an_answer_without_content_need_not_be_parsed() -> None:
    assert details(exchange(None, status_code=204, json=None, content=b"")) == []


def test_text_has_to_come_back_as_it_is() -> None:
    assert details(exchange("a\n", json=None, text="a\n")) == []
    assert details(exchange("a", json=None, text="a\n")) != []


def test_a_client_that_raises_on_a_response_is_reported() -> None:
    request = httpx.Request("GET", "http://things.example.test/")
    raised = Exchange(request, httpx.Response(200, json=JSON), error=ValueError("no"))
    found = list(checks.parsing(raised, documented=True))
    assert [type(breach) for breach in found] == [ParseFailed]


def test_even_on_an_undocumented_response_the_client_must_not_raise() -> None:
    request = httpx.Request("GET", "http://things.example.test/")
    raised = Exchange(request, httpx.Response(418, text="?"), error=ValueError("no"))
    assert list(checks.parsing(raised, documented=False))


def test_a_model_that_differs_is_not_lossless() -> None:
    assert [type(b) for b in checks.parsing(exchange(Model({})), documented=True)] == [NotLossless]


def _dropping(thing: dict[str, Any]) -> None:
    thing.pop("tags")


def _changing(thing: dict[str, Any]) -> None:
    thing["name"] += "."


def _counting(thing: dict[str, Any]) -> None:
    thing["active"] = int(thing["active"])


@pytest.mark.parametrize("spoil", [_dropping, _changing, _counting])
def test_a_fault_of_a_generated_model_is_reported(
    bench: Benches, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[dict[str, Any]], None]
) -> None:
    judge = bench()
    thing = import_module(f"{NAME}.models").Thing
    original = thing.to_dict

    def to_dict(self: Any) -> dict[str, Any]:
        value: dict[str, Any] = original(self)
        spoil(value)
        return value

    monkeypatch.setattr(thing, "to_dict", to_dict)
    assert judge.breaches("valid", "create_thing") == {"NotLossless"}


def test_a_generated_model_that_cannot_be_made_is_reported(
    bench: Benches, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = bench()

    def from_dict(source: Any) -> None:
        raise KeyError("name")

    monkeypatch.setattr(import_module(f"{NAME}.models").Thing, "from_dict", from_dict)
    assert judge.breaches("valid", "create_thing") == {"ParseFailed"}
