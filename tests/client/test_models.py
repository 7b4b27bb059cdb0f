"""Reading and writing models (defects P4 to P8)."""

from __future__ import annotations

import copy
import keyword
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from mailgun_client import models

from tests.client.conftest import Package
from tests.client.contract import COMPONENTS, TRUTH
from tests.strategies import Schemas

SCHEMAS = Schemas(TRUTH)
MODELS = [name for name in COMPONENTS if hasattr(getattr(models, name, None), "from_dict")]


@pytest.mark.parametrize("name", MODELS)
def test_what_is_read_is_written_again(name: str) -> None:
    """`from_dict` then `to_dict` gives back every value that the contract allows."""
    model = getattr(models, name)

    @settings(
        max_examples=4,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(SCHEMAS.component(name))
    def check(value: dict[str, Any]) -> None:
        read = model.from_dict(value)
        assert read.to_dict() == value
        assert model.from_dict(read.to_dict()) == read

    check()


def test_every_object_of_the_contract_is_a_model() -> None:
    objects = {name for name, schema in COMPONENTS.items() if "properties" in schema}
    assert objects
    assert objects <= set(MODELS)
    assert {name for name, schema in COMPONENTS.items() if "enum" in schema} <= set(models.__all__)


def test_reading_does_not_change_the_source(small: Package) -> None:
    source = {"id": "1", "size": {"width": 1}, "more": [1]}
    before = copy.deepcopy(source)
    small.model("Thing").from_dict(source)
    assert source == before


def test_a_nullable_model_is_a_model_or_none(small: Package) -> None:
    """P6: it was left a raw dict."""
    read = small.model("Thing").from_dict
    assert read({"id": "1", "size": {"width": 1}}).size == small.model("Size")(width=1)
    assert read({"id": "1", "size": None}).size is None
    assert read({"id": "1", "sizes": [{"width": 1}]}).sizes == [small.model("Size")(width=1)]
    assert read({"id": "1", "sizes": None}).sizes is None
    with pytest.raises(KeyError, match="width"):
        read({"id": "1", "size": {}})


def _nullable_models() -> Iterator[tuple[str, str, str]]:
    for name, schema in COMPONENTS.items():
        for field, value in schema.get("properties", {}).items():
            branches = value.get("anyOf", [])
            others = [branch for branch in branches if branch.get("type") != "null"]
            if len(others) == 1 < len(branches):
                inner = others[0].get("$ref", "").rsplit("/", 1)[-1]
                if inner in MODELS:
                    yield name, field, inner


@pytest.mark.parametrize(("name", "field", "inner"), list(_nullable_models()))
@settings(max_examples=2, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_nullable_model_of_the_contract_is_a_model(
    name: str, field: str, inner: str, data: st.DataObject
) -> None:
    """P6, on the real package."""
    value = data.draw(SCHEMAS.component(name))
    value[field] = data.draw(SCHEMAS.component(inner))
    read = getattr(models, name).from_dict(value)
    assert (
        getattr(models, inner).from_dict(value[field]) in attrs.asdict(read, recurse=False).values()
    )


def test_alternatives_become_the_model_that_fits(small: Package) -> None:
    read = small.model("Thing").from_dict
    assert read({"id": "1", "measure": {"grams": 2}}).measure == small.model("Weight")(grams=2)
    assert read({"id": "1", "measure": {"width": 2}}).measure == small.model("Size")(width=2)
    assert read({"id": "1", "shape": {"width": 2}}).shape == small.model("Size")(width=2)
    assert read({"id": "1", "shape": {"a": 2}}).shape["a"] == 2
    both = {"id": "1", "measure": {"grams": 2, "width": 3}}
    assert read(both).to_dict() == both
    assert read({"id": "1", "mixed": "text"}).mixed == "text"
    assert read({"id": "1", "mixed": {"width": 1}}).mixed == small.model("Size")(width=1)
    assert read({"id": "1", "mixed": [{"width": 1}]}).mixed == [small.model("Size")(width=1)]
    with pytest.raises(KeyError):
        read({"id": "1", "measure": {}})


def test_unknown_enum_members_are_kept(small: Package) -> None:
    """P7: they raised."""
    thing = small.model("Thing").from_dict({"id": "1", "kind": "huge"})
    assert thing.kind == "huge"
    assert thing.to_dict() == {"id": "1", "kind": "huge"}


def test_absent_null_and_empty_are_three_things(small: Package) -> None:
    """P7."""
    thing = small.model("Thing").from_dict({"id": "1", "note": None, "list": []})
    assert (thing.note, thing.list_) == (None, [])
    assert not thing.box
    assert thing.to_dict() == {"id": "1", "note": None, "list": []}


def test_models_that_need_each_other(small: Package) -> None:
    value = {"id": "1", "box": {"things": [{"id": "2", "parent": {"id": "3"}}], "x": {"width": 1}}}
    thing = small.model("Thing").from_dict(value)
    assert thing.box.things[0].parent == small.model("Thing")(id="3")
    assert thing.box["x"] == small.model("Size")(width=1)
    assert thing.to_dict() == value


def test_custom_fields_by_name(small: Package) -> None:
    thing = small.model("Thing")(id="1")
    thing["v:a"] = "b"
    assert thing["v:a"] == "b"
    assert "v:a" in thing
    assert list(thing) == ["v:a"]
    assert thing.to_dict() == {"id": "1", "v:a": "b"}
    del thing["v:a"]
    assert "v:a" not in thing
    assert thing.to_dict() == {"id": "1"}


def test_names_in_python(small: Package) -> None:
    thing = small.model("Thing")(id="1", from_="a", list_=["b"], o_tag=["c"])
    assert thing.to_dict() == {"id": "1", "from": "a", "list": ["b"], "o:tag": ["c"]}
    for model in MODELS:
        for field in attrs.fields(getattr(models, model)):
            assert field.name.isidentifier()
            assert not keyword.iskeyword(field.name)


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-02T03:04:05Z",
        "2024-01-02T03:04:05.5Z",
        "2024-01-02T03:04:05+00:00",
        "2024-01-02T03:04:05.123456789-07:00",
        "2024-01-02",
    ],
)
def test_dates_keep_their_text(small: Package, text: str) -> None:
    """P8: Z became +00:00."""
    thing = small.model("Thing").from_dict({"id": "1", "made_at": text})
    assert isinstance(thing.made_at, datetime)
    assert (thing.made_at.year, thing.made_at.month, thing.made_at.day) == (2024, 1, 2)
    for copied in (thing, copy.deepcopy(thing), pickle.loads(pickle.dumps(thing))):
        assert copied.to_dict() == {"id": "1", "made_at": text}


@pytest.mark.parametrize("text", ["", "Fri, 25 Oct 2019 08:15:00 +0000", "2023-01-02 02:14:27 UTC"])
def test_dates_of_another_form_are_kept_as_text(small: Package, text: str) -> None:
    """P5 and P7: they raised."""
    thing = small.model("Thing").from_dict({"id": "1", "made_at": text})
    assert thing.to_dict() == {"id": "1", "made_at": text}


def test_dates_of_our_own(small: Package) -> None:
    moment = datetime(2024, 1, 2, tzinfo=UTC)
    thing = small.model("Thing")(id="1", made_at=moment)
    assert thing.to_dict()["made_at"] == "2024-01-02T00:00:00+00:00"
    parsed = small.module("types").Timestamp.parse("2024-01-02T00:00:00Z")
    assert parsed == moment
    later = parsed + timedelta(days=1)
    assert (str(later), str(parsed)) == ("2024-01-03T00:00:00+00:00", "2024-01-02T00:00:00Z")
    assert pickle.loads(pickle.dumps(later)) == later
