"""Watching calls: hooks, and two of them, for logging and for OpenTelemetry.

    client = Client(key, region="us", hooks=[log_calls(), trace_calls()])

A hook is called with a `Call` before the first request goes out and gives a context manager, which
is entered then and left after the last answer; by then the call knows its status. Keys, addresses
and bodies are not part of a Call, so that no hook can write them down by accident.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from attrs import define

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider


@define
class Call:
    """One call of an operation, with all its repetitions.

    Attributes:
        operation: the operationId, such as `send_message`; empty for `client.request`.
        method: the HTTP method.
        path: the path template (`/v3/{domain_name}/messages`), never its values; empty for
            `client.request`.
        host: the server's name.
        port: the server's port; None for the usual one.
        status_code: of the last answer; None if there was none.
        retries: how often the request was repeated.
        waited: seconds of the waits before the repetitions.
    """

    operation: str
    method: str
    path: str
    host: str
    port: int | None
    status_code: int | None = None
    retries: int = 0
    waited: float = 0.0

    @property
    def name(self) -> str:
        """The operation, or the method for a request of no known one."""
        return self.operation or self.method


Hook = Callable[[Call], AbstractContextManager[object]]
"""Watches a call. The context manager is a synchronous one in asynchronous calls too."""


def log_calls(logger: logging.Logger | None = None, level: int = logging.INFO) -> Hook:
    """A hook that logs one line for each call: status, milliseconds, retries.

    Answers of status 500 and above, and calls without an answer, are warnings at least.

    Args:
        logger: where to; by default the logger `mailgun_client`.
        level: of the calls that reach the API and are answered below 500.
    """
    target = logger or logging.getLogger(__package__)

    @contextmanager
    def hook(call: Call) -> Iterator[None]:
        started = time.perf_counter()
        failed = "no answer"
        try:
            yield
        except Exception as error:
            failed = type(error).__name__
            raise
        finally:
            status = call.status_code
            bad = status is None or status >= 500
            target.log(
                max(level, logging.WARNING) if bad else level,
                "%s %s %s: %s in %.0f ms, %d retries",
                call.name,
                call.method,
                call.path or call.host,
                failed if status is None else status,
                (time.perf_counter() - started) * 1000,
                call.retries,
            )

    return hook


def trace_calls(tracer_provider: TracerProvider | None = None) -> Hook:
    """A hook that makes an OpenTelemetry span of each call; needs the extra `otel`.

    The span is a child of the current one, is named by the operation, and has the attributes of the
    conventions for HTTP clients; of the URL only server and path template.

    Args:
        tracer_provider: by default the global one.

    Raises:
        ImportError: opentelemetry-api is not installed.
    """
    try:
        from opentelemetry import trace
    except ImportError as error:
        raise ImportError(
            "opentelemetry-api is not installed; run: pip install 'mailgun-toolkit[otel]'"
        ) from error

    tracer = trace.get_tracer(__package__ or "mailgun_client", tracer_provider=tracer_provider)

    @contextmanager
    def hook(call: Call) -> Iterator[None]:
        attributes: dict[str, Any] = {
            "mailgun.operation": call.operation,
            "http.request.method": call.method,
            "url.template": call.path,
            "server.address": call.host,
            "server.port": call.port,
        }
        with tracer.start_as_current_span(
            call.name,
            kind=trace.SpanKind.CLIENT,
            attributes={key: value for key, value in attributes.items() if value},
            # An exception's text is not ours: it may name addresses.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            kind = ""
            try:
                yield
            except Exception as error:
                kind = type(error).__name__
                raise
            finally:
                status = call.status_code
                if status is not None:
                    span.set_attribute("http.response.status_code", status)
                    kind = str(status) if status >= 400 else kind
                if call.retries:
                    span.set_attribute("http.request.resend_count", call.retries)
                if kind:
                    span.set_attribute("error.type", kind)
                    span.set_status(trace.StatusCode.ERROR)

    return hook
