"""One call from its request to its answer: building, sending, repeating, watching."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import httpx
from attrs import define, frozen

if TYPE_CHECKING:
    from ._request import Outgoing
    from ._response import Operation
    from ._tries import Tries
    from ._upload import Upload
    from .retries import Retries
    from .telemetry import Call, Hook

# They would fail again.
_OWN_FAULTS = (httpx.LocalProtocolError, httpx.UnsupportedProtocol)
_REDACTED = "[redacted]"


@frozen(eq=False, repr=False)
class Sender:
    """How requests go out; the same for all calls of one client.

    Attributes:
        prefix: the base URL without a slash at the end.
        headers: sent with each request, in addition to those of the httpx client.
        timeout: None for that of the httpx client.
        retries: None to repeat nothing.
        hooks: watch every call.
    """

    prefix: str
    headers: Mapping[str, str]
    timeout: httpx.Timeout | None
    retries: Retries | None
    hooks: Sequence[Hook]

    def build(self, http: httpx.Client | httpx.AsyncClient, outgoing: Outgoing) -> httpx.Request:
        """The request; what was set on the httpx client counts too.

        Stands in for `build_request` of httpx, which takes three times as long.
        """
        url = outgoing.url
        target = httpx.URL(self.prefix + url if url[:1] == "/" else url)
        if http.params:
            target = target.copy_merge_params(http.params)
        headers = httpx.Headers(http.headers)
        for name, value in self.headers.items():
            headers[name] = value
        for name, value in outgoing.headers:
            headers[name] = value
        timeout = http.timeout if self.timeout is None else self.timeout
        content = outgoing.content
        stream: Upload | None = None
        if not isinstance(content, bytes | None):
            stream = content
            content = None
            if isinstance(http, httpx.Client):
                stream.require_sync()
            # httpx adds these to contents of other kinds only.
            name, value = stream.framing
            headers[name] = value
            headers.setdefault("Host", target.netloc.decode("ascii"))
        return httpx.Request(
            outgoing.method,
            target,
            headers=headers,
            cookies=http.cookies or None,
            content=content,
            stream=stream,
            extensions={"timeout": timeout.as_dict()},
        )

    def send(
        self, http: httpx.Client, request: httpx.Request, operation: Operation[Any, Any] | None
    ) -> httpx.Response:
        """The last answer, after as many tries as the policy allows."""
        if not self.hooks:
            return self._try(http, request, Course(self.retries, request, operation))
        with self._watched(request, operation) as course:
            return self._try(http, request, course)

    async def asend(
        self, http: httpx.AsyncClient, request: httpx.Request, operation: Operation[Any, Any] | None
    ) -> httpx.Response:
        """The last answer, after as many tries as the policy allows."""
        if not self.hooks:
            return await self._atry(http, request, Course(self.retries, request, operation))
        with self._watched(request, operation) as course:
            return await self._atry(http, request, course)

    def _try(self, http: httpx.Client, request: httpx.Request, course: Course) -> httpx.Response:
        while True:
            try:
                course.outcome = http.send(request)
            except Exception as error:
                course.fail(error)
            delay = course.delay()
            if delay is None:
                return course.result()
            course.policy.sleep(delay)

    async def _atry(
        self, http: httpx.AsyncClient, request: httpx.Request, course: Course
    ) -> httpx.Response:
        while True:
            try:
                course.outcome = await http.send(request)
            except Exception as error:
                course.fail(error)
            delay = course.delay()
            if delay is None:
                return course.result()
            await course.policy.async_sleep(delay)

    @contextmanager
    def _watched(
        self, request: httpx.Request, operation: Operation[Any, Any] | None
    ) -> Iterator[Course]:
        """The course of a call, while the hooks watch it."""
        from .telemetry import Call

        call = Call(
            operation=operation.name if operation else "",
            method=request.method,
            path=operation.path if operation else "",
            host=request.url.host,
            port=request.url.port,
        )
        course = Course(self.retries, request, operation)
        with ExitStack() as stack:
            for hook in self.hooks:
                stack.enter_context(hook(call))
            try:
                yield course
            finally:
                course.tell(call)


@define(eq=False, repr=False)
class Course:
    """How one call goes.

    Attributes:
        retries: what decides on repetitions, if anything does.
        request: what is sent.
        operation: what is called, if it is known.
        outcome: of the last try.
        tries: the repetitions, from the first failure on.
    """

    retries: Retries | None
    request: httpx.Request
    operation: Operation[Any, Any] | None
    outcome: httpx.Response | Exception | None = None
    tries: Tries | None = None

    @property
    def policy(self) -> Retries:
        """Of a call that is being repeated."""
        assert self.retries is not None
        return self.retries

    def fail(self, error: Exception) -> None:
        """Note that a try has raised."""
        unrepeatable = isinstance(error, httpx.StreamError | io.UnsupportedOperation)
        if unrepeatable and self.outcome is not None:
            # The body can be read only once: what counts is how the first try ended.
            self.retries = None
        else:
            self.outcome = error

    def delay(self) -> float | None:
        """Seconds to wait before the next try; None if there shall be none."""
        retries, outcome = self.retries, self.outcome
        if retries is None:
            return None
        if isinstance(outcome, httpx.Response):
            if outcome.status_code < 400:
                if retries.budget is not None:
                    retries.budget.give()
                return None
        elif not isinstance(outcome, httpx.TransportError) or isinstance(outcome, _OWN_FAULTS):
            return None
        if self.tries is None:
            if not _is_repeatable(self.request.stream):
                return None
            from ._tries import Tries

            name = self.operation.name if self.operation else ""
            self.tries = Tries(retries, self.request.method, name)
        return self.tries.after(outcome)

    def result(self) -> httpx.Response:
        """The answer, or what was raised instead of it."""
        outcome = self.outcome
        if isinstance(outcome, httpx.Response):
            return outcome
        assert outcome is not None
        if isinstance(outcome, httpx.RequestError):
            outcome.request = _redacted(self.request)
        raise outcome

    def tell(self, call: Call) -> None:
        """Write down for the hooks how it went."""
        if isinstance(self.outcome, httpx.Response):
            call.status_code = self.outcome.status_code
        if self.tries is not None:
            call.retries, call.waited = self.tries.made, self.tries.waited


def _redacted(request: httpx.Request) -> httpx.Request:
    """What an error may carry away: neither the key nor the body."""
    headers = request.headers.copy()
    headers["Authorization"] = _REDACTED
    return httpx.Request(request.method, request.url, headers=headers)


def _is_repeatable(stream: object) -> bool:
    """Whether a body can be sent again.

    A stream of ours says so itself. The one that httpx makes of a form would send a file that can't
    be rewound as an empty one.
    """
    said: bool | None = getattr(stream, "repeatable", None)
    if said is not None:
        return said
    files: list[Any] = [getattr(part, "file", None) for part in getattr(stream, "fields", ())]
    return all(file.seekable() for file in files if hasattr(file, "seekable"))
