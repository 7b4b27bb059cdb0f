"""What the reference says of each operation, from the truth and the generated client."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from inspect import Parameter, signature
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import httpx
import mailgun_client.models
import yaml
from attrs import field, frozen
from mailgun_client import ApiError, Response
from mailgun_client.operations import OPERATIONS, Operation

ROOT = Path(__file__).parents[1]
TRUTH = ROOT / "generated" / "openapi.json"
PRODUCTS = ("send", "optimize", "validate", "inspect")
Json = Mapping[str, Any]
# Names of classes in an annotation.
NAMES = re.compile(r"[A-Z]\w+")


@frozen
class Argument:
    """An argument of an operation, or a field of a model.

    Attributes:
        name: what it is called in Python.
        wire: what it is called in the request or answer.
        place: `path`, `query`, `header` or `body`.
        type: its type in Python.
        required: whether it has to be given, or is always there.
        limits: what the truth says of its values.
        words: what it means.
    """

    name: str
    wire: str
    place: str
    type: str
    required: bool
    limits: str
    words: str


@frozen
class Answer:
    """Statuses that mean the same: the same class of error, the same body."""

    statuses: tuple[int | str, ...]
    body: str
    error: str


@frozen
class Entry:
    """An operation in the reference.

    Attributes:
        operation: how it is called.
        summary: what it does, in one line; empty if the truth has no words.
        description: limits and traps.
        page: the address of its page in the service's documentation, if the truth has one.
        deprecated: whether it is going away.
        legacy: whether official clients call it though no description has it.
        signature: of `sync`, as Python code.
        arguments: all but client and body.
        bodies: media types with the model that is sent as such.
        fields: of that model.
        answers: by their statuses.
        models: what answers without an error are made of, name -> fields.
        product: the API that it belongs to.
    """

    operation: Operation
    summary: str
    description: str
    page: str
    deprecated: bool
    legacy: bool
    signature: str
    arguments: tuple[Argument, ...]
    bodies: tuple[tuple[str, str], ...]
    fields: tuple[Argument, ...] = field(repr=False)
    answers: tuple[Answer, ...] = field(repr=False)
    models: Mapping[str, tuple[Argument, ...]] = field(repr=False)
    product: str


def entries() -> list[Entry]:
    """Every operation, in the order of the truth."""
    document = json.loads(TRUTH.read_text(encoding="utf-8"))
    truth = Truth(document, _products(), _titled(document))
    return [truth.entry(operation) for operation in OPERATIONS.values()]


def _titled(part: Any) -> dict[str, Json]:
    """Title -> schema, of those that stand inside of others."""
    found: dict[str, Json] = {}
    if isinstance(part, dict):
        if isinstance(part.get("title"), str) and "properties" in part:
            found[part["title"]] = part
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            found |= _titled(each)
    return found


def _products() -> dict[str, str]:
    """Path -> product; several have a path, then the first one counts."""
    found: dict[str, str] = {}
    for name in PRODUCTS:
        text = (ROOT / "specs" / f"{name}.yaml").read_text(encoding="utf-8")
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        for path in yaml.load(text, Loader=loader)["paths"]:  # noqa: S506 (both are safe)
            found.setdefault(path, name)
    return found


@frozen
class Truth:
    """The document with what belongs to it."""

    document: Json = field(repr=False)
    products: Mapping[str, str] = field(repr=False)
    titled: Mapping[str, Json] = field(repr=False)

    def entry(self, operation: Operation) -> Entry:
        """All that there is to say about an operation."""
        raw = self.document["paths"][operation.path][operation.method.lower()]
        module = operation.load()
        answers = list(self._answers(raw))
        return Entry(
            operation=operation,
            summary=raw.get("summary", ""),
            description=raw.get("description", ""),
            page=raw.get("externalDocs", {}).get("url", ""),
            deprecated=bool(raw.get("deprecated")),
            legacy=bool(raw.get("x-legacy")),
            signature=_signature(operation.name, module),
            arguments=tuple(self._arguments(operation, raw, module)),
            bodies=tuple(operation.bodies.items()),
            fields=tuple(
                field
                for name in dict.fromkeys(operation.bodies.values())
                for field in self.fields(name)
            ),
            answers=tuple(answers),
            models=dict(self._models(answers)),
            product=self.products.get(operation.path, "send"),
        )

    def resolve(self, part: Json) -> Json:
        """What a reference leads to."""
        while "$ref" in part:
            found: Any = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            part = found
        return part

    def _arguments(self, operation: Operation, raw: Json, module: ModuleType) -> Iterator[Argument]:
        given = signature(module.sync).parameters
        described = {
            (parameter["in"], parameter["name"]): parameter
            for parameter in map(self.resolve, raw.get("parameters", []))
        }
        for (place, wire), name in operation.arguments.items():
            parameter = described.get((place, wire), {})
            schema = parameter.get("schema", {})
            yield Argument(
                name=name,
                wire=wire,
                place=place,
                type=_type(str(given[name].annotation)),
                required=given[name].default is Parameter.empty,
                limits=self.limits(schema),
                words=parameter.get("description", ""),
            )

    def fields(self, name: str) -> Iterator[Argument]:
        """The fields of a model; none of what is no model."""
        model = getattr(mailgun_client.models, name, None)
        if model is None or not attrs.has(model):
            return
        wires = self._wires(name)
        for own in attrs.fields(model):
            if own.name == "additional_properties":
                continue
            wire, schema = wires.get(_plain(own.name), (own.name, {}))
            yield Argument(
                name=own.name,
                wire=wire,
                place="body",
                type=_type(str(own.type)),
                required=own.default is attrs.NOTHING,
                limits=self.limits(schema),
                words=schema.get("description", ""),
            )

    def _models(self, answers: Iterable[Answer]) -> Iterator[tuple[str, tuple[Argument, ...]]]:
        """The models that answers without an error are made of, those inside after the outer."""
        bodies = [answer.body for answer in answers if not answer.error]
        todo = [name for body in bodies for name in NAMES.findall(body)]
        seen = set()
        while todo:
            name = todo.pop(0)
            if name in seen or not (own := tuple(self.fields(name))):
                continue
            seen.add(name)
            yield name, own
            todo[:0] = [inner for each in own for inner in NAMES.findall(each.type)]

    def _wires(self, model: str) -> dict[str, tuple[str, Json]]:
        """Name in Python, roughly -> name on the wire and schema of each property."""
        schemas = self.document["components"]["schemas"]
        schema = schemas.get(model) or self.titled.get(model, {})
        found: dict[str, tuple[str, Json]] = {}
        for part in (schema, *map(self.resolve, schema.get("allOf", ()))):
            for wire, property_ in part.get("properties", {}).items():
                found[_plain(property_.get("x-name", wire))] = (wire, property_)
        return found

    def limits(self, schema: Json) -> str:
        """The values that a schema allows, in a few words."""
        schema = self.resolve(schema)
        told = []
        values = schema.get("enum") or self.resolve(schema.get("items", {})).get("enum")
        if values and len(values) <= 40:
            told.append(", ".join(f"`{value}`" for value in values if value is not None))
        low, high = schema.get("minimum"), schema.get("maximum")
        if low is not None and high is not None:
            told.append(f"{low} to {high}")
        elif low is not None or high is not None:
            told.append(f"at least {low}" if high is None else f"at most {high}")
        for key, words in (
            ("maxLength", "at most {} characters"),
            ("maxItems", "at most {} items"),
            ("format", "{}"),
            ("default", "by default `{}`"),
        ):
            if key in schema:
                told.append(words.format(schema[key]))
        return "; ".join(told)

    def _answers(self, raw: Json) -> Iterator[Answer]:
        grouped: dict[tuple[str, str], list[int | str]] = {}
        for status, answer in sorted(raw["responses"].items()):
            error = ""
            if not status.isdigit():
                error = "ApiError"
            elif int(status) >= 400:
                blank: Response[Any, Any] = Response(int(status), b"", httpx.Headers(), None)
                error = type(ApiError.of(blank)).__name__
            key = (error, self._body(self.resolve(answer)))
            grouped.setdefault(key, []).append(int(status) if status.isdigit() else status)
        for (error, body), statuses in grouped.items():
            yield Answer(tuple(statuses), body, error)

    def _body(self, answer: Json) -> str:
        kinds = []
        for media, content in answer.get("content", {}).items():
            named = _named(content.get("schema", {})) if "json" in media else []
            kinds += [name or media for name in named or [""]]
        return " or ".join(dict.fromkeys(kinds))


def _named(schema: Json) -> list[str]:
    """The types that a schema may stand for; nothing for what has no name."""
    name = schema.get("$ref", "").rpartition("/")[2] or schema.get("title", "")
    if name:
        return ["" if name == "PlainText" else name]
    if schema.get("type") == "array":
        return [f"list[{name}]" if name else "" for name in _named(schema.get("items", {}))]
    return [name for part in schema.get("anyOf", ()) for name in _named(part)]


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


def _type(annotation: str) -> str:
    return annotation.replace(" | Unset", "").replace("Unset | ", "").strip("'\"")


def _signature(name: str, module: ModuleType) -> str:
    own = signature(module.sync)
    given = []
    for parameter in own.parameters.values():
        if parameter.kind is Parameter.KEYWORD_ONLY and "*" not in given:
            given.append("*")
        absent = "" if parameter.default is Parameter.empty else " = UNSET"
        given.append(f"{parameter.name}: {_type(str(parameter.annotation))}{absent}")
    result = f") -> {str(own.return_annotation).strip(chr(39))}"
    line = f"{name}.sync({', '.join(given)}{result}"
    if len(line) <= 80:
        return line
    return "\n".join((f"{name}.sync(", *(f"    {each}," for each in given), result))
