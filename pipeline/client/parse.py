"""Read the document with openapi-python-client and collect everything it complains about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

from openapi_python_client import strings
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError as Complaint
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.schema.untrusted_string import UntrustedString

from pipeline.client.kinds import specialise
from pipeline.client.limits import properties
from pipeline.errors import GeneratorError
from pipeline.load import Json
from pipeline.vendor import operations

# `o:tag` becomes `o_tag`: the parser drops every character that is no delimiter.
_DELIMITERS = r"\. _:-"
# Text to us as well; the parser knows only text/*.
_TEXT_TYPES = ("message/rfc2822",)


@contextmanager
def delimiters() -> Iterator[None]:
    """Let colons separate words in the parser's names for a while."""
    before = strings.DELIMITERS
    strings.DELIMITERS = _DELIMITERS
    try:
        yield
    finally:
        strings.DELIMITERS = before


def parse(document: Json) -> GeneratorData:
    """The parser's view of `document`.

    Raises GeneratorError with every warning and error: each one means that something of the
    document would be missing from the client.
    """
    with delimiters():
        config = _config()
        data = GeneratorData.from_dict(_ordered(document), config=config)
    if isinstance(data, Complaint):
        raise GeneratorError("the generator refuses the document", [_line(data)])
    complaints = [
        *data.errors,
        *(error for tag in data.endpoint_collections_by_tag.values() for error in tag.parse_errors),
    ]
    if complaints:
        raise GeneratorError(f"{len(complaints)} generator warning(s)", map(_line, complaints))
    _rename(data, document, config)
    specialise(data, document)
    return data


def _rename(data: GeneratorData, document: Json, config: Config) -> None:
    """Give each parameter and property that is marked `x-name` that name in Python.

    The parser names them after the wire, which has several words for one thing, and makes up
    something where two would be the same.
    """
    for endpoint, place, prop, name in _named_parameters(data, document):
        before = f"{{{prop.python_name}}}"
        prop.set_python_name(UntrustedString(name), config)
        if place == "path":
            path = endpoint.path.get_untrusted_value()
            endpoint.path = UntrustedString(path.replace(before, f"{{{prop.python_name}}}"))
    declared = properties(document)
    for model in data.models:
        own = declared.get(model.class_info.name, {})
        for prop in [*(model.required_properties or ()), *(model.optional_properties or ())]:
            name = own.get(prop.name.get_untrusted_value(), {}).get("x-name")
            if name is not None:
                prop.set_python_name(UntrustedString(name), config)


def _named_parameters(
    data: GeneratorData, document: Json
) -> Iterator[tuple[Endpoint, str, Any, str]]:
    """Endpoint, place, property and name of each parameter that is marked."""
    marked = {
        (operation["operationId"], parameter["in"], parameter["name"]): parameter["x-name"]
        for _, _, operation in operations(document)
        for parameter in operation.get("parameters", [])
        if "x-name" in parameter
    }
    for collection in data.endpoint_collections_by_tag.values():
        for endpoint in collection.endpoints:
            for place, props in (
                ("path", endpoint.path_parameters),
                ("query", endpoint.query_parameters),
                ("header", endpoint.header_parameters),
            ):
                for prop in props:
                    name = marked.get((endpoint.name, place, prop.name.get_untrusted_value()))
                    if name is not None:
                        yield endpoint, place, prop, name


def _config() -> Config:
    return Config.from_sources(
        ConfigFile(
            literal_enums=True,
            use_path_prefixes_for_title_model_names=False,
            content_type_overrides=dict.fromkeys(_TEXT_TYPES, "text/plain"),
        ),
        MetaType.NONE,
        document_source=Path(),
        file_encoding="utf-8",
        overwrite=True,
        output_path=None,
    )


def _ordered(document: Json) -> Json:
    """A copy in which JSON is the first media type of each response.

    The parser models only the first one; the others need no model.
    """
    copy = deepcopy(document)
    for item in copy["paths"].values():
        for operation in item.values():
            for response in operation["responses"].values() if isinstance(operation, dict) else ():
                if "content" in response:
                    response["content"] = dict(
                        sorted(
                            response["content"].items(), key=lambda entry: "json" not in entry[0]
                        )
                    )
    return copy


def _line(complaint: Complaint) -> str:
    parts = [complaint.header, complaint.detail, _data(getattr(complaint, "data", None))]
    return " ".join(" ".join(part for part in parts if part).split())


def _data(data: Any) -> str:
    if data is None or not hasattr(data, "model_dump_json"):
        return ""
    text: str = data.model_dump_json(exclude_none=True, by_alias=True)
    return text if len(text) < 200 else f"{text[:200]}..."
