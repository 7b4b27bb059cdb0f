"""The reference as Markdown: a page for each area, and one of all operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from attrs import frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from docsite.truth import PRODUCTS, Argument, Entry, entries
from mailgun_emulator import create_app

FOLDER = "reference"
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


def page(area: Area, uses: Mapping[str, Sequence[Page]], stateful: frozenset[str]) -> str:
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
    )


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


def _named(argument: Argument) -> str:
    return f"`{argument.name}`" + ("" if argument.required else " _(optional)_")


def _wire(argument: Argument) -> str:
    return "" if argument.wire == argument.name else f", `{argument.wire}`"
