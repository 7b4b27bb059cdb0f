"""Everything this client raises on its own.

    MailgunError
    └── InvalidResponse     a documented success answer whose body is not what is documented

Wrong arguments raise the built-in TypeError and ValueError; the network raises httpx's errors. An
answer of status 400 and above never raises: it is parsed, or `parsed` is None when its body is not
of the documented shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx


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
