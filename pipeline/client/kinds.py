"""Text of a kind that the client helps to write: dates as mail has them, names of domains."""

from __future__ import annotations

from typing import Any

import attrs
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.properties.string import StringProperty

from pipeline.client.limits import properties
from pipeline.load import Json
from pipeline.vendor import operations

_MAIL_DATES = frozenset({"MailDate", "MailDateOrEpoch"})
# Fields of bodies that take a domain by its ASCII name only.
_DOMAINS = frozenset(
    {
        ("CreateAllowlistEntryBody", "domain"),
        ("CreateDkimKeyBody", "signing_domain"),
        ("CreateDomainBody", "name"),
    }
)


@attrs.define
class MailDate(StringProperty):
    """A date as in a mail header, which is what a datetime is written as."""


@attrs.define
class DomainName(StringProperty):
    """A domain, which is written by its ASCII name."""


def specialise(data: GeneratorData, document: Json) -> None:
    """Give the properties of these kinds, which the parser takes for any text, their classes."""
    declared = properties(document)
    for model in data.models:
        name = model.class_info.name
        own = declared.get(name, {})
        for props in (model.required_properties, model.optional_properties):
            kinds = {
                wire: DomainName if (name, wire) in _DOMAINS else _kind(schema)
                for wire, schema in own.items()
            }
            _replace(props or [], kinds)
    sources = {source["operationId"]: source for _, _, source in operations(document)}
    for collection in data.endpoint_collections_by_tag.values():
        for endpoint in collection.endpoints:
            parameters = sources.get(endpoint.name, {}).get("parameters", [])
            _replace(
                endpoint.query_parameters,
                {
                    parameter["name"]: _kind(parameter.get("schema", {}))
                    for parameter in parameters
                    if parameter.get("in") == "query"
                },
            )


def _kind(schema: Json) -> type[StringProperty] | None:
    return MailDate if schema.get("$ref", "").rpartition("/")[2] in _MAIL_DATES else None


def _replace(props: list[Any], kinds: dict[str, type[StringProperty] | None]) -> None:
    for index, prop in enumerate(props):
        kind = kinds.get(prop.name.get_untrusted_value())
        if kind is not None and type(prop) is StringProperty:
            props[index] = kind(
                **{part.name: getattr(prop, part.name) for part in attrs.fields(StringProperty)}
            )
