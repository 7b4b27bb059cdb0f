"""A request on its way in, and the typed call a handler gets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlencode

from attrs import Factory, define, field

from mailgun_emulator.contract import Operation
from mailgun_emulator.forms import Form, Upload
from mailgun_emulator.state import Account, ApiKey, State

S = TypeVar("S")


@define
class Request:
    """One HTTP request. Header names are lower case; `path` is still percent-encoded.

    `client` is the IP address it came from, empty when the server does not know.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = Factory(dict)
    body: bytes = field(default=b"", repr=False)
    scheme: str = "http"
    client: str = ""

    @property
    def base_url(self) -> str:
        """Scheme and host as the client addressed them."""
        return f"{self.scheme}://{self.headers.get('host') or 'localhost'}"


@define(slots=False)
class Call:
    """A decoded, authenticated request for one operation.

    - `path`, `query`: declared parameters as their declared types; what isn't declared (query) or
      doesn't convert stays text. Repeated undeclared query names are lists.
    - `body`: JSON bodies as they are; form bodies as a dict typed by the declared schema (arrays
      are lists, files are `Upload`), undeclared fields are text, or lists when repeated and the
      schema lets them be.
    - `form`: the same form fields untyped (empty for JSON bodies).
    - `key` is None on public operations called without a key; `account` is the first one then.
    - `domain`: the owned domain that the path names, in lower case.
    """

    operation: Operation
    request: Request
    state: State
    account: Account
    key: ApiKey | None
    path: dict[str, Any]
    query: dict[str, Any]
    body: Any = None
    form: Form = field(factory=Form)
    domain: str = ""

    def store(self, kind: type[S]) -> S:
        """The caller's store of this class."""
        return self.state.store(self.account, kind)

    @cached_property
    def now(self) -> datetime:
        """The time of the request, in UTC; the same for the whole call."""
        return self.state.clock.now()

    @property
    def content_type(self) -> str:
        """Media type of the request body, lower case, without parameters; empty when not given."""
        return self.request.headers.get("content-type", "").split(";", 1)[0].strip().lower()

    @property
    def values(self) -> dict[str, Any]:
        """`body` when it is an object, else empty: for reading options without type checks."""
        return self.body if isinstance(self.body, dict) else {}

    def param(self, name: str, default: Any = None) -> Any:
        """A parameter that may come in the query or in the body (platform DIFF-069)."""
        if name in self.query:
            return self.query[name]
        return self.values.get(name, default)

    def header(self, name: str, default: str = "") -> str:
        """A request header."""
        return self.request.headers.get(name.lower(), default)

    def uploads(self, name: str) -> list[Upload]:
        """Files sent under this name."""
        return self.form.uploads(name)

    def url(self, path: str | None = None, query: Mapping[str, Any] | None = None) -> str:
        """An absolute URL on the host the client used; `path` defaults to the request's own."""
        # urlencode tries a number as a list first, and fails slowly.
        given = [
            (k, str(v) if isinstance(v, int) else v)
            for k, v in (query or {}).items()
            if v is not None
        ]
        text = urlencode(given, doseq=True) if given else ""
        where = self.request.path if path is None else path
        return f"{self.request.base_url}{where}" + (f"?{text}" if text else "")
