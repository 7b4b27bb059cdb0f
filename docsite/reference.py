"""The reference as Markdown: a page for each area, and one of all operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from attrs import frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from docsite.truth import NAMES, PRODUCTS, Argument, Entry, entries
from mailgun_emulator import create_app

FOLDER = "reference"
SHARED = "models"
_CAPITALS = frozenset({"dkim", "dmarc", "ip", "snds"})


@frozen
class Page:
    """A page by hand that uses operations."""

    path: str
    title: str


@frozen
class Area:
    """One package of `mailgun_client.api`."""

    name: str
    product: str
    entries: tuple[Entry, ...]

    @property
    def title(self) -> str:
        """The name in words."""
        words = self.name.split("_")
        spelled = [_spelled(word) for word in words]
        return spelled[0][:1].upper() + " ".join(spelled)[1:]

    @property
    def path(self) -> str:
        """Where its page is, below the folder of sources."""
        return f"{FOLDER}/{self.name}.md"


def _spelled(word: str) -> str:
    if word.rstrip("s") in _CAPITALS or word in _CAPITALS:
        return word.upper() if word in _CAPITALS else f"{word[:-1].upper()}s"
    return word


def areas() -> list[Area]:
    """All areas by product, those of one product by name."""
    grouped: dict[str, list[Entry]] = {}
    for entry in entries():
        grouped.setdefault(entry.operation.area, []).append(entry)
    found = [
        Area(name, max((e.product for e in own), key=[e.product for e in own].count), tuple(own))
        for name, own in grouped.items()
    ]
    return sorted(found, key=lambda area: (PRODUCTS.index(area.product), area.name))


@frozen
class Models:
    """The models of answers, each on one page: that of its area, or one of all shared ones.

    Attributes:
        fields: name -> fields.
        homes: name -> name of the page.
    """

    fields: Mapping[str, tuple[Argument, ...]]
    homes: Mapping[str, str]

    def on(self, home: str) -> dict[str, tuple[Argument, ...]]:
        """Those of a page."""
        return {name: own for name, own in self.fields.items() if self.homes[name] == home}

    def body(self, text: str, page: str) -> str:
        """Several types with links, for a cell on a page."""
        return " or ".join(self.linked(each, page) for each in text.split(" or "))

    def linked(self, text: str, page: str) -> str:
        """Code with links to the models that it names, for a cell on a page."""
        parts, at = [], 0
        for found in NAMES.finditer(text):
            home = self.homes.get(found[0])
            if home is not None:
                target = "" if home == page else f"{home}.md"
                parts += [_code(text[at : found.start()]), f"[`{found[0]}`]({target}#{found[0]})"]
                at = found.end()
        return "".join([*parts, _code(text[at:])])


def models(found: Iterable[Area]) -> Models:
    """All models of answers."""
    fields: dict[str, tuple[Argument, ...]] = {}
    homes: dict[str, str] = {}
    for area in found:
        for entry in area.entries:
            fields |= entry.models
            for name in entry.models:
                homes[name] = area.name if homes.get(name, area.name) == area.name else SHARED
    return Models(fields, homes)


def page(
    area: Area, uses: Mapping[str, Sequence[Page]], stateful: frozenset[str], models: Models
) -> str:
    """The page of an area; `uses` has the pages that use an operation."""
    number = len(area.entries)
    return _template("area.md.j2").render(
        title=area.title,
        area=area.name,
        product=area.product.capitalize(),
        count=f"{number} operation{'s' if number > 1 else ''}",
        entries=area.entries,
        uses={entry.operation.name: uses.get(entry.operation.name, ()) for entry in area.entries},
        stateful=stateful,
        home=area.name,
        models=models,
    )


def shared(models: Models) -> str:
    """The page of the models that several areas have."""
    return _template("models.md.j2").render(home=SHARED, models=models)


def index(found: Iterable[Area]) -> str:
    """The page of all operations."""
    grouped: dict[str, list[Area]] = {}
    for area in found:
        grouped.setdefault(area.product.capitalize(), []).append(area)
    return _template("index.md.j2").render(products=grouped)


def stateful() -> frozenset[str]:
    """The operations that the emulator keeps state for."""
    return create_app().stateful


def _template(name: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=False,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 (it is Markdown, of our own words)
    )
    environment.filters |= {
        "breakable": _breakable,
        "cell": _cell,
        "named": _named,
        "wire": _wire,
    }
    return environment.get_template(name)


def _breakable(path: str) -> str:
    """A path that may be broken at its slashes."""
    return escape(path).replace("/", "<wbr>/")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    """Text as code; spaces at its ends, which code has none of, stand outside."""
    inner = text.strip()
    return text.replace(inner, f"`{inner}`") if inner else text


def _named(argument: Argument) -> str:
    return f"`{argument.name}`" + ("" if argument.required else " _(optional)_")


def _wire(argument: Argument) -> str:
    return "" if argument.wire == argument.name else f", `{argument.wire}`"
