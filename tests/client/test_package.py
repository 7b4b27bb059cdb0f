"""The package as a whole: every operation is there, and importing one costs what it needs."""

from __future__ import annotations

import asyncio
import inspect
import json
import subprocess
import sys
from typing import Any

import mailgun_client
import pytest
from mailgun_client import models
from mailgun_client.operations import OPERATIONS

from tests.client.contract import ACTIONS, TRUTH, arguments
from tests.client.wire import Wire


def test_operations_are_those_of_the_contract() -> None:
    documented = {
        (operation["operationId"], operation["tags"][0], method.upper(), path)
        for path, item in TRUTH["paths"].items()
        for method, operation in item.items()
        if "operationId" in operation
    }
    assert documented == {(o.name, o.area, o.method, o.path) for o in OPERATIONS.values()}


@pytest.mark.parametrize("name", ACTIONS)
def test_every_operation_sends_its_request_both_ways(name: str) -> None:
    operation, given = OPERATIONS[name], arguments(name)
    module, one, two = operation.load(), Wire(), Wire()
    first = module.sync_detailed(client=one.client(), **given)
    second = asyncio.run(module.asyncio_detailed(client=two.client(), **given))
    assert first == second
    path = operation.path
    for (place, wire_name), argument in operation.arguments.items():
        if place == "path":
            path = path.replace(f"{{{wire_name}}}", str(given[argument]))
    for wire in (one, two):
        assert (wire.sent.method, wire.path) == (operation.method, path)
    expected = {
        parameter["name"]
        for parameter in ACTIONS[name].get("parameters", [])
        if parameter["in"] == "query" and parameter.get("required")
    }
    assert {key for key, _ in one.query} == expected
    assert one.media_type == two.media_type
    media = ACTIONS[name].get("requestBody", {}).get("content", {})
    assert one.media_type in {"", *media}


@pytest.mark.parametrize("name", ACTIONS)
def test_every_function_says_what_it_calls(name: str) -> None:
    operation = OPERATIONS[name]
    module = operation.load()
    for function in (module.sync, module.sync_detailed, module.asyncio, module.asyncio_detailed):
        text = inspect.getdoc(function) or ""
        assert f"{operation.method} {operation.path}" in text.splitlines()
        for (_, wire_name), argument in operation.arguments.items():
            assert f"    {argument}: " in text
            assert f"`{wire_name}`" in " ".join(text.split())
        parameters = inspect.signature(function).parameters
        assert {*parameters} - {"body"} == {"client", *operation.arguments.values()}
        kinds = {
            parameters[a].kind for (place, _), a in operation.arguments.items() if place == "path"
        }
        assert kinds <= {inspect.Parameter.POSITIONAL_OR_KEYWORD}


def test_summaries_of_the_contract_are_in_the_docstrings() -> None:
    summaries = {name: o["summary"] for name, o in ACTIONS.items() if o.get("summary")}
    assert summaries
    for name, summary in summaries.items():
        assert (inspect.getdoc(OPERATIONS[name].load().sync) or "").startswith(summary)


def test_models_say_what_their_fields_are_called() -> None:
    text = inspect.getdoc(models.SendMessageBody) or ""
    assert "    o_tag: Tags for statistics and events (field `o:tag`)." in text.splitlines()


def imported(statement: str) -> set[str]:
    """The modules that are loaded once `statement` ran in a fresh interpreter."""
    code = f"{statement}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_importing_the_package_imports_nothing_else() -> None:
    loaded = imported("import mailgun_client, mailgun_client.models")
    ours = {name for name in loaded if name.startswith("mailgun_client")}
    assert ours == {"mailgun_client", "mailgun_client.models"}
    assert not {"httpx", "attrs"} & loaded


def test_importing_an_operation_imports_its_models_only() -> None:
    loaded = imported("from mailgun_client.api.messages import send_message")
    ours = {name for name in loaded if name.startswith("mailgun_client.models.")}
    assert "mailgun_client.models.send_message_response" in ours
    assert len(ours) < 8
    assert "httpx" not in loaded


def test_names_of_the_package_are_lazy_and_complete() -> None:
    assert models.SendMessageBody is models.SendMessageBody
    assert {"SendMessageBody", "SendMessageResponse"} <= set(dir(models))
    assert {name for name in dir(mailgun_client) if name[:1] != "_"} < {*mailgun_client.__all__}
    for name in mailgun_client.__all__:
        value = getattr(mailgun_client, name)
        if name not in ("UNSET", "__version__"):
            assert value.__module__.startswith("mailgun_client")
    for module in (mailgun_client, models):
        with pytest.raises(AttributeError, match="has no attribute 'Nope'"):
            module.Nope  # noqa: B018
    for name in models.__all__:
        assert getattr(models, name)


def test_names_have_no_made_up_numbers() -> None:
    words = json.dumps(TRUTH)
    arguments_: list[Any] = [name for o in OPERATIONS.values() for name in o.arguments.values()]
    for name in [*models.__all__, *arguments_]:
        digits = "".join(filter(str.isdigit, name))
        assert not digits or digits in words
        assert not name.startswith("field_")
