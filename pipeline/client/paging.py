"""How the pages of an operation follow each other, worked out from what is described of it.

Marks of the truth say what parameters and answers don't: `x-paging: none` for a list that comes on
one page, `x-paging: body` for one whose page is chosen in the body, `x-items` for the array that
is the list where an answer has several.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.union import UnionProperty

from pipeline.errors import GeneratorError
from pipeline.load import Json

LIST_VERBS = ("list", "query", "search")
_OFFSETS = ("skip", "offset")
_LINKS = ("paging", "pagination")
_TOTALS = ("total", "total_count", "total_items")
_ITEMS = "items"
_COUNTED = frozenset({"skip", "number"})

Steps = tuple[str, ...]
"""Names in Python from an answer, or a body, to something in it."""


class UnknownPagingError(GeneratorError):
    """A list whose paging is not described."""


@frozen
class Paging:
    """What the client has to know to turn pages.

    Attributes:
        kind: `links`, `skip`, `number`, `body_skip`, `body_token` or `single`.
        items: from an answer to its list.
        item: the property of one item, for its type.
        next: from an answer to what leads to the next page.
        argument: the argument, or name in the page object of a body, that chooses a page.
        limit: the argument, or name in that object, for the size of a page.
        default: that size where it is not given, if it is known.
        total: from an answer to the number of all items.
    """

    kind: str
    items: Steps
    item: Any = field(eq=False)
    next: Steps = ()
    argument: str = ""
    limit: str = ""
    default: int | None = None
    total: Steps = ()

    @property
    def facts(self) -> Iterator[str]:
        """Keyword arguments in the generated code, without those that say nothing."""
        for name in ("items", "next", "argument", "limit", "default", "total"):
            value = getattr(self, name)
            if value:
                yield f"{name}={value!r}"


@frozen
class Pagings:
    """Works out the paging of operations.

    Attributes:
        models: by class name; what an answer mentions of another model is only its name.
    """

    models: Mapping[str, ModelProperty]

    def derive(self, endpoint: Endpoint, source: Json) -> Paging | None:
        """The paging of an operation; None if it is no list.

        Raises UnknownPagingError for a list of which nothing says how its pages follow each other,
        or which of the arrays of the answer is the list.
        """
        listed = endpoint.name.split("_")[0] in LIST_VERBS and not source.get("x-gone")
        mark = source.get("x-paging")
        page = _page(endpoint)
        items = self._items(page, source.get("x-items")) if page is not None else None
        if mark == "none":
            return Paging("single", items[0], items[1]) if listed and items else None
        found = self._continuation(endpoint, page, mark)
        if found is None or items is None:
            if listed:
                what = "which array is the list" if found else "what leads to the next page"
                raise UnknownPagingError(f"{endpoint.name}: {what}")
            return None
        if not listed and found["kind"] not in _COUNTED:
            # Something that is looked up or made, of which the answer happens to tell more.
            return None
        return Paging(items=items[0], item=items[1], **found)

    def _continuation(
        self, endpoint: Endpoint, page: Any, mark: str | None
    ) -> dict[str, Any] | None:
        links = next((steps for name in _LINKS if (steps := self._steps(page, name, "next"))), ())
        total = next((steps for name in _TOTALS if (steps := self._steps(page, name))), ())
        if mark == "body":
            return self._in_body(endpoint.bodies[0].prop, links, page)
        query = {p.name.get_untrusted_value().lower(): p for p in endpoint.query_parameters}
        found: dict[str, Any] = {"total": total}
        for name in ("limit", "results"):
            if name in query:
                found |= {"limit": str(query[name].python_name), "default": _default(query[name])}
        offset = next((str(query[name].python_name) for name in _OFFSETS if name in query), "")
        if links:
            return {**found, "kind": "links", "next": links, "argument": offset}
        if offset:
            return {**found, "kind": "skip", "argument": offset}
        if isinstance(query.get("page"), IntProperty):
            return {**found, "kind": "number", "argument": str(query["page"].python_name)}
        return None

    def _in_body(self, asked: Any, links: Steps, page: Any) -> dict[str, Any] | None:
        if links and self._steps(asked, "pagination", "token"):
            return {"kind": "body_token", "next": links, "argument": "token", "limit": "limit"}
        if self._steps(asked, "pagination", "skip"):
            total = self._steps(page, "pagination", "total")
            return {"kind": "body_skip", "argument": "skip", "limit": "limit", "total": total}
        return None

    def _items(self, page: Any, wanted: str | None) -> tuple[Steps, Any] | None:
        """The way to the list, and the property of one item: the list that is asked for, else the
        answer itself, else `items`, else the only one, else the only one of an object in it."""
        root = _array(page)
        if root is not None:
            return (), root
        here = list(self._arrays(page))
        if wanted is None and len(here) > 1:
            wanted = _ITEMS
        if wanted is not None:
            here = [entry for entry in here if entry[0] == wanted]
        deeper = here or [
            entry
            for name, prop in self._fields(page)
            if name not in _LINKS
            for entry in self._arrays(prop, (str(prop.python_name),))
        ]
        return deeper[0][1:] if len(deeper) == 1 else None

    def _arrays(self, prop: Any, before: Steps = ()) -> Iterator[tuple[str, Steps, Any]]:
        for name, inner in self._fields(prop):
            item = _array(inner)
            if item is not None:
                yield name, (*before, str(inner.python_name)), item

    def _fields(self, prop: Any) -> Iterator[tuple[str, Any]]:
        """Wire names and properties of an object, or of the objects that a union may be."""
        if isinstance(prop, UnionProperty):
            for inner in prop.inner_properties:
                yield from self._fields(inner)
        if isinstance(prop, ModelProperty):
            model = self.models[prop.class_info.name]
            for own in [*(model.required_properties or ()), *(model.optional_properties or ())]:
                yield own.name.get_untrusted_value(), own

    def _steps(self, prop: Any, *names: str) -> Steps:
        """The way through objects by wire names in any case; empty if there is none."""
        steps: Steps = ()
        for name in names:
            prop = next((inner for own, inner in self._fields(prop) if own.lower() == name), None)
            if prop is None:
                return ()
            steps += (str(prop.python_name),)
        return steps


def _page(endpoint: Endpoint) -> Any:
    """What a success answers."""
    for response in endpoint.responses:
        statuses = response.status_code.range
        if statuses and 200 <= statuses[0] < 300 and response.prop is not None:
            return response.prop
    return None


def _array(prop: Any) -> Any:
    """The property of one item, if `prop` is an array, or may be one."""
    if isinstance(prop, ListProperty):
        return prop.inner_property
    if isinstance(prop, UnionProperty):
        return next((item for p in prop.inner_properties if (item := _array(p)) is not None), None)
    return None


def _default(prop: Any) -> int | None:
    raw = prop.default.raw_value if prop.default is not None else None
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None
