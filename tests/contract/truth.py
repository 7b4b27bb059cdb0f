"""The truth as data: its operations, their parameters, bodies, responses and links."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from tests.contract.links import Link

FILE = Path(__file__).parents[2] / "generated" / "openapi.json"
Json = dict[str, Any]
# Optimize's paths name domains that are watched, not owned; they are not here.
_DOMAIN = re.compile(
    r"^(?:/v3|/v[1-5]/domains|/v3/domains|/v2/x509|/v1/dkim_management/domains"
    r"|/v1/dynamic_pools/domains)/{([^}]+)}"
)


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
    validators: dict[str, Any] = field(factory=dict, repr=False)

    def resolve(self, value: Json) -> Json:
        """`value`, or what its `$ref` points to."""
        while "$ref" in value:
            target: Any = self.document
            for part in value["$ref"][2:].split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            value = target
        return value


def load(path: Path = FILE) -> Truth:
    document = json.loads(path.read_text())
    operations = {operation.id: operation for operation in _operations(document)}
    links: dict[str, Link] = {}
    for operation in operations.values():
        for status, response in operation.raw["responses"].items():
            for raw in response.get("links", {}).values() if status.startswith("2") else ():
                links.setdefault(raw["operationId"], Link(operation.id, raw["operationId"], raw))
    return Truth(document, operations, links)


def _operations(document: Json) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method, raw in item.items():
            yield Operation(raw["operationId"], method.upper(), path, raw)
