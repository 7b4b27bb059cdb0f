"""The truth as data: its operations, their parameters, bodies, responses and links."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from attrs import field, frozen

from tests.contract.families import Family, families
from tests.contract.links import Link

FILE = Path(__file__).parents[2] / "generated" / "openapi.json"
Json = dict[str, Any]
# Optimize's paths name domains that are watched, not owned; they are not here.
_DOMAIN = re.compile(
    r"^(?:/v3|/v[1-5]/domains|/v3/domains|/v2/x509|/v1/dkim_management/domains"
    r"|/v1/dynamic_pools/domains)/{([^}]+)}"
)


class TruthError(Exception):
    """There is no truth to test by; the text says where it should be."""


@frozen
class Operation:
    """One operation; `raw` is its OpenAPI object, references unresolved."""

    id: str
    method: str
    path: str
    raw: Json = field(repr=False)

    @property
    def tag(self) -> str:
        return str(self.raw["tags"][0])

    @property
    def public(self) -> bool:
        return not self.raw["security"]

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def changes(self) -> bool:
        """Whether its success leaves a trace; x-safe says that a call only reads or works out."""
        return self.writes and not self.raw.get("x-safe") and not self.raw.get("x-gone")

    @property
    def pages(self) -> bool:
        """Whether it gives a list in pages, by what its parameters or x-paging say."""
        if "x-paging" in self.raw:
            return bool(self.raw["x-paging"] != "none")
        names = {name.lower() for name in self.parameters("query")}
        reads = self.method == "GET" and not self.raw.get("x-gone")
        return reads and "limit" in names

    @property
    def successes(self) -> frozenset[int]:
        """Its success statuses; for an operation that is switched off (x-gone), the one it has."""
        wanted = "410" if self.raw.get("x-gone") else "2"
        return frozenset(int(s) for s in self.raw["responses"] if s.startswith(wanted))

    def parameters(self, location: str) -> dict[str, Json]:
        found = (p for p in self.raw.get("parameters", []) if p["in"] == location)
        return {parameter["name"]: parameter for parameter in found}

    @property
    def domain_parameters(self) -> frozenset[str]:
        """Path parameters whose place says that they hold a domain of the account."""
        return frozenset(_DOMAIN.findall(self.path))


@frozen
class Truth:
    document: Json = field(repr=False)
    operations: Mapping[str, Operation] = field(repr=False)
    links: Mapping[str, Link] = field(repr=False)
    families: Mapping[str, Family] = field(factory=dict, repr=False)
    # Links that only tell how to fill a list (`x-for: paging`), by the list.
    fillers: Mapping[str, Link] = field(factory=dict, repr=False)
    validators: dict[str, Any] = field(factory=dict, repr=False)

    def roles(self, operation: Operation) -> dict[str, str]:
        """What each role that may do less may do here: `none`, `read` or `write`.

        Empty where nothing is known, and where the call is about the caller itself.
        """
        if operation.raw.get("x-roles") == "any" or operation.public:
            return {}
        rows = self.document.get("x-roles", {})
        # Calls that only read by another method than GET are in the matrix by area alone.
        unclear = operation.writes and not operation.changes
        return {} if unclear else dict(rows.get(operation.tag, rows.get("default", {})))

    def items(self, operation: Operation) -> str | None:
        """The pointer to the items in the answer of a list: the only array, or `/items`."""
        listing = [family.listed for family in self.families.values() if family.listed]
        told = [link.raw for link in listing if link.consumer == operation.id]
        for raw in (operation.raw, *told):
            if "x-items" in raw:
                return str(raw["x-items"])
        success = next(s for s in operation.raw["responses"] if int(s) in operation.successes)
        content = operation.raw["responses"][success].get("content", {})
        schema = self.resolve(content.get("application/json", {}).get("schema", {}))
        arrays = [name for name, raw in schema.get("properties", {}).items() if self._is_array(raw)]
        if "items" in arrays:
            return "/items"
        return f"/{arrays[0]}" if len(arrays) == 1 else None

    def lister(self, operation: Operation) -> Link | None:
        """The link from what makes things to the list of them that `operation` gives."""
        listing = (family.listed for family in self.families.values() if family.listed)
        linked = self.fillers.get(operation.id) or self.links.get(operation.id)
        link = next((each for each in listing if each.consumer == operation.id), linked)
        return link if link and self.operations[link.producer].changes else None

    def fields(self, operation: Operation, media_type: str) -> frozenset[str]:
        """The names that a body may have by the truth; fuzzing adds others, which nobody keeps."""
        content = operation.raw.get("requestBody", {}).get("content", {})
        return frozenset(self._fields(content.get(media_type, {}).get("schema", {})))

    def _fields(self, schema: Json) -> Iterator[str]:
        schema = self.resolve(schema)
        yield from schema.get("properties", ())
        for keyword in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(keyword, ()):
                yield from self._fields(part)

    def _is_array(self, schema: Json) -> bool:
        kinds = self.resolve(schema).get("type", ())
        return kinds == "array" or (not isinstance(kinds, str) and "array" in kinds)

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that `path` calls, and its path values; literal segments come first."""
        parts = path.split("/")
        fitting = []
        for operation in self.operations.values():
            template = operation.path.split("/")
            pairs = list(zip(template, parts, strict=False))
            if (
                operation.method == method
                and len(template) == len(parts)
                and all(name == part for name, part in pairs if not name.startswith("{"))
            ):
                values = {n[1:-1]: unquote(part) for n, part in pairs if n.startswith("{")}
                fitting.append((len(values), operation, values))
        if not fitting:
            return None
        _, operation, values = min(fitting, key=itemgetter(0))
        return operation, values

    def resolve(self, value: Json) -> Json:
        """`value`, or what its `$ref` points to."""
        while "$ref" in value:
            target: Any = self.document
            for part in value["$ref"][2:].split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            value = target
        return value


def load(path: Path = FILE) -> Truth:
    """Raises TruthError for a file that is missing or no truth of ours."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        operations = {operation.id: operation for operation in _operations(document)}
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        other = error.strerror if isinstance(error, OSError) else f"other content ({error!r:.80})"
        raise TruthError(
            f"{path}: expected the truth, which `make build` writes, found {other}"
        ) from None
    every = list(_links(operations.values()))
    found = [link for link in every if "x-for" not in link.raw]
    fillers = {link.consumer: link for link in every if link.raw.get("x-for") == "paging"}
    links: dict[str, Link] = {}
    for link in found:
        links.setdefault(link.consumer, link)
    # What is only read was made by somebody else and can't be followed from its beginning.
    made = [link for link in found if operations[link.producer].writes]
    return Truth(document, operations, links, families(made), fillers)


def _links(operations: Iterable[Operation]) -> Iterator[Link]:
    for operation in operations:
        for status, response in operation.raw["responses"].items():
            for raw in response.get("links", {}).values() if status.startswith("2") else ():
                yield Link(operation.id, raw["operationId"], raw)


def _operations(document: Json) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method, raw in item.items():
            yield Operation(raw["operationId"], method.upper(), path, raw)
