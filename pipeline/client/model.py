"""One model as its template needs it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from attrs import field, frozen
from openapi_python_client import strings
from openapi_python_client.parser.properties import LiteralEnumProperty, ModelProperty

from pipeline.client import code
from pipeline.client.docs import sentence, wrapped
from pipeline.client.limits import limits, resolved
from pipeline.load import Json

# What a log must not show; also of the classes that have it under a name of another meaning.
_SECRET = frozenset(
    {"http_signing_key", "password", "pem", "secret", "signing_key", "smtp_password"}
)
_SECRET_HERE = frozenset(
    {
        ("AlertSlackSettings", "token"),
        ("CredentialResponse", "credentials"),
        ("RegeneratePublicApiKeyResponse", "key"),
    }
)


@frozen
class Model:
    """Wraps the parser's model.

    Attributes:
        prop: what the parser found.
        form: whether it is sent as a form.
        usage: where the API uses it, in sentences.
        declared: the schemas of its fields by wire name.
        schemas: the component schemas of the document.
    """

    prop: ModelProperty
    form: bool
    usage: list[str] = field(factory=list)
    declared: Json = field(factory=dict, repr=False)
    schemas: Json = field(factory=dict, repr=False)

    @property
    def name(self) -> str:
        return self.prop.class_info.name

    @property
    def module(self) -> str:
        return self.prop.class_info.module_name

    @property
    def fields(self) -> list[Any]:
        return [*(self.prop.required_properties or ()), *(self.prop.optional_properties or ())]

    @property
    def wire_names(self) -> str:
        """A set of the names of its fields in JSON, as an expression."""
        names = (strings.in_double_quote_literal(prop.name) for prop in self.fields)
        return "{" + ", ".join(f'"{name}"' for name in names) + "}"

    @property
    def extra(self) -> Any:
        """The property for fields that the schema doesn't name; None if there can be none."""
        return self.prop.additional_properties

    @property
    def extra_annotation(self) -> str:
        # A form makes text of anything, whatever its custom fields are declared to be.
        return "Any" if self.form else code.annotation(self.extra)

    def annotation(self, prop: Any) -> str:
        """The type of a field; a form takes plain mappings for objects that name no field."""
        free = isinstance(prop, ModelProperty) and not prop.required_properties
        if self.form and free and not prop.optional_properties:
            return f"{code.annotation(prop)} | Mapping[str, Any]"
        return code.annotation(prop)

    def default(self, prop: Any) -> str:
        """What stands behind the type of a field; a secret is no part of the repr."""
        wire = prop.name.get_untrusted_value()
        named = wire in _SECRET or (self.name, wire) in _SECRET_HERE
        if named or self.declared.get(wire, {}).get("format") == "password":
            default = "" if prop.required else "default=UNSET, "
            return f" = _attrs.field({default}repr=False)"
        return "" if prop.required else " = UNSET"

    @property
    def docstring(self) -> str:
        lines = described(self.prop, self.usage) or [f"The schema `{self.name}`."]
        if self.extra and not self.fields:
            lines += ["", f"A map of text to {self.extra_annotation}: read and set it by key."]
        documented = [(prop.python_name, doc) for prop in self.fields if (doc := self._doc(prop))]
        if documented:
            lines += ["", "Attributes:"]
        for name, doc in documented:
            lines += wrapped(f"{name}: {doc}", "    ")
        return "\n".join(lines)

    def _doc(self, prop: Any) -> str:
        """What is known of a field: its words, limits, and its wire name if Python has another."""
        wire = prop.name.get_untrusted_value()
        declared = self.declared.get(wire, {})
        schema = resolved(declared, self.schemas)
        words = declared.get("description", "")
        if not isinstance(prop, ModelProperty | LiteralEnumProperty):
            # What is said of a model or an enum stands in its own docstring.
            words = words or schema.get("description", "")
        facts = limits(schema, self.schemas)
        if wire != prop.python_name:
            facts.append(f"field `{wire}`")
        if prop.default is not None and not prop.required:
            facts.append(f"{prop.default.python_code.as_unembedded_code()} if not given")
        return sentence(words, facts)

    @property
    def needs(self) -> dict[str, bool]:
        """Modules of the models and enums it mentions, and whether `from_dict` needs them."""
        found: dict[str, bool] = {}
        for prop in [*self.fields, *([self.extra] if self.extra else [])]:
            for info, reads in code.classes(prop):
                if info.module_name != self.module:
                    found[info.module_name] = found.get(info.module_name, False) or reads
        return dict(sorted(found.items()))

    def annotation_imports(self) -> Iterator[str]:
        """Import lines for what only the annotations need, other models aside."""
        types = [self.annotation(prop) for prop in self.fields]
        types += [self.extra_annotation] if self.extra else []
        words = set(re.findall(r"\w+", " ".join(types)))
        if "datetime" in words:
            yield "from datetime import datetime"
        if "FileTypes" in words:
            yield "from ..types import FileTypes"
        if self.prop.optional_properties:
            yield "from ..types import Unset"


def described(prop: Any, usage: list[str]) -> list[str]:
    """The docstring of a class: its words, if the document has any, and where it is used."""
    words = prop.description.get_untrusted_value() if prop.description else ""
    paragraphs = [wrapped(part) for part in (words, " ".join(usage)) if part.strip()]
    return [line for lines in paragraphs for line in ("", *lines)][1:]
