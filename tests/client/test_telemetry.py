"""Hooks see every call, and nothing that is secret or personal."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
from mailgun_client import Client, InvalidResponse, Retries
from mailgun_client.api.bounces import get_bounce
from mailgun_client.telemetry import Call, log_calls, trace_calls
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

WAYS = ("sync", "async")
PATH = "/v3/{domain_name}/bounces/{address}"


async def _no_sleep(seconds: float) -> None:
    pass


def client(*statuses: int | type[httpx.RequestError], hooks: Any, **options: Any) -> Client:
    """A client whose server answers with these statuses in turn."""
    steps = iter(statuses)

    def answer(request: httpx.Request) -> httpx.Response:
        step = next(steps)
        if isinstance(step, int):
            return httpx.Response(step)
        raise step("bob@example.com is not there", request=request)

    transport = httpx.MockTransport(answer)
    retries = Retries(first=1, sleep=lambda _: None, async_sleep=_no_sleep, random=lambda: 0)
    own: dict[str, Any] = {"region": "eu", "retries": retries, "hooks": hooks}
    return Client("key-secret", transport=transport, async_transport=transport, **(own | options))


def call(way: str, user: Client) -> None:
    given = ("example.com", "bob@example.com")
    if way == "sync":
        get_bounce.sync_detailed(*given, client=user)
    else:
        asyncio.run(get_bounce.asyncio_detailed(*given, client=user))


@pytest.mark.parametrize("way", WAYS)
def test_hooks_surround_a_call_with_its_retries(way: str) -> None:
    seen: list[str] = []
    calls: list[Call] = []

    def named(name: str) -> Any:
        @contextmanager
        def hook(one: Call) -> Iterator[None]:
            assert one.status_code is None
            seen.append(f"{name} in")
            yield
            seen.append(f"{name} out")
            calls.append(one)

        return hook

    call(way, client(503, 429, 404, hooks=[named("a"), named("b")]))
    assert seen == ["a in", "b in", "b out", "a out"]
    assert calls == [Call("get_bounce", "GET", PATH, "api.eu.mailgun.net", None, 404, 2, 3.0)] * 2


@pytest.mark.parametrize("way", WAYS)
def test_hooks_see_calls_without_answer(way: str) -> None:
    errors: list[BaseException] = []

    @contextmanager
    def hook(one: Call) -> Iterator[None]:
        try:
            yield
        except httpx.ReadTimeout as error:
            errors.append(error)
            assert (one.status_code, one.retries) == (None, 2)
            raise

    with pytest.raises(httpx.ReadTimeout):
        call(way, client(*[httpx.ReadTimeout] * 3, hooks=[hook]))
    assert len(errors) == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("statuses", "level", "words"),
    [
        ((200,), logging.INFO, "200 in"),
        ((503, 404), logging.INFO, "404 in"),
        ((500, 500, 500), logging.WARNING, "500 in"),
        ((httpx.ReadError,) * 3, logging.WARNING, "ReadError in"),
    ],
)
def test_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture, way: str, statuses: Any, level: int, words: str
) -> None:
    user = client(*statuses, hooks=[log_calls()])
    caplog.set_level(logging.INFO, logger="mailgun_client")
    with suppress(InvalidResponse, httpx.ReadError):
        call(way, user)
    (record,) = [each for each in caplog.records if each.name == "mailgun_client"]
    assert record.levelno == level
    line = record.getMessage()
    assert line.startswith(f"get_bounce GET {PATH}: {words}")
    assert line.endswith(f"{len(statuses) - 1} retries")
    assert "bob" not in line


@pytest.fixture
def spans() -> tuple[TracerProvider, InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider, exporter


def one(exporter: InMemorySpanExporter) -> ReadableSpan:
    return exporter.get_finished_spans()[0]


@pytest.mark.parametrize("way", WAYS)
def test_a_span_for_each_call(way: str, spans: tuple[TracerProvider, InMemorySpanExporter]) -> None:
    provider, exporter = spans
    user = client(503, 200, hooks=[trace_calls(provider)])
    outside = provider.get_tracer("test").start_as_current_span("outer")
    # A success without its body; the span has ended before that is found.
    with outside as outer, pytest.raises(InvalidResponse):
        call(way, user)
    span = one(exporter)
    assert (span.name, span.kind) == ("get_bounce", trace.SpanKind.CLIENT)
    assert span.parent is not None
    assert span.parent.span_id == outer.get_span_context().span_id
    assert dict(span.attributes or {}) == {
        "mailgun.operation": "get_bounce",
        "http.request.method": "GET",
        "url.template": PATH,
        "server.address": "api.eu.mailgun.net",
        "http.response.status_code": 200,
        "http.request.resend_count": 1,
    }
    assert span.status.status_code is trace.StatusCode.UNSET


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("step", "kind"), [(404, "404"), (httpx.ReadTimeout, "ReadTimeout"), (501, "501")]
)
def test_failed_calls_are_failed_spans_without_details(
    way: str, step: Any, kind: str, spans: tuple[TracerProvider, InMemorySpanExporter]
) -> None:
    provider, exporter = spans
    user = client(step, hooks=[trace_calls(provider)], retries=None)
    if isinstance(step, int):
        call(way, user)
    else:
        with pytest.raises(step):
            call(way, user)
    span = one(exporter)
    assert span.status.status_code is trace.StatusCode.ERROR
    assert (span.attributes or {})["error.type"] == kind
    text = span.to_json()
    assert "bob" not in text
    assert "key-secret" not in text


def test_own_requests_are_watched_by_method(
    spans: tuple[TracerProvider, InMemorySpanExporter],
) -> None:
    provider, exporter = spans
    user = client(200, 200, hooks=[trace_calls(provider)])
    user.request("GET", "/v3/bob@example.com")
    asyncio.run(user.arequest("PUT", "/v3/bob@example.com"))
    assert [span.name for span in exporter.get_finished_spans()] == ["GET", "PUT"]
    assert "bob" not in one(exporter).to_json()


def test_what_traces_lack_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(ImportError, match=r"pip install 'mailgun-toolkit\[otel\]'"):
        trace_calls()
