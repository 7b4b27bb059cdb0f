"""Everything this client raises on its own.

    MailgunError
    ├── InvalidResponse             a success answer whose body is not what is documented
    └── ApiError                    an answer of status 400 and above, if you ask for errors
        ├── InvalidRequestError     400, 405, 406, 411 to 417, 422: the request has to change
        ├── AuthenticationError     401: no key, or one that is not valid here
        ├── PermissionDeniedError   403: the key or plan does not allow it
        ├── NotFoundError           404, 410
        ├── ConflictError           409
        ├── RateLimitError          429, and 420 for too many recipients
        └── ServerError             500 and above

Wrong arguments raise the built-in TypeError and ValueError; the network raises httpx's errors, with
the key taken out of the request they carry. An answer of status 400 and above raises only when
asked to: by `Client(raise_errors=True)`, `response.raise_for_status()` or `response.success()`.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from .types import Response

_REQUEST_IDS = ("X-Request-Id", "X-Mailgun-Request-Id", "Request-Id")
_LONGEST = 500


class MailgunError(Exception):
    """Root of the errors of this package."""


class InvalidResponse(MailgunError):  # noqa: N818 (it is the name of what arrived)
    """The API reported success, with a body that is not of the documented shape.

    Carries what arrived, never what was sent: no key can leak through it.

    Attributes:
        operation: the operationId, such as `send_message`.
        status_code: the HTTP status, 200 to 299.
        headers: the response headers.
        content: the body as it came.
        reason: what does not fit.
    """

    def __init__(
        self, operation: str, status_code: int, headers: httpx.Headers, content: bytes, reason: str
    ) -> None:
        self.operation = operation
        self.status_code = status_code
        self.headers = headers
        self.content = content
        self.reason = reason
        super().__init__(f"{operation}: status {status_code} with an unexpected body: {reason}")

    def __reduce__(self) -> tuple[Any, ...]:
        return (
            type(self),
            (self.operation, self.status_code, self.headers, self.content, self.reason),
        )


class ApiError(MailgunError):
    """The API answered with a status of 400 or above.

    Carries what arrived, never what was sent: no key can leak through it.

    Attributes:
        response: the whole answer, as `sync_detailed` gives it.
        operation: the operationId, such as `send_message`.
        status_code: the HTTP status.
        headers: the response headers.
        content: the body as it came.
        parsed: the body as a documented model, or None.
        message: what the API says, in one line; the name of the status if it says nothing.
        request_id: the id by which the server knows the call, if it sends one.
    """

    def __init__(self, response: Response[Any, Any]) -> None:
        self.response = response
        self.operation = response.operation
        self.status_code = response.status_code
        self.headers = response.headers
        self.content = response.content
        self.parsed = response.parsed
        self.message = message(response.status_code, response.content)
        self.request_id = next(
            (value for name in _REQUEST_IDS if (value := self.headers.get(name))), None
        )
        super().__init__(f"{self.operation}: status {self.status_code}: {self.message}")

    @property
    def retry_after(self) -> float | None:
        """Seconds from now until the API wants to be called again; None if it does not say."""
        return self.response.retry_after

    @classmethod
    def of(cls, response: Response[Any, Any]) -> ApiError:
        """The error for `response`, of the class that its status means."""
        return _kind(response.status_code)(response)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.response,)


class InvalidRequestError(ApiError):
    """The API can't do anything with the request as it is; `message` says why."""


class AuthenticationError(ApiError):
    """No valid key: unknown, of another account or region, or a sending key used for more."""


class PermissionDeniedError(ApiError):
    """The key is valid; its role, the plan or a limit of the account does not allow the call."""


class NotFoundError(ApiError):
    """There is no such thing, or no such path."""


class ConflictError(ApiError):
    """What the request wants contradicts what there is."""


class RateLimitError(ApiError):
    """Too many calls or recipients; `retry_after` says when to call again."""


class ServerError(ApiError):
    """The API failed; whether the call had an effect is not known."""


def _kind(status: int) -> type[ApiError]:
    match status:
        case 401:
            return AuthenticationError
        case 403:
            return PermissionDeniedError
        case 404 | 410:
            return NotFoundError
        case 409:
            return ConflictError
        case 420 | 429:
            return RateLimitError
        case 400 | 405 | 406 | 411 | 412 | 413 | 414 | 415 | 416 | 417 | 422:
            return InvalidRequestError
    return ServerError if status >= 500 else ApiError


def message(status: int, content: bytes) -> str:
    """What an error body says, in one line."""
    text = _said(content)
    if not text:
        try:
            text = HTTPStatus(status).phrase
        except ValueError:
            text = "no reason given"
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _said(content: bytes) -> str:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        text = content[: 4 * _LONGEST].decode("utf-8", "replace").strip()
        # The page of some proxy says nothing in one line.
        return "" if text.startswith("<") else text
    if isinstance(body, str):
        return body
    if isinstance(body, dict):
        for name in ("message", "Message", "error", "errors", "reason", "detail"):
            value = body.get(name)
            if isinstance(value, dict) and isinstance(value.get("message"), str):
                value = value["message"]
            if isinstance(value, str) and value:
                return value
            if isinstance(value, list) and value:
                return "; ".join(map(str, value))
    return ""
