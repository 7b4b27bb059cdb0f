"""Render what the parser found: models, their index, operations and their packages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from openapi_python_client import strings
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.bodies import BodyType
from openapi_python_client.parser.properties import ModelProperty

from pipeline.client import code
from pipeline.client.cycles import cyclic_edges
from pipeline.client.limits import properties
from pipeline.client.model import Model, described
from pipeline.client.operation import Operation
from pipeline.client.paging import Paging, Pagings, UnknownPagingError
from pipeline.client.usage import Usage
from pipeline.errors import GeneratorError
from pipeline.load import Json
from pipeline.vendor import operations

# Names the generated modules use for something else.
_TAKEN_CLASSES = frozenset(
    {"Any", "BinaryIO", "Client", "Extras", "File", "FileTypes", "Final", "Literal", "Mapping"}
    | {"Response", "Self", "Timestamp", "Unset"}
)
# What the parser makes of a schema that has no name of its own.
_NUMBERED = re.compile(r"Type\d+|Response\d{3}")
_TAKEN_FIELDS = frozenset({"additional_properties", "from_dict", "to_dict"})


def environment() -> Environment:
    """Templates with the house's functions in them."""
    env = Environment(
        loader=PackageLoader("pipeline.client", "templates"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 (what comes out is Python)
    )
    env.filters |= {
        "literal": strings.in_double_quote_literal,
        "doc": strings.safe_for_docstring,
        "wire": lambda prop: strings.in_double_quote_literal(prop.name),
    }
    env.globals |= {"annotation": code.annotation, "decode": code.decode, "encode": code.encode}
    return env


def servers(regions: Mapping[str, str]) -> str:
    """The module with base URLs by region."""
    return environment().get_template("servers.py.jinja").render(regions=regions)


def models(data: GeneratorData, document: Json) -> dict[str, str]:
    """Each model and enum in a module of its own, and the lazy index of them.

    Raises GeneratorError if two classes want one module, or a name is taken.
    """
    problems = [*_clashes(data), *_taken(data)]
    if problems:
        raise GeneratorError("the names of models clash", problems)
    env = environment()
    forms = _forms(data)
    usage = Usage.of(data)
    schemas = document.get("components", {}).get("schemas", {})
    declared = properties(document)
    found = [
        Model(prop, name in forms, usage.sentences(name), declared.get(name, {}), schemas)
        for prop in data.models
        for name in [prop.class_info.name]
    ]
    cyclic = cyclic_edges(
        {model.module: {name for name, reads in model.needs.items() if reads} for model in found}
    )
    names = {info.module_name: info.name for info in _classes(data)}
    template = env.get_template("model.py.jinja")
    files = {}
    for model in found:
        late = [other for other in model.needs if (model.module, other) in cyclic]
        now = [other for other, reads in model.needs.items() if reads and other not in late]
        types = [
            f"from .{other} import {names[other]}" for other in model.needs if other not in now
        ]
        files[f"models/{model.module}.py"] = template.render(
            model=model,
            names=names,
            imports=now,
            cyclic=late,
            annotations_only=[*model.annotation_imports(), *types],
        )
    for enum in data.enums:
        files[f"models/{enum.class_info.module_name}.py"] = env.get_template(
            "enum.py.jinja"
        ).render(
            enum=enum,
            values=sorted(enum.values),
            lines=described(enum, usage.sentences(enum.class_info.name)),
        )
    files["models/__init__.py"] = env.get_template("models.py.jinja").render(
        classes=sorted(names.items(), key=lambda entry: entry[1])
    )
    return files


def endpoints(data: GeneratorData, document: Json) -> dict[str, str]:
    """Each operation in a module of its own, in a package for its tag, and the index of them."""
    env = environment()
    files = {"api/__init__.py": '"""Operations by area."""\n'}
    found: list[tuple[str, Operation]] = []
    template = env.get_template("operation.py.jinja")
    encodings = _encodings(document)
    pagings = _pagings(data, document)
    sources = {source["operationId"]: source for _, _, source in operations(document)}
    schemas = document.get("components", {}).get("schemas", {})
    for tag, collection in data.endpoint_collections_by_tag.items():
        files[f"api/{tag}/__init__.py"] = f'"""Operations of the area {tag}."""\n'
        for endpoint in collection.endpoints:
            operation = Operation(
                endpoint,
                encodings.get(endpoint.name, {}),
                pagings[endpoint.name],
                sources.get(endpoint.name, {}),
                schemas,
            )
            files[f"api/{tag}/{operation.name}.py"] = template.render(op=operation)
            found.append((tag, operation))
    index = env.get_template("operations.py.jinja")
    return files | {"operations.py": index.render(operations=found)}


def _pagings(data: GeneratorData, document: Json) -> dict[str, Paging | None]:
    """operationId -> paging. Raises GeneratorError with every list of which it is not known."""
    sources = {source["operationId"]: source for _, _, source in operations(document)}
    pagings = Pagings({model.class_info.name: model for model in data.models})
    found: dict[str, Paging | None] = {}
    problems: list[str] = []
    for collection in data.endpoint_collections_by_tag.values():
        for endpoint in collection.endpoints:
            try:
                source = sources.get(endpoint.name, {})
                found[endpoint.name] = pagings.derive(endpoint, source)
            except UnknownPagingError as error:
                problems.append(str(error))
    if problems:
        raise GeneratorError(
            "nothing says how the pages of these lists follow each other: declare parameters and "
            "answer, or mark them x-paging: none (and x-items, where there are several arrays)",
            problems,
        )
    return found


def _encodings(document: Json) -> dict[str, dict[str, dict[str, str]]]:
    """operationId -> media type -> field -> content type; the parser leaves them out."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for path, method, operation in operations(document):
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            types: dict[str, str] = {}
            for field, encoding in content.get("encoding", {}).items():
                if not encoding.get("explode", True) or encoding.get("style", "form") != "form":
                    raise GeneratorError(f"{method.upper()} {path}: no encoding {encoding} here")
                if "contentType" in encoding:
                    types[field] = encoding["contentType"]
            found.setdefault(operation["operationId"], {})[media] = types
    return found


def _forms(data: GeneratorData) -> set[str]:
    """Names of the models that are sent as forms."""
    return {
        body.prop.class_info.name
        for collection in data.endpoint_collections_by_tag.values()
        for endpoint in collection.endpoints
        for body in endpoint.bodies
        if body.body_type in (BodyType.DATA, BodyType.FILES)
        and isinstance(body.prop, ModelProperty)
    }


def _classes(data: GeneratorData) -> Iterator[Any]:
    for thing in [*data.models, *data.enums]:
        yield thing.class_info


def _clashes(data: GeneratorData) -> Iterator[str]:
    counts = Counter(info.module_name for info in _classes(data))
    for info in _classes(data):
        if counts[info.module_name] > 1:
            yield f"{info.name}: several classes for the module {info.module_name}"


def _taken(data: GeneratorData) -> Iterator[str]:
    for info in _classes(data):
        if info.name in _TAKEN_CLASSES:
            yield f"{info.name}: the name means something else in the package"
        if _NUMBERED.search(info.name):
            yield f"{info.name}: made up by the generator; the inline schema needs a title"
    for model in data.models:
        for prop in Model(model, form=False).fields:
            if prop.python_name in _TAKEN_FIELDS:
                yield f"{model.class_info.name}.{prop.python_name}: the name is that of a method"
