"""The truth, read once: operations, their parameters, bodies and responses.

The document is data: it comes with the package in a wheel, and from `generated/` in a checkout.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, cast

from attrs import field, frozen

from mailgun_emulator.errors import ContractError

Json = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
FORM_TYPES = ("multipart/form-data", "application/x-www-form-urlencoded")
_FILE = "openapi.json"


@frozen
class Parameter:
    """One declared parameter; `where` is path, query or header."""

    name: str
    where: str
    required: bool
    schema: Json = field(repr=False)


@frozen
class Media:
    """One media type of a body, with its schema and where that stands in the document."""

    type: str
    schema: Json = field(repr=False)
    pointer: str = field(repr=False)


@frozen
class Response:
    """One documented response; `status` is `200`, `4XX` or `default` as written.

    `headers` are the names it declares, in lower case.
    """

    status: str
    content: Mapping[str, Media] = field(repr=False)
    headers: frozenset[str] = field(default=frozenset(), repr=False)


@frozen(slots=False)
class Operation:
    """One operation of the truth."""

    id: str
    method: str
    path: str
    tag: str
    parameters: tuple[Parameter, ...] = field(repr=False)
    bodies: Mapping[str, Media] = field(repr=False)
    body_required: bool = field(repr=False)
    responses: Mapping[str, Response] = field(repr=False)
    public: bool = field(repr=False)

    def response(self, status: int) -> Response | None:
        """What the truth documents for `status`: exact, then its class, then the default."""
        return (
            self.responses.get(str(status))
            or self.responses.get(f"{status // 100}XX")
            or self.responses.get("default")
        )

    @cached_property
    def success(self) -> int:
        """The lowest documented 2xx status; 200 when there is only a default response.

        An operation that is switched off documents neither: its lowest status from 410 on counts.
        """
        exact = sorted(int(status) for status in self.responses if status.isdigit())
        good = [status for status in exact if status // 100 == 2]
        if good or self.response(200):
            return good[0] if good else 200
        return next((status for status in exact if status >= 410), 410)

    @cached_property
    def form(self) -> Media | None:
        """The declared form body, whatever its wire format."""
        return next((self.bodies[t] for t in FORM_TYPES if t in self.bodies), None)

    @cached_property
    def json(self) -> Media | None:
        """The declared JSON body."""
        return self.bodies.get("application/json")


@frozen
class Contract:
    """The document and its operations by id."""

    document: Json = field(repr=False)
    operations: Mapping[str, Operation] = field(repr=False)

    def resolve(self, value: Any) -> Any:
        """`value`, or what its `$ref` chain leads to."""
        return _resolve(self.document, value)


def load(path: Path | None = None) -> Contract:
    """Read the contract from `path`, or from where it ships.

    Raises ContractError.
    """
    try:
        data = path.read_bytes() if path else _shipped()
        document = json.loads(data)
        return parse(document)
    except (OSError, ValueError) as error:
        raise ContractError(f"cannot read the API description: {error}") from error


def parse(document: Json) -> Contract:
    """The contract in an OpenAPI document. Raises ContractError."""
    try:
        operations = {op.id: op for op in _operations(document)}
    except (KeyError, TypeError, AttributeError) as error:
        raise ContractError(f"the API description is not usable: {error!r}") from error
    return Contract(document, operations)


def _shipped() -> bytes:
    package = resources.files("mailgun_emulator")
    inside = package / _FILE
    if inside.is_file():
        return inside.read_bytes()
    return (Path(str(package)).parent / "generated" / _FILE).read_bytes()


def _operations(document: Json) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method, raw in item.items():
            if method in METHODS:
                yield _operation(document, path, method, raw, item.get("parameters", []))


def _operation(document: Json, path: str, method: str, raw: Json, shared: list[Any]) -> Operation:
    pointer = f"/paths/{_escape(path)}/{method}"
    declared = {}
    for entry in [*shared, *raw.get("parameters", [])]:
        parameter = _resolve(document, entry)
        declared[parameter["name"], parameter["in"]] = Parameter(
            parameter["name"],
            parameter["in"],
            bool(parameter.get("required", False)),
            parameter.get("schema", {}),
        )
    body, where = _follow(document, raw.get("requestBody", {}), f"{pointer}/requestBody")
    responses = {}
    for status, entry in raw["responses"].items():
        response, at = _follow(document, entry, f"{pointer}/responses/{status}")
        headers = frozenset(name.lower() for name in response.get("headers", {}))
        responses[status] = Response(status, _content(response, at), headers)
    security = raw.get("security", document.get("security", []))
    return Operation(
        id=raw["operationId"],
        method=method.upper(),
        path=path,
        tag=(raw.get("tags") or ["untagged"])[0],
        parameters=tuple(declared.values()),
        bodies=_content(body, where),
        body_required=bool(body.get("required", False)),
        responses=responses,
        public=not security or {} in security,
    )


def _content(holder: Json, pointer: str) -> Mapping[str, Media]:
    return {
        kind.lower(): Media(kind.lower(), media.get("schema", {}), _place(pointer, kind, media))
        for kind, media in holder.get("content", {}).items()
    }


def _place(pointer: str, kind: str, media: Json) -> str:
    """Where a body's schema stands: one place for all that refer to the same component."""
    schema = media.get("schema")
    if schema is None:
        return ""
    if list(schema) == ["$ref"] and schema["$ref"].startswith("#/"):
        return str(schema["$ref"][1:])
    return f"{pointer}/content/{_escape(kind)}/schema"


def _escape(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


def _follow(document: Json, value: Any, pointer: str) -> tuple[Json, str]:
    """The referenced object and its own pointer."""
    while isinstance(value, dict) and "$ref" in value:
        pointer = value["$ref"][1:]
        value = _lookup(document, pointer)
    return cast(Json, value), pointer


def _resolve(document: Json, value: Any) -> Any:
    seen = 0
    while isinstance(value, dict) and "$ref" in value and seen < 50:
        value = _lookup(document, value["$ref"][1:])
        seen += 1
    return value


def _lookup(document: Json, pointer: str) -> Any:
    value: Any = document
    for token in pointer.split("/")[1:]:
        value = value[token.replace("~1", "/").replace("~0", "~")]
    return value
