"""Python expressions for the properties that the parser found.

`annotation` is a type, `decode` reads JSON, `encode` writes it. An expression is built around the
source expression it gets, so that they nest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from openapi_python_client.parser.properties import (
    AnyProperty,
    LiteralEnumProperty,
    ModelProperty,
)
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

from pipeline.client.kinds import DomainName, MailDate

Property = Any
"""One of the parser's property classes; they share no importable base that is typed."""

# Dates and UUIDs stay text: nothing is gained by classes that would write them differently.
_SIMPLE: dict[type, str] = {
    AnyProperty: "Any",
    BooleanProperty: "bool",
    DateProperty: "str",
    DateTimeProperty: "datetime",
    DomainName: "str",
    FileProperty: "FileTypes",
    FloatProperty: "float",
    IntProperty: "int",
    MailDate: "datetime | str",
    NoneProperty: "None",
    StringProperty: "str",
    UuidProperty: "str",
}


def annotation(prop: Property) -> str:
    """The type of a value of `prop`, leaving aside whether it may be absent."""
    match prop:
        case ModelProperty() | LiteralEnumProperty():
            return str(prop.class_info.name)
        case ListProperty():
            return f"list[{annotation(prop.inner_property)}]"
        case UnionProperty():
            return union(prop.inner_properties)
        case ConstProperty():
            return f"Literal[{prop.value.python_code.as_unembedded_code()}]"
    return _SIMPLE[type(prop)]


def union(props: Iterable[Property]) -> str:
    """The union of the types of `props`, each once, None last; Any swallows the others."""
    types = list(dict.fromkeys(annotation(prop) for prop in props))
    if "Any" in types:
        return "Any"
    return " | ".join(sorted(types, key=lambda name: name == "None")) or "None"


def decode(prop: Property, source: str, depth: int = 0) -> str:
    """Reads the JSON value that `source` names; `source` itself if there is nothing to do.

    `source` may occur more than once in the result, so it has to be a name.
    """
    match prop:
        case ModelProperty():
            return f"{prop.class_info.name}.from_dict({source})"
        case DateTimeProperty():
            return f"_model.timestamp({source})"
        case ListProperty():
            item = f"item{depth or ''}"
            inner = decode(prop.inner_property, item, depth + 1)
            listed = f"_model.array({source})"
            return listed if inner == item else f"[{inner} for {item} in {listed}]"
        case UnionProperty():
            return _decode_union(prop.inner_properties, source, depth)
    return source


def _decode_union(props: list[Property], source: str, depth: int) -> str:
    models = [prop for prop in props if isinstance(prop, ModelProperty)]
    lists = [prop for prop in props if isinstance(prop, ListProperty)]
    branches = []
    if len(models) > 1:
        readers = ", ".join(f"{model.class_info.name}.from_dict" for model in models)
        branches.append((f"_model.best({source}, {readers})", "dict"))
    else:
        branches += [(decode(model, source, depth), "dict") for model in models]
    branches += [(decode(prop, source, depth), "list") for prop in lists[:1]]
    branches += [
        (decode(prop, source, depth), "str") for prop in props if isinstance(prop, DateTimeProperty)
    ]
    others = {type(prop) for prop in props} - {ModelProperty, ListProperty, DateTimeProperty}
    if len(branches) == 1 and others <= {NoneProperty}:
        # The shape is certain, so a wrong one has to be noticed.
        return f"None if {source} is None else {branches[0][0]}" if others else branches[0][0]
    code = source
    for expression, kind in reversed(branches):
        code = f"{expression} if isinstance({source}, {kind}) else {code}"
    return code


def encode(prop: Property, name: str, source: str) -> str:
    """The JSON form of `source`, the value of the argument or field that users know as `name`."""
    listed = f'_model.items("{name}", {source})'
    if isinstance(prop, MailDate):
        return f'_model.mail_date("{name}", {source})'
    if isinstance(prop, DomainName):
        return f"_model.domain({source})"
    if isinstance(prop, FileProperty):
        return f'_model.file("{name}", {source})'
    if isinstance(prop, ListProperty):
        if isinstance(prop.inner_property, FileProperty):
            return f'_model.files("{name}", {source})'
        return listed
    if isinstance(prop, UnionProperty):
        kinds = {type(inner) for inner in prop.inner_properties}
        if kinds == {ListProperty, NoneProperty}:
            return f"None if {source} is None else {listed}"
    return source if _is_plain(prop) else f"_model.plain({source})"


def _is_plain(prop: Property) -> bool:
    """Whether values of `prop` are their own JSON form."""
    if isinstance(prop, UnionProperty):
        return all(_is_plain(inner) for inner in prop.inner_properties)
    return not isinstance(prop, ModelProperty | ListProperty | DateTimeProperty | AnyProperty)


def classes(prop: Property) -> Iterator[tuple[Any, bool]]:
    """Name and module of each class that `prop` mentions, and whether reading needs it."""
    match prop:
        case ModelProperty():
            yield prop.class_info, True
        case LiteralEnumProperty():
            yield prop.class_info, False
        case ListProperty():
            yield from classes(prop.inner_property)
        case UnionProperty():
            for inner in prop.inner_properties:
                yield from classes(inner)
