"""The built site, as files and as its pages say."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from attrs import define, field

_LINKS = {"a": "href", "link": "href", "script": "src", "img": "src", "iframe": "src"}


@define(eq=False)
class Html(HTMLParser):
    """Ids, links and loaded things of a page."""

    ids: set[str] = field(factory=set)
    links: list[str] = field(factory=list)
    loaded: list[str] = field(factory=list)

    def __attrs_pre_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.update(value for name in ("id", "name") if (value := given.get(name)))
        target = given.get(_LINKS.get(tag, ""))
        if target:
            (self.links if tag == "a" else self.loaded).append(target)


def read(path: Path) -> Html:
    """A page."""
    found = Html()
    found.feed(path.read_text(encoding="utf-8"))
    return found


def pages(folder: Path) -> dict[Path, Html]:
    """All pages of a site, but the one for addresses that are not there."""
    return {path: read(path) for path in sorted(folder.rglob("*.html")) if path.name != "404.html"}


def broken(found: dict[Path, Html]) -> list[str]:
    """Links within the site that lead nowhere."""
    bad = []
    for path, html in found.items():
        for link in (*html.links, *html.loaded):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            fragment = unquote(parts.fragment)
            known = found[target].ids if target in found else set()
            if not target.exists() or (fragment and fragment not in known):
                bad.append(f"{path.name}: {link}")
    return bad


def foreign(found: dict[Path, Html]) -> set[str]:
    """What the pages load from other hosts."""
    return {link for html in found.values() for link in html.loaded if urlsplit(link).netloc}
