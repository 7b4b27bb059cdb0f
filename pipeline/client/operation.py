"""One operation as its template needs it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen
from openapi_python_client import strings
from openapi_python_client.parser.bodies import BodyType
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.union import UnionProperty

from pipeline.client import code, response
from pipeline.client.docs import sentence, wrapped
from pipeline.client.failures import failures
from pipeline.client.limits import limits, resolved
from pipeline.client.paging import Paging
from pipeline.errors import GeneratorError
from pipeline.load import Json

_PATH_PARAMETER = re.compile(r"{([^}]*)}")
# OpenAPI says that header parameters of these names mean nothing; they would undo what is sent.
_OWN_HEADERS = frozenset({"accept", "authorization", "content-type"})
# Path parameters that are domains or addresses; `value` is either, on an allowlist.
_DOMAINS = frozenset({"authority_name", "domain", "domain_name"})
_ADDRESSES = frozenset({"address", "email", "list_address", "member_address", "value"})
_BODY_BUILDER = {
    BodyType.JSON: "json_body",
    BodyType.DATA: "urlencoded_body",
    BodyType.FILES: "multipart_body",
    BodyType.CONTENT: "binary_body",
}


@frozen
class Argument:
    """A keyword of the generated functions."""

    name: str
    annotation: str
    required: bool
    doc: str

    @property
    def declaration(self) -> str:
        absent = "" if self.required else " | Unset = UNSET"
        return f"{self.name}: {self.annotation}{absent}"


@frozen
class Operation:
    """Wraps the parser's endpoint.

    Attributes:
        endpoint: what the parser found.
        encodings: media type of a body -> field -> content type that the field is written as.
        paging: how its pages follow each other, if it is a list.
        source: the operation in the document.
        schemas: the component schemas of the document.
    """

    endpoint: Endpoint
    encodings: Mapping[str, Mapping[str, str]]
    paging: Paging | None = None
    source: Json = field(factory=dict, repr=False)
    schemas: Json = field(factory=dict, repr=False)

    @property
    def name(self) -> str:
        return self.endpoint.name

    @property
    def path(self) -> str:
        """The path as the document writes it."""
        names = {
            str(prop.python_name): prop.name.get_untrusted_value()
            for prop in self.endpoint.path_parameters
        }
        return _PATH_PARAMETER.sub(lambda match: f"{{{names[match[1]]}}}", self._path)

    @property
    def title(self) -> str:
        return f"{self.endpoint.method.upper()} {self.path}"

    def docstring(self, returns: str) -> str:
        """What the documents say of the operation, its arguments by wire name, its errors."""
        endpoint = self.endpoint
        parts = [endpoint.summary.get_untrusted_value(), self.title]
        parts.append(endpoint.description.get_untrusted_value())
        lines = [line for part in parts if part.strip() for line in ("", *wrapped(part))][1:]
        lines += ["", "Args:"]
        documented = [(argument.name, argument.doc) for argument in self.path_arguments]
        documented.append(("client", "Where the API is and who calls it."))
        documented += [(argument.name, argument.doc) for argument in self.keyword_arguments]
        for name, doc in documented:
            lines += wrapped(f"{name}: {doc}", "    ")
        lines += ["", "Returns:", *wrapped(returns, "    ")]
        errors = list(failures(endpoint.responses))
        if errors:
            lines += ["", "Errors:"]
        for name, statuses in errors:
            lines += wrapped(f"{name}: {statuses}.", "    ")
        page = self.source.get("externalDocs", {}).get("url")
        if page:
            lines += ["", "See:", *wrapped(page, "    ")]
        return "\n".join(lines)

    def _argument(self, prop: Any, where: str) -> Argument:
        """The argument for a parameter: its words, its limits, and what it is on the wire."""
        wire = prop.name.get_untrusted_value()
        declared: Json = next(
            (
                parameter
                for parameter in self.source.get("parameters", [])
                if (parameter.get("in"), parameter.get("name")) == (where, wire)
            ),
            {},
        )
        schema = declared.get("schema", {})
        words = declared.get("description") or resolved(schema, self.schemas).get("description", "")
        facts = [*limits(schema, self.schemas), f"{where} parameter `{wire}`"]
        if prop.default is not None:
            facts.append(f"{prop.default.python_code.as_unembedded_code()} if not given")
        return Argument(
            prop.python_name, code.annotation(prop), prop.required, sentence(words, facts)
        )

    @property
    def _path(self) -> str:
        return self.endpoint.path.get_untrusted_value()

    @property
    def paging_facts(self) -> list[str]:
        """Arguments of the generated `PAGING`."""
        if self.paging is None:
            return []
        return [f'"{self.paging.kind}"', *self.paging.facts]

    @property
    def page_types(self) -> tuple[str, str]:
        """The types of a page and of its items."""
        if self.paging is None:
            raise GeneratorError(f"{self.title}: this is no list")
        return self.success, code.annotation(self.paging.item)

    @property
    def headers(self) -> list[Any]:
        """The properties of the header parameters, but for those that OpenAPI ignores."""
        return [
            prop
            for prop in self.endpoint.header_parameters
            if prop.name.get_untrusted_value().lower() not in _OWN_HEADERS
        ]

    @property
    def url(self) -> str:
        """An expression for the path with its values in it."""
        parts = _PATH_PARAMETER.split(self._path)
        text = "".join(
            f"{{_request.{_segment(parts[index - 1], part)}('{part}', {part})}}"
            if index % 2
            else strings.in_f_string_literal(part)
            for index, part in enumerate(parts)
        )
        return f'{"f" if len(parts) > 1 else ""}"{text}"'

    def pairs(self, where: str) -> Iterator[str]:
        """Expressions for the query parameters or headers: wire name and value."""
        props = self.headers if where == "header" else self.endpoint.query_parameters
        for prop in props:
            value = code.encode(prop, prop.python_name, prop.python_name)
            if value != prop.python_name and not prop.required:
                value = f"UNSET if {prop.python_name} is UNSET else {value}"
            yield f'("{strings.in_double_quote_literal(prop.name)}", {value})'

    @property
    def path_arguments(self) -> list[Argument]:
        return [self._argument(prop, "path") for prop in self.endpoint.path_parameters]

    @property
    def keyword_arguments(self) -> list[Argument]:
        """Body, query parameters and headers; those that have to be given first."""
        found = [self._body_argument()] if self.endpoint.bodies else []
        found += [self._argument(prop, "query") for prop in self.endpoint.query_parameters]
        found += [self._argument(prop, "header") for prop in self.headers]
        names = [argument.name for argument in [*self.path_arguments, *found]]
        if len(set(names)) < len(names) or "client" in names:
            raise GeneratorError(f"{self.title}: argument names clash", names)
        if self.endpoint.cookie_parameters:
            raise GeneratorError(f"{self.title}: cookie parameters are not supported")
        return sorted(found, key=lambda argument: not argument.required)

    def _body_argument(self) -> Argument:
        types = " | ".join(
            dict.fromkeys(code.annotation(body.prop) for body in self.endpoint.bodies)
        )
        media = " or ".join(
            body.content_type.get_untrusted_value() for body in self.endpoint.bodies
        )
        words = self.source.get("requestBody", {}).get("description", "What to send")
        doc = sentence(words, [f"as {media}"])
        return Argument("body", types, self.endpoint.bodies[0].prop.required, doc)

    @property
    def argument_names(self) -> dict[tuple[str, str], str]:
        """Where a parameter goes and its wire name -> its name in Python."""
        places = (
            ("path", self.endpoint.path_parameters),
            ("query", self.endpoint.query_parameters),
            ("header", self.headers),
        )
        return {
            (place, prop.name.get_untrusted_value()): str(prop.python_name)
            for place, props in places
            for prop in props
        }

    @property
    def media_types(self) -> dict[str, str]:
        """Media type of each body -> type of the argument that is sent as such."""
        return {
            body.content_type.get_untrusted_value(): code.annotation(body.prop)
            for body in self.endpoint.bodies
        }

    @property
    def body(self) -> Argument:
        """The argument for the body, of an operation that has one."""
        return next(argument for argument in self.keyword_arguments if argument.name == "body")

    @property
    def bodies(self) -> list[tuple[str, str]]:
        """Runtime class and builder call for each body, one for each class."""
        found: dict[str, str] = {}
        for body in self.endpoint.bodies:
            form = body.body_type in (BodyType.DATA, BodyType.FILES)
            if form and not isinstance(body.prop, ModelProperty | UnionProperty):
                raise GeneratorError(f"{self.title}: a form that is no object")
            # A builder takes a model as it is.
            model = isinstance(body.prop, ModelProperty)
            value = "body" if model else code.encode(body.prop, "body", "body")
            encoding = self.encodings.get(body.content_type.get_untrusted_value())
            more = f", {dict(sorted(encoding.items()))!r}" if encoding else ""
            call = f"_request.{_BODY_BUILDER[body.body_type]}({value}{more})"
            found.setdefault(_runtime_class(body.prop), call)
        return list(found.items())

    @property
    def returns(self) -> str:
        """What `parsed` can be, None aside unless there is nothing else."""
        return response.returns(self.endpoint.responses)

    @property
    def success(self) -> str:
        """What `parsed` can be after a success."""
        return response.returns(self.endpoint.responses, errors=False)

    @property
    def failure(self) -> str:
        """What `parsed` can be after an error, None aside unless there is nothing else."""
        return response.returns(self.endpoint.responses, errors=True)

    @property
    def readers(self) -> list[tuple[int, str]]:
        """Status or class of statuses, and the expression for its reader."""
        return list(response.readers(self.endpoint.responses))

    @property
    def imports(self) -> list[tuple[str, str, bool]]:
        """Module, class and whether it is needed when running, of each model and enum."""
        found: dict[tuple[str, str], bool] = {}
        dispatch = len(self.bodies) > 1

        def add(prop: Any, runs: bool) -> None:
            for info, reads in code.classes(prop):
                key = (info.module_name, info.name)
                found[key] = found.get(key, False) or (runs and reads)

        for answer in self.endpoint.responses:
            add(answer.prop, True)
        if self.paging is not None:
            add(self.paging.item, False)
        for body in self.endpoint.bodies:
            add(body.prop, dispatch and not isinstance(body.prop, ListProperty))
        for prop in [
            *self.endpoint.path_parameters,
            *self.endpoint.query_parameters,
            *self.headers,
        ]:
            add(prop, False)
        return sorted((module, name, runs) for (module, name), runs in found.items())


def _segment(before: str, name: str) -> str:
    """What writes the value of a path parameter, which follows the text `before`."""
    if name in _DOMAINS or (name == "name" and before.endswith("/domains/")):
        return "domain_segment"
    return "address_segment" if name in _ADDRESSES else "segment"


def _runtime_class(prop: Any) -> str:
    if isinstance(prop, ListProperty):
        return "list"
    return code.annotation(prop)
