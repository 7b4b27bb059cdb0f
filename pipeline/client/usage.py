"""Where the API uses a model or an enum, for those who meet it in a signature or a trace."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import field, frozen
from openapi_python_client.parser import GeneratorData

from pipeline.client import code

_MOST = 3
# Roles in the order in which they are told, and how each starts.
_ROLES = {
    "body": "Sent by",
    "answer": "Answered by",
    "error": "Answered as an error by",
    "argument": "Argument",
    "field": "Field",
}


@frozen
class Usage:
    """Class name -> role -> who uses it so, in the order of the document."""

    _found: dict[str, dict[str, dict[str, None]]] = field(factory=dict)

    @classmethod
    def of(cls, data: GeneratorData) -> Usage:
        """What bodies, answers, arguments and fields of `data` mention."""
        usage = cls()
        for collection in data.endpoint_collections_by_tag.values():
            for endpoint in collection.endpoints:
                usage._add_endpoint(endpoint)
        for model in data.models:
            owner = model.class_info.name
            for prop in [*(model.required_properties or ()), *(model.optional_properties or ())]:
                usage._add(prop, "field", f"`{prop.python_name}` of `{owner}`", without=owner)
            if model.additional_properties:
                usage._add(model.additional_properties, "field", f"values of `{owner}`", owner)
        return usage

    def _add_endpoint(self, endpoint: Any) -> None:
        name = f"`{endpoint.name}`"
        for body in endpoint.bodies:
            self._add(body.prop, "body", name)
        for answer in endpoint.responses:
            statuses = answer.status_code.range
            failed = statuses is None or statuses[0] >= 400
            self._add(answer.prop, "error" if failed else "answer", name)
        for prop in (
            *endpoint.path_parameters,
            *endpoint.query_parameters,
            *endpoint.header_parameters,
        ):
            self._add(prop, "argument", f"`{prop.python_name}` of {name}")

    def _add(self, prop: Any, role: str, user: str, without: str = "") -> None:
        for info, _ in code.classes(prop):
            if info.name != without:
                self._found.setdefault(info.name, {}).setdefault(role, {})[user] = None

    def sentences(self, name: str) -> list[str]:
        """One sentence for each role of the class `name`."""
        roles = self._found.get(name, {})
        return [
            f"{start} {_joined(roles[role])}." for role, start in _ROLES.items() if role in roles
        ]


def _joined(users: Iterable[str]) -> str:
    named = list(users)
    if len(named) > _MOST:
        named[_MOST - 1 :] = [f"{len(named) - _MOST + 1} others"]
    *first, last = named
    return f"{', '.join(first)} and {last}" if first else last
