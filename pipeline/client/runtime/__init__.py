"""Typed client for the Mailgun Send, Optimize, Validate and Inspect APIs.

    from mailgun_client import Client
    from mailgun_client.api.messages import send_message
    from mailgun_client.models import SendMessageBody

    client = Client(api_key="key-...", region="eu")
    body = SendMessageBody(from_="me@example.com", to=["you@example.com"], subject="Hi", text="Hi")
    send_message.sync("example.com", client=client, body=body)

Every operation is a module `mailgun_client.api.<area>.<operation>` with `sync`, `sync_detailed`,
`asyncio` and `asyncio_detailed`. Importing this package imports nothing else until a name is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._urls import InsecureWarning as InsecureWarning
    from ._version import __version__ as __version__
    from .client import Client as Client
    from .errors import ApiError as ApiError
    from .errors import AuthenticationError as AuthenticationError
    from .errors import ConflictError as ConflictError
    from .errors import InvalidRequestError as InvalidRequestError
    from .errors import InvalidResponse as InvalidResponse
    from .errors import MailgunError as MailgunError
    from .errors import NotFoundError as NotFoundError
    from .errors import PermissionDeniedError as PermissionDeniedError
    from .errors import RateLimitError as RateLimitError
    from .errors import ServerError as ServerError
    from .paging import paginate as paginate
    from .rates import RateLimit as RateLimit
    from .retries import Retries as Retries
    from .retries import RetryBudget as RetryBudget
    from .types import UNSET as UNSET
    from .types import File as File
    from .types import Response as Response
    from .types import Timestamp as Timestamp
    from .types import Unset as Unset

__all__ = (
    "UNSET",
    "ApiError",
    "AuthenticationError",
    "Client",
    "ConflictError",
    "File",
    "InsecureWarning",
    "InvalidRequestError",
    "InvalidResponse",
    "MailgunError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimit",
    "RateLimitError",
    "Response",
    "Retries",
    "RetryBudget",
    "ServerError",
    "Timestamp",
    "Unset",
    "__version__",
    "paginate",
)

_HOME = {
    "Client": "client",
    "InsecureWarning": "_urls",
    "__version__": "_version",
    "ApiError": "errors",
    "AuthenticationError": "errors",
    "ConflictError": "errors",
    "InvalidRequestError": "errors",
    "InvalidResponse": "errors",
    "MailgunError": "errors",
    "NotFoundError": "errors",
    "PermissionDeniedError": "errors",
    "RateLimitError": "errors",
    "ServerError": "errors",
    "paginate": "paging",
    "RateLimit": "rates",
    "Retries": "retries",
    "RetryBudget": "retries",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME.get(name, 'types')}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
