"""Property 8: coroutines that send or read something else are reported."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import httpx
import pytest

from tests.suite import wreck
from tests.suite.conftest import Benches
from tests.suite.package import NAME
from tests.suite.wreck import Rewrite, only


@pytest.mark.parametrize(
    ("operation", "twin"),
    [
        ("get_note", wreck.wrong_method),
        ("list_things", wreck.no_query),
        ("update_thing", wreck.no_header),
        ("add_note", wreck.renamed_pair),
        ("create_thing", wreck.renamed_field),
        ("create_thing", wreck.no_file_name),
        ("get_thing", wreck.other_key),
    ],
)
def test_a_coroutine_that_sends_something_else_is_reported(
    bench: Benches, operation: str, twin: Rewrite
) -> None:
    assert bench(twin=only(operation, twin)).breaches("valid", operation) == {"TwinRequest"}


def module(operation: str) -> Any:
    return import_module(f"{NAME}.operations").OPERATIONS[operation].load()


def test_a_coroutine_that_reads_something_else_is_reported(
    bench: Benches, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = bench()
    loaded = module("get_note")
    right = loaded.asyncio_detailed

    async def wrong(**arguments: Any) -> Any:
        answer = await right(**arguments)
        return type(answer)(
            status_code=answer.status_code,
            headers=answer.headers,
            content=answer.content,
            parsed=None,
        )

    monkeypatch.setattr(loaded, "asyncio_detailed", wrong)
    assert judge.breaches("valid", "get_note") == {"TwinResult"}


def test_a_coroutine_that_raises_is_reported(
    bench: Benches, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = bench()

    async def wrong(**_: Any) -> Any:
        raise ValueError("not today")

    monkeypatch.setattr(module("get_status"), "asyncio_detailed", wrong)
    assert judge.breaches("valid", "get_status") == {"TwinRequest", "TwinResult"}


def test_coroutines_send_nothing_to_the_server(bench: Benches) -> None:
    judge = bench()
    entry = judge.run("valid", "get_status")
    assert entry.ran["twins"] > 0
    assert judge.server.calls.count("get_status") == entry.through_client  # type: ignore[attr-defined]


def test_both_fail_alike_where_the_response_is_broken(bench: Benches) -> None:
    from tests.suite.faults import Altered, instead

    server = Altered(operation="get_status", change=instead(200, b"["))
    assert not {"TwinRequest", "TwinResult"} & bench(server).breaches("valid", "get_status")


def as_sent(request: httpx.Request) -> httpx.Request:
    return request


def test_nothing_is_reported_where_both_send_the_same(bench: Benches) -> None:
    assert bench(twin=as_sent).breaches("valid", "create_thing") == set()
