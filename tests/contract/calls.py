"""A case becomes a call of the generated function; the exchange is captured on the wire."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from typing import Any

import httpx
from attrs import define, field, frozen
from mailgun_client import Client, models
from mailgun_client.errors import MailgunError
from mailgun_client.operations import OPERATIONS

from tests.contract.checks import Exchange
from tests.contract.safety.errors import SafetyError
from tests.contract.targets import Target
from tests.contract.truth import Operation, Truth
from tests.contract.values import NO_BODY, Values


class InexpressibleError(Exception):
    """The typed client has no way to say what the case says."""


@frozen
class _HeldError(Exception):
    """Ends a call of which only the request is wanted."""

    request: httpx.Request


@define
class Recorder(httpx.BaseTransport):
    """Keeps the requests and responses that pass; nothing passes while `closed`."""

    inner: httpx.BaseTransport
    passed: list[tuple[httpx.Request, httpx.Response]] = field(factory=list)
    closed: bool = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if self.closed:
            raise _HeldError(request)
        response = self.inner.handle_request(request)
        response.request = request
        response.read()
        # The pair: on its way back the client gives the response a request of its own.
        self.passed.append((request, response))
        return response


@define
class Echo(httpx.AsyncBaseTransport):
    """Answers an asynchronous call with what a synchronous one got; sends nothing."""

    answer: httpx.Response = field(factory=lambda: httpx.Response(500))
    asked: list[httpx.Request] = field(factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.asked.append(request)
        headers = [
            (name, value)
            for name, value in self.answer.headers.raw
            if name.lower() != b"content-encoding"
        ]
        return httpx.Response(self.answer.status_code, headers=headers, content=self.answer.content)


@frozen
class Twin:
    """What an asynchronous call sent, and made of the response."""

    requests: list[httpx.Request]
    parsed: Any
    error: Exception | None


@define
class Caller:
    """Calls operations by id through the generated client of one target and key."""

    truth: Truth
    target: Target
    key: str = field(repr=False)
    _recorder: Recorder = field(init=False, repr=False)
    _echo: Echo = field(init=False, repr=False)
    _client: Client = field(init=False, repr=False)
    # A loop for each coroutine would cost more than the call.
    _loop: asyncio.AbstractEventLoop = field(
        factory=asyncio.new_event_loop, init=False, repr=False, eq=False
    )

    def __attrs_post_init__(self) -> None:
        # Nobody closes a caller: it goes with the scene that it was made for.
        # Not a Runner: closing one runs a coroutine, which fails while another loop is running.
        weakref.finalize(self, self._loop.close)
        self._recorder = Recorder(self.target.transport)
        self._echo = Echo()
        self._client = Client(
            self.key,
            base_url=self.target.base_url,
            transport=self._recorder,
            async_transport=self._echo,
            retries=None,
        )

    def call(self, operation: Operation, values: Values) -> Exchange:
        """Call the function; what it raises on a response is in the exchange.

        Raises InexpressibleError when the function refuses the arguments before anything is sent.
        """
        self._recorder.passed.clear()
        function = function_of(operation)
        arguments = self._arguments(operation, values)
        parsed, error = None, None
        try:
            parsed = function(client=self._client, **arguments).parsed
        except SafetyError:
            raise
        except Exception as raised:  # Whatever it is, it is a finding if something was sent.
            error = raised
        if not self._recorder.passed:
            raise InexpressibleError(f"{operation.id}: {error!r}") from error
        request, response = self._recorder.passed[-1]
        return Exchange(request, response, parsed, error, len(self._recorder.passed))

    def twin(self, operation: Operation, values: Values, response: httpx.Response) -> Twin:
        """The same call as a coroutine, which gets `response` whatever it sends."""
        self._echo.answer = response
        self._echo.asked = []
        function = OPERATIONS[operation.id].load().asyncio_detailed
        parsed, error = None, None
        try:
            arguments = self._arguments(operation, values)
            call = function(client=self._client, **arguments)
            parsed = self._loop.run_until_complete(call).parsed
        except Exception as raised:  # Whatever it is, it is compared.
            error = raised
        return Twin(self._echo.asked, parsed, error)

    def request(self, operation: Operation, values: Values) -> httpx.Request:
        """What `call` would send, without sending it. Raises InexpressibleError as `call` does."""
        arguments = self._arguments(operation, values)
        self._recorder.closed = True
        try:
            function_of(operation)(client=self._client, **arguments)
        except _HeldError as held:
            return held.request
        except Exception as error:  # Whatever it is, nothing was sent.
            raise InexpressibleError(f"{operation.id}: {error!r}") from error
        finally:
            self._recorder.closed = False
        raise InexpressibleError(f"{operation.id} sends nothing")

    def _arguments(self, operation: Operation, values: Values) -> dict[str, Any]:
        names = OPERATIONS[operation.id].arguments
        arguments: dict[str, Any] = {}
        groups = {"path": values.path, "query": values.query, "header": values.headers}
        for location, group in groups.items():
            for name, value in group.items():
                if (location, name) not in names:
                    raise InexpressibleError(f"{operation.id} has no {location} {name!r}")
                arguments[names[location, name]] = value
        if values.body is not NO_BODY:
            arguments["body"] = self._body(operation, values)
        return arguments

    def _body(self, operation: Operation, values: Values) -> Any:
        schema = operation.raw["requestBody"]["content"][values.media_type]["schema"]
        try:
            return model_of(self.truth, schema, values.body)
        except (MailgunError, LookupError, TypeError, ValueError) as error:
            raise InexpressibleError(f"{operation.id}: body: {error!r}") from error


def function_of(operation: Operation) -> Callable[..., Any]:
    """The generated `sync_detailed` of the operation."""
    function: Callable[..., Any] = OPERATIONS[operation.id].load().sync_detailed
    return function


def model_of(truth: Truth, schema: dict[str, Any], value: Any) -> Any:
    """`value` as the model of its schema, or a list of such, or as it is."""
    # A schema that stands where it is used has its model under its title.
    name = schema.get("$ref", "").rpartition("/")[2] or schema.get("title", "")
    resolved = truth.resolve(schema)
    if isinstance(value, list) and "items" in resolved:
        return [model_of(truth, resolved["items"], item) for item in value]
    if isinstance(value, dict) and hasattr(models, name):
        return getattr(models, name).from_dict(value)
    return value
